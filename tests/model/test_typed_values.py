import copy
import pickle

from hypothesis import given
from hypothesis import strategies as st

from sipscope.model.network import Endpoint, Hop
from sipscope.model.typed_values import Places, TypedValues
from sipscope.sip import parse_message
from sipscope.sip.header_line import LINES, reading
from sipscope.sip.header_lines import _collected

HOP = Hop(Endpoint("192.0.2.1", 5060), Endpoint("192.0.2.2", 5060))

LINES_OF_A_MESSAGE = [
    b"Via: SIP/2.0/UDP a.example;branch=z9hG4bK1",
    b"v: SIP/2.0/UDP b.example;branch=z9hG4bK2;rport",
    b"From: <sip:a@a.example>;tag=1",
    b"To: <sip:b@b.example>",
    b"Call-ID: 1@a.example",
    b"CSeq: 1 INVITE",
    b"Contact: <sip:a@a.example>",
    b"Contact: <sip:c@a.example>",
    b"Route: <sip:p.example;lr>",
    b"Supported: 100rel",
    b"k: timer, gruu",
    b"X-Ours: 1",
    b"Content-Length: 0",
]


@given(st.lists(st.sampled_from(LINES_OF_A_MESSAGE), unique=True, min_size=1).flatmap(st.permutations))
def test_values_are_those_that_each_line_for_itself_gives(lines):
    payload = b"INVITE sip:b@b.example SIP/2.0\r\n" + b"\r\n".join(lines) + b"\r\n\r\n"
    message = parse_message(payload, id="m1", frames=(1,), at=0, hop=HOP)
    expected, _ = _collected([reading(LINES[line]) for line in lines], lines, list)
    values = message.headers.values
    assert dict(values) == expected
    assert len(values) == len(expected)
    assert values.get("x-ours") is None
    assert message.vias == expected.get("via", ())
    assert message.contacts == expected.get("contact", ())
    assert (message.call_id, message.cseq) == (expected.get("call-id"), expected.get("cseq"))
    assert message.from_tag == (expected["from"].tag if "from" in expected else None)
    assert message.to_tag is None


def test_values_equal_those_of_a_dictionary():
    values = TypedValues(Places({"expires": 1}), (None, 60))
    assert values == {"expires": 60}
    assert repr(values) == "{'expires': 60}"


def test_values_travel_to_another_process():
    values = TypedValues(Places({"expires": 0}), (60,))
    assert pickle.loads(pickle.dumps(values)) == values
    assert copy.deepcopy(values) == values
