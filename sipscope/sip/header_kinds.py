"""What each header field's value is: one table, a row a header."""

from collections.abc import Callable

from sipscope.model.header_values import Address
from sipscope.sip.address import address_of, addresses_of, bracketed_addresses_of
from sipscope.sip.faults import Faults, Parsed, error, shown
from sipscope.sip.scalars import (
    content_length_of,
    cseq_of,
    date_of,
    decimal,
    expires_of,
    number_with_parameters,
    number_within,
    rack_of,
)
from sipscope.sip.values import (
    authentication_of,
    dialog_reference_of,
    join_of,
    lowered_parametrised_of,
    lowered_tokens_of,
    lowered_word,
    media_type_of,
    parametrised_list_of,
    parametrised_of,
    privacy_of,
    required_tokens_of,
    retry_after_of,
    seconds_of,
    target_dialog_of,
    text_of,
    tokens_of,
    warnings_of,
    word_before_parameters,
    word_of,
)
from sipscope.sip.via import vias_of
from sipscope.values import dataclass


@dataclass(frozen=True, slots=True)
class HeaderKind:
    """How a header's value is read.

    Attributes:
        parse: From the unfolded value to the typed one.
        single: Whether the field may appear once only. The values of others are tuples, joined over all lines.
    """

    parse: Callable[[str], Parsed[object]]
    single: bool


def contacts_of(text: str) -> Parsed[tuple[Address, ...]]:
    """Contact values (RFC 3261 §20.10), none for `*`."""
    if text == "*":
        return (), ()
    addresses, faults = addresses_of(text)
    for address in addresses or ():
        if address.parameters.items:
            faults += _contact_parameter_faults(address)
    return addresses, faults


def _contact_parameter_faults(address: Address) -> Faults:
    faults: Faults = ()
    expires = address.parameters.get("expires")
    number = None if expires is None else decimal(expires)
    if expires is not None and (number is None or number >= 2**32):
        text = f"The expires parameter {shown(expires)} is no number of seconds below 2**32."
        faults += (error("scalar-out-of-range", text, "RFC 3261 §20.10", expires),)
    q = address.parameters.get("q")
    if q is not None and not _is_qvalue(q):
        faults += (error("scalar-out-of-range", f"The q value {shown(q)} is not within 0 to 1.", "RFC 3261 §20.10", q),)
    return faults


def _is_qvalue(text: str) -> bool:
    """Whether it is a qvalue, 0 to 1 with decimals (RFC 3261 §25.1); a leading zero may be left out."""
    whole, _, fraction = text.partition(".")
    if not (whole + fraction).isascii() or not (whole + fraction).isdigit():
        return False
    return whole in {"0", ""} or (whole == "1" and not fraction.strip("0"))


HEADER_KINDS: dict[str, HeaderKind] = {
    # The core of every message (RFC 3261).
    "via": HeaderKind(vias_of, single=False),
    "from": HeaderKind(address_of, single=True),
    "to": HeaderKind(address_of, single=True),
    "call-id": HeaderKind(word_of, single=True),
    "cseq": HeaderKind(cseq_of, single=True),
    "contact": HeaderKind(contacts_of, single=False),
    "max-forwards": HeaderKind(number_within(256, "RFC 3261 §20.22"), single=True),
    "route": HeaderKind(bracketed_addresses_of, single=False),
    "record-route": HeaderKind(bracketed_addresses_of, single=False),
    "path": HeaderKind(bracketed_addresses_of, single=False),
    "service-route": HeaderKind(bracketed_addresses_of, single=False),
    # Capabilities.
    "require": HeaderKind(required_tokens_of, single=False),
    "proxy-require": HeaderKind(required_tokens_of, single=False),
    "unsupported": HeaderKind(required_tokens_of, single=False),
    "supported": HeaderKind(lowered_tokens_of, single=False),
    "allow": HeaderKind(tokens_of, single=False),
    "allow-events": HeaderKind(tokens_of, single=False),
    "accept": HeaderKind(parametrised_list_of, single=False),
    "recv-info": HeaderKind(tokens_of, single=False),
    # Body.
    "content-type": HeaderKind(media_type_of, single=True),
    "content-length": HeaderKind(content_length_of, single=True),
    "content-disposition": HeaderKind(lowered_parametrised_of, single=True),
    # Lifetimes and numbers.
    "expires": HeaderKind(expires_of, single=True),
    "min-expires": HeaderKind(number_within(2**32, "RFC 3261 §20.23"), single=True),
    "retry-after": HeaderKind(retry_after_of, single=True),
    "session-expires": HeaderKind(seconds_of("RFC 4028 §4"), single=True),
    "min-se": HeaderKind(number_with_parameters("RFC 4028 §5"), single=True),
    "rseq": HeaderKind(number_within(2**32, "RFC 3262 §7.1"), single=True),
    "rack": HeaderKind(rack_of, single=True),
    "date": HeaderKind(date_of, single=True),
    "timestamp": HeaderKind(text_of, single=True),
    # Events, publication, references.
    "event": HeaderKind(parametrised_of, single=True),
    "subscription-state": HeaderKind(lowered_parametrised_of, single=True),
    "sip-etag": HeaderKind(word_of, single=True),
    "sip-if-match": HeaderKind(word_of, single=True),
    "info-package": HeaderKind(word_before_parameters, single=True),
    "refer-to": HeaderKind(address_of, single=True),
    "referred-by": HeaderKind(address_of, single=True),
    "refer-sub": HeaderKind(lowered_word, single=True),
    "replaces": HeaderKind(dialog_reference_of, single=True),
    "join": HeaderKind(join_of, single=True),
    "target-dialog": HeaderKind(target_dialog_of, single=True),
    # Identity.
    "p-asserted-identity": HeaderKind(addresses_of, single=False),
    "p-preferred-identity": HeaderKind(addresses_of, single=False),
    "privacy": HeaderKind(privacy_of, single=False),
    "history-info": HeaderKind(addresses_of, single=False),
    "diversion": HeaderKind(addresses_of, single=False),
    "session-id": HeaderKind(parametrised_of, single=True),
    "www-authenticate": HeaderKind(authentication_of("www-authenticate"), single=False),
    "proxy-authenticate": HeaderKind(authentication_of("proxy-authenticate"), single=False),
    "authorization": HeaderKind(authentication_of("authorization"), single=False),
    "proxy-authorization": HeaderKind(authentication_of("proxy-authorization"), single=False),
    # Explanations.
    "reason": HeaderKind(parametrised_list_of, single=False),
    "warning": HeaderKind(warnings_of, single=False),
    "p-early-media": HeaderKind(lowered_tokens_of, single=False),
    "user-agent": HeaderKind(text_of, single=True),
    "server": HeaderKind(text_of, single=True),
    "subject": HeaderKind(text_of, single=True),
}
