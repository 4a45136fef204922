"""Forking: several answers to one INVITE."""
