"""What sets an answer apart from its offer, against the rules that trust it."""

from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given

from sipscope.model.description import SessionDescription
from sipscope.model.offer_answer import ExchangeOutcome, NegotiatedMedia, OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.pipeline import Options, reconstruct
from sipscope.rules.answer_traits import answer_traits
from sipscope.rules.registry import RULES
from sipscope.sdp import parse_description
from tests.trace_script import capture_of

CALL = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
0.4   bob -> alice  200
      m=audio 5000 RTP/AVP 0
0.5   alice -> bob  ACK
9.0   alice -> bob  BYE
9.1   bob -> alice  200
"""

TRUSTING = [
    rule for rule in RULES if rule.code in {f"OA-{number:03}" for number in (2, 4, 8, 10, 11, 27, 30, 31, 32, 34)}
]

MAPPINGS = ("AMR/8000", "AMR/8000", "G729/8000", "telephone-event/8000", "PCMU/8000", "CN/8000", "/8000", "")
PARAMETERS = ("", "octet-align=1", "mode-set=0,2", "annexb=no", "AnnexB=yes", "annexb=no;x")
FORMATS = st.lists(
    st.tuples(st.sampled_from((0, 18, 96, 97, 98)), st.sampled_from(MAPPINGS), st.sampled_from(PARAMETERS)), max_size=3
)
SECTIONS = st.tuples(
    st.sampled_from(("audio", "video")),
    st.sampled_from((0, 4000)),
    st.sampled_from(("RTP/AVP", "rtp/avp", "RTP/SAVP", "udptl")),
    FORMATS,
    st.sampled_from(("sendrecv", "sendonly", "inactive", "bundle-only")),
)


def _description(
    timing: str, sections: list[tuple[str, int, str, list[tuple[int, str, str]], str]]
) -> SessionDescription:
    lines = ["v=0", "o=- 1 1 IN IP4 192.0.2.10", "s=-", "c=IN IP4 192.0.2.10", f"t={timing}"]
    for kind, port, protocol, formats, attribute in sections:
        lines.append(f"m={kind} {port} {protocol} {' '.join(str(number) for number, _, _ in formats)}")
        for number, mapping, parameters in formats:
            lines += [f"a=rtpmap:{number} {mapping}"] if mapping else []
            lines += [f"a=fmtp:{number} {parameters}"] if parameters else []
        lines.append(f"a={attribute}")
    return parse_description("\r\n".join([*lines, ""]).encode())


DESCRIPTIONS = st.builds(
    _description,
    st.sampled_from(("0 0", "0  0", "0 1")),
    st.lists(SECTIONS, max_size=2),
)


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    path = tmp_path_factory.mktemp("answers") / "script.pcap"
    path.write_bytes(capture_of(CALL))
    return reconstruct(str(path), Options())


def _exchange(trace: Trace, offer: SessionDescription, answer: SessionDescription) -> OfferAnswerExchange:
    media = tuple(
        NegotiatedMedia(index=number, offer=one, answer=other)
        for number, (one, other) in enumerate(zip(offer.media, answer.media, strict=False))
    )
    return replace(trace.exchanges[0], offer=offer, answer=answer, media=media)


@given(DESCRIPTIONS, DESCRIPTIONS)
def test_no_rule_speaks_of_an_answer_without_what_it_needs(
    trace: Trace, offer: SessionDescription, answer: SessionDescription
) -> None:
    exchange = _exchange(trace, offer, answer)
    held = frozenset(answer_traits(exchange))
    silent = [rule for rule in TRUSTING if not rule.may_speak(held)]
    assert [(rule.code, hit.text) for rule in silent for hit in rule.check(exchange, trace)] == []


def test_an_equal_answer_holds_nothing(trace: Trace) -> None:
    description = trace.exchanges[0].offer
    assert answer_traits(_exchange(trace, description, description)) == ()


def test_an_offer_that_was_refused_has_no_answer_to_compare(trace: Trace) -> None:
    other = _description("0 1", [])
    refused = replace(_exchange(trace, trace.exchanges[0].offer, other), outcome=ExchangeOutcome.REJECTED)
    assert answer_traits(refused) == ()
