"""A section asks for SRTP and gives no keys.

What it finds
    A section with a port and a profile of SRTP (`RTP/SAVP`, `RTP/SAVPF`, `UDP/TLS/RTP/SAVP` …), in an offer or its
    answer, that has none of `a=crypto`, `a=fingerprint`, `a=key-mgmt` or `a=zrtp-hash`, neither itself, nor at
    session level, nor in its BUNDLE group. It is told once a call, party and position.
Why it matters
    There can be no keys: media is silent, or runs in clear on a stream that is called secure.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/SAVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/SAVP 0
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
    - Which keying does each product support, SDES or DTLS? Switch one on, or offer RTP/AVP.
    - An element in between that removes `a=crypto` must change the profile as well. Compare the message one hop
      earlier.
Sources
    RFC 4568 §5.1.2; RFC 4568 §5.3; RFC 5763 §5
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import anchor, party_words, written_in
from sipscope.rules.media_keys import has_keys, is_secure


@rule(
    "MSEC-001",
    name="secure-profile-without-keys",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("SRTP",),
)
def secure_profile_without_keys(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """A key MUST be provided, in offer and answer (RFC 4568 §5.1.2); with DTLS its fingerprint (RFC 5763 §5)."""
    for side, description, message in written_in(exchange):
        for section in description.media:
            if not section.port or not is_secure(section) or has_keys(section, description):
                continue
            yield Hit(
                text=(
                    f"{party_words(exchange, trace, side).capitalize()} asks for {section.protocol} in m-line "
                    f"{section.index + 1} and gives no keys: no crypto, fingerprint, key-mgmt or zrtp-hash."
                ),
                evidence=(Evidence(frame=anchor(message), note=f"{section.media_line}, no keying attribute"),),
                at=message.at,
                identity=(message.call_id, side, section.index),
            )
