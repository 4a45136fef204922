"""What no REGISTER may ask for (RFC 3261 §10.2)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\n"

FAULTS = {
    "star with a time": ("      Contact: *\n      Expires: 60\n", "", Severity.ERROR),
    "star without a time": ("      Contact: *\n", "", Severity.ERROR),
    "user in the Request-URI": ("", "uri=sip:alice@example.org", Severity.WARNING),
}
LEGITIMATE = {
    "all removed": "      Contact: *\n      Expires: 0\n",
    "one removed": "      Expires: 0\n",
    "query": "      Contact:\n",
    "registered": "",
}


@pytest.mark.parametrize(("fields", "options", "severity"), FAULTS.values(), ids=FAULTS.keys())
def test_faulty_request_gives_one_finding(judged: Judged, fields: str, options: str, severity: Severity) -> None:
    found = judged(f"{PARTIES}0 alice -> reg REGISTER {options}\n{fields}0.1 reg -> alice 200\n", "REG")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("REG-005", severity, (1,))]


@pytest.mark.parametrize("fields", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_right_request_gives_no_finding(judged: Judged, fields: str) -> None:
    assert judged(f"{PARTIES}0 alice -> reg REGISTER\n{fields}0.1 reg -> alice 200\n") == []
