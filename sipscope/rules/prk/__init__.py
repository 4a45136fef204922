"""Reliable provisional responses."""
