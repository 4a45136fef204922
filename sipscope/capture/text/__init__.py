"""Logs that SIP servers and tools write, read as captures.

The road through the modules: `lines` numbers the lines of a file, `formats` knows how each program announces a
message, `entries` finds the announcements and hands what follows to `message`, which makes a message of lines again.
`stamps` tells the time that a line names, `ends` who sent and who received where the log doesn't say. What a header
field means beyond that is nothing for this package.
"""
