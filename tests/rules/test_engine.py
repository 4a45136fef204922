"""How hits become findings."""

from collections.abc import Iterator
from pathlib import Path

from sipscope.model.defects import Severity
from sipscope.model.finding import Evidence
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.pipeline import Options, reconstruct
from sipscope.rules.api import AnyRule, Hit, rule
from sipscope.rules.engine import findings_of
from tests.trace_script import capture_of

PINGS = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  OPTIONS call=1
0.1   bob -> alice  200
1.0   alice -> bob  OPTIONS call=2
1.1   bob -> alice  200
2.0   alice -> bob  OPTIONS call=3
2.1   bob -> alice  200
"""


def _trace(folder: Path) -> Trace:
    path = folder / "script.pcap"
    path.write_bytes(capture_of(PINGS))
    return reconstruct(str(path), Options())


def _rule(identity: tuple[object, ...] | None) -> AnyRule:
    """A rule that speaks of every transaction, with the first frame of the capture and its own as evidence."""

    @rule("TXN-999", name="every-request", severity=Severity.INFO, since="0.1", subject=Transaction)
    def every_request(transaction: Transaction, _trace: Trace) -> Iterator[Hit]:
        own = transaction.first.frames[0]
        evidence = (Evidence(frame=1, note="the first of all"), Evidence(frame=own, note=transaction.id))
        yield Hit(text=transaction.id, evidence=evidence, at=transaction.started_at, identity=identity)

    return every_request


def test_hits_with_equal_identity_are_one_finding_with_the_text_of_the_first(tmp_path: Path):
    (finding,) = findings_of(_trace(tmp_path), [_rule(("same",))])
    assert finding.text == "t1"
    assert finding.frames == (1, 3, 5)


def test_evidence_of_a_frame_that_was_told_before_is_left_out(tmp_path: Path):
    (finding,) = findings_of(_trace(tmp_path), [_rule(("same",))])
    # Both of the first hit, as it came; of the others what they add.
    assert [(item.frame, item.note) for item in finding.evidence] == [
        (1, "the first of all"),
        (1, "t1"),
        (3, "t2"),
        (5, "t3"),
    ]


def test_hits_without_identity_stay_findings_of_their_own(tmp_path: Path):
    found = findings_of(_trace(tmp_path), [_rule(None)])
    assert [(item.id, item.subject_id) for item in found] == [("f1", "t1"), ("f2", "t2"), ("f3", "t3")]
