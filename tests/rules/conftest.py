"""What the tests of the rule families share: trace scripts in, findings out."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sipscope.model.finding import Finding
from sipscope.model.passwords import Passwords
from sipscope.model.time import SECOND
from sipscope.model.trace import Trace
from sipscope.pipeline import Options, reconstruct
from sipscope.rules.engine import findings_of
from sipscope.rules.registry import RULES
from tests.trace_script import BASE, capture_of

Judged = Callable[..., list[Finding]]


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    """What all rules say of a trace script, or those of one family.

    `lossy_at` names a second of the script at which the capture itself lost packets; `media_expected` is the user's
    word that media is visible; `passwords` are those that the user gives.
    """

    def run(
        script: str,
        family: str = "",
        *,
        lossy_at: float | None = None,
        media_expected: bool = False,
        passwords: Passwords | None = None,
    ) -> list[Finding]:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(script))
        trace = reconstruct(str(path), Options(media_expected=media_expected, passwords=passwords or Passwords()))
        if lossy_at is not None:
            trace = _with_loss(trace, lossy_at)
        return list(findings_of(trace, [rule for rule in RULES if rule.code.startswith(family)]))

    return run


def _with_loss(trace: Trace, second: float) -> Trace:
    return replace(trace, vantage=replace(trace.vantage, lossy_at=(BASE + round(second * SECOND),)))
