"""Names in certificates, built element by element."""

from hypothesis import given
from hypothesis import strategies as st

from sipscope.capture.native.certificate import names_of

COMMON_NAME, ORGANISATION, ALTERNATIVE_NAME, USAGE = b"\x55\x04\x03", b"\x55\x04\x0a", b"\x55\x1d\x11", b"\x55\x1d\x0f"


def element(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def attribute(kind: bytes, text: bytes) -> bytes:
    return element(0x31, element(0x30, element(6, kind), element(0x0C, text)))


def certificate(subject: bytes, *, version: bool = True, extensions: bytes = b"") -> bytes:
    fields = [element(0xA0, element(2, b"\x02"))] if version else []
    fields += [element(2, b"\x07"), element(0x30), element(0x30, attribute(COMMON_NAME, b"issuer")), element(0x30)]
    fields += [element(0x30, subject), element(0x30)]
    fields += [element(0xA3, element(0x30, extensions))] if extensions else []
    return element(0x30, element(0x30, *fields), element(0x30), element(3))


def test_common_name_of_the_subject_is_told_and_not_that_of_the_issuer():
    assert names_of(certificate(attribute(ORGANISATION, b"Example") + attribute(COMMON_NAME, b"a"))) == ("a",)


def test_certificate_of_version_1_has_no_field_for_it():
    assert names_of(certificate(attribute(COMMON_NAME, b"a"), version=False)) == ("a",)


def test_alternative_names_are_hosts_and_uris_each_once():
    names = element(0x30, element(0x82, b"a"), element(0x82, b"b"), element(0x86, b"sip:c"), element(0x87, bytes(4)))
    extensions = element(0x30, element(6, USAGE), element(1, b"\xff"), element(4, element(3, b"\x05\xa0")))
    extensions += element(0x30, element(6, ALTERNATIVE_NAME), element(4, names))
    assert names_of(certificate(attribute(COMMON_NAME, b"a"), extensions=extensions)) == ("a", "b", "sip:c")


def test_name_that_is_no_text_is_escaped():
    assert names_of(certificate(attribute(COMMON_NAME, b"\xff"))) == ("\\xff",)


@given(st.binary(max_size=100), st.integers(0, 150))
def test_damage_gives_fewer_names_and_no_error(rest, cut):
    whole = certificate(attribute(COMMON_NAME, b"a"))
    assert all(isinstance(name, str) for name in names_of(whole[:cut] + rest))
