"""Logs that don't show a message line by line."""

import pytest

from sipscope.capture.text.unfolding import unfolded
from sipscope.model.network import Endpoint, Hop, Transport
from tests.capture.text.logs import REQUEST, RESPONSE

THERE = Hop(Endpoint("10.0.0.1", 5060), Endpoint("10.0.0.2", 5080), Transport.UDP)
MESSAGES = [text.replace("\n", "\r\n").encode() + b"\r\n" for text in (REQUEST, RESPONSE)]
HEADINGS = (
    "U 2026/05/01 10:00:00.250000 10.0.0.1:5060 -> 10.0.0.2:5080 #1",
    "U 2026/05/01 10:00:00.251000 10.0.0.2:5080 -> 10.0.0.1:5060 #3",
)
DESCRIPTION = "v=0\no=- 1 1 IN IP4 10.0.0.1\ns=a..b\nc=IN IP4 10.0.0.1\nt=0 0\nm=audio 4000 RTP/AVP 0\n"
INVITE = (
    REQUEST.replace("OPTIONS", "INVITE")
    .replace("Content-Length: 0\n", f"Content-Type: application/sdp\nContent-Length: {len(DESCRIPTION) + 6}\n\n")
    .replace("\n\n", "\n\n" + DESCRIPTION)
)


def in_one_go(text: str) -> str:
    """A payload as ngrep writes it: a dot for each CR and each LF."""
    return (text if "\n\n" in text else text + "\n").replace("\n", "..")


def broken(text: str, width: int) -> str:
    return "".join(f"  {text[begin : begin + width]}\n" for begin in range(0, len(text), width))


@pytest.mark.parametrize("width", [38, 78, 5000], ids=["narrow", "terminal", "none"])
def test_ngrep_without_byline_gives_the_messages_as_they_were_sent(log, width: int):
    text = "".join(
        f"#\n{heading}\n{broken(in_one_go(message), width)}\n"
        for heading, message in zip(HEADINGS, (REQUEST, RESPONSE), strict=True)
    )
    read = log("interface: eth0 (10.0.0.0/255.255.255.0)\n" + text)
    assert read.facts.format == "ngrep-text"
    assert [packet.payload for packet in read.packets] == MESSAGES
    assert [packet.hop for packet in read.packets] == [THERE, THERE.reversed()]


def test_ngrep_on_single_lines_gives_the_messages_as_they_were_sent(log):
    text = "".join(
        f"{heading} {in_one_go(message)}\n" for heading, message in zip(HEADINGS, (REQUEST, RESPONSE), strict=True)
    )
    assert [packet.payload for packet in log(text).packets] == MESSAGES


def test_frame_is_the_line_that_the_payload_begins_on(log):
    text = f"#\n{HEADINGS[0]}\n{broken(in_one_go(REQUEST), 40)}\n"
    assert log(text).packets[0].frames == (3,)


def test_dots_of_a_description_that_end_no_line_stay(log):
    (packet,) = log(f"{HEADINGS[0]}\n{broken(in_one_go(INVITE), 78)}\n").packets
    assert packet.payload.endswith(DESCRIPTION.replace("\n", "\r\n").encode())
    assert not packet.truncated


def test_a_payload_that_ends_inside_the_header_fields_is_cut(log):
    (packet,) = log(f"{HEADINGS[0]}\n{broken(in_one_go(REQUEST)[:90], 78)}\n").packets
    assert packet.truncated


def test_indented_lines_behind_a_heading_that_are_no_message_stay_as_they_are():
    lines = [(1, HEADINGS[0].encode()), (2, b"  one"), (3, b"  two"), (4, b"three")]
    assert list(unfolded(lines)) == lines


def test_byline_output_stays_as_it_is():
    lines = [(1, HEADINGS[0].encode()), (2, b"OPTIONS sip:b@10.0.0.2 SIP/2.0."), (3, b"Via: a."), (4, b".")]
    assert list(unfolded(lines)) == lines


FRONTS = {
    "kamailio": "May  1 10:00:00 sip /usr/sbin/kamailio[890]: INFO: <script>: ",
    "kamailio-on-a-terminal": " 0(890) INFO: {1 1 OPTIONS a84b4c76e66710} <script>: ",
    "opensips": "May  1 10:00:00 sip opensips[890]: INFO:script: ",
    "opensips-on-a-terminal": "May  1 10:00:00 [890] ",
    "xlog": "May  1 10:00:00 sip opensips[890]: xlog: ",
}
ENDS = {
    "nothing": ("", ""),
    "both-ends": ("10.0.0.1:5060 -> udp:10.0.0.2:5080 ", "10.0.0.2:5080 -> udp:10.0.0.1:5060 "),
    "words": ("before the route: ", "in the reply route: "),
}


def daemon(text: str) -> str:
    """A message as a syslog daemon writes it, in one line."""
    return text.replace("\n", "#015#012") + "#015#012"


@pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS.keys())
@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS.keys())
@pytest.mark.parametrize("form", [str, daemon], ids=["lines", "one-line"])
def test_what_scripts_log_gives_the_messages(log, front: str, ends: tuple[str, str], form):
    text = "".join(f"{front}{words}{form(message)}\n" for words, message in zip(ends, (REQUEST, RESPONSE), strict=True))
    read = log(text)
    assert read.facts.format == "kamailio-xlog"
    assert [packet.payload for packet in read.packets] == MESSAGES
    assert read.packets[0].hop == THERE


@pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS.keys())
def test_words_of_a_script_may_stand_on_a_line_in_front_of_the_message(log, front: str):
    text = f"{front}10.0.0.1:5060 -> udp:10.0.0.2:5080\n{REQUEST}\n{front}the reply:\n{RESPONSE}\n"
    read = log(text)
    assert [packet.payload for packet in read.packets] == MESSAGES
    assert read.packets[0].hop == THERE


def test_where_a_script_tells_who_sent_a_message_that_end_is_taken(log):
    front = FRONTS["kamailio"]
    (packet,) = log(f"{front}OPTIONS from 10.0.0.9:5062: {daemon(REQUEST)}\n").packets
    assert packet.hop.source == Endpoint("10.0.0.9", 5062)


def test_messages_that_no_words_announce_are_read_among_those_that_are(log):
    text = f"{FRONTS['kamailio']}from 10.0.0.1:5060:\n{REQUEST}\n{RESPONSE}\n"
    assert len(log(text).packets) == 2


@pytest.mark.parametrize(
    "prefix",
    [
        "*May  1 10:00:00.250: ",
        "May  1 10:00:00.250 UTC: ",
        "000123: *May  1 2026 10:00:00.250 CEST: ",
        "<189>123: *May  1 10:00:00.250: ",
        "<189>123: router1: *May  1 10:00:00.250: ",
        "<189>May  1 10:00:00.250: ",
    ],
)
def test_prefixes_of_cisco_ios_tell_the_time(log, prefix: str):
    read = log(f"{prefix}//2/7A1/SIP/Msg/ccsipDisplayMsg:\nReceived: \n{REQUEST}\n")
    assert read.facts.format == "cisco-ios-ccsip"
    assert read.packets[0].at % (86_400 * 10**9) == (36_000 * 1000 + 250) * 10**6
