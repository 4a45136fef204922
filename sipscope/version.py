"""The version of sipscope, in one place."""

VERSION = "0.1.0"
