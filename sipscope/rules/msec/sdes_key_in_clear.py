"""The key of secured media can be read in the signalling.

What it finds
    An `a=crypto` line with an inline key, in SIP that isn't on TLS. It is told once a call, at the first hop that
    shows it; where both ends are on one host, it is information, because something in front may do the encryption.
Why it matters
    Whoever sees the signalling can decrypt the call.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/SAVP 0
              a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz
        0.1   bob -> alice  200
              m=audio 5000 RTP/SAVP 0
              a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj
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
    - Use TLS for the signalling on every hop, or DTLS-SRTP for the keys.
    - Was the capture taken behind what terminates TLS? Then this hop is as safe as that network.
Sources
    RFC 4568 §8.3
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.network import Hop, Transport
from sipscope.model.network_scope import Scope, scope_of
from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.descriptions import call_identity, carrier_words
from sipscope.rules.media_keys import crypto_words, keys_of

ENCRYPTED = frozenset({Transport.TLS, Transport.WSS})


@rule(
    "MSEC-003",
    name="sdes-key-in-clear",
    severity=WARNING,
    since="0.1",
    subject=WrittenDescription,
    needs=("asks for media", "a=crypto"),
)
def sdes_key_in_clear(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """Keys in the clear are for nobody but the ends: the signalling is to be encrypted (RFC 4568 §8.3)."""
    carrier = next((message for message in written.messages if message.hop.transport not in ENCRYPTED), None)
    shown = [item for section in written.promised_media for item in section.crypto if keys_of(item)]
    if carrier is None or not shown:
        return
    yield Hit(
        text=(
            f"The media key that {carrier.hop.source} sent in {carrier_words(carrier)} can be read: the message went "
            f"over {carrier.hop.transport} without encryption."
        ),
        evidence=(Evidence(frame=carrier.frames[-1], note=f"{carrier.hop.transport}, {crypto_words(shown[0])}"),),
        at=carrier.at,
        severity=INFO if _is_on_one_host(carrier.hop) else None,
        identity=(call_identity(written, trace), "host" if _is_on_one_host(carrier.hop) else "network"),
    )


def _is_on_one_host(hop: Hop) -> bool:
    ends = hop.source.address, hop.destination.address
    return ends[0] == ends[1] or all(scope_of(end) is Scope.LOOPBACK for end in ends)
