"""Via values (RFC 3261 §20.42)."""

import re
from typing import NamedTuple

from sipscope.model.header_values import Parameters, Via
from sipscope.sip.faults import Fault, Faults, Parsed, error, shown
from sipscope.sip.memo import Memo
from sipscope.sip.scalars import decimal
from sipscope.sip.splitting import NAME_CHARACTERS, list_items, parameters_of
from sipscope.sip.uri import HIGHEST_PORT, host_and_port

# sent-protocol = protocol-name SLASH protocol-version SLASH transport, where SLASH = SWS "/" SWS
_SENT_PROTOCOL = re.compile(
    r"(?P<name>[^/\s;]++)\s*+/\s*+(?P<version>[^/\s;]++)\s*+/\s*+(?P<transport>[^/\s;]++)\s++(?P<sent_by>[^;]*+)"
)

MAGIC_COOKIE = "z9hG4bK"
_RPORT = ("rport", None)
_LIMITS = {"ttl": 255, "rport": HIGHEST_PORT}


# How nearly all are: one value with a branch behind the sent-by, and perhaps `rport`.
_USUAL = re.compile(rf"([^;,]++);branch=({MAGIC_COOKIE}[{NAME_CHARACTERS}]++)(;rport)?+")


def vias_of(text: str) -> Parsed[tuple[Via, ...]]:
    """All Via values of one line."""
    usual = _USUAL.fullmatch(text)
    if usual is not None and (found := _usual_via(text, *usual.groups())) is not None:
        return (found,), ()
    if "," not in text:
        via, faults = via_of(text)
        return () if via is None else (via,), faults
    items, list_faults = list_items(text)
    parsed = [via_of(item) for item in items or [""]]
    vias = tuple(via for via, _ in parsed if via is not None)
    return vias, list_faults + tuple(fault for _, faults in parsed for fault in faults)


class _SentBy(NamedTuple):
    """What stands before the parameters: of the few elements that sent what was captured.

    Attributes:
        transport: Upper-case.
        host: As in `Via`; None when there is none.
        port: As in `Via`.
        protocol: The protocol and version where they aren't `SIP/2.0`; else empty.
        faults: What is wrong with host and port.
        is_sound: Nothing is wrong.
    """

    transport: str
    host: str | None
    port: int | None
    protocol: str
    faults: Faults
    is_sound: bool


def _sent_by(text: str) -> _SentBy:
    match = _SENT_PROTOCOL.fullmatch(text)
    if match is None:
        return _SentBy("", None, None, "", (), is_sound=False)
    # "The protocol name and protocol version in the header field MUST be SIP and 2.0, respectively."
    is_sip = match["name"].upper() == "SIP" and match["version"] == "2.0"
    host, port, faults = host_and_port(match["sent_by"])
    return _SentBy(
        transport=match["transport"].upper(),
        host=host,
        port=port,
        protocol="" if is_sip else f"{match['name']}/{match['version']}",
        faults=faults,
        is_sound=is_sip and not faults,
    )


_SENT_BY = Memo(_sent_by, generation=1024)


def _usual_via(text: str, before: str, branch: str, rport: str | None) -> Via | None:
    """What the general way finds too; None where something is wrong with what stands before the branch."""
    sent_by = _SENT_BY[before]
    if sent_by.host is None or not sent_by.is_sound:
        return None
    parameters = Parameters((("branch", branch),) if rport is None else (("branch", branch), _RPORT))
    return Via(text=text, transport=sent_by.transport, host=sent_by.host, port=sent_by.port, parameters=parameters)


def via_of(text: str) -> Parsed[Via]:
    """One Via value."""
    before, semicolon, parameter_text = text.partition(";")
    sent_by = _SENT_BY[before]
    faults: Faults = ()
    if sent_by.protocol:
        fault = f"The Via names {shown(sent_by.protocol)}."
        faults = (error("unknown-sip-version", fault, "RFC 3261 §8.1.1.7", text),)
    if sent_by.host is None:
        return None, (*faults, *sent_by.faults, _malformed(text))
    faults += sent_by.faults
    parameters = Parameters()
    if semicolon:
        parameters, parameter_faults = _parameters(parameter_text)
        faults += parameter_faults
    via = Via(
        text=text,
        transport=sent_by.transport,
        host=sent_by.host,
        port=sent_by.port,
        parameters=parameters,
    )
    return via, faults


def _parameters(text: str) -> tuple[Parameters, Faults]:
    parameters, faults = parameters_of(text)
    return parameters, (*faults, *_parameter_value_faults(parameters))


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
