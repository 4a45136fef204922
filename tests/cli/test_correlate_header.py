"""`--correlate-header`: a header field that names the Call-ID on the other side of a B2BUA."""

import json

import pytest

BRIDGED = """
alice 192.0.2.10
edge  192.0.2.1
inner 198.51.100.1
bob   198.51.100.20
0.0  alice -> edge INVITE call=1
     Call-ID: first@192.0.2.10
0.1  inner -> bob INVITE call=2
     Call-ID: second@198.51.100.1
     Original-Call-Id: first@192.0.2.10
     Other: nothing
1.0  bob -> inner 486 call=2
1.1  inner -> bob ACK call=2
1.2  edge -> alice 486 call=1
1.3  alice -> edge ACK call=1
"""


@pytest.mark.parametrize(
    ("names", "calls"),
    [
        ((), 2),
        (("Original-Call-Id",), 1),
        (("original-call-id",), 1),
        (("Other", "Original-Call-Id"), 1),
        (("Other",), 2),
    ],
)
def test_legs_are_one_call_where_a_named_header_field_joins_them(run, capture, names, calls):
    options = [word for name in names for word in ("--correlate-header", name)]
    result = run("analyze", capture(BRIDGED), "--format", "json", *options)
    assert len(json.loads(result.stdout)["calls"]) == calls


@pytest.mark.parametrize("command", ["analyze", "calls", "show", "ladder", "media", "topology"])
def test_commands_that_analyse_take_it(run, capture, command):
    assert "--correlate-header NAME" in run(command, "--help").stdout


@pytest.mark.parametrize("name", ["Original Call-Id", "X-Leg: 1", ""])
def test_what_is_no_name_of_a_header_field_is_refused_in_words(run, capture, name):
    result = run("calls", capture(BRIDGED), "--correlate-header", name)
    assert (result.exit_code, "is no name of a header field" in result.stderr) == (2, True)
