"""Short words for people."""

import pytest

from sipscope.model.time import MILLISECOND, SECOND
from sipscope.views.words import clock_of, counted, duration_of, party_of, product_of, time_of_day_of
from tests.views.builders import START, address


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0, "0 ms"),
        (400_000, "0.4 ms"),
        (380 * MILLISECOND, "380 ms"),
        (12_300 * MILLISECOND, "12.3 s"),
        (125 * SECOND, "2:05 min"),
        (3723 * SECOND, "1:02:03"),
    ],
)
def test_a_duration_has_the_unit_that_reads_best(duration, text):
    assert duration_of(duration) == text


@pytest.mark.parametrize(
    ("agent", "product"),
    [
        ("Linphone/5.2.4 (belle-sip/5.3.0)", "Linphone/5.2.4"),
        ("Asterisk PBX 20.5.0", "Asterisk PBX"),
        ("baresip (x86)", "baresip"),
        ("  ", None),
        (None, None),
    ],
)
def test_a_product_is_the_first_of_its_value(agent, product):
    assert product_of(agent) == product


def test_a_party_without_user_is_its_host():
    assert party_of(address("sip:gateway.example.com"), {}) == "gateway.example.com"


def test_nobody_is_none():
    assert party_of(None, {}) is None


def test_one_is_singular():
    assert (counted(1, "call"), counted(2, "call"), counted(2, "finding follows", "findings follow")) == (
        "1 call",
        "2 calls",
        "2 findings follow",
    )


def test_a_time_of_day_has_milliseconds():
    assert (clock_of(START), time_of_day_of(START)) == ("2026-05-01 10:00:00.000", "10:00:00.000")
