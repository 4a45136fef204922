"""What is remembered equals what is found anew."""

import hypothesis.strategies as st
from hypothesis import given

from sipscope.model.description import MediaDescription, RtpFormat
from sipscope.rules import remembered
from sipscope.rules.remembered import Formats, of_form, of_formats, of_last
from sipscope.sdp import parse_description

TEXT = "v=0|o=- 1 1 IN IP4 192.0.2.1|s=-|c=IN IP4 192.0.2.1|t=0 0|m=audio 4000 RTP/AVP 0|a=ptime:20|"

FORMATS = st.lists(
    st.builds(
        RtpFormat,
        payload_type=st.sampled_from((0, 8, 96, 97)),
        encoding=st.sampled_from((None, "PCMU", "AMR", "telephone-event")),
        clock_rate_hz=st.sampled_from((None, 8000)),
    ),
    max_size=3,
).map(tuple)


def in_words(offered: Formats, answered: Formats) -> str:
    return f"{offered} then {answered}"


@given(st.lists(FORMATS, min_size=1, max_size=5), st.data())
def test_a_pair_of_formats_is_known_again_by_what_it_says(lists: list[Formats], data: st.DataObject) -> None:
    asked = of_formats(in_words)
    for _ in range(20):
        one, other = data.draw(st.sampled_from(lists)), data.draw(st.sampled_from(lists))
        assert asked(one, other) == in_words(one, other)


def test_an_identity_that_is_used_again_isnt_taken_for_the_list_before() -> None:
    asked = of_formats(in_words)
    for number in range(500):
        one = (RtpFormat(payload_type=number % 128, encoding=str(number)),)
        assert asked(one, ()) == in_words(one, ())


def test_the_memory_of_pairs_is_bounded() -> None:
    calls = []
    asked = of_formats(lambda one, other: calls.append((one, other)))
    lists = [(RtpFormat(payload_type=0),) for _ in range(remembered.MOST_PAIRS + 1)]
    for one in lists:
        asked(one, ())
    asked(lists[-1], ())
    assert len(calls) == remembered.MOST_PAIRS + 1
    asked(lists[0], ())
    assert len(calls) == remembered.MOST_PAIRS + 2


def test_the_last_object_is_known_by_its_identity_and_no_other() -> None:
    calls = []
    asked = of_last(lambda item: (calls.append(item), len(calls))[1])
    first, equal = RtpFormat(payload_type=0), RtpFormat(payload_type=0)
    assert [asked(first), asked(first), asked(equal), asked(first)] == [1, 1, 2, 3]


def section_of(text: str) -> MediaDescription:
    return parse_description(text.replace("|", "\r\n").encode()).media[0]


def test_a_form_is_looked_at_once() -> None:
    looked: list[int] = []
    packet_time = of_form(lambda section: looked.append(section.port) or section.ptime_ms)
    sections = [section_of(text) for text in (TEXT, TEXT.replace("4000", "5000"), TEXT.replace(":20", ":30"))]
    assert [packet_time(section) for section in sections] == [20.0, 20.0, 30.0]
    assert looked == [4000, 4000]


def test_what_no_parser_made_is_looked_at_each_time() -> None:
    looked: list[int] = []
    count = of_form(lambda section: looked.append(section.port) or len(looked))
    section = MediaDescription(index=0, kind="audio", port=4000, protocol="RTP/AVP")
    assert [count(section), count(section)] == [1, 2]
