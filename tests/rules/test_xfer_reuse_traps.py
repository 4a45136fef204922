"""XFER-020: a REFER that shares the dialog of a call whose peer has a GRUU, or names a dialog by half."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged
from tests.transfer_script import END, PARTIES

GRUU = "sip:bob@192.0.2.20;gr=1"
PLAIN = "sip:bob@192.0.2.20"


def referred(contact: str, *lines: str, status: int = 200, call: int = 1) -> str:
    fields = "".join(f"      {line}\n" for line in lines)
    return (
        f"{PARTIES}0.0 alice -> bob INVITE call=1\n0.1 bob -> alice 200 tag=b1\n      Contact: <{contact}>\n"
        f"0.2 alice -> bob ACK uri={contact}\n2.0 alice -> bob REFER call={call} uri={contact}\n"
        f"      Refer-To: <sip:carol@192.0.2.30>\n{fields}2.1 bob -> alice {status}\n      Contact: <{contact}>\n{END}"
    )


@pytest.mark.parametrize(
    "script",
    [
        referred(PLAIN),
        referred(GRUU, "Require: nosub"),
        referred(GRUU, status=603),
        referred(GRUU, call=9),
        referred(GRUU, "Target-Dialog: 1@192.0.2.10;local-tag=b1;remote-tag=alice-1", call=9),
        referred(PLAIN, "Target-Dialog: far@192.0.2.99;local-tag=x;remote-tag=y", call=9),
    ],
    ids=["no gruu", "nosub", "refused", "a dialog of its own", "target-dialog", "target-dialog out of view"],
)
def test_refer_in_its_place_is_let_be(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "XFER-020")] == []


def test_subscription_in_the_dialog_of_a_gruu_is_information(judged: Judged) -> None:
    (finding,) = judged(referred(GRUU), "XFER-020")
    assert (finding.severity, finding.frames) == (Severity.INFO, (4, 5))


@pytest.mark.parametrize(("half", "lacking"), [("local-tag=b1", "remote-tag"), ("remote-tag=alice-1", "local-tag")])
def test_target_dialog_that_lacks_a_tag_is_a_warning(judged: Judged, half: str, lacking: str) -> None:
    (finding,) = judged(referred(PLAIN, f"Target-Dialog: 1@192.0.2.10;{half}", call=9), "XFER-020")
    assert finding.severity is Severity.WARNING
    assert f"lacks its {lacking}" in finding.text
