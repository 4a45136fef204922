"""Registered or available: what bindings, requests to them, and notified documents say of each user, side by side.

A user is registered while a registrar knows where to reach him (RFC 3261 §10), and available when he says so (RFC 3863
§4.1.4); either is there without the other.
"""

from collections.abc import Iterator
from dataclasses import field

from sipscope.model.availability import Availability
from sipscope.model.subscription import Binding, DocumentKind, Notification
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.values import dataclass
from sipscope.views.report_values import time_of
from sipscope.views.tables import Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import time_of_day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A state as a notified document told it last.

    Attributes:
        state: As told.
        at: When.
        frame: The NOTIFY.
    """

    state: str
    at: Instant
    frame: int


@dataclass(slots=True)
class Standing:
    """What is known of one user at the end of a capture.

    Attributes:
        uri: Who.
        bindings: Where he was registered.
        registered: What the event package *reg* told.
        available: What the event package *presence* told.
    """

    uri: str
    bindings: list[Binding] = field(default_factory=list)
    registered: Told | None = None
    available: Told | None = None

    def is_bound(self, at: Instant | None) -> bool | None:
        """Whether a binding holds at an instant; None where no REGISTER was seen."""
        if not self.bindings or at is None:
            return None
        ends = [item.expires_at(at) for item in self.bindings]
        return any(end is not None and end > at for end in ends)

    @property
    def is_reached(self) -> bool | None:
        """Whether requests to his contacts got through at last; None where none was sent."""
        last = [item.reached[-1].availability for item in self.bindings if item.reached]
        return any(item is Availability.UP for item in last) if last else None

    def is_registered(self, at: Instant | None) -> bool | None:
        """By the bindings, else as told; None where nothing says."""
        bound = self.is_bound(at)
        if bound is not None or self.registered is None:
            return bound
        return self.registered.state == "active"

    @property
    def is_available(self) -> bool | None:
        """As told, else by whether requests got through; None where nothing says."""
        if self.available is not None:
            return {"open": True, "closed": False}.get(self.available.state)
        return self.is_reached


def standings_of(trace: Trace) -> tuple[Standing, ...]:
    """Users whom notified documents tell of, with their bindings, by URI."""
    found: dict[str, Standing] = {}
    for subscription in trace.subscriptions:
        for item in subscription.notifications:
            _learn(found, item)
    for binding in trace.bindings:
        known = found.get(_key(binding.address_of_record))
        if known is not None:
            known.bindings.append(binding)
            known.uri = binding.address_of_record
    return tuple(sorted(found.values(), key=lambda standing: standing.uri))


def _learn(found: dict[str, Standing], item: Notification) -> None:
    first = item.transaction.first
    for entry in item.told:
        if item.document is None or not entry.entity or not entry.state:
            continue
        told = Told(state=entry.state, at=first.at, frame=first.frames[0])
        if item.document.kind is DocumentKind.REGISTRATIONS:
            found.setdefault(_key(entry.entity), Standing(uri=entry.entity)).registered = told
        elif item.document.kind is DocumentKind.PRESENCE or (
            item.document.kind is DocumentKind.LIST and entry.state in {"open", "closed"}
        ):
            found.setdefault(_key(entry.entity), Standing(uri=entry.entity)).available = told


def _key(uri: str) -> str:
    """The same for `pres:bob@example.org` and `sip:bob@example.org`."""
    return uri.partition(":")[2].partition(";")[0].lower()


def standings_table(trace: Trace) -> Table:
    """Who is registered, and who is available, at the end of the capture."""
    return Table(
        title="Registered and available",
        columns=(
            Column(heading="Who", may_wrap=True),
            Column(heading="Binding"),
            Column(heading="Reached"),
            Column(heading="Told registered"),
            Column(heading="Told available"),
            Column(heading="So", may_wrap=True),
        ),
        rows=tuple(_row(standing, trace.ended_at) for standing in standings_of(trace)),
    )


def _row(standing: Standing, at: Instant | None) -> tuple[Cell, ...]:
    words = verdict(standing, at)
    return (
        Cell(text=standing.uri),
        Cell(text={True: "holds", False: "ended", None: ""}[standing.is_bound(at)]),
        Cell(text={True: "up", False: "down", None: ""}[standing.is_reached]),
        Cell(text=_told_words(standing.registered)),
        Cell(text=_told_words(standing.available)),
        Cell(text=words, tone=Tone.WARNING if " but " in words else Tone.PLAIN),
    )


def verdict(standing: Standing, at: Instant | None) -> str:
    """Both in one phrase; what nothing tells of is left out."""
    registered, available = standing.is_registered(at), standing.is_available
    if registered is None or available is None:
        parts = ((registered, "registered"), (available, "available"))
        return ", ".join(word if known else f"not {word}" for known, word in parts if known is not None)
    if registered and available:
        return "registered and available"
    if registered:
        return "registered, but not available"
    return "available, but not registered" if available else "neither registered nor available"


def _told_words(told: Told | None) -> str:
    return "" if told is None else f"{told.state} {time_of_day_of(told.at)}"


def standings_report(trace: Trace) -> Iterator[dict[str, object]]:
    """The same as plain values."""
    for standing in standings_of(trace):
        yield {
            "uri": standing.uri,
            "registered": standing.is_registered(trace.ended_at),
            "available": standing.is_available,
            "bindings": [item.id for item in standing.bindings],
            "told_registered": _told_report(standing.registered),
            "told_available": _told_report(standing.available),
        }


def _told_report(told: Told | None) -> dict[str, object] | None:
    return None if told is None else {"state": told.state, "at": time_of(told.at), "frame": told.frame}
