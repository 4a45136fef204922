"""JUnit XML, as GitLab and Jenkins read it: a suite a capture, a test case a call or an expectation.

Calls are the test cases because they are there whether or not something is wrong: a history of the same captures shows
the same cases pass or fail. Findings that speak of no call, and captures that can't be read, are told by one case more,
`capture`. Both products name a case by `classname` and `name` together and show the first failure of a case only.
"""

from collections.abc import Iterable, Iterator

from sipscope.render.escape import visible, xml_text
from sipscope.views.audit import AuditCall, AuditCapture, AuditExpectation, AuditFinding
from sipscope.views.words import counted

_LONGEST = 4_000


def junit_pieces(captures: Iterable[AuditCapture]) -> Iterator[str]:
    """A document, suite by suite."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="sipscope">\n'
    for capture in captures:
        yield "\n".join(_suite(capture)) + "\n"
    yield "</testsuites>\n"


def _suite(capture: AuditCapture) -> Iterator[str]:
    failed = [any(item.is_failure for item in findings) for findings in _all_findings(capture)]
    failed += [bool(item.failures) for item in capture.expectations]
    name = _attribute(capture.name)
    yield (
        f'  <testsuite name="{name}" tests="{len(failed)}" failures="{sum(failed)}" '
        f'errors="{int(bool(capture.error))}">'
    )
    same = f"The same bytes as {capture.same_as}, which counts for both." if capture.same_as else ""
    yield from _case("capture", name, capture.findings, headline=same, error=capture)
    for call in capture.calls:
        yield from _case(_call_name(call), name, call.findings, headline=call.headline)
    for expectation in capture.expectations:
        yield from _expectation(expectation, name)
    yield "  </testsuite>"


def _all_findings(capture: AuditCapture) -> list[tuple[AuditFinding, ...]]:
    """Of each test case, the capture's own first; that one is an error, no failure, where it can't be read."""
    return [() if capture.error else capture.findings, *(call.findings for call in capture.calls)]


def _call_name(call: AuditCall) -> str:
    """Number and parties; those of thousands of calls are made visible without our own arrow in them."""
    if not (call.caller or call.callee):
        return f"call {call.number}"
    return f"call {call.number}: {visible(call.caller or 'unknown')} → {visible(call.callee or 'unknown')}"


def _case(
    name: str,
    suite: str,
    findings: Iterable[AuditFinding],
    *,
    headline: str = "",
    error: AuditCapture | None = None,
) -> Iterator[str]:
    """A test case; what doesn't make it fail stands in its output."""
    several = tuple(findings)
    failures = [item for item in several if item.is_failure]
    others = [item for item in several if not item.is_failure]
    yield f'    <testcase classname="{suite}" name="{xml_text(name)}">'
    if error is not None and error.error:
        yield f'      <error type="{_attribute(error.status)}" message="{_attribute(error.error)}"/>'
        others = list(several)
    elif failures:
        first = failures[0]
        more = f" (and {counted(len(failures) - 1, 'error')} more)" if len(failures) > 1 else ""
        message = _attribute(f"{first.rule} {first.name}: {first.text}{more}")
        text = xml_text("\n\n".join(map(_told, failures)))
        yield f'      <failure type="{_attribute(first.rule)}" message="{message}">{text}</failure>'
    output = "\n\n".join(filter(None, [visible(headline, _LONGEST), *map(_told, others)]))
    if output:
        yield f"      <system-out>{xml_text(output)}</system-out>"
    yield "    </testcase>"


def _expectation(expectation: AuditExpectation, suite: str) -> Iterator[str]:
    name = _attribute(f"expectation {expectation.number}: {expectation.name}")
    yield f'    <testcase classname="{suite}" name="{name}">'
    if expectation.failures:
        message = _attribute("; ".join(expectation.failures))
        yield f'      <failure type="expectation" message="{message}">{message}</failure>'
    yield "    </testcase>"


def _told(finding: AuditFinding) -> str:
    """A finding in lines."""
    lines = [f"{finding.rule} {finding.name} ({finding.severity}, {finding.confidence})", finding.text]
    if finding.frames:
        lines.append(f"Frames: {', '.join(map(str, finding.frames))}")
    if finding.standards:
        lines.append(f"Standards: {'; '.join(finding.standards)}")
    if finding.suppressed is not None:
        lines.append(f"Suppressed: {finding.suppressed}")
    if finding.state is not None:
        lines.append(f"Against the baseline: {finding.state}")
    lines += [f"Confidence was lowered: {guard}" for guard in finding.guards]
    lines += [f"Try: {step}" for step in finding.next_steps]
    return "\n".join(visible(line, _LONGEST) for line in [*lines, finding.command])


def _attribute(text: str) -> str:
    return xml_text(visible(text, _LONGEST))
