"""Registrations: refused, lapsed, answered incompletely."""
