"""Rules say what they need, and aren't asked about a subject that lacks it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sipscope.model.defects import Severity
from sipscope.model.finding import Evidence
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.pipeline import Options, reconstruct
from sipscope.rules import engine, traits
from sipscope.rules.api import AnyRule, Hit, Need, rule
from sipscope.rules.engine import GateError, findings_of
from sipscope.rules.registry import RULES
from sipscope.rules.traits import Forms
from tests.trace_script import capture_of

TWO_CALLS = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE call=1
      m=audio 4000 RTP/AVP 0
0.1   bob -> alice  183 rseq=1
      m=audio 5000 RTP/AVP 0
0.2   alice -> bob  PRACK
0.3   bob -> alice  200 PRACK
0.4   bob -> alice  200
0.5   alice -> bob  ACK
9.0   alice -> bob  BYE
9.1   bob -> alice  200
10.0  alice -> bob  INVITE call=2
      m=audio 4000 RTP/AVP 0
10.1  bob -> alice  486
10.2  alice -> bob  ACK
20.0  alice -> bob  INVITE call=3
      m=audio 4000 RTP/AVP 0
20.1  bob -> alice  486
20.2  alice -> bob  ACK
"""


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    """Three calls: one with a reliable response, two that are refused in the same way."""
    path = tmp_path / "script.pcap"
    path.write_bytes(capture_of(TWO_CALLS))
    return reconstruct(str(path), Options())


def _rule_of_transactions(*needs: Need, asked: Callable[[str], None] = lambda _: None) -> AnyRule:
    """A rule that speaks of every INVITE."""

    @rule("TXN-999", name="every-invite", severity=Severity.INFO, since="0.1", subject=Transaction, needs=needs)
    def every_invite(transaction: Transaction, _trace: Trace) -> Iterator[Hit]:
        asked(transaction.id)
        if transaction.method == "INVITE":
            frame = transaction.first.frames[0]
            yield Hit(text="An INVITE.", evidence=(Evidence(frame=frame, note=""),), at=transaction.started_at)

    return every_invite


def _traits_of(trace: Trace, number: int) -> frozenset[str]:
    return Forms(trace).of_transaction(trace.transactions[number]).traits


def test_a_rule_is_asked_about_the_subjects_that_have_what_it_needs_alone(
    trace: Trace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine, "CHECK_GATES", False)
    asked: list[str] = []
    found = findings_of(trace, [_rule_of_transactions("INVITE", "response 486", asked=asked.append)])
    refused = [item.id for item in trace.transactions if item.final_status == 486]
    assert asked == refused
    assert [item.subject_id for item in found] == refused


def test_a_rule_needs_one_of_several_traits(trace: Trace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine, "CHECK_GATES", False)
    asked: list[str] = []
    findings_of(trace, [_rule_of_transactions(("PRACK", "BYE"), asked=asked.append)])
    assert asked == [item.id for item in trace.transactions if item.method in {"PRACK", "BYE"}]


def test_a_need_that_is_not_necessary_is_told(trace: Trace):
    with pytest.raises(GateError, match=r"TXN-999 needs.*rseq.*response 486"):
        findings_of(trace, [_rule_of_transactions("INVITE", "rseq")])


def test_tests_check_every_gate():
    assert engine.CHECK_GATES


def test_a_transaction_has_the_traits_of_its_messages(trace: Trace):
    assert {"INVITE", "rseq", "require", "sdp", "body", "response 183", "INVITE 1xx", "INVITE 200"} <= _traits_of(
        trace, 0
    )
    assert {"request", "final", "state accepted", "INVITE final"} <= _traits_of(trace, 0)
    assert not {"in dialog", "no final", "copies", "anomalies", "other hops", "rack", "BYE"} & _traits_of(trace, 0)


def test_a_transaction_inside_a_dialog_says_so(trace: Trace):
    assert {"PRACK", "rack", "in dialog", "PRACK in dialog"} <= _traits_of(trace, 1)


def test_a_dialog_has_the_traits_of_its_transactions(trace: Trace):
    held = Forms(trace).of_dialog(trace.dialogs[0]).traits
    assert {"INVITE", "PRACK", "BYE", "rack", "invite", "BYE final"} <= held
    assert not {"several legs", "response 486", "dialog anomalies"} & held


def test_the_capture_has_the_traits_of_everything(trace: Trace):
    held = Forms(trace).of_trace(trace).traits
    assert {"rack", "response 486", "BYE final"} <= held
    assert "REFER" not in held


def test_subjects_that_hold_the_same_have_one_form(trace: Trace):
    forms = Forms(trace)
    refused = [item for item in trace.transactions if item.final_status == 486]
    assert forms.of_transaction(refused[0]) is forms.of_transaction(refused[1])
    assert forms.of_transaction(refused[0]) is not forms.of_transaction(trace.transactions[0])


def test_what_is_remembered_of_forms_changes_nothing(trace: Trace, monkeypatch: pytest.MonkeyPatch):
    expected = findings_of(trace, RULES)
    monkeypatch.setattr(traits, "MOST_KEYS", 1)
    assert findings_of(trace, RULES) == expected


DESCRIBED = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
      c=IN IP4 10.0.0.1
      a=group:BUNDLE a
      m=audio 4000 RTP/SAVP 0
      a=mid:a
      m=video 0 RTP/AVP 97
0.1   bob -> alice  200
      m=audio 5000 RTP/SAVP 0
      a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:QUJD
0.2   alice -> bob  ACK
9.0   alice -> bob  OPTIONS call=2
9.1   bob -> alice  200
      m=audio 5000 RTP/AVP 97
"""


def test_a_description_has_its_attributes_its_profile_and_the_reach_of_its_addresses(tmp_path: Path):
    path = tmp_path / "script.pcap"
    path.write_bytes(capture_of(DESCRIBED))
    trace = reconstruct(str(path), Options())
    forms = Forms(trace)
    offered, _, capabilities = [forms.of_written(item).traits for item in trace.descriptions]
    assert offered == {"a=group", "a=mid", "SRTP", "promise", "asks for media", "address private"}
    assert capabilities == {"defect dynamic-pt-without-rtpmap"}
    assert {"a=group", "SRTP", "a=crypto"} <= forms.of_exchange(trace.exchanges[0]).traits


def test_a_form_that_is_remembered_is_the_one_that_would_be_made(samples: Path):
    for path in sorted(samples.rglob("*.pcap*")):
        trace = reconstruct(str(path), Options())
        shared = Forms(trace)
        subjects = (
            *trace.transactions,
            *trace.series,
            *trace.dialogs,
            *trace.exchanges,
            *trace.descriptions,
            *trace.calls,
        )
        for subject in subjects:
            remembered, fresh = shared.of_kind(type(subject)), Forms(trace).of_kind(type(subject))
            assert remembered is not None
            assert fresh is not None
            assert remembered(subject).traits == fresh(subject).traits
