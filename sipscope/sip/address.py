"""Addresses: From, To, Contact, Route and their relatives (RFC 3261 §20, §20.10, §25.1)."""

import re

from sipscope.model.header_values import Address, Parameters, Uri
from sipscope.sip.faults import Fault, Parsed, error, shown
from sipscope.sip.splitting import (
    NAME_CHARACTERS,
    is_token,
    list_items,
    parameters_of,
    quoted_string_end,
    unquoted,
    unterminated_quote,
)
from sipscope.sip.uri import URIS

# display-name = *(token LWS) / quoted-string; the LWS before "<" is optional (RFC 4475 §3.1.1.6).
_TOKENS = re.compile(rf"[{NAME_CHARACTERS}\s]*+")
_BARE_URI = re.compile(r'[A-Za-z][A-Za-z0-9+.\-]*+:[^<"]*+"')


# How nearly all addresses are: display name, URI, and parameters right behind the bracket.
_USUAL = re.compile(
    rf'(?:"(?P<quoted>[^"\\]*+)" ?+|(?P<words>[{NAME_CHARACTERS} ]++))?+'
    r'<(?P<uri>[^<>"\s]++)>(?:;(?P<parameters>.*+))?+',
    re.DOTALL,
)


def parse_address(text: str) -> Address | None:
    """The name-addr or addr-spec in the text, with its header parameters; None when there is none."""
    return address_of(text)[0]


def address_of(text: str) -> Parsed[Address]:
    """One address. Its parameters survive a URI that can't be read, because the tag is among them."""
    text = text.strip()
    if not text:
        return None, (error("empty-header-value", "The address is empty.", "RFC 3261 §25.1"),)
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        return _usual_address(text, usual)
    faults: list[Fault] = []
    opening = _opening_bracket(text, faults)
    if opening is None:
        return _bare_address(text, faults)
    display_name = _display_name(text[:opening].strip(), faults)
    uri_text, closing, behind = text[opening + 1 :].partition(">")
    if not closing:
        faults.append(error("unclosed-angle-bracket", "The < has no >.", "RFC 3261 §25.1", text[opening:]))
    parameters = _parameters_behind(behind, faults)
    if uri_text != uri_text.strip():
        faults.append(error("space-in-uri", "Blanks stand inside the angle brackets.", "RFC 3261 §25.1", uri_text))
    uri = _uri(uri_text.strip(), faults)
    return Address(text=text, display_name=display_name, uri=uri, parameters=parameters), tuple(faults)


def _usual_address(text: str, usual: re.Match[str]) -> Parsed[Address]:
    """What the general way finds too, group by group."""
    quoted, words, uri_text, parameter_text = usual.groups()
    display_name = quoted if words is None else words.rstrip()
    uri, faults = URIS[uri_text]
    if uri is None:
        uri = _unreadable(uri_text)
    if parameter_text is None:
        return Address(text=text, display_name=display_name, uri=uri), faults
    if parameter_text.startswith("tag=") and is_token(value := parameter_text[4:]):
        return Address(text=text, display_name=display_name, uri=uri, parameters=Parameters((("tag", value),))), faults
    parameters, parameter_faults = parameters_of(parameter_text)
    return Address(text=text, display_name=display_name, uri=uri, parameters=parameters), parameter_faults + faults


def bracketed_address_of(text: str) -> Parsed[Address]:
    """One address of a header that allows the name-addr form alone: Route, Record-Route, Path, Service-Route."""
    address, faults = address_of(text)
    if address is not None and not address.bracketed:
        brackets = error(
            "name-addr-required", "The URI must stand in angle brackets here.", "RFC 3261 §25.1", text.strip()
        )
        faults = (*faults, brackets)
    return address, faults


def addresses_of(text: str) -> Parsed[tuple[Address, ...]]:
    """A comma-separated list of addresses."""
    return _address_list(text, bracketed=False)


def bracketed_addresses_of(text: str) -> Parsed[tuple[Address, ...]]:
    """A comma-separated list of addresses in name-addr form."""
    return _address_list(text, bracketed=True)


def _address_list(text: str, *, bracketed: bool) -> Parsed[tuple[Address, ...]]:
    parse = bracketed_address_of if bracketed else address_of
    if "," not in text:
        address, faults = parse(text)
        return () if address is None else (address,), faults
    items, list_faults = list_items(text)
    parsed = [parse(item) for item in items or [""]]
    addresses = tuple(address for address, _ in parsed if address is not None)
    return addresses, list_faults + tuple(fault for _, faults in parsed for fault in faults)


def _opening_bracket(text: str, faults: list[Fault]) -> int | None:
    """Where the bracket before the URI stands; None for an addr-spec."""
    if text.startswith('"'):
        end = quoted_string_end(text, 0)
        if end is None:
            faults.append(unterminated_quote(text))
            end = 0
        at = text.find("<", end)
    elif _BARE_URI.match(text) is not None:
        # A quote behind a scheme belongs to a header parameter such as +sip.instance="<urn:…>".
        return None
    else:
        at = text.find("<")
    return None if at < 0 else at


def _display_name(text: str, faults: list[Fault]) -> str | None:
    if not text:
        return None
    if text.startswith('"'):
        end = quoted_string_end(text, 0)
        if end is not None and end != len(text):
            faults.append(_unquoted_display_name(text))
            return text
        return unquoted(text)
    if _TOKENS.fullmatch(text) is None:
        faults.append(_unquoted_display_name(text))
    return text


def _unquoted_display_name(text: str) -> Fault:
    return error(
        "unquoted-display-name",
        f"The display name {shown(text)} needs quotes: it holds characters that no token may hold.",
        "RFC 3261 §25.1",
        text,
    )


def _parameters_behind(text: str, faults: list[Fault]) -> Parameters:
    text = text.strip()
    if not text:
        return Parameters()
    before, _, parameter_text = text.partition(";")
    if before.strip():
        faults.append(
            error(
                "malformed-address",
                f"“{shown(before.strip())}” stands behind the address.",
                "RFC 3261 §25.1",
                before.strip(),
            )
        )
    if ";" not in text:
        return Parameters()
    parameters, parameter_faults = parameters_of(parameter_text)
    faults += parameter_faults
    return parameters


def _bare_address(text: str, faults: list[Fault]) -> Parsed[Address]:
    uri_text, semicolon, parameter_text = text.partition(";")
    uri_text = uri_text.strip().lstrip('"')
    if "?" in uri_text or "," in uri_text:
        # "the name-addr form MUST be used if the addr-spec contains a comma, semicolon, or question mark"
        faults.append(
            error(
                "name-addr-required",
                "A URI that holds a comma or a question mark must stand in angle brackets.",
                "RFC 3261 §20.10",
                uri_text,
            )
        )
    uri = _uri(uri_text, faults)
    parameters = Parameters()
    if semicolon:
        parameters, parameter_faults = parameters_of(parameter_text)
        faults += parameter_faults
    return Address(text=text, uri=uri, parameters=parameters, bracketed=False), tuple(faults)


def _uri(text: str, faults: list[Fault]) -> Uri:
    uri, uri_faults = URIS[text]
    faults += uri_faults
    return _unreadable(text) if uri is None else uri


def _unreadable(text: str) -> Uri:
    """A URI that can't be read keeps its text and has no scheme; the defect says so."""
    return Uri(text=text, scheme="")
