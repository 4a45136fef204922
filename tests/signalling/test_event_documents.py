"""State documents: what their root element tells, and what is refused."""

import pytest

from sipscope.model.subscription import DocumentKind, StateDocument
from sipscope.signalling.event_documents import read_document

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
KNOWN = {
    "dialog-info": (
        b'<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="3" state="partial" entity="sip:a@b"/>',
        StateDocument(kind=DocumentKind.DIALOGS, version=3, is_full=False, entity="sip:a@b"),
    ),
    "reginfo with a prefix": (
        b'<r:reginfo xmlns:r="urn:ietf:params:xml:ns:reginfo" version="0" state="full"/>',
        StateDocument(kind=DocumentKind.REGISTRATIONS, version=0, is_full=True),
    ),
    "watcherinfo": (
        b'<watcherinfo version="1" state="full"/>',
        StateDocument(kind=DocumentKind.WATCHERS, version=1, is_full=True),
    ),
    "conference-info without version": (
        b'<conference-info entity="sips:c@b"/>',
        StateDocument(kind=DocumentKind.CONFERENCE, version=None, is_full=None, entity="sips:c@b"),
    ),
    "list": (
        b'<list uri="sip:l@b" version="0" fullState="true"/>',
        StateDocument(kind=DocumentKind.LIST, version=0, is_full=True, entity="sip:l@b"),
    ),
    "presence": (
        b'<presence entity="pres:a@b"/>',
        StateDocument(kind=DocumentKind.PRESENCE, version=None, is_full=True, entity="pres:a@b"),
    ),
    "version that is no number": (
        b'<reginfo version="-1" state="other"/>',
        StateDocument(kind=DocumentKind.REGISTRATIONS, version=None, is_full=None),
    ),
    "version beyond 32 bits": (
        b'<reginfo version="4294967296" state="full"/>',
        StateDocument(kind=DocumentKind.REGISTRATIONS, version=None, is_full=True),
    ),
    "broken behind its root": (
        b'<reginfo version="2" state="full"><registration>',
        StateDocument(kind=DocumentKind.REGISTRATIONS, version=2, is_full=True),
    ),
}


@pytest.mark.parametrize(("content", "expected"), KNOWN.values(), ids=KNOWN.keys())
def test_root_tells_kind_version_and_fullness(content: bytes, expected: StateDocument) -> None:
    assert read_document(HEAD + content) == expected


REFUSED = {
    "empty": b"",
    "not XML": b"Messages-Waiting: yes\r\n",
    "another root": b"<html/>",
    "broken in its root": b'<reginfo version="1',
    "document type declaration": b'<!DOCTYPE reginfo SYSTEM "file:///etc/hostname"><reginfo version="1"/>',
    "entities": b'<!DOCTYPE r [<!ENTITY a "b">]><reginfo version="1" entity="&a;"/>',
    "unknown encoding": b'<?xml version="1.0" encoding="klingon"?><reginfo version="1"/>',
    "bytes that are no UTF-8": b'<reginfo version="\xff"/>',
    "NUL": b"\x00<reginfo/>",
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED.keys())
def test_anything_else_is_no_document(content: bytes) -> None:
    assert read_document(content) is None
