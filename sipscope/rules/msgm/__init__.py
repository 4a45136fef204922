"""Rules about MESSAGE, INFO, OPTIONS and which methods a peer supports."""
