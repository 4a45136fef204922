import pytest

from sipscope.capture.wireshark.layers import instant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1531993985.422287000", 1531993985422287000),
        ("1587118716.489961605", 1587118716489961605),
        ("0.000000001", 1),
        ("1531993985", 1531993985000000000),
        ("1531993985.4", 1531993985400000000),
        ("2018-07-19T09:53:05.422287000Z", 1531993985422287000),
        ("2018-07-19T09:53:05Z", 1531993985000000000),
        ("-1.5", -1500000000),
    ],
)
def test_times_are_whole_nanoseconds(text, expected):
    assert instant(text) == expected
