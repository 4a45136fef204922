import pytest

from sipscope.model.network import Endpoint, Hop, Transport
from sipscope.model.time import MILLISECOND, SECOND
from tests.capture.text.logs import LOGS, REQUEST, RESPONSE

THERE = Hop(Endpoint("10.0.0.1", 5060), Endpoint("10.0.0.2", 5080), Transport.UDP)
MESSAGES = [text.replace("\n", "\r\n").encode() + b"\r\n" for text in (REQUEST, RESPONSE)]
TEN_O_CLOCK = 36000 * SECOND
FIRST_OF_MAY_2026 = 1777593600 * SECOND
FIRST_OF_MAY_1972 = 73526400 * SECOND


@pytest.mark.parametrize("name", LOGS)
def test_log_is_recognised_by_its_content(log, name):
    assert log(LOGS[name]).facts.format == name


@pytest.mark.parametrize("name", LOGS)
def test_messages_come_out_as_they_were_sent(log, name):
    assert [packet.payload for packet in log(LOGS[name]).packets] == MESSAGES


@pytest.mark.parametrize("name", LOGS)
def test_both_ends_are_found(log, name):
    assert [packet.hop for packet in log(LOGS[name]).packets] == [THERE, THERE.reversed()]


@pytest.mark.parametrize("name", LOGS)
def test_frame_is_the_line_that_the_message_begins_on(log, name):
    lines = LOGS[name].splitlines()
    begins = [
        number
        for number, line in enumerate(lines, start=1)
        if "SIP/2.0 200" in line or line.strip(" .").endswith("SIP/2.0")
    ]
    assert [packet.frames for packet in log(LOGS[name]).packets] == [(number,) for number in begins]


@pytest.mark.parametrize("name", LOGS)
def test_crlf_at_the_end_of_all_lines_changes_nothing(log, name):
    assert [packet.payload for packet in log(LOGS[name].replace("\n", "\r\n")).packets] == MESSAGES


@pytest.mark.parametrize(
    ("name", "day", "fraction"),
    [
        ("asterisk-pjsip-log", FIRST_OF_MAY_2026, 250),
        ("asterisk-sip-log", FIRST_OF_MAY_1972, 0),
        ("freeswitch-siptrace", 0, 250),
        ("sngrep-text", FIRST_OF_MAY_2026, 250),
        ("ngrep-text", FIRST_OF_MAY_2026, 250),
        ("kamailio-sipdump", FIRST_OF_MAY_2026, 250),
        ("cisco-cucm-sdl", 0, 250),
        ("cisco-ios-ccsip", FIRST_OF_MAY_1972, 250),
        ("oracle-sipmsg", FIRST_OF_MAY_1972, 250),
        ("sipp-message-log", FIRST_OF_MAY_2026, 250),
        ("sip-text", -TEN_O_CLOCK, 0),
    ],
)
def test_time_is_what_the_log_tells(log, name, day, fraction):
    assert log(LOGS[name]).packets[0].at == day + TEN_O_CLOCK + fraction * MILLISECOND


@pytest.mark.parametrize(
    "heading",
    [
        "<--- SIP read from 10.0.0.1:5060 --->",
        "<--- SIP read from UDP:10.0.0.1:5060 --->",
        "<--- SIP read from UDP://10.0.0.1:5060 --->",
        "[Mar 30 13:35:40] <--- SIP read from UDP:10.0.0.1:5060 --->",
        "Reliably Transmitting (NAT) to 10.0.0.1:5060:",
        "Transmitting (no NAT) to 10.0.0.1:5060:",
        "Retransmitting #3 (NAT) to 10.0.0.1:5060:",
        "<--- Reliably Transmitting (no NAT) to 10.0.0.1:5060 --->",
    ],
)
def test_every_heading_of_chan_sip_is_known(log, heading):
    (packet,) = log(f"{heading}\n{REQUEST}\n---\n").packets
    assert Endpoint("10.0.0.1", 5060) in {packet.hop.source, packet.hop.destination}


@pytest.mark.parametrize(
    ("told", "endpoint"),
    [
        ("UDP:[2001:db8::1]:5060", Endpoint("2001:db8::1", 5060)),
        ("TLS:192.0.2.7:49152", Endpoint("192.0.2.7", 49152)),
        ("TCP:[2001:0DB8:0:0::1]:5060", Endpoint("2001:db8::1", 5060)),
    ],
)
def test_address_of_the_peer_is_read(log, told, endpoint):
    (packet,) = log(f"<--- Received SIP request (9 bytes) from {told} --->\n{REQUEST}\n").packets
    assert packet.hop.source == endpoint


@pytest.mark.parametrize(
    ("heading", "transport", "port"),
    [
        ("Incoming SIP TCP message from 10.0.0.1 on port 50147 index 32 with 205 bytes:", Transport.TCP, 50147),
        ("Incoming SIP UDP message size 205 from 10.0.0.1:[5060]:", Transport.UDP, 5060),
        ("Incoming SIP TLS message from 10.0.0.1 on port 5061 index 2 with 205 bytes:", Transport.TLS, 5061),
    ],
)
def test_heading_of_a_cucm_tells_transport_and_port(log, heading, transport, port):
    (packet,) = log(f"00.001 |10:00:00.250 |AppInfo  |SIP - x: {heading}\n[83471,NET]\n{REQUEST}\n").packets
    assert (packet.hop.transport, packet.hop.source) == (transport, Endpoint("10.0.0.1", port))


def test_session_border_controller_names_both_ends_in_ipv6(log):
    heading = "Aug 10 14:30:11.140 On [3:0][2001:db8::102]:5060 sent to [2001:db8::12]:5062"
    (packet,) = log(f"{heading}\n{REQUEST}\n").packets
    assert packet.hop == Hop(Endpoint("2001:db8::102", 5060), Endpoint("2001:db8::12", 5062))


def test_segment_of_tcp_in_ngrep_is_tcp(log):
    (packet,) = log("T 10.0.0.1:5060 -> 10.0.0.2:5080 [AP]\n" + REQUEST.replace("\n", ".\n") + ".\n\n").packets
    assert packet.hop.transport is Transport.TCP
