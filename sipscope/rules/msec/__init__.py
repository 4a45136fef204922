"""Keys, certificates, multiplexing and candidates of media."""
