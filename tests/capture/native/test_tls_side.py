"""Hellos of TLS by their bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.capture.native.tls_side import hello_of

RANDOM = bytes(32)


def extension(kind: int, data: bytes) -> bytes:
    return kind.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data


def server_hello(*extensions: bytes, version: bytes = b"\x03\x03") -> bytes:
    tail = b"".join(extensions)
    return version + RANDOM + b"\x02ID" + b"\x13\x01" + b"\x00" + len(tail).to_bytes(2, "big") + tail


def client_hello(*extensions: bytes) -> bytes:
    tail = b"".join(extensions)
    return (
        b"\x03\x03" + RANDOM + b"\x00" + b"\x00\x04\x13\x01\xc0\x2f" + b"\x01\x00" + len(tail).to_bytes(2, "big") + tail
    )


def test_version_of_tls_1_3_stands_in_an_extension():
    hello = hello_of(server_hello(extension(43, b"\x03\x04")), is_from_client=False)
    assert hello is not None
    assert (hello.version, hello.cipher) == (0x0304, 0x1301)


def test_hello_without_extensions_has_its_old_version():
    hello = hello_of(server_hello(version=b"\x03\x01"), is_from_client=False)
    assert hello is not None
    assert (hello.version, hello.protocols, hello.server_name) == (0x0301, (), None)


def test_client_names_host_protocols_and_early_data():
    name, protocols = b"\x00\x00\x0bsip.example", b"\x05sip/2\x08http/1.1"
    hello = hello_of(
        client_hello(
            extension(0, len(name).to_bytes(2, "big") + name),
            extension(16, len(protocols).to_bytes(2, "big") + protocols),
            extension(42, b""),
        ),
        is_from_client=True,
    )
    assert hello is not None
    assert (hello.server_name, hello.protocols, hello.has_early_data) == ("sip.example", ("sip/2", "http/1.1"), True)


@pytest.mark.parametrize("is_from_client", [True, False])
def test_hello_that_is_too_short_is_none(is_from_client):
    assert hello_of(b"\x03\x03" + bytes(30), is_from_client=is_from_client) is None


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_a_hello_or_none(body, is_from_client):
    hello = hello_of(body, is_from_client=is_from_client)
    assert hello is None or hello.is_from_client is is_from_client
