"""The page of an audit, as plain values: what a person reads in the morning."""

from sipscope.model.defects import Severity
from sipscope.values import dataclass
from sipscope.views.audit import AuditFinding, AuditRule
from sipscope.views.kpi import KpiRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Everything, counted.

    Attributes:
        captures: Captures.
        unread: Those that could not be read, or not to their end.
        calls: Calls.
        answered: Those that were answered.
        faulty: Calls with an error that is more than possible.
        errors: Findings of severity error.
        warnings: Findings of severity warning.
        remarks: Findings of severity info.
        suppressed: Findings that the policy counts as known; they are in no other count.
        copies: Captures with the same bytes as another, which counts for both.
        first_at: First frame, ISO 8601 to the second; empty where there is none.
        last_at: Last frame.
    """

    captures: int = 0
    unread: int = 0
    calls: int = 0
    answered: int = 0
    faulty: int = 0
    errors: int = 0
    warnings: int = 0
    remarks: int = 0
    suppressed: int = 0
    copies: int = 0
    first_at: str = ""
    last_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Calls that began in a time.

    Attributes:
        label: `2026-01-31`, `2026-01-31 10:00`, `2026-01` or `2026`.
        answered: Answered, without an error.
        unanswered: Not answered, without an error.
        faulty: With an error that is more than possible.
    """

    label: str
    answered: int = 0
    unanswered: int = 0
    faulty: int = 0

    @property
    def calls(self) -> int:
        """All of them."""
        return self.answered + self.unanswered + self.faulty


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleUse:
    """How often a rule spoke, and where.

    Attributes:
        rule: The rule.
        severity: The worst that it told.
        errors: Findings of severity error.
        warnings: Findings of severity warning.
        remarks: Findings of severity info.
        captures: Captures with one.
        calls: Calls with one.
        examples: Some of them.
    """

    rule: AuditRule
    severity: Severity
    errors: int = 0
    warnings: int = 0
    remarks: int = 0
    captures: int = 0
    calls: int = 0
    examples: tuple[AuditFinding, ...] = ()

    @property
    def times(self) -> int:
        """All of them."""
        return self.errors + self.warnings + self.remarks


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Calls that have something in common: a trunk, or a product.

    Attributes:
        name: What it is.
        calls: Calls.
        answered: Those that were answered.
        faulty: Calls with an error that is more than possible.
        rule: The error that most of those have; empty for none.
        mos: Half of the calls with media have a worse MOS in their worst stream; None without media.
    """

    name: str
    calls: int
    answered: int
    faulty: int
    rule: str = ""
    mos: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Calls from one product to another.

    Attributes:
        caller: Product of the caller; empty where it doesn't tell.
        callee: Likewise.
        calls: Calls.
        faulty: Calls with an error that is more than possible.
        rule: The error that most of those have; empty for none.
    """

    caller: str
    callee: str
    calls: int
    faulty: int
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MosBand:
    """Streams of one quality.

    Attributes:
        label: Range of MOS.
        meaning: What users say of it.
        streams: How many there are.
    """

    label: str
    meaning: str
    streams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureCount:
    """A capture with errors.

    Attributes:
        name: Path as it was found.
        calls: Calls in it.
        errors: Findings of severity error.
        warnings: Findings of severity warning.
        rules: Rules of the errors.
    """

    name: str
    calls: int
    errors: int
    warnings: int
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A capture that could not be read, or not to its end.

    Attributes:
        name: Path as it was found.
        status: What happened.
        error: Why.
    """

    name: str
    status: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """An expectation of the configuration that doesn't hold.

    Attributes:
        name: Its name.
        captures: In how many captures.
        capture: One of them.
        failure: What doesn't hold there.
    """

    name: str
    captures: int
    capture: str
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a rule found against an earlier audit.

    Attributes:
        rule: Its code.
        name: Its name.
        new: Findings that weren't there.
        kept: Findings that were.
        gone: Findings that are there no more.
    """

    rule: str
    name: str
    new: int
    kept: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """The page.

    Attributes:
        version: Version of sipscope that judged.
        counts: Everything, counted.
        figures: Performance metrics.
        endings: Final statuses of new sessions, most frequent first.
        slots: Calls over time.
        rules: Rules that spoke, worst first.
        trunks: Source and destination, worst first.
        agents: Products, worst first.
        pairs: Who calls whom, worst first.
        mos: Streams by quality, worst first.
        captures: Captures with most errors.
        unread: Captures that could not be read, or not to their end.
        unmet: Expectations that don't hold, most frequent first.
        changes: By rule, what is new or gone against an earlier audit; None where there is none to compare with.
        left_out: How many rows each list has beyond those here, by its name, where there are any.
    """

    version: str
    counts: Counts
    figures: tuple[KpiRow, ...] = ()
    endings: tuple[tuple[str, int], ...] = ()
    slots: tuple[Slot, ...] = ()
    rules: tuple[RuleUse, ...] = ()
    trunks: tuple[Share, ...] = ()
    agents: tuple[Share, ...] = ()
    pairs: tuple[Pair, ...] = ()
    mos: tuple[MosBand, ...] = ()
    captures: tuple[CaptureCount, ...] = ()
    unread: tuple[Unread, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    changes: tuple[Change, ...] | None = None
    left_out: tuple[tuple[str, int], ...] = ()

    def more(self, name: str) -> int:
        """How many rows a list has beyond those here."""
        return dict(self.left_out).get(name, 0)
