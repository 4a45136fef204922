"""What a rule is made of: the decorator, the hit it yields, and its documentation.

One module is one rule. The module's docstring is its documentation, with fixed headings; the decorator adds the facts
that programs need. A check is a pure function of one subject and the trace; it yields hits and never walks the trace
for subjects of its own kind.
"""

import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Generic, TypeAlias, TypeVar

from sipscope.model.call import Call
from sipscope.model.defects import Confidence, Severity
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.series import RequestSeries
from sipscope.model.stream import RtpStream
from sipscope.model.subscription import Registration, Subscription
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.documentation import Documentation, documentation_of
from sipscope.values import dataclass

Subject = (
    Message
    | Transaction
    | RequestSeries
    | Dialog
    | OfferAnswerExchange
    | WrittenDescription
    | Subscription
    | Registration
    | Transfer
    | RtpStream
    | Call
    | Trace
)

S = TypeVar("S", bound=Subject)

ERROR = Severity.ERROR
WARNING = Severity.WARNING
INFO = Severity.INFO


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What a check found; the engine stamps code, name, severity and clause on it.

    Attributes:
        text: One or two sentences: what was seen, what was expected. Values from the wire may stand in it as they
            came; whoever shows it escapes it.
        evidence: Frames with a note each, the anchor first where times are equal.
        at: When; the time of the message or packet that proves it.
        severity: Where a sub-case differs from the rule's own level.
        confidence: How sure, before the engine's guards.
        guards: Circumstances that lowered the confidence, in words.
        next_steps: Where a sub-case has better advice than the rule's *What to check*.
        identity: Hits of one rule with equal identity are one finding, such as the same message on every hop of a
            proxy; the first hop keeps the text, the frames of the others join the evidence. None: never folded.
    """

    text: str
    evidence: tuple[Evidence, ...]
    at: Instant
    severity: Severity | None = None
    confidence: Confidence = Confidence.CERTAIN
    guards: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    identity: tuple[object, ...] | None = None


Check = Callable[[S, Trace], Iterator[Hit]]

Need: TypeAlias = str | tuple[str, ...]
"""A trait that a subject must have, or several of which it must have one."""


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[S]):
    """A rule: its facts, its check, and its documentation.

    Attributes:
        code: Family and number, such as `OA-003`; never reused.
        name: Kebab-case; states the fault, not the cure.
        severity: Level of the plain case.
        since: Version that brought it.
        subject: Type that its check takes.
        needs: What a subject must hold for the check to yield anything at all, in the words of `sipscope.rules.traits`:
            every one of them; of an inner tuple one or more. Only what is necessary for every hit may stand here.
        check: The check.
        module: Module whose docstring documents it.
    """

    code: str
    name: str
    severity: Severity
    since: str
    subject: type[S]
    needs: tuple[Need, ...]
    check: Check[S]
    module: str

    def may_speak(self, traits: frozenset[str]) -> bool:
        """Whether a subject with these traits has what every hit needs."""
        for need in self.needs:
            if need not in traits if isinstance(need, str) else traits.isdisjoint(need):
                return False
        return True

    @cached_property
    def documentation(self) -> Documentation:
        """The module's docstring, by headings."""
        return documentation_of(sys.modules[self.module].__doc__ or "")

    @property
    def family(self) -> str:
        """`OA` of `OA-003`."""
        return self.code.partition("-")[0]


AnyRule: TypeAlias = Rule[Any]
"""A rule of whatever subject: what the registry lists."""


def rule(
    code: str, *, name: str, severity: Severity, since: str, subject: type[S], needs: tuple[Need, ...] = ()
) -> Callable[[Check[S]], Rule[S]]:
    """Make a rule of a check. The module it stands in documents it."""

    def made(check: Check[S]) -> Rule[S]:
        return Rule(
            code=code,
            name=name,
            severity=severity,
            since=since,
            subject=subject,
            needs=needs,
            check=check,
            module=check.__module__,
        )

    return made
