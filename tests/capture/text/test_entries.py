import gzip

import pytest

from sipscope.model.packets import GapKind
from tests.capture.text.logs import ASTERISK_PJSIP, CISCO_IOS, LOGS, PJSIP, REQUEST, RESPONSE

HEADING = "<--- Received SIP request (205 bytes) from UDP:10.0.0.1:5060 --->\n"
WITH_BODY = REQUEST.replace("Content-Length: 0", "Content-Type: application/sdp\nContent-Length: 10") + "\nv=0\ns=-\n"
MESSAGE = REQUEST.replace("\n", "\r\n").encode() + b"\r\n"


def test_lines_between_messages_are_counted(log):
    read = log(f"pbx*CLI> pjsip set logger on\n\n{HEADING}{REQUEST}\n    -- Called PJSIP/1101\n")
    assert read.facts.set_aside == {"log-line": 2}


def test_lines_inside_a_message_are_left_out(log):
    begin, end = REQUEST[:80], REQUEST[80:]
    at = begin.rindex("\n") + 1
    noise = "[2026-05-01 10:00:00.000] VERBOSE[7] pbx.c: Executing\n  == Spawn extension\n"
    read = log(f"{HEADING}{begin[:at]}{noise}{begin[at:]}{end}\n")
    assert [packet.payload for packet in read.packets] == [MESSAGE]
    assert read.facts.set_aside == {"log-line": 2}


def test_prefix_of_every_line_is_taken_off(log):
    lines = (HEADING + REQUEST + "\n" + HEADING + REQUEST + "\n").splitlines()
    read = log("".join(f"[May  1 10:00:00] {line}\n" for line in lines))
    assert [packet.payload for packet in read.packets] == [MESSAGE, MESSAGE]


def test_prefix_and_encoded_cr_of_syslog_are_taken_off(log):
    lines = (HEADING + REQUEST + "\n").splitlines()
    read = log("".join(f"May  1 10:00:00 pbx asterisk[77]: {line}#015\n" for line in lines))
    assert [packet.payload for packet in read.packets] == [MESSAGE]


def test_message_that_syslog_made_one_line_of_is_read(log):
    line = (HEADING + REQUEST + "\n").replace("\n", "#015#012")
    read = log(f"May  1 10:00:00 pbx asterisk[77]: {line}\n" * 2)
    assert [(packet.payload, packet.frames) for packet in read.packets] == [(MESSAGE, (1,)), (MESSAGE, (2,))]


def test_empty_lines_behind_all_lines_are_left_out(log):
    spaced = (HEADING + WITH_BODY + HEADING + REQUEST + "\n").replace("\n", "\n\n")
    assert [packet.payload for packet in log(spaced).packets] == [
        WITH_BODY.replace("\n", "\r\n").encode(),
        MESSAGE,
    ]


def test_heading_without_a_message_is_counted(log):
    read = log(f"{HEADING}{HEADING}{REQUEST}\n{HEADING}")
    assert len(read.packets) == 1
    assert read.facts.set_aside == {"heading-without-sip": 2}


def test_keep_alive_is_no_message(log):
    keep_alive = "<--- SIP read from UDP:10.0.0.1:5060 --->\njaK\n<------------->\n"
    read = log(keep_alive * 20 + LOGS["asterisk-sip-log"])
    assert len(read.packets) == 2
    assert read.facts.set_aside["heading-without-sip"] == 20


def test_message_cut_by_the_next_heading_is_truncated(log):
    cut = "\n".join(REQUEST.split("\n")[:4]) + "\n"
    first, second = log(f"{HEADING}{cut}{HEADING}{REQUEST}\n").packets
    assert (first.truncated, second.truncated) == (True, False)


def test_message_cut_by_the_end_of_the_log_is_truncated(log):
    (packet,) = log(HEADING + "\n".join(REQUEST.split("\n")[:4])).packets
    assert packet.truncated


def test_every_message_has_its_own_identification(log):
    read = log(f"{HEADING}{REQUEST}\n" * 3)
    assert len({packet.identification for packet in read.packets}) == 3


def test_time_of_the_line_in_front_holds_for_the_message(log):
    assert log(CISCO_IOS).packets[1].at - log(CISCO_IOS).packets[0].at == 1_000_000


def test_log_in_gzip_is_read(log):
    read = log(gzip.compress(ASTERISK_PJSIP.encode()))
    assert read.facts.format == "asterisk-pjsip-log+gzip"
    assert len(read.packets) == 2


def test_log_in_damaged_gzip_is_read_as_far_as_it_goes(log):
    whole = "\n".join(f"{ASTERISK_PJSIP}line {number * 7919 % 10007}" for number in range(400)).encode()
    data = gzip.compress(whole)
    read = log(data[: len(data) // 2])
    assert read.packets
    assert [gap.kind for gap in read.facts.gaps] == [GapKind.TRUNCATED_FILE]


def test_log_without_a_last_line_end_is_read(log):
    assert len(log(ASTERISK_PJSIP.rstrip("\n")).packets) == 2


def test_facts_count_lines(log):
    assert log(ASTERISK_PJSIP).facts.frames == ASTERISK_PJSIP.count("\n")


def test_facts_name_first_and_last_time(log):
    read = log(ASTERISK_PJSIP)
    assert (read.facts.first_packet_at, read.facts.last_packet_at) == tuple(packet.at for packet in read.packets)


def test_log_of_many_messages_comes_in_several_chunks(log):
    assert len(log(f"{HEADING}{REQUEST}\n" * 5000).packets) == 5000


@pytest.mark.parametrize("heading", ["<--- Received SIP request (1 bytes) from UDP:10.0.0.1:5060 --->", "Received: "])
def test_two_messages_after_one_heading_are_one(log, heading):
    assert len(log(f"{heading}\n{REQUEST}\n{RESPONSE}\n").packets) == 1


def test_sequence_of_prefixed_headings_and_plain_lines_is_what_asterisk_writes(log):
    read = log(f"[2026-05-01 10:00:00.250] {PJSIP} {HEADING}{REQUEST}\n[2026-05-01 10:00:01.000] NOTICE[1] a.c: no\n")
    assert [packet.payload for packet in read.packets] == [MESSAGE]
