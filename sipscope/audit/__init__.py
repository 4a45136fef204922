"""Many captures: which there are, analysing them side by side, and keeping what was found in a database.

`sources` finds captures, `examination` turns one into rows, `supervision` does so in a process of its own with limits,
`run` keeps all of them busy, `store` writes what they found. Nothing here knows SIP.
"""
