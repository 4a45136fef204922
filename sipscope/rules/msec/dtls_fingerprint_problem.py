"""The fingerprint of a DTLS certificate can't be used, or changes without need.

What it finds
    In a section with keys from DTLS, of an offer or its answer: a fingerprint by MD5 or MD2, one that isn't pairs
    of hexadecimal digits in the number its hash demands, or none beside `a=crypto` although the profile is DTLS.
    It is a warning where the digits are lower-case, or where the fingerprints of a party change in the dialog
    while address and port stay and no other `a=tls-id` tells of a new association.
Why it matters
    The end that checks it must take the media down: the user hears nothing, or is told that the secure call
    failed.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 UDP/TLS/RTP/SAVP 0
              a=fingerprint:md5 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B
              a=setup:actpass
        0.1   bob -> alice  200
              m=audio 5000 UDP/TLS/RTP/SAVP 0
              a=fingerprint:sha-1 7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5
              a=setup:active
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 UDP/TLS/RTP/SAVP 0
              a=fingerprint:sha-1 4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD
              a=setup:actpass
        0.1   bob -> alice  200
              m=audio 5000 UDP/TLS/RTP/SAVP 0
              a=fingerprint:sha-1 7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5
              a=setup:active
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The product should state SHA-256 of the certificate that it uses, in upper case, and keep it in re-INVITEs.
    - Does an element in between end DTLS on one leg only? Compare its two sides.
Sources
    RFC 8122 §5
"""

import re
from collections.abc import Iterator

from sipscope.model.defects import Severity
from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.finding import Evidence
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, party_words, written_in
from sipscope.rules.media_keys import fingerprints_of, follows_in_group, is_dtls, tls_id_of

OCTETS = {"sha-1": 20, "sha-224": 28, "sha-256": 32, "sha-384": 48, "sha-512": 64}
BANNED = frozenset({"md5", "md2"})

_PAIRS = re.compile(r"[0-9A-F]{2}(?::[0-9A-F]{2})*")


@rule(
    "MSEC-006",
    name="dtls-fingerprint-problem",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("SRTP",),
)
def dtls_fingerprint_problem(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """Upper-case bytes, as many as the hash function gives, never MD5 or MD2 (RFC 8122 §5)."""
    for side, description, message in written_in(exchange):
        before = exchange.previous_offerer if side is exchange.offerer else exchange.previous_answerer
        for section in description.media:
            if not section.port or not is_dtls(section) or follows_in_group(section, description):
                continue
            fault, severity = _fault(section, description, before)
            if fault:
                shown = ", ".join(fingerprints_of(section, description)) or "no fingerprint"
                yield Hit(
                    text=f"In m-line {section.index + 1}, {party_words(exchange, trace, side)} {fault}",
                    evidence=(Evidence(frame=anchor(message), note=f"{section.media_line}, {shown}"),),
                    at=message.at,
                    severity=severity,
                    identity=(message.call_id, side, section.index, fault),
                )


def _fault(
    section: MediaDescription, description: SessionDescription, before: SessionDescription | None
) -> tuple[str, Severity | None]:
    """What is wrong, and how bad where it isn't an error."""
    found = fingerprints_of(section, description)
    if not found:
        return ("states a profile of DTLS, and no fingerprint.", None) if section.crypto else ("", None)
    for value in found:
        name, _, digits = value.partition(" ")
        if name.lower() in BANNED:
            return f"states a fingerprint by {name}, which nobody may use.", None
        octets = OCTETS.get(name.lower())
        if octets is None:
            continue
        if not _PAIRS.fullmatch(digits.strip().upper()) or digits.count(":") != octets - 1:
            return f"states a fingerprint by {name} that isn't {octets} pairs of hexadecimal digits.", None
    if any(value.partition(" ")[2] != value.partition(" ")[2].upper() for value in found):
        return "states a fingerprint in lower case, where upper case is demanded.", WARNING
    if _changed(section, description, before):
        return "states another fingerprint than before, on the same address and port.", WARNING
    return "", None


def _changed(section: MediaDescription, description: SessionDescription, before: SessionDescription | None) -> bool:
    if before is None or len(before.media) <= section.index:
        return False
    old = before.media[section.index]
    if (old.port, old.address) != (section.port, section.address) or not is_dtls(old):
        return False
    if tls_id_of(old, before) != tls_id_of(section, description):
        return False
    one, other = fingerprints_of(old, before), fingerprints_of(section, description)
    return bool(one) and {item.lower() for item in one} != {item.lower() for item in other}
