"""Numbers, CSeq, RAck and dates."""

import re
from collections.abc import Callable

from sipscope.model.header_values import CSeq, RAck
from sipscope.sip.faults import Fault, Faults, Parsed, error, shown, warning
from sipscope.sip.splitting import is_token

# Longer digit strings are far beyond every field's range, and quadratic to convert.
_LONGEST_NUMBER = 20
_PAST_32_BITS = 2**32

# rfc1123-date = wkday "," SP date1 SP time SP "GMT"; "An RFC 1123 date is case-sensitive." (RFC 3261 §20.17)
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" (?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60) GMT",
    re.ASCII,
)


def decimal(text: str) -> int | None:
    """The number that the digits say; None for anything else, and for more digits than any field can mean."""
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) > _LONGEST_NUMBER:
        text = text.lstrip("0") or "0"
        if len(text) > _LONGEST_NUMBER:
            return None
    return int(text)


def number_within(below: int, standard: str) -> Callable[[str], Parsed[int]]:
    """A parser of numbers from 0 up to, not including, the limit. A number past it is kept, and reported."""

    def number_of(text: str) -> Parsed[int]:
        number = decimal(text)
        if number is not None and number < below:
            return number, ()
        return number, (number_fault(text, below, standard),)

    return number_of


def number_with_parameters(standard: str) -> Callable[[str], Parsed[int]]:
    """A parser of delta-seconds that ignores generic parameters behind it, such as Min-SE allows."""
    number_of = number_within(_PAST_32_BITS, standard)

    def number_before_parameters(text: str) -> Parsed[int]:
        return number_of(text.partition(";")[0].rstrip())

    return number_before_parameters


def number_fault(text: str, below: int, standard: str) -> Fault:
    """What is wrong with a text that is no number in range."""
    if text.isascii() and text.isdigit():
        return error("scalar-out-of-range", f"{shown(text)} is larger than {below - 1}.", standard, text)
    return error("malformed-number", f"“{shown(text)}” is no decimal number.", standard, text)


def expires_of(text: str) -> Parsed[int]:
    """Expires in seconds (RFC 3261 §20.19); RFC 2543 allowed a date, which is reported and has no value."""
    if _DATE.fullmatch(text) is not None:
        return None, (warning("expires-as-date", "Expires is a date, as RFC 2543 allowed.", "RFC 3261 §20.19"),)
    return number_within(_PAST_32_BITS, "RFC 3261 §20.19")(text)


def content_length_of(text: str) -> Parsed[int]:
    """Content-Length (RFC 3261 §20.14)."""
    number = decimal(text)
    if number is None:
        fault = error("malformed-content-length", f"“{shown(text)}” is no length.", "RFC 3261 §20.14", text)
        return None, (fault,)
    return number, ()


def cseq_of(text: str) -> Parsed[CSeq]:
    """CSeq (RFC 3261 §20.16). A number out of range is kept where it can be, for the sake of the transaction."""
    parts = text.split()
    if len(parts) != 2:
        return None, (error("malformed-cseq", f"“{shown(text)}” is no number and method.", "RFC 3261 §20.16"),)
    number = decimal(parts[0])
    faults: Faults = () if is_token(parts[1]) else (_malformed_method(parts[1]),)
    if number is None or number >= 2**31:
        # "The sequence number value MUST be expressible as a 32-bit unsigned integer and MUST be less than 2**31."
        fault = error(
            "cseq-out-of-range",
            f"The sequence number {shown(parts[0])} is not a number below 2**31.",
            "RFC 3261 §8.1.1.5",
            parts[0],
        )
        faults = (fault, *faults)
    return None if number is None else CSeq(number, parts[1]), faults


def _malformed_method(text: str) -> Fault:
    return error("malformed-method", f"The method {shown(text)} is no token.", "RFC 3261 §25.1", text)


def rack_of(text: str) -> Parsed[RAck]:
    """RAck (RFC 3262 §7.2)."""
    parts = text.split()
    numbers = [decimal(part) for part in parts[:2]]
    if len(parts) != 3 or numbers[0] is None or numbers[1] is None:
        fault = error("malformed-rack", f"“{shown(text)}” is no two numbers and a method.", "RFC 3262 §7.2", text)
        return None, (fault,)
    faults: Faults = ()
    if numbers[0] >= _PAST_32_BITS or numbers[1] >= _PAST_32_BITS:
        faults = (error("scalar-out-of-range", "A RAck number exceeds 2**32 - 1.", "RFC 3262 §7.2", text),)
    return RAck(numbers[0], numbers[1], parts[2]), faults


def date_of(text: str) -> Parsed[str]:
    """Date, checked and not interpreted (RFC 3261 §20.17)."""
    if _DATE.fullmatch(text) is None:
        fault = error("malformed-date", f"“{shown(text)}” is no RFC 1123 date in GMT.", "RFC 3261 §20.17", text)
        return None, (fault,)
    return text, ()
