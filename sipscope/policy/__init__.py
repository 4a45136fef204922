"""What users write of their network, as a policy: reading the document, and its mistakes.

`keys` is the literal table of everything that may be written, `documents` joins files that extend one another,
`loading` makes the policy of them, `description` shows it. Files are opened by whoever calls.
"""
