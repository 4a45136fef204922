"""Calls by what they have in common: trunks, products, pairs of products, and quality."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TypeVar

from sipscope.audit.report_findings import FAILING, FAULTY
from sipscope.audit.store import Store
from sipscope.values import dataclass
from sipscope.views.audit_page import MosBand, Pair, Share
from sipscope.views.words import product_of

_BANDS = (
    (0.0, 2.58, "below 2.58", "not recommended"),
    (2.58, 3.10, "2.58 – 3.10", "nearly all users dissatisfied"),
    (3.10, 3.60, "3.10 – 3.60", "many users dissatisfied"),
    (3.60, 4.03, "3.60 – 4.03", "some users dissatisfied"),
    (4.03, 4.34, "4.03 – 4.34", "satisfied"),
    (4.34, 9.99, "4.34 and above", "very satisfied"),
)
"""ITU-T G.107 Annex B, table B.1: the MOS of R factors 50, 60, 70, 80 and 90."""

_TRUNK = "source || ' → ' || destination"

T = TypeVar("T", str, tuple[str, str])


@dataclass(slots=True)
class _Tally:
    """Calls of one group while they are counted."""

    calls: int = 0
    answered: int = 0
    faulty: int = 0
    rules: Counter[str] = field(default_factory=Counter)

    def add(self, other: "_Tally") -> None:
        """Count the calls of another group in."""
        self.calls += other.calls
        self.answered += other.answered
        self.faulty += other.faulty
        self.rules.update(other.rules)

    @property
    def rule(self) -> str:
        """The most frequent; of several the first by code."""
        return min(self.rules, key=lambda code: (-self.rules[code], code), default="")


def trunks_of(store: Store) -> tuple[Share, ...]:
    """Pairs of hosts with faulty calls, those with most first."""
    rows = store.query(f"SELECT {_TRUNK}, median(mos_min) FROM calls WHERE mos_min IS NOT NULL GROUP BY ALL")
    mos = {str(name): float(str(value)) for name, value in rows}
    return _shares(
        _together((name, tally) for (name, _), tally in _tallies(store, _TRUNK, "NULL").items() if name), mos
    )


def agents_of(store: Store) -> tuple[Share, ...]:
    """Products on either side of faulty calls, those with most first."""
    return _shares(
        _together(
            (product, tally)
            for agents, tally in _tallies(store, "caller_agent", "callee_agent").items()
            for product in sorted({product for product in map(product_of, agents) if product})
        ),
        {},
    )


def pairs_of(store: Store) -> tuple[Pair, ...]:
    """Products that called each other, those with most faulty calls first."""
    tallies = _together(
        ((product_of(caller) or "", product_of(callee) or ""), tally)
        for (caller, callee), tally in _tallies(store, "caller_agent", "callee_agent").items()
    )
    pairs = [
        Pair(caller=caller, callee=callee, calls=tally.calls, faulty=tally.faulty, rule=tally.rule)
        for (caller, callee), tally in tallies.items()
    ]
    return tuple(sorted(pairs, key=lambda item: (-item.faulty, -item.calls, item.caller, item.callee)))


def mos_bands(store: Store) -> tuple[MosBand, ...]:
    """Streams by quality, worst first; nothing where no stream has a MOS."""
    counts = ", ".join(f"count(*) FILTER (mos >= {low} AND mos < {high})" for low, high, _, _ in _BANDS)
    (row,) = store.query(f"SELECT {counts} FROM streams")
    if not any(row):
        return ()
    return tuple(
        MosBand(label=label, meaning=meaning, streams=int(str(count)))
        for (_, _, label, meaning), count in zip(_BANDS, row, strict=True)
    )


def _tallies(store: Store, first: str, second: str) -> dict[tuple[str, str], _Tally]:
    """Calls by two expressions, each empty where it is unknown."""
    names = f"coalesce({first}, '') AS one, coalesce({second}, '') AS other"
    rows = store.query(
        f"SELECT {names}, count(*), count(*) FILTER (outcome = 'answered'), count(f.call) "
        f"FROM calls LEFT JOIN ({FAULTY}) AS f USING (capture, call) GROUP BY one, other"
    )
    tallies = {
        (str(one), str(other)): _Tally(calls=int(str(calls)), answered=int(str(answered)), faulty=int(str(faulty)))
        for one, other, calls, answered, faulty in rows
    }
    rules = store.query(
        f"SELECT {names}, f.rule, count(*) FROM calls JOIN (SELECT DISTINCT capture, call, rule FROM findings "
        f"WHERE call IS NOT NULL AND {FAILING}) AS f USING (capture, call) GROUP BY one, other, f.rule"
    )
    for one, other, rule, count in rules:
        tallies[str(one), str(other)].rules[str(rule)] += int(str(count))
    return tallies


def _together(tallies: Iterable[tuple[T, _Tally]]) -> dict[T, _Tally]:
    """Groups of one name made one."""
    made: dict[T, _Tally] = {}
    for name, tally in tallies:
        made.setdefault(name, _Tally()).add(tally)
    return made


def _shares(tallies: Mapping[str, _Tally], mos: Mapping[str, float]) -> tuple[Share, ...]:
    shares = [
        Share(
            name=name,
            calls=tally.calls,
            answered=tally.answered,
            faulty=tally.faulty,
            rule=tally.rule,
            mos=mos.get(name),
        )
        for name, tally in tallies.items()
        if tally.faulty
    ]
    return tuple(sorted(shares, key=lambda item: (-item.faulty, -item.calls, item.name)))
