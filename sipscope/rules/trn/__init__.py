"""The transport of signalling: what of it is in view."""
