"""Findings and trace into one root cause a call, with evidence and what to try."""

from sipscope.diagnosis.diagnosis import diagnoses_of

__all__ = ["diagnoses_of"]
