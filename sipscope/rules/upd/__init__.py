"""UPDATE."""
