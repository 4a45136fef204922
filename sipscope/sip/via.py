"""Via values (RFC 3261 §20.42)."""

import re
from functools import lru_cache
from sys import intern

from sipscope.model.header_values import Parameters, Via
from sipscope.sip.faults import Fault, Parsed, error, shown
from sipscope.sip.scalars import decimal
from sipscope.sip.splitting import NAME_CHARACTERS, list_items, parameters_of
from sipscope.sip.uri import HIGHEST_PORT, host_and_port

# sent-protocol = protocol-name SLASH protocol-version SLASH transport, where SLASH = SWS "/" SWS
_SENT_PROTOCOL = re.compile(
    r"(?P<name>[^/\s;]++)\s*+/\s*+(?P<version>[^/\s;]++)\s*+/\s*+(?P<transport>[^/\s;]++)\s++(?P<sent_by>[^;]*+)"
)

MAGIC_COOKIE = "z9hG4bK"
_LIMITS = {"ttl": 255, "rport": HIGHEST_PORT}


def vias_of(text: str) -> Parsed[tuple[Via, ...]]:
    """All Via values of one line."""
    if "," not in text:
        via, faults = via_of(text)
        return () if via is None else (via,), faults
    items, list_faults = list_items(text)
    parsed = [via_of(item) for item in items or [""]]
    vias = tuple(via for via, _ in parsed if via is not None)
    return vias, list_faults + tuple(fault for _, faults in parsed for fault in faults)


_USUAL = re.compile(
    r"SIP/2\.0/(UDP|TCP|TLS) ([a-z0-9.-]*[a-z0-9])(?::([1-9][0-9]{0,4}))?"
    rf";branch=(z9hG4bK[{NAME_CHARACTERS}]+)(;rport)?"
)
"""How nearly every Via looks; group by group what the general way finds too."""


_RPORT = ("rport", None)


@lru_cache(maxsize=1024)
def _number(port: str) -> int:
    """The same number for every time the port is written."""
    return int(port)


def via_of(text: str) -> Parsed[Via]:
    """One Via value."""
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        transport, host, port, branch, rport = usual.groups()
        items = (("branch", branch), _RPORT) if rport else (("branch", branch),)
        if port is None or int(port) <= HIGHEST_PORT:
            number = None if port is None else _number(port)
            parameters = Parameters(items)
            # The same few transports and hosts come again and again, and each needs to be kept once only.
            transport, host = intern(transport), intern(host)
            return Via(text=text, transport=transport, host=host, port=number, parameters=parameters), ()
    match = _SENT_PROTOCOL.match(text)
    if match is None:
        return None, (_malformed(text),)
    faults: list[Fault] = []
    if match["name"].upper() != "SIP" or match["version"] != "2.0":
        # "The protocol name and protocol version in the header field MUST be SIP and 2.0, respectively."
        protocol = f"{match['name']}/{match['version']}"
        faults.append(error("unknown-sip-version", f"The Via names {shown(protocol)}.", "RFC 3261 §8.1.1.7", text))
    host, port, host_faults = host_and_port(match["sent_by"])
    faults += host_faults
    if host is None:
        return None, (*faults, _malformed(text))
    parameters = Parameters()
    if match.end() < len(text):
        parameters, parameter_faults = parameters_of(text[match.end() + 1 :])
        faults += parameter_faults
        faults += _parameter_value_faults(parameters)
    transport = match["transport"].upper()
    return Via(text=text, transport=transport, host=host, port=port, parameters=parameters), tuple(faults)


def _parameter_value_faults(parameters: Parameters) -> list[Fault]:
    faults: list[Fault] = []
    for name, value in parameters:
        lowered = name.lower()
        if lowered == "branch" and value in {"", MAGIC_COOKIE}:
            # RFC 4475 §3.2.1: the cookie promises an identifier, and none follows.
            faults.append(error("branch-without-identifier", "The branch identifies nothing.", "RFC 3261 §8.1.1.7"))
        elif value and lowered in _LIMITS:
            number = decimal(value)
            if number is None or number > _LIMITS[lowered]:
                faults.append(
                    error(
                        "scalar-out-of-range",
                        f"The {lowered} parameter {shown(value)} is not within 0 to {_LIMITS[lowered]}.",
                        "RFC 3261 §20.42" if lowered == "ttl" else "RFC 3581 §4",
                        value,
                    )
                )
    return faults


def _malformed(text: str) -> Fault:
    return error("malformed-via", f"“{shown(text)}” is no protocol and sent-by address.", "RFC 3261 §20.42", text)
