import struct

from sipscope.capture.native.names import names_of, options_behind
from tests.capture.builders import A4, A6, SIP, block, enhanced, interface, option, section

IPV4 = bytes([192, 0, 2, 1])
IPV6 = bytes.fromhex("20010db8" + "00" * 11 + "01")
END = bytes(4)


def record(kind: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", kind, len(value)) + value + bytes(-len(value) % 4)


def test_names_of_both_address_families_are_read():
    body = record(1, IPV4 + b"sbc\x00") + record(2, IPV6 + b"phone\x00") + END
    assert list(names_of(body, "<")) == [(A4, "sbc"), (A6, "phone")]


def test_first_of_several_names_of_an_address_counts():
    assert list(names_of(record(1, IPV4 + b"sbc\x00sbc.example.net\x00") + END, "<")) == [(A4, "sbc")]


def test_records_without_a_name_or_of_other_kinds_are_passed_over():
    body = record(1, IPV4) + record(1, IPV4 + b"\x00") + record(3, bytes(6) + b"x\x00") + record(1, IPV4[:2]) + END
    assert list(names_of(body, "<")) == []


def test_options_stand_behind_the_end_record():
    comment = option(1, b"from hosts")
    assert options_behind(record(1, IPV4 + b"sbc\x00") + END + comment, "<") == comment


def test_names_and_their_comment_reach_the_facts(reading):
    body = record(1, IPV4 + b"sbc\x00") + END + option(1, b"from hosts")
    facts = reading(section() + interface() + block(4, body) + enhanced(SIP)).facts
    assert facts.names == {A4: "sbc"}
    assert [(item.subject, item.text) for item in facts.comments] == [("names", "from hosts")]


def test_first_name_of_an_address_stands(reading):
    blocks = block(4, record(1, IPV4 + b"one\x00") + END) + block(4, record(1, IPV4 + b"two\x00") + END)
    assert reading(section() + interface() + blocks + enhanced(SIP)).facts.names == {A4: "one"}
