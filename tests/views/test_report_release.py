"""The report tells of each dialog who released it, how and why."""

from pathlib import Path

import pytest

import sipscope
from sipscope.views.report import report_of
from tests.trace_script import capture_of

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
CALL = (
    PARTIES + "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 200\n{timer}"
    "      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
)
PLAIN = CALL.format(timer="")
TIMED = CALL.format(timer="      Session-Expires: 90;refresher=uac\n      Require: timer\n")

RELEASES = {
    "still open": (PLAIN, None),
    "by the callee, with a Reason": (
        PLAIN + '9.0 bob -> alice BYE\n      Reason: Q.850;cause=16;text="Terminated"\n9.1 alice -> bob 200\n',
        {"by": "callee", "kind": "bye", "frames": [4], "reason": 'Q.850;cause=16;text="Terminated"'},
    ),
    "by the session timer": (
        TIMED + "60.1 bob -> alice BYE\n60.2 alice -> bob 200\n",
        {"by": "callee", "kind": "timer", "frames": [4], "reason": None},
    ),
    "by refusal": (
        PARTIES + "0.0 alice -> bob INVITE\n0.1 bob -> alice 180\n0.2 bob -> alice 486\n0.3 alice -> bob ACK\n",
        {"by": "callee", "kind": "refusal", "frames": [3], "reason": None},
    ),
}


@pytest.mark.parametrize(("script", "release"), RELEASES.values(), ids=RELEASES.keys())
def test_dialog_tells_its_release(tmp_path: Path, script: str, release: dict[str, object] | None) -> None:
    path = tmp_path / "call.pcap"
    path.write_bytes(capture_of(script))
    dialogs = report_of(sipscope.analyze(str(path)), version="1")["dialogs"]
    assert [dialog["release"] for dialog in dialogs] == [release]
