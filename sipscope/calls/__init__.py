"""Dialogs and media joined into calls: correlation, services, and the binding of streams to what was negotiated."""
