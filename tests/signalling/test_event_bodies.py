"""Whatever the bytes of a notified body are, nothing raises, and only what can't be read is a fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.model.header_values import MediaType
from sipscope.model.message import BodyPart
from sipscope.signalling.event_bodies import fault_of

PIDF = MediaType("application", "pidf+xml")
SUMMARY = MediaType("application", "simple-message-summary")

KNOWN = {
    "nothing": (PIDF, b"", None),
    "empty root": (PIDF, b"<presence/>", None),
    "unknown encoding": (PIDF, b'<?xml version="1.0" encoding="x-none"?><presence/>', None),
    "entities": (PIDF, b'<!DOCTYPE p [<!ENTITY a "b">]><presence>&a;</presence>', None),
    "two roots": (PIDF, b"<presence/><presence/>", "application/pidf+xml: it isn't well-formed at line 1, column 12"),
    "text": (PIDF, b"online", "application/pidf+xml: it isn't well-formed at line 1, column 1"),
    "unknown type": (MediaType("text", "plain"), b"<", None),
    "no type": (None, b"<", None),
    "message headers behind a summary": (SUMMARY, b"Messages-Waiting: yes\r\n\r\nnone: x", None),
}


@pytest.mark.parametrize(("kind", "content", "fault"), KNOWN.values(), ids=KNOWN.keys())
def test_fault_is_what_no_reader_can_make_sense_of(kind: MediaType | None, content: bytes, fault: str | None) -> None:
    assert fault_of((BodyPart(content_type=kind, content=content),)) == fault


@given(st.sampled_from([PIDF, SUMMARY]), st.binary(max_size=200))
def test_any_bytes_give_a_text_or_nothing(kind: MediaType, content: bytes) -> None:
    fault = fault_of((BodyPart(content_type=kind, content=content),))
    assert fault is None or fault.startswith(str(kind))
