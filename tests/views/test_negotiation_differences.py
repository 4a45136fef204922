"""Two descriptions held against each other."""

import pytest

from sipscope.sdp import parse_description
from sipscope.views.negotiation_differences import differing

HEAD = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"]
AUDIO = "m=audio 4000 RTP/AVP 0"


def shown(one: list[str], other: list[str]) -> list[tuple[str, int | None, str, str]]:
    """What differs between descriptions of these lines behind the usual first ones."""
    first, second = (parse_description("\r\n".join([*HEAD, *lines, ""]).encode()) for lines in (one, other))
    return [(item.what, item.index, item.first, item.second) for item in differing(first, second)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([AUDIO], [AUDIO, "a=rtpmap:0 PCMU/8000"]),
        ([AUDIO, "a=sendrecv"], [AUDIO]),
        (["a=sendonly", AUDIO], [AUDIO, "a=sendonly"]),
        ([AUDIO, "a=tool:x", "a=X-vendor:1"], [AUDIO]),
        ([AUDIO, "a=label:1", "a=rtcp-mux"], [AUDIO, "a=rtcp-mux", "a=label:1"]),
    ],
    ids=["static mapping", "default direction", "session level", "cosmetics", "order of attributes"],
)
def test_same_by_meaning_is_no_difference(one, other):
    assert shown(one, other) == []


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ([AUDIO], ["m=audio 4002 RTP/AVP 0"], ("port", 0, "4000", "4002")),
        ([AUDIO], [AUDIO, "c=IN IP4 192.0.2.9"], ("address", 0, "192.0.2.1", "192.0.2.9")),
        ([AUDIO], [AUDIO, "a=inactive"], ("direction", 0, "sendrecv", "inactive")),
        ([AUDIO], [AUDIO, "a=ptime:20"], ("packet time", 0, "none", "20 ms")),
        ([AUDIO, "a=fmtp:0 x=1"], [AUDIO, "a=fmtp:0 x=2"], ("codec parameters", 0, "0: x=1", "0: x=2")),
        ([AUDIO], [AUDIO, "a=rtcp-mux"], ("other attributes", 0, "", "rtcp-mux")),
        (["a=group:BUNDLE a", AUDIO], [AUDIO], ("session attributes", None, "group:BUNDLE a", "")),
    ],
)
def test_difference_is_told_with_both_sides(one, other, difference):
    assert shown(one, other) == [difference]


def test_media_line_of_one_side_alone_is_told_as_it_stands():
    assert shown([AUDIO, "m=video 4002 RTP/AVP 96"], [AUDIO]) == [
        ("number of m-lines", None, "2", "1"),
        ("m-line", 1, "m=video 4002 RTP/AVP 96", ""),
    ]


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj", "d0RmdmcmV"),
        ("a=ice-pwd:asd88fgpdd777uzjYhagZg", "asd88fgp"),
        ("a=key-mgmt:mikey AQAFgM0XflABAAAAAAAAAAAAAAsAyO", "AQAFgM0X"),
    ],
)
def test_secret_is_told_as_different_and_never_shown(line, secret):
    found = shown([AUDIO, "a=ice-ufrag:8hhY", line], [AUDIO, "a=ice-ufrag:8hhY"])
    assert found
    assert secret not in repr(found)
