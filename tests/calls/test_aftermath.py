"""What became of the dialogs that were there before a transfer."""

import pytest

from sipscope.calls.aftermath import aftermath_of, result_at
from tests.calls.conftest import milliseconds

HELD = """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
0.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
0.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
0.2   alice -> bob  ACK
1.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
      a=sendonly
1.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
      a=recvonly
1.2   alice -> bob  ACK
"""

BLIND = (
    HELD
    + """
2.0   alice -> bob  REFER
      Refer-To: <sip:carol@192.0.2.30>
2.1   bob -> alice  202
2.2   bob -> alice  NOTIFY sipfrag=100
2.3   alice -> bob  200
2.4   bob -> carol  INVITE call=2
      m=audio 5002 RTP/AVP 0
      Referred-By: <sip:alice@192.0.2.10>
"""
)

SUCCESS = """
3.0   carol -> bob  200 call=2
      m=audio 6000 RTP/AVP 0
3.1   bob -> carol  ACK call=2
3.2   bob -> alice  NOTIFY sipfrag=200
3.3   alice -> bob  200
"""

FAILURE = """
3.0   carol -> bob  486 call=2
3.1   bob -> carol  ACK call=2
3.2   bob -> alice  NOTIFY sipfrag=486
3.3   alice -> bob  200
"""

RELEASE_AFTER = """
4.0   alice -> bob  BYE
4.1   bob -> alice  200
"""

RELEASE_BEFORE = """
2.6   alice -> bob  BYE
2.7   bob -> alice  200
"""

RELEASE_BY_TRANSFEREE = """
4.0   bob -> alice  BYE
4.1   alice -> bob  200
"""

RESUME = """
4.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
4.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
4.2   alice -> bob  ACK
9.0   alice -> bob  BYE
9.1   bob -> alice  200
"""

REFUSED = (
    HELD
    + """
2.0   alice -> bob  REFER
      Refer-To: <sip:carol@192.0.2.30>
2.1   bob -> alice  603
"""
)

END = "\n40 end\n"


@pytest.fixture
def aftermath(trace_of):
    def told(script: str) -> list[tuple[str, str, int | None, str | None]]:
        trace = trace_of(script + END)
        (transfer,) = trace.transfers
        return [
            (old.partner.value, old.fate.value, milliseconds(old.at), None if old.by is None else old.by.value)
            for old in aftermath_of(transfer, trace)
        ]

    return told


@pytest.mark.parametrize(
    ("script", "fate", "at", "by"),
    [
        pytest.param(BLIND + SUCCESS + RELEASE_AFTER, "released", 4000, "transferor", id="hung-up-after-success"),
        pytest.param(BLIND + SUCCESS + RELEASE_BY_TRANSFEREE, "released", 4000, "transferee", id="by-transferee"),
        pytest.param(
            BLIND + RELEASE_BEFORE + SUCCESS, "released before the result", 2600, "transferor", id="hung-up-early"
        ),
        pytest.param(BLIND + RELEASE_BEFORE + FAILURE, "orphaned", 2600, "transferor", id="left-before-the-failure"),
        pytest.param(BLIND + FAILURE + RELEASE_AFTER, "released", 4000, "transferor", id="hung-up-after-failure"),
        pytest.param(BLIND + FAILURE + RESUME, "taken back", 4100, "transferor", id="resumed-after-failure"),
        pytest.param(REFUSED + RESUME, "taken back", 4100, "transferor", id="resumed-after-refusal"),
        pytest.param(BLIND + FAILURE, "left on hold", 1100, "transferor", id="still-on-hold-after-failure"),
        pytest.param(REFUSED, "left on hold", 1100, "transferor", id="still-on-hold-after-refusal"),
        pytest.param(BLIND + RELEASE_BEFORE, "released before the result", 2600, "transferor", id="result-out-of-view"),
    ],
)
def test_dialog_with_the_transferee_has_its_fate(aftermath, script, fate, at, by):
    assert aftermath(script) == [("transferee", fate, at, by)]


def test_transferee_whom_another_refer_brought_to_the_target_is_not_orphaned(trace_of):
    another = """
2.50  alice -> bob  REFER
      Refer-To: <sip:dave@192.0.2.40>
2.51  bob -> alice  202
2.52  bob -> dave   INVITE call=3
      m=audio 5004 RTP/AVP 0
      Referred-By: <sip:alice@192.0.2.10>
2.55  dave -> bob   200 call=3
      m=audio 7000 RTP/AVP 0
2.57  bob -> dave   ACK call=3
"""
    trace = trace_of("dave 192.0.2.40\n" + BLIND + another + RELEASE_BEFORE + FAILURE + END)
    (old,) = aftermath_of(trace.transfers[0], trace)
    assert (trace.transfers[0].outcome.value, old.fate.value) == ("failed", "released before the result")


def test_dialog_that_nobody_held_or_ended_is_open(aftermath):
    script = (BLIND + SUCCESS).replace("a=sendonly", "a=sendrecv").replace("a=recvonly", "a=sendrecv")
    assert aftermath(script) == [("transferee", "open", None, None)]


def attended(release: str) -> str:
    return (
        HELD
        + """
1.3   alice -> carol  INVITE call=c
      m=audio 4002 RTP/AVP 0
1.4   carol -> alice  200 call=c tag=cc
      m=audio 6000 RTP/AVP 0
1.5   alice -> carol  ACK call=c
2.0   alice -> bob  REFER
      Refer-To: <sip:carol@192.0.2.30?Replaces=CALLID%3Bto-tag%3Dcc%3Bfrom-tag%3DFROMTAG>
2.1   bob -> alice  202
2.4   bob -> carol  INVITE call=2
      m=audio 5002 RTP/AVP 0
      Replaces: CALLID;to-tag=cc;from-tag=FROMTAG
      Referred-By: <sip:alice@192.0.2.10>
3.0   carol -> bob  200 call=2
      m=audio 6002 RTP/AVP 0
3.1   bob -> carol  ACK call=2
3.2   bob -> alice  NOTIFY sipfrag=200
3.3   alice -> bob  200
4.0   alice -> bob  BYE
4.1   bob -> alice  200
"""
        + release
    )


@pytest.mark.parametrize(
    ("release", "fate", "at", "by"),
    [
        pytest.param("3.4 carol -> alice BYE call=c\n3.5 alice -> carol 200", "released", 3400, "target", id="target"),
        pytest.param(
            "2.9 carol -> alice BYE call=c\n2.95 alice -> carol 200", "released", 2900, "target", id="beside-its-200"
        ),
        pytest.param(
            "2.5 alice -> carol BYE call=c\n2.55 carol -> alice 200",
            "released before the result",
            2500,
            "transferor",
            id="by-the-transferor-too-early",
        ),
        pytest.param("", "open", None, None, id="never"),
    ],
)
def test_consultation_has_its_fate(aftermath, trace_of, release, fate, at, by):
    script = attended(release)
    (consultation,) = [d for d in trace_of(script).dialogs if d.key.callee_tag == "cc"]
    filled = script.replace("CALLID", consultation.key.call_id).replace("FROMTAG", consultation.key.caller_tag)
    assert aftermath(filled) == [("transferee", "released", 4000, "transferor"), ("target", fate, at, by)]


@pytest.mark.parametrize(
    ("script", "at"),
    [
        pytest.param(BLIND + SUCCESS, 3000, id="answer-of-the-target"),
        pytest.param(BLIND + FAILURE, 3000, id="refusal-of-the-target"),
        pytest.param(REFUSED, 2100, id="refusal-of-the-refer"),
        pytest.param(BLIND, None, id="none"),
        pytest.param(
            HELD
            + """
2.0   alice -> bob  REFER
      Refer-To: <sip:carol@192.0.2.30>
2.1   bob -> alice  202
3.2   bob -> alice  NOTIFY sipfrag=200
3.3   alice -> bob  200
""",
            3200,
            id="report-of-a-call-out-of-view",
        ),
    ],
)
def test_result_is_that_of_whoever_decided(trace_of, script, at):
    trace = trace_of(script + END)
    assert milliseconds(result_at(trace.transfers[0], trace)) == at
