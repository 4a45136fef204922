"""The names in a certificate (RFC 5280 §4.1): as much of its encoding as leads to them."""

from typing import NamedTuple

_OCTETS = 0x04
_EXTENSIONS = 0xA3
_DNS_NAME, _URI = 0x82, 0x86
_COMMON_NAME = b"\x06\x03\x55\x04\x03"
_ALTERNATIVE_NAME = b"\x06\x03\x55\x1d\x11"
_MOST_ELEMENTS = 64


class _Element(NamedTuple):
    """One element: its tag, its content, and itself with the header."""

    tag: int
    content: bytes
    whole: bytes


def names_of(certificate: bytes) -> tuple[str, ...]:
    """Common name of the subject, then alternative names: hosts, and URIs as SIP has them (RFC 5922 §7.1)."""
    outer = _elements(certificate)
    inner = _elements(outer[0].content) if outer else []
    fields = _elements(inner[0].content) if inner else []
    # version [0], serial number, signature, issuer, validity, subject; a certificate of version 1 says no version.
    subject = 5 if fields and fields[0].tag == 0xA0 else 4
    names: dict[str, None] = {}
    if len(fields) > subject:
        names.update(dict.fromkeys(_common_names(fields[subject].content)))
    for field in fields:
        if field.tag == _EXTENSIONS:
            names.update(dict.fromkeys(_alternative_names(field.content)))
    return tuple(names)


def _common_names(subject: bytes) -> list[str]:
    found = []
    for relative in _elements(subject):
        for attribute in _elements(relative.content):
            parts = _elements(attribute.content)
            if len(parts) == 2 and parts[0].whole == _COMMON_NAME:
                found.append(_text(parts[1].content))
    return found


def _alternative_names(extensions: bytes) -> list[str]:
    found = []
    for extension in [item for outer in _elements(extensions) for item in _elements(outer.content)]:
        parts = _elements(extension.content)
        if len(parts) < 2 or parts[0].whole != _ALTERNATIVE_NAME or parts[-1].tag != _OCTETS:
            continue
        for outer in _elements(parts[-1].content):
            found += [_text(name.content) for name in _elements(outer.content) if name.tag in {_DNS_NAME, _URI}]
    return found


def _elements(data: bytes) -> list[_Element]:
    """The elements that follow one another in `data`; what is damaged or cut ends them."""
    found: list[_Element] = []
    position = 0
    while position + 2 <= len(data) and len(found) < _MOST_ELEMENTS:
        begin, tag, length = position, data[position], data[position + 1]
        position += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[position : position + size], "big")
            position += size
        if position + length > len(data):
            break
        found.append(_Element(tag, data[position : position + length], data[begin : position + length]))
        position += length
    return found


def _text(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace")
