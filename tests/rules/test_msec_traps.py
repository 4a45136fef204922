"""What the rules about secured media say of faults, and that they stay silent about what is legal."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

ONE_HOST = "alice 192.0.2.10:5060\nbob 192.0.2.10:5070\n"
PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
BYE = "9.0 alice -> bob BYE\n9.1 bob -> alice 200\n"

SAVP, ANSWERED_SAVP = "m=audio 4000 RTP/SAVP 0", "m=audio 5000 RTP/SAVP 0"
DTLS, ANSWERED_DTLS = "m=audio 4000 UDP/TLS/RTP/SAVP 0", "m=audio 5000 UDP/TLS/RTP/SAVP 0"
ALICE_KEY = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
BOB_KEY = "NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj"
SUITE = "AES_CM_128_HMAC_SHA1_80"
CRYPTO = f"a=crypto:1 {SUITE} inline:{ALICE_KEY}"
ANSWERED_CRYPTO = f"a=crypto:1 {SUITE} inline:{BOB_KEY}"
PRINT = "a=fingerprint:sha-1 " + ":".join(["4A", "AD"] * 10)
ANSWERED_PRINT = "a=fingerprint:sha-1 " + ":".join(["7C", "E5"] * 10)
ACTPASS, ACTIVE = "a=setup:actpass", "a=setup:active"


def call(offer: tuple[str, ...], answer: tuple[str, ...], *then: str, parties: str = PARTIES) -> str:
    """A call of frames 1 to 3, then what follows, and its release."""
    script = parties + "0.0 alice -> bob INVITE\n" + sdp(*offer) + "0.1 bob -> alice 200\n" + sdp(*answer)
    return script + "0.2 alice -> bob ACK\n" + "".join(then) + BYE


def sdp(*lines: str) -> str:
    """Lines of a description whose session level is filled in."""
    return "".join(f"      {line}\n" for line in lines)


def reinvite(offer: tuple[str, ...], answer: tuple[str, ...]) -> str:
    """A re-INVITE of frames 4 to 6."""
    script = "3.0 alice -> bob INVITE\n" + sdp(*offer) + "3.1 bob -> alice 200\n" + sdp(*answer)
    return script + "3.2 alice -> bob ACK\n"


GOOD = call((DTLS, PRINT, ACTPASS), (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE))
GOOD_SDES = call((SAVP, CRYPTO), (ANSWERED_SAVP, ANSWERED_CRYPTO), parties=ONE_HOST)


@pytest.mark.parametrize("script", [GOOD, GOOD_SDES], ids=["DTLS", "SDES"])
def test_keys_that_are_agreed_give_nothing(judged: Judged, script: str) -> None:
    assert [item.rule for item in judged(script, "MSEC") if item.severity is not Severity.INFO] == []


def test_secure_profiles_without_keys_are_told_for_each_party(judged: Judged) -> None:
    found = judged(call((SAVP,), (ANSWERED_SAVP,)), "MSEC")
    assert [(item.rule, item.frames) for item in found] == [("MSEC-001", (1,)), ("MSEC-001", (2,))]
    assert found[1].text.startswith("The callee (192.0.2.20:5060) asks for RTP/SAVP in m-line 1")


def test_answer_without_keys_to_an_offer_that_has_them_is_told(judged: Judged) -> None:
    found = judged(call((DTLS, PRINT, ACTPASS), (ANSWERED_DTLS,)), "MSEC-001")
    assert [item.frames for item in found] == [(2,)]


def test_missing_keys_are_told_once_a_call(judged: Judged) -> None:
    again = reinvite((SAVP, "a=sendonly"), (ANSWERED_SAVP, ANSWERED_CRYPTO, "a=recvonly"))
    found = judged(call((SAVP,), (ANSWERED_SAVP, ANSWERED_CRYPTO), again), "MSEC-001")
    assert [item.frames for item in found] == [(1, 4)]


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        ((PRINT, ACTPASS, DTLS), (ANSWERED_PRINT, ACTIVE, ANSWERED_DTLS)),
        ((SAVP, "a=key-mgmt:mikey AQAF"), (ANSWERED_SAVP, "a=key-mgmt:mikey AQAF")),
        ((SAVP, "a=zrtp-hash:1.10 fe30"), (ANSWERED_SAVP, "a=zrtp-hash:1.10 fe31")),
        ((SAVP, CRYPTO), ("m=audio 0 RTP/SAVP 0",)),
        (("m=audio 4000 RTP/AVP 0",), ("m=audio 5000 RTP/AVP 0",)),
        (
            ("a=group:BUNDLE a b", DTLS, "a=mid:a", PRINT, ACTPASS, "m=video 4000 UDP/TLS/RTP/SAVP 31", "a=mid:b"),
            (
                "a=group:BUNDLE a b",
                ANSWERED_DTLS,
                "a=mid:a",
                ANSWERED_PRINT,
                ACTIVE,
                "m=video 5000 UDP/TLS/RTP/SAVP 31",
                "a=mid:b",
            ),
        ),
    ],
    ids=["session level", "MIKEY", "ZRTP", "refused", "in clear", "group"],
)
def test_sections_with_keys_of_any_kind_or_none_to_have_are_no_fault(
    judged: Judged, offer: tuple[str, ...], answer: tuple[str, ...]
) -> None:
    assert judged(call(offer, answer), "MSEC-001") == []
    assert judged(call(offer, answer), "MSEC-005") == []


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((ANSWERED_CRYPTO, f"a=crypto:2 {SUITE} inline:{BOB_KEY}"), "2 crypto lines"),
        ((f"a=crypto:2 {SUITE} inline:{BOB_KEY}",), "tag 2, and tag 1 was offered"),
        ((f"a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:{BOB_KEY}",), "which was offered with"),
        ((CRYPTO,), "the key of the offer"),
        ((f"a=crypto:1 {SUITE} inline:{BOB_KEY[:36]}",), "decodes to 27 octets"),
        ((f"a=crypto:1 {SUITE} inline:!!!!{BOB_KEY[4:]}",), "no base64"),
    ],
    ids=["two", "tag", "suite", "same key", "short", "no base64"],
)
def test_answers_that_no_key_can_come_of_are_told(judged: Judged, lines: tuple[str, ...], words: str) -> None:
    (found,) = judged(call((SAVP, CRYPTO), (ANSWERED_SAVP, *lines), parties=ONE_HOST), "MSEC-002")
    assert (found.severity, found.frames) == (Severity.ERROR, (1, 2))
    assert words in found.text


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        (CRYPTO, ANSWERED_CRYPTO + "|2^20|1:4"),
        (
            f"a=crypto:7 AES_256_CM_HMAC_SHA1_80 inline:{'A' * 60}AA==",
            f"a=crypto:7 AES_CM_256_HMAC_SHA1_80 inline:{'B' * 60}AA==",
        ),
        (CRYPTO, ANSWERED_CRYPTO.replace(SUITE, SUITE.lower())),
        ("a=crypto:1 X_SUITE inline:AAAA", "a=crypto:1 X_SUITE inline:BBBB"),
    ],
    ids=["lifetime", "old spelling", "case", "unknown suite"],
)
def test_answers_that_keys_can_come_of_are_no_fault(judged: Judged, offered: str, answered: str) -> None:
    assert judged(call((SAVP, offered), (ANSWERED_SAVP, answered), parties=ONE_HOST), "MSEC-002") == []


def test_refused_offer_of_keys_is_no_fault(judged: Judged) -> None:
    script = ONE_HOST + "0.0 alice -> bob INVITE\n" + sdp(SAVP, CRYPTO) + "0.1 bob -> alice 488\n0.2 alice -> bob ACK\n"
    assert [item.rule for item in judged(script, "MSEC") if item.severity is not Severity.INFO] == []


def test_keys_are_never_shown_whole(judged: Judged) -> None:
    for script in (GOOD_SDES, call((SAVP, CRYPTO), (ANSWERED_SAVP, CRYPTO, f"a= crypto:2 X inline:{ALICE_KEY}"))):
        for item in judged(script):
            shown = item.text + " ".join(evidence.note for evidence in item.evidence)
            assert ALICE_KEY[:6] not in shown
            assert BOB_KEY[:6] not in shown


def test_keys_in_the_clear_are_told_once_a_call(judged: Judged) -> None:
    found = judged(call((SAVP, CRYPTO), (ANSWERED_SAVP, ANSWERED_CRYPTO)), "MSEC")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("MSEC-003", Severity.WARNING, (1, 2))]


def test_keys_in_the_clear_on_one_host_are_information(judged: Judged) -> None:
    assert [(item.rule, item.severity) for item in judged(GOOD_SDES, "MSEC")] == [("MSEC-003", Severity.INFO)]


def test_keys_beside_a_clear_profile_are_told_too(judged: Judged) -> None:
    lines = ("m=audio 4000 RTP/AVP 0", CRYPTO)
    assert [item.rule for item in judged(call(lines, ("m=audio 5000 RTP/AVP 0",)), "MSEC-00")] == ["MSEC-003"]


@pytest.mark.parametrize(
    ("offered", "answered", "severity"),
    [
        ("actpass", "actpass", Severity.ERROR),
        ("actpass", "holdconn", Severity.ERROR),
        ("actpass", None, Severity.ERROR),
        ("active", "active", Severity.ERROR),
        ("passive", "passive", Severity.ERROR),
        ("active", "passive", Severity.WARNING),
        ("passive", "active", Severity.WARNING),
        ("actpass", "active", None),
        ("actpass", "passive", None),
        ("ACTPASS", "Active", None),
    ],
)
def test_answer_settles_who_begins(
    judged: Judged, offered: str, answered: str | None, severity: Severity | None
) -> None:
    own = () if answered is None else (f"a=setup:{answered}",)
    found = judged(call((DTLS, PRINT, f"a=setup:{offered}"), (ANSWERED_DTLS, ANSWERED_PRINT, *own)), "MSEC")
    told = [] if severity is None else [("MSEC-005", severity, (1, 2))]
    assert [(item.rule, item.severity, item.frames) for item in found] == told


def test_later_offer_may_name_its_part(judged: Judged) -> None:
    again = reinvite((DTLS, PRINT, "a=setup:passive"), (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE))
    assert judged(call((DTLS, PRINT, ACTPASS), (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE), again), "MSEC") == []


@pytest.mark.parametrize(
    ("fingerprint", "severity"),
    [
        ("md5 " + ":".join(["4A"] * 16), Severity.ERROR),
        ("sha-1 " + ":".join(["4A"] * 19), Severity.ERROR),
        ("sha-256 " + ":".join(["4A"] * 20), Severity.ERROR),
        ("sha-1 " + "4A" * 20, Severity.ERROR),
        ("sha-1 " + ":".join(["4Z"] * 20), Severity.ERROR),
        ("sha-1 " + ":".join(["4a"] * 20), Severity.WARNING),
    ],
    ids=["md5", "short", "other hash", "no colons", "not hexadecimal", "lower case"],
)
def test_fingerprints_that_cannot_be_checked_are_told(judged: Judged, fingerprint: str, severity: Severity) -> None:
    offer = (DTLS, f"a=fingerprint:{fingerprint}", ACTPASS)
    found = judged(call(offer, (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE)), "MSEC")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("MSEC-006", severity, (1,))]


@pytest.mark.parametrize("name", ["SHA-1", "sha-1"])
def test_names_of_hashes_have_no_case(judged: Judged, name: str) -> None:
    offer = (DTLS, PRINT.replace("sha-1", name), ACTPASS)
    assert judged(call(offer, (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE)), "MSEC") == []


def test_unknown_hash_is_no_fault(judged: Judged) -> None:
    offer = (DTLS, "a=fingerprint:sha3-256 4A:AD", ACTPASS)
    assert judged(call(offer, (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE)), "MSEC") == []


OTHER_PRINT = "a=fingerprint:sha-1 " + ":".join(["11"] * 20)


def test_fingerprint_that_changes_on_the_same_transport_is_told(judged: Judged) -> None:
    again = reinvite((DTLS, OTHER_PRINT, ACTPASS), (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE))
    found = judged(call((DTLS, PRINT, ACTPASS), (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE), again), "MSEC")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("MSEC-006", Severity.WARNING, (4,))]


@pytest.mark.parametrize(
    "offer",
    [
        ("m=audio 4100 UDP/TLS/RTP/SAVP 0", OTHER_PRINT, ACTPASS),
        (DTLS, OTHER_PRINT, ACTPASS, "a=tls-id:abc3de65cddef001be82"),
        (DTLS, PRINT, ACTPASS),
    ],
    ids=["other port", "new association", "unchanged"],
)
def test_fingerprint_of_a_new_association_may_be_another(judged: Judged, offer: tuple[str, ...]) -> None:
    again = reinvite(offer, (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE))
    assert judged(call((DTLS, PRINT, ACTPASS), (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE), again), "MSEC-006") == []


PASSIVE = "a=setup:passive"
FIRST = ((DTLS, PRINT, ACTPASS), (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE))


def test_parts_that_turn_round_in_an_association_that_stays_are_told(judged: Judged) -> None:
    again = reinvite((DTLS, PRINT, ACTPASS), (ANSWERED_DTLS, ANSWERED_PRINT, PASSIVE))
    (found,) = judged(call(*FIRST, again), "MSEC")
    assert (found.rule, found.severity, found.frames) == ("MSEC-005", Severity.WARNING, (4, 5))
    assert "setup:passive, the other part than before" in found.text


def test_parts_that_turn_round_behind_an_offer_of_the_other_side_are_told(judged: Judged) -> None:
    offer = "3.0 bob -> alice INVITE\n" + sdp(ANSWERED_DTLS, ANSWERED_PRINT, ACTPASS)
    answer = "3.1 alice -> bob 200 INVITE\n" + sdp(DTLS, PRINT, ACTIVE) + "3.2 bob -> alice ACK\n"
    assert [item.rule for item in judged(call(*FIRST, offer + answer), "MSEC")] == ["MSEC-005"]


OTHER_PRINT = "a=fingerprint:sha-1 " + ":".join(["11", "22"] * 10)


@pytest.mark.parametrize(
    "again",
    [
        reinvite((DTLS, PRINT, ACTPASS), (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE)),
        reinvite((DTLS, PRINT, "a=setup:passive"), (ANSWERED_DTLS, ANSWERED_PRINT, ACTIVE)),
        reinvite((DTLS.replace("4000", "4010"), PRINT, ACTPASS), (ANSWERED_DTLS, ANSWERED_PRINT, PASSIVE)),
        reinvite((DTLS, PRINT, ACTPASS), (ANSWERED_DTLS.replace("5000", "5010"), ANSWERED_PRINT, PASSIVE)),
        reinvite((DTLS.replace("4000", "4010"), OTHER_PRINT, ACTPASS), (ANSWERED_DTLS, ANSWERED_PRINT, PASSIVE)),
        reinvite((DTLS, PRINT, ACTPASS, "a=tls-id:b"), (ANSWERED_DTLS, ANSWERED_PRINT, PASSIVE, "a=tls-id:c")),
        reinvite(
            (DTLS, PRINT, ACTPASS, "a=ice-ufrag:new1", "a=ice-pwd:asd88fgpdd777uzjYhagZg"),
            (ANSWERED_DTLS, ANSWERED_PRINT, PASSIVE),
        ),
    ],
    ids=["same parts", "parts stated again", "port", "answerer's port", "fingerprint", "tls-id", "ICE restart"],
)
def test_parts_of_another_association_or_the_same_ones_are_no_fault(judged: Judged, again: str) -> None:
    assert judged(call(*FIRST, again), "MSEC-005") == []


CLEAR, ANSWERED_CLEAR = "m=audio 4000 RTP/AVP 0", "m=audio 5000 RTP/AVP 0"
BOTH_METHODS = (CLEAR, CRYPTO, PRINT, ACTPASS)
OUTCOMES = {
    "keys of SDES": ((CLEAR, CRYPTO), (ANSWERED_CLEAR, ANSWERED_CRYPTO), Severity.INFO, "of SDES: media is encrypted"),
    "keys of DTLS": (
        BOTH_METHODS,
        (ANSWERED_CLEAR, ANSWERED_PRINT, ACTIVE),
        Severity.INFO,
        "of DTLS: media is encrypted",
    ),
    "no keys": (BOTH_METHODS, (ANSWERED_CLEAR,), Severity.INFO, "media is in the clear"),
    "keys of both": (
        BOTH_METHODS,
        (ANSWERED_CLEAR, ANSWERED_CRYPTO, ANSWERED_PRINT, ACTIVE),
        Severity.WARNING,
        "SDES and DTLS",
    ),
    "no such configuration": ((CLEAR,), (ANSWERED_CLEAR, "a=acfg:1 t=1"), Severity.WARNING, "no a=pcfg"),
}


@pytest.mark.parametrize(("offer", "answer", "severity", "words"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_outcome_of_optional_encryption_is_told(
    judged: Judged, offer: tuple[str, ...], answer: tuple[str, ...], severity: Severity, words: str
) -> None:
    (found,) = judged(call(offer, answer, parties=ONE_HOST), "MSEC-011")
    assert (found.severity, found.frames) == (severity, (1, 2))
    assert words in found.text


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        ((CLEAR,), (ANSWERED_CLEAR,)),
        ((SAVP, CRYPTO), (ANSWERED_SAVP, ANSWERED_CRYPTO)),
        ((CLEAR, CRYPTO), ("m=audio 0 RTP/AVP 0",)),
        ((CLEAR, "a=tcap:1 RTP/SAVP", "a=pcfg:1 t=1"), (ANSWERED_CLEAR, "a=acfg:1 t=1")),
    ],
    ids=["no keys", "SRTP", "refused", "configuration that was offered"],
)
def test_what_leaves_nothing_open_has_no_outcome(
    judged: Judged, offer: tuple[str, ...], answer: tuple[str, ...]
) -> None:
    assert judged(call(offer, answer, parties=ONE_HOST), "MSEC-011") == []


def test_outcome_is_told_of_the_first_exchange_alone(judged: Judged) -> None:
    offer, answer = (CLEAR, CRYPTO), (ANSWERED_CLEAR,)
    assert len(judged(call(offer, answer, reinvite(offer, answer), parties=ONE_HOST), "MSEC-011")) == 1
