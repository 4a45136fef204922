"""Header field names: the one table from which canonical names and compact forms come.

Source: the "Header Fields" table of IANA's SIP parameters registry,
<https://www.iana.org/assignments/sip-parameters/>. Names outside the table are kept as they come, lower-case.
"""

import sys

# Canonical name, compact form or "", defining standard.
HEADER_NAMES: tuple[tuple[str, str, str], ...] = (
    ("accept", "", "RFC 3261"),
    ("accept-contact", "a", "RFC 3841"),
    ("accept-encoding", "", "RFC 3261"),
    ("accept-language", "", "RFC 3261"),
    ("alert-info", "", "RFC 3261"),
    ("allow", "", "RFC 3261"),
    ("allow-events", "u", "RFC 6665"),
    ("authentication-info", "", "RFC 3261"),
    ("authorization", "", "RFC 3261"),
    ("call-id", "i", "RFC 3261"),
    ("call-info", "", "RFC 3261"),
    ("contact", "m", "RFC 3261"),
    ("content-disposition", "", "RFC 3261"),
    ("content-encoding", "e", "RFC 3261"),
    ("content-language", "", "RFC 3261"),
    ("content-length", "l", "RFC 3261"),
    ("content-type", "c", "RFC 3261"),
    ("cseq", "", "RFC 3261"),
    ("date", "", "RFC 3261"),
    ("diversion", "", "RFC 5806"),
    ("error-info", "", "RFC 3261"),
    ("event", "o", "RFC 6665"),
    ("expires", "", "RFC 3261"),
    ("from", "f", "RFC 3261"),
    ("history-info", "", "RFC 7044"),
    ("identity", "y", "RFC 8224"),
    ("identity-info", "n", "RFC 4474"),
    ("in-reply-to", "", "RFC 3261"),
    ("info-package", "", "RFC 6086"),
    ("join", "", "RFC 3911"),
    ("max-forwards", "", "RFC 3261"),
    ("mime-version", "", "RFC 3261"),
    ("min-expires", "", "RFC 3261"),
    ("min-se", "", "RFC 4028"),
    ("organization", "", "RFC 3261"),
    ("p-access-network-info", "", "RFC 7315"),
    ("p-asserted-identity", "", "RFC 3325"),
    ("p-associated-uri", "", "RFC 7315"),
    ("p-called-party-id", "", "RFC 7315"),
    ("p-charging-vector", "", "RFC 7315"),
    ("p-early-media", "", "RFC 5009"),
    ("p-preferred-identity", "", "RFC 3325"),
    ("path", "", "RFC 3327"),
    ("priority", "", "RFC 3261"),
    ("privacy", "", "RFC 3323"),
    ("proxy-authenticate", "", "RFC 3261"),
    ("proxy-authorization", "", "RFC 3261"),
    ("proxy-require", "", "RFC 3261"),
    ("rack", "", "RFC 3262"),
    ("reason", "", "RFC 3326"),
    ("record-route", "", "RFC 3261"),
    ("recv-info", "", "RFC 6086"),
    ("refer-sub", "", "RFC 4488"),
    ("refer-to", "r", "RFC 3515"),
    ("referred-by", "b", "RFC 3892"),
    ("reject-contact", "j", "RFC 3841"),
    ("replaces", "", "RFC 3891"),
    ("reply-to", "", "RFC 3261"),
    ("request-disposition", "d", "RFC 3841"),
    ("require", "", "RFC 3261"),
    ("retry-after", "", "RFC 3261"),
    ("route", "", "RFC 3261"),
    ("rseq", "", "RFC 3262"),
    ("server", "", "RFC 3261"),
    ("service-route", "", "RFC 3608"),
    ("session-expires", "x", "RFC 4028"),
    ("session-id", "", "RFC 7989"),
    ("sip-etag", "", "RFC 3903"),
    ("sip-if-match", "", "RFC 3903"),
    ("subject", "s", "RFC 3261"),
    ("subscription-state", "", "RFC 6665"),
    ("supported", "k", "RFC 3261"),
    ("target-dialog", "", "RFC 4538"),
    ("timestamp", "", "RFC 3261"),
    ("to", "t", "RFC 3261"),
    ("unsupported", "", "RFC 3261"),
    ("user-agent", "", "RFC 3261"),
    ("via", "v", "RFC 3261"),
    ("warning", "", "RFC 3261"),
    ("www-authenticate", "", "RFC 3261"),
)

COMPACT_FORMS: dict[str, str] = {compact: name for name, compact, _ in HEADER_NAMES if compact}

_INTERNED: dict[str, str] = {name: sys.intern(name) for name, _, _ in HEADER_NAMES} | COMPACT_FORMS


def canonical_name(raw_name: str) -> str:
    """The lower-case long form of a header field name (RFC 3261 §7.3.1, §7.3.3)."""
    lowered = raw_name.lower()
    return _INTERNED.get(lowered, lowered)
