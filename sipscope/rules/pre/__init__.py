"""Preconditions: what must be reserved before the callee is alerted (RFC 3312)."""
