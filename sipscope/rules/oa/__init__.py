"""Offer and answer."""
