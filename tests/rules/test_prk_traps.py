"""What the rules about reliable provisional responses say of broken flows, and when they stay silent."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy\nbob 192.0.2.20\n"
INVITE = "0.0 alice -> bob INVITE\n      Supported: 100rel\n"
BUSY = "20.0 bob -> alice 486 INVITE\n20.1 alice -> bob ACK\n"
ANSWER = "20.0 bob -> alice 200 INVITE\n20.1 alice -> bob ACK\n25.0 alice -> bob BYE\n25.1 bob -> alice 200 BYE\n"
BEGIN = PARTIES + INVITE
FIRST = BEGIN + "0.1 bob -> alice 183 rseq=1\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"


def again(*seconds: float) -> str:
    """Retransmissions of the reliable 183."""
    return "".join(f"{at} bob -> alice 183 again\n" for at in seconds)


SEQUENCES = {
    "one by one": FIRST + "1.0 bob -> alice 180 rseq=2\n1.1 alice -> bob PRACK\n1.2 bob -> alice 200 PRACK\n" + BUSY,
    "any first number": BEGIN + "0.1 bob -> alice 183 rseq=2147483600\n0.2 alice -> bob PRACK\n"
    "0.3 bob -> alice 200 PRACK\n" + BUSY,
    "retransmission of an acknowledged response": FIRST + again(0.7) + BUSY,
    "retransmission behind the final response": BEGIN
    + "0.1 bob -> alice 183 rseq=1\n0.15 alice -> bob PRACK\n0.2 bob -> alice 486 INVITE\n"
    + again(0.21)
    + "0.25 bob -> alice 200 PRACK\n0.3 alice -> bob ACK\n",
    "later responses that changed places": FIRST
    + "1.0 bob -> alice 181 rseq=3\n1.001 bob -> alice 180 rseq=2\n"
    + "1.1 alice -> bob PRACK rack=2\n1.11 bob -> alice 200 PRACK\n"
    + "1.2 alice -> bob PRACK rack=3\n1.21 bob -> alice 200 PRACK\n"
    + BUSY,
    "PRACK of later responses out of order": FIRST
    + "1.0 bob -> alice 181 rseq=2\n1.001 bob -> alice 180 rseq=3\n"
    + "1.1 alice -> bob PRACK rack=3\n1.11 bob -> alice 200 PRACK\n"
    + "1.2 alice -> bob PRACK rack=2\n1.21 bob -> alice 200 PRACK\n"
    + BUSY,
    "unreliable responses in between": FIRST
    + "0.5 bob -> alice 180\n1.0 bob -> alice 183 rseq=2\n1.1 alice -> bob PRACK\n1.2 bob -> alice 200 PRACK\n"
    + BUSY,
    "forks that number on their own": BEGIN
    + "0.1 bob -> alice 183 tag=b1 rseq=7\n0.2 alice -> bob PRACK to-tag=b1\n0.21 bob -> alice 200 PRACK\n"
    + "0.3 bob -> alice 183 tag=b2 rseq=40\n0.4 alice -> bob PRACK to-tag=b2\n0.41 bob -> alice 200 PRACK\n"
    + "0.5 bob -> alice 180 tag=b1 rseq=8\n0.6 alice -> bob PRACK to-tag=b1\n0.61 bob -> alice 200 PRACK\n"
    + "1.0 bob -> alice 486 INVITE tag=b1\n1.1 alice -> bob ACK\n",
    "re-INVITE that begins anew": FIRST
    + "1.0 bob -> alice 200 INVITE\n1.1 alice -> bob ACK\n5.0 alice -> bob INVITE\n      Supported: 100rel\n"
    + "5.1 bob -> alice 183 rseq=90\n5.2 alice -> bob PRACK\n5.3 bob -> alice 200 PRACK\n5.4 bob -> alice 200 INVITE\n"
    + "5.5 alice -> bob ACK\n",
    "response that only the capture lacks": FIRST
    + "1.0 bob -> alice 180 rseq=2 unseen\n1.1 alice -> bob PRACK rack=2\n1.2 bob -> alice 200 PRACK\n"
    + "2.0 bob -> alice 183 rseq=3\n2.1 alice -> bob PRACK rack=3\n2.2 bob -> alice 200 PRACK\n"
    + BUSY,
    "only the responses were captured, and one is missing": PARTIES
    + "0.0 alice -> bob INVITE unseen\n0.1 bob -> alice 183 rseq=1\n"
    + "0.2 alice -> bob PRACK unseen\n0.3 bob -> alice 200 PRACK\n"
    + "1.0 bob -> alice 180 rseq=2 unseen\n1.1 alice -> bob PRACK rack=2 unseen\n1.2 bob -> alice 200 PRACK\n"
    + "2.0 bob -> alice 183 rseq=3\n2.1 alice -> bob PRACK rack=3 unseen\n2.2 bob -> alice 200 PRACK\n"
    + "20.0 bob -> alice 486 INVITE\n",
    "new response that the final one overtook": FIRST
    + "1.0 bob -> alice 486 INVITE\n1.002 bob -> alice 180 INVITE rseq=2\n1.1 alice -> bob ACK\n",
}
ACKNOWLEDGEMENTS = {
    "PRACK after two retransmissions": BEGIN
    + "0.1 bob -> alice 183 rseq=1\n"
    + again(0.6, 1.6)
    + "1.7 alice -> bob PRACK\n1.8 bob -> alice 200 PRACK\n"
    + BUSY,
    "PRACK late but there": BEGIN
    + "0.1 bob -> alice 183 rseq=1\n"
    + again(0.6, 1.6, 3.6, 7.6)
    + "7.7 alice -> bob PRACK\n7.8 bob -> alice 200 PRACK\n"
    + BUSY,
    "PRACK retransmitted": FIRST + "0.7 alice -> bob PRACK again\n0.71 bob -> alice 200 PRACK again\n" + BUSY,
    "PRACK challenged": BEGIN
    + "0.1 bob -> alice 183 rseq=1\n0.2 alice -> bob PRACK\n0.3 bob -> alice 407 PRACK\n"
    + "0.4 alice -> bob PRACK\n0.5 bob -> alice 200 PRACK\n"
    + BUSY,
    "final response before the PRACK was due": BEGIN
    + "0.1 bob -> alice 183 rseq=1\n1.0 bob -> alice 486 INVITE\n1.1 alice -> bob ACK\n30 end\n",
    "final response crosses the PRACK": BEGIN
    + "0.1 bob -> alice 183 rseq=1\n0.2 bob -> alice 486 INVITE\n0.21 alice -> bob PRACK\n"
    + "0.3 bob -> alice 481 PRACK\n0.4 alice -> bob ACK\n",
    "capture ends within four seconds": BEGIN + "0.1 bob -> alice 183 rseq=1\n3.0 end\n",
    "only the callee's messages were captured": PARTIES
    + "0.0 alice -> bob INVITE unseen\n0.1 bob -> alice 183 rseq=1\n"
    + again(0.6, 1.6, 3.6)
    + "3.7 alice -> bob PRACK unseen\n3.8 bob -> alice 200 PRACK\n20.0 bob -> alice 486 INVITE\n",
    "PRACK bypasses a proxy without Record-Route": PROXIED
    + "0.0 alice -> proxy INVITE to=bob\n      Supported: 100rel\n0.01 proxy -> bob INVITE unseen\n"
    + "0.1 bob -> proxy 183 rseq=1 unseen\n0.11 proxy -> alice 183\n"
    + "0.2 alice -> bob PRACK unseen\n0.3 bob -> alice 200 PRACK unseen\n"
    + "20.0 bob -> proxy 486 INVITE unseen\n20.01 proxy -> alice 486 INVITE\n20.1 alice -> proxy ACK\n",
    "PRACK passes on another hop": PROXIED
    + "0.0 alice -> proxy INVITE to=bob\n      Supported: 100rel\n0.01 proxy -> bob INVITE\n"
    + "0.1 bob -> proxy 183 rseq=1\n0.11 proxy -> alice 183\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
    + "20.0 bob -> proxy 486 INVITE\n20.01 proxy -> alice 486 INVITE\n20.1 alice -> proxy ACK\n20.2 proxy -> bob ACK\n",
    "out of order, so that none is due": FIRST.replace("rseq=1", "rseq=5")
    + "1.0 bob -> alice 486 INVITE\n1.1 alice -> bob ACK\n",
    "unreliable responses": BEGIN + "0.1 bob -> alice 183\n0.6 bob -> alice 183 again\n1.6 bob -> alice 183 again\n"
    "3.6 bob -> alice 183 again\n" + BUSY,
    "answered call": FIRST + ANSWER,
}
RACKS = {
    "capture begins behind the response": PARTIES
    + "0.0 alice -> bob INVITE unseen\n0.1 bob -> alice 183 rseq=1 unseen\n0.2 alice -> bob PRACK\n"
    + "0.3 bob -> alice 481 PRACK\n"
    + BUSY,
    "accepted PRACK for a response that the capture lacks": FIRST
    + "1.0 bob -> alice 180 rseq=2 unseen\n1.1 alice -> bob PRACK rack=2\n1.2 bob -> alice 200 PRACK\n"
    + BUSY,
    "PRACK for a response that the capture lacks, at its end": FIRST
    + "1.0 bob -> alice 180 rseq=2 unseen\n1.1 alice -> bob PRACK rack=2\n",
    "other forms of blank": BEGIN + "0.1 bob -> alice 183 rseq=1\n0.2 alice -> bob PRACK\n      RAck: 1   1  INVITE\n"
    "0.3 bob -> alice 200 PRACK\n" + BUSY,
    "number with leading zeros": BEGIN + "0.1 bob -> alice 183 rseq=1\n0.2 alice -> bob PRACK\n"
    "      RAck: 0001 1 INVITE\n0.3 bob -> alice 200 PRACK\n" + BUSY,
}
SDP = "      m=audio 5000 RTP/AVP 0\n"
OFFER = PARTIES + "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n      Supported: 100rel\n"
EARLY_ANSWER = OFFER + "0.1 bob -> alice 183 rseq=1\n" + SDP
RELEASE = "9.0 alice -> bob BYE\n9.1 bob -> alice 200 BYE\n"
HALF = "      Require: 100rel\n"

HEADERS = {
    "100 with Require is not reliable, and no more is asked of it": BEGIN + "0.1 bob -> alice 100\n" + HALF + BUSY,
    "highest first number": BEGIN
    + "0.1 bob -> alice 183 rseq=2147483647\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
    + "1.0 bob -> alice 180 rseq=2147483648\n1.1 alice -> bob PRACK\n1.2 bob -> alice 200 PRACK\n"
    + BUSY,
    "other option tags": BEGIN + "0.1 bob -> alice 183\n      Require: precondition\n" + BUSY,
    "several option tags in one line": BEGIN
    + "0.1 bob -> alice 183 rseq=1\n      Require: precondition, 100REL\n"
    + "0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
    + BUSY,
}
FINALS = {
    "2xx behind the PRACK": EARLY_ANSWER
    + "0.2 alice -> bob PRACK\n0.21 bob -> alice 200 PRACK\n0.3 bob -> alice 200 INVITE\n0.4 alice -> bob ACK\n"
    + RELEASE,
    "2xx of the INVITE before the one of the PRACK": EARLY_ANSWER
    + "0.2 alice -> bob PRACK\n0.21 bob -> alice 200 INVITE\n0.22 bob -> alice 200 PRACK\n0.4 alice -> bob ACK\n"
    + RELEASE,
    "packets in the wrong order of the capture": EARLY_ANSWER
    + "0.2 bob -> alice 200 INVITE\n0.205 alice -> bob PRACK\n0.21 bob -> alice 200 PRACK\n0.4 alice -> bob ACK\n"
    + RELEASE,
    "response without SDP": OFFER
    + "0.1 bob -> alice 180 rseq=1\n0.2 bob -> alice 200 INVITE\n"
    + SDP
    + "0.3 alice -> bob PRACK\n0.31 bob -> alice 200 PRACK\n0.4 alice -> bob ACK\n"
    + RELEASE,
    "unreliable response with SDP": OFFER
    + "0.1 bob -> alice 183\n"
    + SDP
    + "0.2 bob -> alice 200\n"
    + SDP
    + "0.4 alice -> bob ACK\n"
    + RELEASE,
    "failure before the PRACK": EARLY_ANSWER
    + "0.2 bob -> alice 486 INVITE\n0.3 alice -> bob ACK\n0.31 alice -> bob PRACK\n0.4 bob -> alice 481 PRACK\n",
    "another branch answers": OFFER
    + "0.1 bob -> alice 183 tag=b1 rseq=1\n"
    + SDP
    + "0.2 bob -> alice 200 INVITE tag=b2\n"
    + SDP
    + "0.3 alice -> bob ACK to-tag=b2\n0.35 alice -> bob PRACK to-tag=b1\n0.36 bob -> alice 200 PRACK\n",
    "PRACK out of view, as the response that is not repeated shows": EARLY_ANSWER
    + "0.2 alice -> bob PRACK unseen\n0.3 bob -> alice 200 PRACK unseen\n2.0 bob -> alice 200 INVITE\n"
    + "2.1 alice -> bob ACK\n"
    + RELEASE,
    "only the callee's messages were captured": OFFER.replace("INVITE", "INVITE unseen")
    + "0.1 bob -> alice 183 rseq=1\n"
    + SDP
    + "0.2 alice -> bob PRACK unseen\n0.25 bob -> alice 200 PRACK\n0.3 bob -> alice 200 INVITE\n"
    + "0.4 alice -> bob ACK unseen\n",
    "PRACK passes on another hop": PROXIED
    + "0.0 alice -> proxy INVITE to=bob\n      m=audio 4000 RTP/AVP 0\n      Supported: 100rel\n"
    + "0.01 proxy -> bob INVITE\n0.1 bob -> proxy 183 rseq=1\n"
    + SDP
    + "0.11 proxy -> alice 183\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
    + "0.4 bob -> proxy 200 INVITE\n0.41 proxy -> alice 200 INVITE\n0.5 alice -> bob ACK\n",
}
CONSENTS = {
    "consent by Require": BEGIN.replace("Supported", "Require")
    + "0.1 bob -> alice 183 rseq=1\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
    + BUSY,
    "consent in compact form": BEGIN.replace("Supported", "k")
    + "0.1 bob -> alice 183 rseq=1\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
    + BUSY,
    "INVITE out of view": BEGIN.replace("INVITE", "INVITE unseen").replace("      Supported: 100rel\n", "")
    + "0.1 bob -> alice 183 rseq=1\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
    + BUSY,
    "unreliable response to a caller without 100rel": PARTIES
    + "0.0 alice -> bob INVITE\n0.1 bob -> alice 180\n"
    + BUSY,
}
SECONDS = {
    "second response that was captured before the PRACK": BEGIN
    + "0.1 bob -> alice 183 rseq=1\n0.2 bob -> alice 180 rseq=2\n0.205 alice -> bob PRACK rack=1\n"
    + "0.21 bob -> alice 200 PRACK\n0.3 alice -> bob PRACK rack=2\n0.31 bob -> alice 200 PRACK\n"
    + BUSY,
    "third response before the second PRACK": FIRST
    + "1.0 bob -> alice 180 rseq=2\n1.05 bob -> alice 181 rseq=3\n1.1 alice -> bob PRACK rack=2\n"
    + "1.11 bob -> alice 200 PRACK\n1.2 alice -> bob PRACK rack=3\n1.21 bob -> alice 200 PRACK\n"
    + BUSY,
    "unreliable response before the first PRACK": BEGIN
    + "0.1 bob -> alice 183 rseq=1\n0.15 bob -> alice 180\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
    + BUSY,
    "each fork has its own first response": BEGIN
    + "0.1 bob -> alice 183 tag=b1 rseq=7\n0.15 bob -> alice 183 tag=b2 rseq=40\n"
    + "0.2 alice -> bob PRACK to-tag=b1 rack=7\n0.21 bob -> alice 200 PRACK\n"
    + "0.4 alice -> bob PRACK to-tag=b2 rack=40\n0.41 bob -> alice 200 PRACK\n"
    + "1.0 bob -> alice 486 INVITE tag=b1\n1.1 alice -> bob ACK\n",
}
NEW_OFFER = "      m=audio 4000 RTP/AVP 0\n"
PRACK_OFFERS = {
    "offer in the PRACK of the answer": EARLY_ANSWER
    + "0.2 alice -> bob PRACK\n"
    + NEW_OFFER
    + "0.3 bob -> alice 200 PRACK\n"
    + SDP
    + BUSY,
    "answer to the offer of the response": BEGIN
    + "0.1 bob -> alice 183 rseq=1\n"
    + SDP
    + "0.2 alice -> bob PRACK\n"
    + NEW_OFFER
    + "0.3 bob -> alice 200 PRACK\n"
    + BUSY,
    "offer in a later PRACK behind the answer": EARLY_ANSWER
    + "0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n1.0 bob -> alice 180 rseq=2\n1.1 alice -> bob PRACK\n"
    + NEW_OFFER
    + "1.2 bob -> alice 200 PRACK\n"
    + SDP
    + BUSY,
    "response with the answer that only the capture lacks": OFFER
    + "0.05 bob -> alice 183 rseq=1 unseen\n"
    + SDP
    + "0.06 alice -> bob PRACK\n0.07 bob -> alice 200 PRACK\n0.1 bob -> alice 180 rseq=2\n0.2 alice -> bob PRACK\n"
    + NEW_OFFER
    + "0.3 bob -> alice 200 PRACK\n"
    + SDP
    + BUSY,
}
REFUSALS = {
    "PRACK refused behind the final response": BEGIN
    + "0.1 bob -> alice 183 rseq=1\n0.2 alice -> bob PRACK\n0.21 bob -> alice 486 INVITE\n"
    + "0.3 bob -> alice 481 PRACK\n0.4 alice -> bob ACK\n",
    "accepted PRACK for a response that the capture lacks, beside unreliable ones": BEGIN
    + "0.1 bob -> alice 180\n0.15 bob -> alice 183 rseq=1 unseen\n0.2 alice -> bob PRACK\n"
    + "0.3 bob -> alice 200 PRACK\n"
    + BUSY,
    "unanswered PRACK for a response that the capture lacks": BEGIN
    + "0.1 bob -> alice 180\n0.15 bob -> alice 183 rseq=1 unseen\n0.2 alice -> bob PRACK\n",
}
DEMAND = PARTIES + "0.0 alice -> bob INVITE\n      Require: 100rel\n"
DEMANDS = {
    "demand met": DEMAND + "0.1 bob -> alice 180 rseq=1\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n" + BUSY,
    "demand refused": DEMAND + "0.1 bob -> alice 420\n      Unsupported: 100rel\n0.2 alice -> bob ACK\n",
    "100 is exempt": DEMAND + "0.1 bob -> alice 100\n2.0 bob -> alice 486 INVITE\n2.1 alice -> bob ACK\n",
    "answered without a provisional response": DEMAND + "0.1 bob -> alice 200 INVITE\n0.2 alice -> bob ACK\n" + RELEASE,
}
LEGITIMATE = {
    **REFUSALS,
    **DEMANDS,
    **SEQUENCES,
    **ACKNOWLEDGEMENTS,
    **RACKS,
    **HEADERS,
    **FINALS,
    **CONSENTS,
    **SECONDS,
    **PRACK_OFFERS,
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "PRK")] == []


BROKEN = {
    "matching PRACK refused": (
        BEGIN + "0.1 bob -> alice 183 rseq=1\n0.2 alice -> bob PRACK\n0.3 bob -> alice 488 PRACK\n" + BUSY,
        "PRK-007",
        WARNING,
        (2, 3, 4),
    ),
    "matching PRACK refused behind a challenge": (
        BEGIN
        + "0.1 bob -> alice 183 rseq=1\n0.2 alice -> bob PRACK\n0.3 bob -> alice 407 PRACK\n"
        + "0.4 alice -> bob PRACK\n0.5 bob -> alice 500 PRACK\n"
        + BUSY,
        "PRK-007",
        WARNING,
        (2, 5, 6),
    ),
    "demand ignored": (DEMAND + "0.1 bob -> alice 180\n" + BUSY, "PRK-010", WARNING, (1, 2)),
    "reliable without consent": (
        PARTIES + "0.0 alice -> bob INVITE\n      Supported: timer\n0.1 bob -> alice 180 rseq=1\n"
        "2.0 bob -> alice 486 INVITE\n2.1 alice -> bob ACK\n",
        "PRK-002",
        ERROR,
        (1, 2),
    ),
    "reliable 100": (
        BEGIN + "0.1 bob -> alice 100 rseq=1\n2.0 bob -> alice 486 INVITE\n2.1 alice -> bob ACK\n",
        "PRK-002",
        ERROR,
        (1, 2),
    ),
    "second one before the first PRACK": (
        BEGIN
        + "0.1 bob -> alice 183 rseq=1\n0.15 bob -> alice 180 rseq=2\n0.2 alice -> bob PRACK rack=1\n"
        + "0.25 bob -> alice 200 PRACK\n0.3 alice -> bob PRACK rack=2\n0.35 bob -> alice 200 PRACK\n"
        + BUSY,
        "PRK-008",
        ERROR,
        (2, 3, 4),
    ),
    "offer in the PRACK of a response without SDP": (
        OFFER
        + "0.1 bob -> alice 180 rseq=1\n0.2 alice -> bob PRACK\n"
        + NEW_OFFER
        + "0.3 bob -> alice 200 PRACK\n"
        + BUSY,
        "PRK-011",
        ERROR,
        (1, 2, 3),
    ),
    "offer in the PRACK where the INVITE had none": (
        BEGIN
        + "0.1 bob -> alice 180 rseq=1\n0.2 alice -> bob PRACK\n"
        + NEW_OFFER
        + "0.3 bob -> alice 200 PRACK\n"
        + BUSY,
        "PRK-011",
        ERROR,
        (1, 2, 3),
    ),
    "Require without RSeq": (BEGIN + "0.1 bob -> alice 180\n" + HALF + BUSY, "PRK-001", ERROR, (2,)),
    "RSeq without Require": (BEGIN + "0.1 bob -> alice 180\n      RSeq: 1\n" + BUSY, "PRK-001", WARNING, (2,)),
    "RSeq of zero": (
        BEGIN + "0.1 bob -> alice 180\n" + HALF + "      RSeq: 0\n0.5 bob -> alice 486 INVITE\n0.6 alice -> bob ACK\n",
        "PRK-001",
        ERROR,
        (2,),
    ),
    "RSeq that is no number": (
        BEGIN + "0.1 bob -> alice 180\n" + HALF + "      RSeq: one\n" + BUSY,
        "PRK-001",
        ERROR,
        (2,),
    ),
    "first RSeq too high": (
        BEGIN + "0.1 bob -> alice 183 rseq=2147483648\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n" + BUSY,
        "PRK-001",
        ERROR,
        (2,),
    ),
    "2xx before the PRACK": (
        EARLY_ANSWER
        + "0.2 bob -> alice 200 INVITE\n0.3 alice -> bob PRACK\n0.31 bob -> alice 200 PRACK\n0.4 alice -> bob ACK\n"
        + RELEASE,
        "PRK-009",
        ERROR,
        (2, 3, 4),
    ),
    "2xx before the PRACK of an offer": (
        BEGIN
        + "0.1 bob -> alice 183 rseq=1\n"
        + SDP
        + "0.2 bob -> alice 200 INVITE\n0.3 alice -> bob PRACK\n      m=audio 4000 RTP/AVP 0\n"
        + "0.31 bob -> alice 200 PRACK\n0.4 alice -> bob ACK\n"
        + RELEASE,
        "PRK-009",
        ERROR,
        (2, 3, 4),
    ),
    "2xx of a re-INVITE before the PRACK": (
        OFFER
        + "0.2 bob -> alice 200\n"
        + SDP
        + "0.3 alice -> bob ACK\n5.0 bob -> alice INVITE\n      Supported: 100rel\n"
        + SDP
        + "5.1 alice -> bob 183 rseq=7\n      m=audio 4000 RTP/AVP 0\n5.2 alice -> bob 200 INVITE\n"
        + "5.3 bob -> alice PRACK\n5.31 alice -> bob 200 PRACK\n5.4 bob -> alice ACK\n"
        + RELEASE,
        "PRK-009",
        ERROR,
        (5, 6, 7),
    ),
    "gap": (
        FIRST + "1.0 bob -> alice 180 rseq=3\n1.1 alice -> bob PRACK rack=3\n1.2 bob -> alice 200 PRACK\n" + BUSY,
        "PRK-003",
        ERROR,
        (2, 5),
    ),
    "number used again": (
        FIRST + "1.0 bob -> alice 180 rseq=1\n" + BUSY,
        "PRK-003",
        ERROR,
        (2, 5),
    ),
    "gap within one fork": (
        BEGIN
        + "0.1 bob -> alice 183 tag=b1 rseq=7\n0.2 alice -> bob PRACK to-tag=b1\n0.21 bob -> alice 200 PRACK\n"
        + "0.3 bob -> alice 183 tag=b2 rseq=8\n0.4 alice -> bob PRACK to-tag=b2\n0.41 bob -> alice 200 PRACK\n"
        + "0.5 bob -> alice 180 tag=b1 rseq=9\n0.6 bob -> alice 486 INVITE tag=b1\n0.7 alice -> bob ACK\n",
        "PRK-003",
        ERROR,
        (2, 8),
    ),
    "new reliable response behind the final one": (
        FIRST + "1.0 bob -> alice 486 INVITE\n1.1 alice -> bob ACK\n2.0 bob -> alice 180 INVITE rseq=2\n",
        "PRK-003",
        ERROR,
        (5, 7),
    ),
    "never acknowledged": (
        BEGIN + "0.1 bob -> alice 183 rseq=1\n" + again(0.6, 1.6, 3.6, 7.6) + BUSY,
        "PRK-004",
        ERROR,
        (2, 3, 4, 5, 6),
    ),
    "three retransmissions in four seconds": (
        BEGIN + "0.1 bob -> alice 183 rseq=1\n" + again(0.6, 1.6, 3.6) + "3.9 end\n",
        "PRK-004",
        ERROR,
        (2, 3, 4, 5),
    ),
    "second one never acknowledged": (
        FIRST
        + "1.0 bob -> alice 183 rseq=2\n1.5 bob -> alice 183 again\n2.5 bob -> alice 183 again\n"
        + "4.5 bob -> alice 183 again\n"
        + BUSY,
        "PRK-004",
        ERROR,
        (5, 6, 7, 8),
    ),
    "one fork never acknowledged": (
        BEGIN
        + "0.1 bob -> alice 183 tag=b1 rseq=7\n0.2 alice -> bob PRACK to-tag=b1\n0.21 bob -> alice 200 PRACK\n"
        + "0.3 bob -> alice 183 tag=b2 rseq=8\n0.8 bob -> alice 183 again\n1.8 bob -> alice 183 again\n"
        + "3.8 bob -> alice 183 again\n5.0 bob -> alice 486 INVITE tag=b1\n5.1 alice -> bob ACK\n",
        "PRK-004",
        ERROR,
        (5, 6, 7, 8),
    ),
    "numbers of RAck changed places": (
        BEGIN
        + "0.1 bob -> alice 183 rseq=9\n0.2 alice -> bob PRACK\n      RAck: 1 9 INVITE\n0.3 bob -> alice 481 PRACK\n"
        + "0.4 alice -> bob PRACK\n0.5 bob -> alice 200 PRACK\n"
        + BUSY,
        "PRK-005",
        ERROR,
        (2, 3),
    ),
    "CSeq of the PRACK instead of the INVITE's": (
        BEGIN
        + "0.1 bob -> alice 183 rseq=9\n0.2 alice -> bob PRACK\n      RAck: 9 2 INVITE\n0.3 bob -> alice 481 PRACK\n"
        + "0.4 alice -> bob PRACK\n0.5 bob -> alice 200 PRACK\n"
        + BUSY,
        "PRK-005",
        ERROR,
        (2, 3),
    ),
    "RAck missing": (
        BEGIN
        + "0.1 bob -> alice 183 rseq=9\n0.2 alice -> bob PRACK\n      RAck:\n0.3 bob -> alice 400 PRACK\n"
        + "0.4 alice -> bob PRACK\n0.5 bob -> alice 200 PRACK\n"
        + BUSY,
        "PRK-005",
        ERROR,
        (2, 3),
    ),
    "method in lower case": (
        BEGIN
        + "0.1 bob -> alice 183 rseq=9\n0.2 alice -> bob PRACK\n      RAck: 9 1 invite\n0.3 bob -> alice 481 PRACK\n"
        + "0.4 alice -> bob PRACK\n0.5 bob -> alice 200 PRACK\n"
        + BUSY,
        "PRK-005",
        ERROR,
        (2, 3),
    ),
    "wrong CSeq, accepted all the same": (
        BEGIN
        + "0.1 bob -> alice 183 rseq=9\n0.2 alice -> bob PRACK\n      RAck: 9 2 INVITE\n0.3 bob -> alice 200 PRACK\n"
        + BUSY,
        "PRK-005",
        WARNING,
        (2, 3),
    ),
    "second PRACK refused": (
        FIRST + "0.4 alice -> bob PRACK rack=1\n0.5 bob -> alice 481 PRACK\n" + BUSY,
        "PRK-005",
        INFO,
        (2, 5),
    ),
}


@pytest.mark.parametrize(("script", "rule", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(
    judged: Judged, script: str, rule: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(script, "PRK")
    assert [(item.rule, item.severity, item.frames) for item in found] == [(rule, severity, frames)]
    assert found[0].confidence is Confidence.CERTAIN


def test_failure_that_follows_is_named(judged: Judged) -> None:
    failure = "32.1 bob -> alice 504 INVITE\n32.2 alice -> bob ACK\n"
    script = BEGIN + "0.1 bob -> alice 183 rseq=1\n" + again(0.6, 1.6, 3.6, 7.6, 15.6) + failure
    assert [item.text.endswith("failed with 504.") for item in judged(script, "PRK")] == [True]


def test_response_that_stands_without_being_repeated_is_merely_possible(judged: Judged) -> None:
    script = BEGIN + "0.1 bob -> alice 183 rseq=1\n" + ANSWER
    found = judged(script, "PRK")
    assert [(item.rule, item.confidence, len(item.guards)) for item in found] == [("PRK-004", Confidence.POSSIBLE, 1)]


def test_both_hops_of_a_proxy_give_one_finding(judged: Judged) -> None:
    script = (
        "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
        "0.0 alice -> proxy INVITE to=bob\n      Supported: 100rel\n0.01 proxy -> bob INVITE\n"
        "0.1 bob -> proxy 183 rseq=1\n0.11 proxy -> alice 183\n"
        + "".join(f"{at} bob -> proxy 183 again\n{at + 0.01} proxy -> alice 183 again\n" for at in (0.6, 1.6, 3.6))
        + "9.0 bob -> proxy 486 INVITE\n9.01 proxy -> alice 486 INVITE\n"
    )
    assert [(item.rule, item.frames) for item in judged(script, "PRK")] == [("PRK-004", (3, 4, 5, 6, 7, 8, 9, 10))]


def test_prack_for_an_unreliable_response_is_likely_a_fault_of_the_caller(judged: Judged) -> None:
    script = BEGIN + "0.1 bob -> alice 180\n0.2 alice -> bob PRACK\n0.3 bob -> alice 481 PRACK\n" + BUSY
    found = judged(script, "PRK")
    assert [(item.rule, item.confidence, item.frames) for item in found] == [("PRK-006", Confidence.LIKELY, (2, 3, 4))]


def test_prack_for_a_half_reliable_response_is_told_as_half_reliable_alone(judged: Judged) -> None:
    script = BEGIN + "0.1 bob -> alice 180\n      RSeq: 1\n0.2 alice -> bob PRACK\n0.3 bob -> alice 481 PRACK\n" + BUSY
    assert [item.rule for item in judged(script, "PRK")] == ["PRK-001"]


def test_2xx_without_any_prack_is_merely_likely(judged: Judged) -> None:
    found = judged(EARLY_ANSWER + "0.2 bob -> alice 200 INVITE\n0.4 alice -> bob ACK\n" + RELEASE, "PRK")
    assert [(item.rule, item.confidence) for item in found] == [("PRK-009", Confidence.LIKELY)]


LOSSY = {
    "PRK-009": BEGIN
    + "1.1 bob -> alice 183 rseq=1\n"
    + SDP
    + "1.2 bob -> alice 200 INVITE\n1.3 alice -> bob PRACK\n      m=audio 4000 RTP/AVP 0\n"
    + "1.31 bob -> alice 200 PRACK\n1.4 alice -> bob ACK\n"
    + RELEASE,
    "PRK-003": FIRST
    + "1.0 bob -> alice 180 rseq=3\n1.1 alice -> bob PRACK rack=3\n1.2 bob -> alice 200 PRACK\n"
    + BUSY,
    "PRK-004": BEGIN + "0.1 bob -> alice 183 rseq=1\n" + again(0.6, 1.6, 3.6) + BUSY,
    "PRK-005": BEGIN
    + "0.1 bob -> alice 183 rseq=9\n0.2 alice -> bob PRACK rack=1\n0.3 bob -> alice 481 PRACK\n"
    + "0.4 alice -> bob PRACK rack=9\n0.5 bob -> alice 200 PRACK\n"
    + BUSY,
}


@pytest.mark.parametrize(("rule", "script"), LOSSY.items(), ids=LOSSY.keys())
def test_fault_is_merely_possible_where_the_capture_lost_packets(judged: Judged, rule: str, script: str) -> None:
    found = judged(script, "PRK", lossy_at=1.5)
    assert [(item.rule, item.confidence, len(item.guards)) for item in found] == [(rule, Confidence.POSSIBLE, 1)]
