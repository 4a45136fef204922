"""What the policy expects of a capture, and whether it holds."""

from collections.abc import Iterator, Sequence

from sipscope.filter import Field, Kind, Value, parse
from sipscope.model.defects import Confidence
from sipscope.model.finding import Finding
from sipscope.model.policy import Expectation, fits_rule
from sipscope.model.trace import Trace
from sipscope.views.filtering import FIELDS, Subject, expression_of, holds_for, subjects_of, values_of
from sipscope.views.network_expectations import network_failures

_TOLD = 5
"""Failures of one expectation that are told."""

_CALLS = Field(name="calls", text="How many calls there are", kind=Kind.NUMBER)
_FIELDS = {field.name: field for field in FIELDS}


def expectations_report(trace: Trace) -> list[dict[str, object]]:
    """Every expectation of the capture, with what doesn't hold of it in words."""
    subjects = subjects_of(trace) if trace.policy.expectations else ()
    own = [_judged(expectation, trace, subjects) for expectation in trace.policy.expectations]
    return own + [_told(name, failures) for name, failures in network_failures(trace)]


def unmet_expectations(trace: Trace) -> list[str]:
    """What doesn't hold, a text for each expectation."""
    rows = ((row["name"], row["failures"]) for row in expectations_report(trace))
    return [
        f"{name} fails: {'; '.join(failures)}" for name, failures in rows if isinstance(failures, list) and failures
    ]


def _judged(expectation: Expectation, trace: Trace, subjects: Sequence[Subject]) -> dict[str, object]:
    return _told(expectation.name, list(_failures(expectation, trace, subjects)))


def _told(name: str, failures: list[str]) -> dict[str, object]:
    if len(failures) > _TOLD:
        failures[_TOLD:] = [f"and {len(failures) - _TOLD} more"]
    return {"name": name, "holds": not failures, "failures": failures}


def _failures(expectation: Expectation, trace: Trace, subjects: Sequence[Subject]) -> Iterator[str]:
    where = expression_of(expectation.where) if expectation.where else None
    chosen = [subject for subject in subjects if where is None or holds_for(where, subject)]
    if expectation.calls:
        count = parse(f"calls {expectation.calls}", (_CALLS,))
        if not count.holds({"calls": (len(chosen),)}):
            yield f"calls: {len(chosen)}, not {expectation.calls}"
    elif not chosen and (expectation.values or expectation.every):
        yield "there is no call that it speaks of"
    for name, condition in expectation.values:
        yield from _unmet(name, condition, chosen)
    every = expression_of(expectation.every) if expectation.every else None
    for subject in chosen:
        if every is not None and not holds_for(every, subject):
            yield f"call {subject.call.id}: {expectation.every} doesn't hold"
    findings = trace.findings if where is None else [item for subject in chosen for item in subject.findings]
    yield from _rules(expectation, findings)


def _unmet(name: str, condition: str, subjects: Sequence[Subject]) -> Iterator[str]:
    """Calls for which a condition on one field doesn't hold: of numbers all must fit, of texts one."""
    expression = parse(f"{name} {condition}", FIELDS)
    for subject in subjects:
        values = values_of(subject, name)
        if _FIELDS[name].kind is Kind.TEXT:
            wrong = () if expression.holds({name: values}) else values or ("not seen",)
        else:
            wrong = tuple(value for value in values if not expression.holds({name: (value,)}))
            wrong = wrong if values else ("not seen",)
        if wrong:
            yield f"call {subject.call.id}: {name} {', '.join(map(_written, wrong))}, not {condition}"


def _written(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _rules(expectation: Expectation, findings: Sequence[Finding]) -> Iterator[str]:
    """Rules that spoke and must not, or must and didn't; what is merely possible or suppressed doesn't count."""
    told = [item for item in findings if item.suppressed is None and item.confidence is not Confidence.POSSIBLE]
    for pattern in expectation.absent:
        fitting = [item for item in told if fits_rule(pattern, item.rule, item.name)]
        for code in sorted({item.rule for item in fitting}):
            first, *more = [item for item in fitting if item.rule == code]
            again = f" and {len(more)} times more" if more else ""
            yield f"{code} {first.name} in frame {first.frames[0]}{again}"
    for pattern in expectation.present:
        if not any(fits_rule(pattern, item.rule, item.name) for item in told):
            yield f"{pattern} found nothing"
