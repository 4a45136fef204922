"""What the rules about secured media share: profiles, keying attributes, BUNDLE groups, and keys that stay secret."""

import base64
import binascii
import re

from sipscope.model.description import Crypto, MediaDescription, SessionDescription

KEY_AND_SALT_OCTETS = {
    "AES_CM_128_HMAC_SHA1_80": 30,
    "AES_CM_128_HMAC_SHA1_32": 30,
    "F8_128_HMAC_SHA1_80": 30,
    "AES_192_CM_HMAC_SHA1_80": 38,
    "AES_192_CM_HMAC_SHA1_32": 38,
    "AES_256_CM_HMAC_SHA1_80": 46,
    "AES_256_CM_HMAC_SHA1_32": 46,
    "AEAD_AES_128_GCM": 28,
    "AEAD_AES_256_GCM": 44,
}
"""Length of key and salt by suite (RFC 4568 §6.2, and the registrations of the later suites)."""

OTHER_METHODS = frozenset({"key-mgmt", "zrtp-hash", "crypto"})
"""Attributes that bring keys otherwise, at either level."""

_SECRET = re.compile(r"inline:(?P<shown>\S{0,4})\S*")


def is_secure(section: MediaDescription) -> bool:
    """Whether the profile is one of SRTP: RTP/SAVP, RTP/SAVPF, UDP/TLS/RTP/SAVP …"""
    return "RTP/SAVP" in section.protocol.upper()


def is_dtls(section: MediaDescription) -> bool:
    """Whether keys are to come from DTLS: by the profile, or by a fingerprint without SDES keys beside it."""
    if not is_secure(section):
        return False
    return "TLS/" in section.protocol.upper() or (section.fingerprint is not None and not section.crypto)


def has_keys(section: MediaDescription, description: SessionDescription) -> bool:
    """Whether any method gives keys, in the section, at session level, or in its BUNDLE group.

    Only the first section of a group carries what belongs to the transport (RFC 9143 §7.1.3).
    """
    if any(attribute.name in {*OTHER_METHODS, "fingerprint"} for attribute in description.attributes):
        return True
    group = group_of(section, description)
    members = [item for item in description.media if item.mid in group] if group else [section]
    return any(_own_keys(item) for item in members)


def _own_keys(section: MediaDescription) -> bool:
    others = section.attribute_names & (OTHER_METHODS - {"crypto"})
    return bool(section.crypto) or section.fingerprint is not None or bool(others)


def groups_of(description: SessionDescription) -> tuple[tuple[str, ...], ...]:
    """The BUNDLE groups: the mids of each."""
    values = [(item.value or "").split() for item in description.attributes if item.name == "group"]
    return tuple(tuple(fields[1:]) for fields in values if fields and fields[0].upper() == "BUNDLE")


def group_of(section: MediaDescription, description: SessionDescription) -> tuple[str, ...]:
    """The BUNDLE group of a section; empty when it is in none."""
    if section.mid is None:
        return ()
    return next((group for group in groups_of(description) if section.mid in group), ())


def follows_in_group(section: MediaDescription, description: SessionDescription) -> bool:
    """Whether the transport of a section is that of another one, the first of its BUNDLE group."""
    group = group_of(section, description)
    return bool(group) and group[0] != section.mid


def is_multiplexed(section: MediaDescription) -> bool:
    """Whether RTCP shares the port of RTP: `a=rtcp-mux`, or `a=rtcp-mux-only`."""
    return section.rtcp_mux or "rtcp-mux-only" in section.attribute_names


def fingerprints_of(section: MediaDescription, description: SessionDescription) -> tuple[str, ...]:
    """Those of the section, else those of the session (RFC 8122 §5)."""
    own = [value for value in section.attribute_values("fingerprint") if value]
    session = [item.value for item in description.attributes if item.name == "fingerprint" and item.value]
    return tuple(own or session)


def tls_id_of(section: MediaDescription, description: SessionDescription) -> str | None:
    """The `a=tls-id` that applies; another one announces a new association."""
    own = next(section.attribute_values("tls-id"), None)
    return own or next((item.value for item in description.attributes if item.name == "tls-id"), None)


def association_of(section: MediaDescription, description: SessionDescription) -> tuple[object, ...]:
    """What one side's part of a DTLS association is known by: while it stays, so does the association."""
    prints = frozenset(value.lower() for value in fingerprints_of(section, description))
    return section.address, section.port, prints, tls_id_of(section, description), section.ice_credentials


def masked(text: str) -> str:
    """A text whose SDES keys show their first four characters alone."""
    return _SECRET.sub(r"inline:\g<shown>…", text) if "inline:" in text else text


def crypto_words(crypto: Crypto) -> str:
    """`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNf…`."""
    return masked(f"a=crypto:{crypto.tag} {crypto.suite} {crypto.key_parameters}")


def keys_of(crypto: Crypto) -> tuple[str, ...]:
    """Keys and salts as they are written: lifetime and MKI left out (RFC 4568 §6.1)."""
    parts = [part.strip() for part in crypto.key_parameters.split(";")]
    return tuple(part[7:].partition("|")[0] for part in parts if part.lower().startswith("inline:"))


def octets_of(key: str) -> int | None:
    """How many octets a key and salt decode to; None when it is no base64."""
    text = key.rstrip("=")
    try:
        return len(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except (binascii.Error, ValueError):
        return None


def suite_name(crypto: Crypto) -> str:
    """The suite in upper case, under its registered name where old devices write `AES_CM_256_…`."""
    name = crypto.suite.upper()
    return re.sub(r"^AES_CM_(?P<bits>192|256)_", r"AES_\g<bits>_CM_", name)
