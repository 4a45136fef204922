"""URIs: SIP and SIPS (RFC 3261 §19.1), TEL (RFC 3966), and whatever else stands where a URI may stand."""

import re
from sys import intern

from sipscope.model.header_values import Parameters, Uri
from sipscope.sip.faults import Fault, Faults, Parsed, error, shown, warning
from sipscope.sip.memo import Memo

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*+:")
_HOST = re.compile(r"[A-Za-z0-9._\-]++")
_PLAIN_HOST_PORT = re.compile(r"(?P<host>[A-Za-z0-9._\-]++)(?::(?P<port>[0-9]{1,5}))?")
_IPV6_ADDRESS = re.compile(r"[0-9A-Fa-f:.]++(?:%[A-Za-z0-9._~\-]++)?")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})++")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FORBIDDEN = re.compile('[\x00-\x20\x7f"<>]')
_BLANKS = re.compile(r"\s+")
_TAIL = re.compile("[;?]")

# Schemes whose rest is `user@host` with parameters; others keep an opaque rest.
_SIP_SCHEMES = frozenset({"sip", "sips"})
_MAILBOX_SCHEMES = frozenset({"im", "mailto", "pres", "xmpp"})

HIGHEST_PORT = 65535


def parse_uri(text: str) -> Uri | None:
    """The URI in the text; None when it has no scheme or a SIP URI no host."""
    return URIS[text][0]


# How nearly all SIP URIs are: nothing escaped, no password, no headers.
_USUAL = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[A-Za-z0-9\-_.!~*'()&=+$,]++)@)?+(?P<host>[A-Za-z0-9._\-]++)(?::(?P<port>[0-9]{1,5}+))?+"
    r"(?:;(?P<parameters>[A-Za-z0-9\-_.!~*'()\[\]/:&+$=;]++))?+"
)


def uri_of(text: str) -> Parsed[Uri]:
    """The URI in the text, and what is wrong with it."""
    usual = _USUAL.fullmatch(text)
    if usual is not None and ((port := usual["port"]) is None or 0 < int(port) <= HIGHEST_PORT):
        return _usual_uri(text, usual)
    faults: list[Fault] = []
    cleaned = text
    if _FORBIDDEN.search(text) is not None:
        cleaned = _BLANKS.sub("", text)
        faults.append(_forbidden_characters(text))
    if not cleaned.isascii():
        faults.append(
            warning("unescaped-character", "The URI has bytes above 0x7f unescaped.", "RFC 3261 §19.1.2", text)
        )
    scheme, colon, rest = cleaned.partition(":")
    if not colon or _SCHEME.match(cleaned) is None or not rest:
        return None, (*faults, _malformed(text, "has no scheme" if rest or not colon else "ends at its scheme"))
    scheme = scheme.lower()
    if scheme in _SIP_SCHEMES:
        return _sip_uri(text, scheme, rest, faults)
    if scheme == "tel":
        return _tel_uri(text, rest, faults)
    return _other_uri(text, scheme, rest, faults)


def _usual_uri(text: str, usual: re.Match[str]) -> Parsed[Uri]:
    """What the general way finds too, group by group."""
    scheme, user, host, port, parameter_text = usual.groups()
    # The same few hosts come again and again, and each needs to be kept once only.
    host = intern(host.lower())
    number = None if port is None else int(port)
    if parameter_text is None:
        return Uri(text=text, scheme=intern(scheme), user=user, host=host, port=number), ()
    faults: list[Fault] = []
    parameters = _uri_parameters(parameter_text, faults)
    uri = Uri(text=text, scheme=intern(scheme), user=user, host=host, port=number, parameters=parameters)
    return uri, tuple(faults)


URIS = Memo(uri_of, generation=4096)
"""The URI in each text, and what is wrong with it."""


def _sip_uri(text: str, scheme: str, rest: str, faults: list[Fault]) -> Parsed[Uri]:
    userinfo, rest = _split_userinfo(rest)
    tail = _TAIL.search(rest)
    authority = rest if tail is None else rest[: tail.start()]
    host, port, host_faults = host_and_port(authority)
    faults += host_faults
    if host is None:
        return None, (*faults, _malformed(text, "has no host"))
    parameter_text, question, header_text = rest[len(authority) :].partition("?")
    user, password = _user_and_password(userinfo, faults)
    if _BROKEN_ESCAPE.search(text) is not None:
        faults.append(_broken_escape(text))
    parameters = _uri_parameters(parameter_text[1:], faults) if parameter_text else Parameters()
    uri = Uri(
        text=text,
        scheme=scheme,
        user=user,
        password=password,
        host=host,
        port=port,
        parameters=parameters,
        headers=_uri_headers(header_text) if question else (),
    )
    return uri, tuple(faults)


def _split_userinfo(rest: str) -> tuple[str | None, str]:
    """Divide at the `@` that ends the userinfo.

    The user part may hold `;` and `?` (RFC 3261 §25.1, user-unreserved), so the first `@` counts; but of two `@` with
    no parameter or header between, the last, because a host cannot hold one.
    """
    userinfo, at, behind = rest.partition("@")
    if not at:
        return None, rest
    if "@" in behind:
        tail = _TAIL.search(behind)
        authority = behind if tail is None else behind[: tail.start()]
        extra, second, _ = authority.rpartition("@")
        if second:
            return f"{userinfo}@{extra}", behind[len(extra) + 1 :]
    return userinfo, behind


def _user_and_password(userinfo: str | None, faults: list[Fault]) -> tuple[str | None, str | None]:
    if userinfo is None:
        return None, None
    if "@" in userinfo:
        faults.append(error("malformed-uri", "The user part holds an unescaped @.", "RFC 3261 §19.1.2", userinfo))
    user, colon, password = userinfo.partition(":")
    if not user:
        # "If the @ sign is present in a SIP or SIPS URI, the user field MUST NOT be empty."
        faults.append(error("empty-user", "The URI has an @ and no user part before it.", "RFC 3261 §19.1.1"))
    return unescaped(user), unescaped(password) if colon else None


def host_and_port(text: str) -> tuple[str | None, int | None, Faults]:
    """Host, lower-case and without brackets, and port of `host`, `host:port`, `[IPv6]:port`; blanks are ignored."""
    plain = _PLAIN_HOST_PORT.fullmatch(text)
    if plain is not None:
        port = plain["port"]
        if port is None:
            return text.lower(), None, ()
        if 0 < int(port) <= HIGHEST_PORT:
            return plain["host"].lower(), int(port), ()
    host, port_text, faults = _divided_host(text.strip())
    host = host.strip()
    if not host:
        return None, None, tuple(faults)
    if port_text is None:
        return host.lower(), None, tuple(faults)
    digits = port_text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9 and int(digits) <= HIGHEST_PORT):
        faults.append(
            error("port-out-of-range", f"“{shown(port_text)}” is no port number.", "RFC 3261 §25.1", port_text)
        )
        return host.lower(), None, tuple(faults)
    if int(digits) == 0:
        faults.append(warning("port-out-of-range", "The port is 0.", "RFC 3261 §25.1"))
    return host.lower(), int(digits), tuple(faults)


def _divided_host(text: str) -> tuple[str, str | None, list[Fault]]:
    if text.startswith("["):
        host, closing, behind = text[1:].partition("]")
        colon = behind.lstrip()[:1] == ":"
        sound = closing and (colon or not behind.strip()) and _IPV6_ADDRESS.fullmatch(host) is not None
        return host, behind.lstrip()[1:] if colon else None, [] if sound else [_malformed_host(text)]
    if text.count(":") > 1 and _IPV6_ADDRESS.fullmatch(text) is not None:
        fault = error("unbracketed-ipv6", f"The IPv6 address {shown(text)} has no brackets.", "RFC 3261 §25.1", text)
        return text, None, [fault]
    host, colon_mark, port = text.partition(":")
    faults = [] if not host or _HOST.fullmatch(host.strip()) is not None else [_malformed_host(host)]
    return host, port if colon_mark else None, faults


def _uri_parameters(text: str, faults: list[Fault]) -> Parameters:
    items: list[tuple[str, str | None]] = []
    seen: set[str] = set()
    for piece in text.split(";"):
        raw_name, equals, value = piece.partition("=")
        name = unescaped(raw_name)
        if not name:
            faults.append(error("stray-separator", "The URI has an empty parameter.", "RFC 3261 §25.1", ";;"))
            continue
        if name.lower() in seen:
            # "any given parameter-name MUST NOT appear more than once"
            faults.append(
                error("duplicate-parameter", f"The URI has “{shown(name)}” twice.", "RFC 3261 §19.1.1", piece)
            )
        seen.add(name.lower())
        items.append((name, unescaped(value) if equals else None))
    return Parameters(tuple(items))


def _uri_headers(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (piece.partition("=") for piece in text.split("&") if piece)
    return tuple((name, unescaped(value)) for name, _, value in pairs)


def _tel_uri(text: str, rest: str, faults: list[Fault]) -> Parsed[Uri]:
    number, _, parameter_text = rest.partition(";")
    parameters = _uri_parameters(parameter_text, faults) if parameter_text else Parameters()
    return Uri(text=text, scheme="tel", user=unescaped(number), parameters=parameters), tuple(faults)


def _other_uri(text: str, scheme: str, rest: str, faults: list[Fault]) -> Parsed[Uri]:
    """A URI of another scheme: host and port from `//authority`, else the opaque rest as user part."""
    if rest.startswith("//"):
        authority = re.split("[/?#]", rest[2:], maxsplit=1)[0]
        userinfo, at, server = authority.rpartition("@")
        host, port, _ = host_and_port(server)
        user = unescaped(userinfo) if at else None
        return Uri(text=text, scheme=scheme, user=user, host=host or "", port=port), tuple(faults)
    if scheme in _MAILBOX_SCHEMES and "@" in rest:
        user_text, _, server = rest.partition("@")
        host, port, _ = host_and_port(_TAIL.split(server, maxsplit=1)[0])
        return Uri(text=text, scheme=scheme, user=unescaped(user_text), host=host or "", port=port), tuple(faults)
    return Uri(text=text, scheme=scheme, user=unescaped(rest)), tuple(faults)


def unescaped(text: str) -> str:
    """The text with each `%HH` replaced once, as UTF-8 (RFC 3261 §19.1.2)."""
    if "%" not in text:
        return text
    return _ESCAPES.sub(_decoded_escapes, text)


def _decoded_escapes(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogateescape")


def _forbidden_characters(text: str) -> Fault:
    if _BLANKS.search(text) is not None:
        return error("space-in-uri", f"The URI “{shown(text)}” holds unescaped blanks.", "RFC 3261 §19.1.2", text)
    return error(
        "malformed-uri",
        f"The URI “{shown(text)}” holds characters that must be escaped.",
        "RFC 3261 §19.1.2",
        text,
    )


def _broken_escape(text: str) -> Fault:
    return error(
        "malformed-escape",
        f"The URI “{shown(text)}” has a % without two hexadecimal digits.",
        "RFC 3261 §25.1",
        text,
    )


def _malformed_host(text: str) -> Fault:
    return error("malformed-host", f"“{shown(text)}” is no host name or address.", "RFC 3261 §25.1", text)


def _malformed(text: str, what: str) -> Fault:
    return error("malformed-uri", f"The URI “{shown(text)}” {what}.", "RFC 3261 §19.1.1", text)
