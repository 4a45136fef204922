"""An audit held against an earlier one."""

import shutil
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from sipscope.audit.baseline import Baseline
from sipscope.audit.run import Limits, audit
from sipscope.audit.sources import sources_of
from sipscope.audit.store import Store
from sipscope.errors import UnreadableInput, UsageError
from sipscope.model.policy import Expectation, Policy, Suppression, Switch
from sipscope.pipeline import Options
from tests.trace_script import capture_of

MUTE = """
alice 192.0.2.10
bob   192.0.2.20
{begin}   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
{begin}   bob -> alice  183
      m=audio 5000 RTP/AVP 0
9.0   bob -> alice  200
      m=audio 5000 RTP/AVP 0
9.1   alice -> bob  ACK
9.1-12 alice => bob  PCMU
9.1-12 bob => alice  PCMU
12.0  alice -> bob  BYE
12.1  bob -> alice  200
"""
"""Silence before the answer: EM-001, an error."""

GOOD = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
0.1   bob -> alice  486
0.2   alice -> bob  ACK
"""

SEVERITIES = ("error", "warning")
Audited = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory for captures."""
    (tmp_path / "captures").mkdir()
    return tmp_path / "captures"


@pytest.fixture
def audited(folder: Path, tmp_path: Path, here: Executor) -> Audited:
    """Audit the directory into a database of a name."""

    def done(name: str, policy: Policy | None = None) -> Path:
        path = tmp_path / f"{name}.duckdb"
        with Store(path) as store:
            options = Options(policy=policy or Policy())
            audit(sources_of([str(folder)]), store, options, Limits(jobs=1), executor=here)
        return path

    return done


def news(path: Path, earlier: Path) -> list[tuple[str, str, str]]:
    with Store(path) as store:
        captures = [str(name) for (name,) in store.query("SELECT capture FROM captures")]
        found = Baseline(store, str(earlier)).news(captures, SEVERITIES)
    return [(Path(item.capture).name, item.rule, item.before) for item in found]


def write(folder: Path, name: str, script: str = MUTE, *, begin: str = "0.0") -> None:
    (folder / name).write_bytes(capture_of(script.format(begin=begin)))


def test_the_same_captures_bring_nothing_new(audited: Audited, folder: Path) -> None:
    write(folder, "a.pcap")
    assert news(audited("second"), audited("first")) == []


def test_a_finding_in_a_capture_that_came_since_is_new(audited: Audited, folder: Path) -> None:
    write(folder, "a.pcap")
    first = audited("first")
    write(folder, "b.pcap", begin="0.5")
    assert news(audited("second"), first) == [("b.pcap", "EM-001", "")]


def test_a_capture_that_moved_is_known_by_its_bytes(audited: Audited, folder: Path) -> None:
    write(folder, "a.pcap")
    first = audited("first")
    shutil.move(folder / "a.pcap", folder / "z.pcap")
    assert news(audited("second"), first) == []


def test_a_capture_that_was_taken_again_is_known_by_its_name_and_the_parties(audited: Audited, folder: Path) -> None:
    write(folder, "a.pcap")
    first = audited("first")
    write(folder, "a.pcap", begin="0.5")
    assert news(audited("second"), first) == []


def test_a_fault_in_a_capture_that_was_taken_again_is_new(audited: Audited, folder: Path) -> None:
    write(folder, "a.pcap", GOOD)
    first = audited("first")
    write(folder, "a.pcap")
    assert news(audited("second"), first) == [("a.pcap", "EM-001", "")]


def test_one_more_of_the_same_kind_is_new(audited: Audited, folder: Path) -> None:
    write(folder, "a.pcap")
    first = audited("first")
    (folder / "a.pcap").write_bytes(capture_of(MUTE.format(begin="0.5") + SECOND_CALL))
    assert news(audited("second"), first) == [("a.pcap", "EM-001", "")]


SECOND_CALL = """
20.0  alice -> bob  INVITE call=2
      m=audio 4002 RTP/AVP 0
20.1  bob -> alice  183
      m=audio 5002 RTP/AVP 0
29.0  bob -> alice  200
      m=audio 5002 RTP/AVP 0
29.1  alice -> bob  ACK
29.1-32 alice => bob  PCMU
29.1-32 bob => alice  PCMU
32.0  alice -> bob  BYE
32.1  bob -> alice  200
"""


def test_a_warning_that_became_an_error_is_worse(audited: Audited, folder: Path) -> None:
    write(folder, "a.pcap")
    first = audited("first", Policy(rules=(("EM-001", Switch.WARNING),)))
    assert news(audited("second"), first) == [("a.pcap", "EM-001", "warning")]


def test_a_finding_that_is_suppressed_no_more_is_new(audited: Audited, folder: Path) -> None:
    write(folder, "a.pcap")
    first = audited("first", Policy(suppressions=(Suppression(rule="EM-001", reason="known"),)))
    assert news(audited("second"), first) == [("a.pcap", "EM-001", "")]


def test_a_suppressed_finding_is_never_new(audited: Audited, folder: Path) -> None:
    first = audited("first")
    write(folder, "a.pcap")
    second = audited("second", Policy(suppressions=(Suppression(rule="EM-001", reason="known"),)))
    assert news(second, first) == []


def test_only_expectations_that_held_count(audited: Audited, folder: Path) -> None:
    write(folder, "a.pcap")
    known = Expectation(name="two calls", calls="== 2")
    first = audited("first", Policy(expectations=(known,)))
    second = audited("second", Policy(expectations=(known, replace(known, name="three calls"))))
    with Store(second) as store:
        assert Baseline(store, str(first)).failures([str(folder / "a.pcap")]) == 1


def test_a_database_of_an_older_schema_can_be_compared_with(audited: Audited, folder: Path) -> None:
    write(folder, "a.pcap")
    first = audited("first")
    with duckdb.connect(str(first)) as connection:
        connection.execute("ALTER TABLE findings DROP COLUMN suppressed")
        connection.execute("DROP TABLE expectations")
        connection.execute("UPDATE about SET schema = 1")
    assert news(audited("second"), first) == []


def test_the_database_that_is_written_is_no_baseline(audited: Audited) -> None:
    path = audited("first")
    with Store(path) as store, pytest.raises(UsageError, match="is the database that is written: copy it"):
        Baseline(store, str(path))


@pytest.mark.parametrize(
    ("content", "words"), [(None, "there is no file"), (b"no database", "can't open"), ("", "is no database of")]
)
def test_what_is_no_audit_is_refused(audited: Audited, tmp_path: Path, content: bytes | str | None, words: str) -> None:
    other = tmp_path / "other.duckdb"
    if isinstance(content, bytes):
        other.write_bytes(content)
    elif content is not None:
        duckdb.connect(str(other)).close()
    with Store(audited("first")) as store, pytest.raises(UnreadableInput, match=words):
        Baseline(store, str(other))
