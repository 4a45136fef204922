"""Several logs as one: what two servers tell of the same time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sipscope.capture import open_capture
from sipscope.errors import UnreadableInput, UsageError
from sipscope.model.packets import CaptureFacts, GapKind, Packet

Logs = Callable[..., tuple[tuple[Packet, ...], CaptureFacts]]


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    """Write logs to files and read them as one."""

    def reading(*texts: str, **options: str) -> tuple[tuple[Packet, ...], CaptureFacts]:
        paths = [tmp_path / f"{number}.log" for number in range(1, len(texts) + 1)]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        reader = open_capture([str(path) for path in paths], **options)
        packets = tuple(packet for chunk in reader.chunks() for packet in chunk.packets)
        return packets, reader.facts()

    return reading


def entry(second: int, branch: str, ends: str = "10.0.0.1:5060 -> 10.0.0.2:5080") -> str:
    """An OPTIONS in a log of sngrep's form: nine lines."""
    return (
        f"2026/05/01 10:00:{second:02}.000000 {ends}\n"
        f"OPTIONS sip:bob@10.0.0.2:5080 SIP/2.0\n"
        f"Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK{branch}\n"
        "From: <sip:alice@example.com>;tag=1\n"
        "To: <sip:bob@example.com>\n"
        "Call-ID: a84b4c76e66710\n"
        "CSeq: 1 OPTIONS\n"
        "Content-Length: 0\n"
        "\n"
    )


def branches(packets: tuple[Packet, ...]) -> list[str]:
    return [packet.payload.partition(b"branch=z9hG4bK")[2].split(b"\r")[0].decode() for packet in packets]


def test_messages_come_in_the_order_of_time(logs: Logs):
    packets, _ = logs(entry(1, "a") + entry(5, "c"), entry(3, "b") + entry(7, "d"))
    assert branches(packets) == ["a", "b", "c", "d"]


def test_a_log_that_steps_back_keeps_its_order(logs: Logs):
    packets, _ = logs(entry(5, "a") + entry(1, "b"), entry(3, "c") + entry(6, "d"))
    assert branches(packets) == ["c", "a", "b", "d"]


def test_lines_are_numbered_on(logs: Logs):
    packets, facts = logs(entry(1, "a"), entry(3, "b"))
    assert [packet.frames for packet in packets] == [(2,), (11,)]
    assert facts.notes[0] == ("2 logs are read as one, their lines numbered on: 1.log from line 1, 2.log from line 10.")
    assert facts.frames == 18


def test_what_two_servers_tell_of_one_message_is_told_once(logs: Logs):
    packets, facts = logs(entry(1, "a"), entry(2, "a"))
    assert branches(packets) == ["a"]
    assert facts.set_aside["log-copy"] == 1


def test_what_one_server_tells_twice_was_sent_twice(logs: Logs):
    packets, _ = logs(entry(1, "a") + entry(1, "a"), entry(9, "b"))
    assert branches(packets) == ["a", "a", "b"]


def test_a_message_sent_twice_is_found_twice_in_the_other_log(logs: Logs):
    packets, facts = logs(entry(1, "a") + entry(1, "a"), entry(1, "a") + entry(1, "a"))
    assert branches(packets) == ["a", "a"]
    assert facts.set_aside["log-copy"] == 2


def test_what_comes_much_later_in_the_other_log_is_another_message(logs: Logs):
    packets, _ = logs(entry(1, "a"), entry(3, "a"))
    assert branches(packets) == ["a", "a"]


def test_a_message_on_the_next_hop_is_another_message(logs: Logs):
    packets, _ = logs(entry(1, "a"), entry(1, "a", "10.0.0.2:5080 -> 10.0.0.3:5060"))
    assert len(packets) == 2


def test_what_all_logs_say_is_noted_once(logs: Logs):
    _, facts = logs(entry(1, "a"), entry(3, "b"))
    assert [note for note in facts.notes if "This is a log" in note] == [
        "This is a log, not a capture: frame numbers are line numbers, and media is not in it."
    ]


def test_what_one_log_says_is_noted_with_its_name(logs: Logs):
    _, facts = logs(entry(1, "a"), entry(3, "b").replace("2026/05/01 ", "").replace(".000000", ""))
    assert any(note.startswith("2.log: The log tells times without a date") for note in facts.notes)


def test_formats_are_named_once(logs: Logs):
    assert logs(entry(1, "a"), entry(3, "b"))[1].format == "sngrep-text"


def test_a_log_that_cannot_be_read_is_left_out_and_told(logs: Logs):
    packets, facts = logs("", entry(1, "a"))
    assert len(packets) == 1
    assert [gap.kind for gap in facts.gaps] == [GapKind.UNREADABLE_BLOCK]


def test_logs_that_hold_nothing_are_an_error(logs: Logs):
    with pytest.raises(UnreadableInput, match="none of 2 logs can be read"):
        logs("nothing\n", "of interest\n", engine="text")


def test_standard_input_is_no_part_of_a_set(logs: Logs):
    with pytest.raises(UsageError, match="standard input can't be merged"):
        open_capture(["-", "a.log"], engine="text")
