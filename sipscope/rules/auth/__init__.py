"""Digest authentication: challenges and what their clients make of them."""
