"""Transfer: REFER, NOTIFY, Replaces."""
