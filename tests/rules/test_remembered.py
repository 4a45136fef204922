"""What is remembered equals what is found anew."""

import hypothesis.strategies as st
from hypothesis import given

from sipscope.model.description import RtpFormat
from sipscope.rules import remembered
from sipscope.rules.remembered import Formats, of_formats, of_last

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
