"""A connection address or media port has a form that nobody can use.

What it finds
    In an offer or answer: a `c=` whose literal isn't of its address type, that lacks fields, has a slash behind a
    unicast address, or no TTL behind an IPv4 multicast address; several `c=` at session level; an `m=` line without
    its four fields or with a port above 65535. Host names are legal and told as information, because many media
    engines don't resolve them.
Why it matters
    The stream has no usable destination. Products that speak IPv4 and IPv6 show their faults here.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Content-Type: application/sdp
              | v=0
              | o=- 1 1 IN IP4 192.0.2.10
              | s=-
              | c=IN IP4 2001:db8::5
              | t=0 0
              | m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Content-Type: application/sdp
              | v=0
              | o=- 1 1 IN IP4 192.0.2.10
              | s=-
              | c=IN IP6 2001:db8::5
              | t=0 0
              | m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The writing product should take the address type from the address, never from the configuration.
    - Is an external address configured with a prefix length or in brackets?
Sources
    RFC 4566 §5.7; RFC 4566 §5.14
"""

from collections.abc import Iterator

from sipscope.model.network_scope import Scope, scope_of
from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import ERROR, INFO, Hit, rule
from sipscope.rules.descriptions import connection_line, fault_identity, hit_of_defects, line_evidence, source_of


@rule(
    "SDP-011",
    name="address-or-port-ill-formed",
    severity=ERROR,
    since="0.1",
    subject=WrittenDescription,
    needs=("promise", ("defect address-or-port-ill-formed", "address name")),
)
def address_or_port_ill_formed(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """Address types, TTL and ports have their form (RFC 4566 §5.7, §5.14)."""
    if not written.is_promise:
        return
    yield from hit_of_defects(written, trace, "address-or-port-ill-formed")
    named = [section for section in written.promised_media if _is_name(section.address)]
    if named:
        lines = dict.fromkeys(connection_line(written, section) for section in named)
        yield Hit(
            text=(
                f"In {source_of(written)} media is to be sent to the host name {named[0].address}. That is legal, but "
                "many media engines don't resolve names."
            ),
            evidence=line_evidence(written, [line for line in lines if line is not None]),
            at=written.at,
            severity=INFO,
            identity=fault_identity(written, trace, "name", named[0].address),
        )


def _is_name(address: str | None) -> bool:
    return address is not None and ":" not in address and scope_of(address) is Scope.NAME
