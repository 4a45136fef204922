"""Early media and ring-back."""
