"""Captures and logs of the same time read as one.

A log is put among the packets by what both show: equal messages tell how the two clocks differ.
"""
