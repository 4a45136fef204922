"""One session description, by itself."""
