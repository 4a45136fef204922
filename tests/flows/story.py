"""What a document tells of a flow: how many calls and dialogs, how each ended, by whom, and what was done in it."""

from dataclasses import dataclass

from sipscope.model.call import Call
from sipscope.model.defects import Confidence, Severity
from sipscope.model.trace import Trace

AUDIO = "\n      m=audio 4000 RTP/AVP 0"
"""The description of a party that offers or answers one audio stream."""

PARTIES = """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
"""

PROXIED = (
    PARTIES
    + """
outbound 192.0.2.1 proxy record-route
inbound  192.0.2.2 proxy record-route
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One call as a document tells it.

    Attributes:
        ended: `answered by callee` and the like: the outcome, and who released it.
        status: What decided the attempt.
        dialogs: How many.
        services: Those the document tells of, in order; `hold:callee` also names who did it.
    """

    ended: str
    status: int | None
    dialogs: int
    services: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow of a document.

    Attributes:
        source: Document and section.
        title: Its name there.
        script: A trace script.
        calls: The story, call by call.
        findings: Codes of the warnings and errors that it must give, once there is such a rule; no others may be.
    """

    source: str
    title: str
    script: str
    calls: tuple[Told, ...]
    findings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a test of it is called."""
        return f"{self.source} {self.title}"


def told(ended: str, status: int | None, services: str, *, dialogs: int = 1) -> Told:
    """A call that ended so."""
    return Told(ended=ended, status=status, dialogs=dialogs, services=services)


def flow(source: str, title: str, script: str, *calls: Told, findings: str = "") -> Flow:
    """A flow with its story."""
    return Flow(source=source, title=title, script=script, calls=calls, findings=tuple(findings.split()))


def story_of(trace: Trace, expected: Flow) -> tuple[Told, ...]:
    """The calls of a reconstruction, with those of their services that the expected story names."""
    named = [{name.split(":")[0] for name in item.services.split()} for item in expected.calls]
    parties = [{name for name in item.services.split() if ":" in name} for item in expected.calls]
    found = []
    for number, call in enumerate(trace.calls):
        known = named[number] if number < len(named) else set()
        found.append(_call(call, known, {name.split(":")[0] for name in (parties[number] if known else ())}))
    return tuple(found)


def _call(call: Call, names: set[str], with_party: set[str]) -> Told:
    services = [
        f"{service.name}:{service.by}" if service.name in with_party else service.name
        for service in call.services
        if service.name in names
    ]
    return Told(
        ended=f"{call.outcome} by {call.released_by}" if call.released_by is not None else str(call.outcome),
        status=call.final_status,
        dialogs=len(call.dialogs),
        services=" ".join(services),
    )


def accusations_of(trace: Trace) -> tuple[str, ...]:
    """Codes of the warnings and errors that are more than possible."""
    return tuple(
        sorted(
            {
                finding.rule
                for finding in trace.findings
                if finding.severity is not Severity.INFO and finding.confidence is not Confidence.POSSIBLE
            }
        )
    )
