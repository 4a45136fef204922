"""The vocabulary: frozen dataclasses and enums with derived properties only."""
