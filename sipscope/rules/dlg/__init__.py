"""Dialogs: sequence numbers, targets, release."""
