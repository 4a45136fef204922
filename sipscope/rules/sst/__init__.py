"""Session timers: who refreshes, when, and what becomes of a session that nobody refreshed."""
