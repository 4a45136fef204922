"""Flows of early media: gateway model, application-server model, ring-back policies, and a callee that speaks early."""

from tests.flows.story import AUDIO, PARTIES, flow, told

TO_BOB = f"0.0 alice -> bob INVITE{AUDIO}\n    Supported: 100rel, early-session\n"
TALK = "9.1-20 alice => bob PCMU\n"
ENDED = "20 alice -> bob BYE\n20.1 bob -> alice 200 BYE\n60 end\n"
FROM_BOB = AUDIO.replace("4000", "5000")
ANSWERED = f"9.0 bob -> alice 200 INVITE{FROM_BOB}\n9.05 alice -> bob ACK\n" + TALK + ENDED
BOB_TALKS = "9.05-20 bob => alice PCMU\n"

BEGUN = "establish:caller accept:callee release:caller"
WITH_MEDIA = "establish:caller early-media:callee accept:callee release:caller"


def part(disposition: str, address: str, port: int) -> str:
    """A part of a multipart body: one audio stream, for the disposition."""
    lines = (
        "--x",
        "Content-Type: application/sdp",
        f"Content-Disposition: {disposition}",
        "",
        "v=0",
        f"o=- {port} 1 IN IP4 {address}",
        "s=-",
        f"c=IN IP4 {address}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0",
    )
    return "".join(f"    | {line}\n" for line in lines)


MULTIPART = "    Content-Type: multipart/mixed;boundary=x\n"
END_OF_PARTS = "    | --x--\n"
APPLICATION_SERVER = (
    PARTIES
    + TO_BOB
    + "1.0 bob -> alice 183 rseq=1\n"
    + MULTIPART
    + part("session", "192.0.2.20", 5000)
    + part("early-session", "192.0.2.20", 5100)
    + END_OF_PARTS
    + "1.1 alice -> bob PRACK\n"
    + MULTIPART
    + part("early-session", "192.0.2.10", 4100)
    + END_OF_PARTS
    + "1.15 bob -> alice 200 PRACK\n"
    + "1.2-9.0 bob => alice PCMU from=192.0.2.20:5100 to=192.0.2.10:4100 ssrc=7\n"
    + "9.0 bob -> alice 200 INVITE\n9.05 alice -> bob ACK\n"
    + "9.05-20 bob => alice PCMU from=192.0.2.20:5000 to=192.0.2.10:4000 ssrc=8\n"
    + "9.1-20 alice => bob PCMU from=192.0.2.10:4000 to=192.0.2.20:5000\n"
    + ENDED
)

FLOWS = (
    flow(
        "F12",
        "gateway model: rings locally until media arrives",
        PARTIES
        + TO_BOB
        + f"1.0 bob -> alice 180\n3.0 bob -> alice 183{FROM_BOB}\n3.05-20 bob => alice PCMU\n"
        + ANSWERED,
        told("answered by caller", 200, WITH_MEDIA),
    ),
    flow(
        "F13",
        "application-server model: an early session beside that of the call",
        APPLICATION_SERVER,
        told("answered by caller", 200, BEGUN),
    ),
    flow(
        "F14",
        "no 180 and no media",
        PARTIES + TO_BOB + "1.0 bob -> alice 183\n" + ANSWERED + BOB_TALKS,
        told("answered by caller", 200, BEGUN),
        findings="EM-002",
    ),
    flow(
        "F14",
        "180 with SDP and no media",
        PARTIES + TO_BOB + f"1.0 bob -> alice 180{FROM_BOB}\n" + ANSWERED + BOB_TALKS,
        told("answered by caller", 200, BEGUN),
        findings="EM-001",
    ),
    flow(
        "F14",
        "180 and media at once",
        PARTIES + TO_BOB + f"1.0 bob -> alice 180{FROM_BOB}\n1.02-20 bob => alice PCMU\n" + ANSWERED,
        told("answered by caller", 200, WITH_MEDIA),
    ),
    flow(
        "F15",
        "callee speaks before its answer, and its first words behind it are missing",
        PARTIES
        + TO_BOB
        + "1.0 bob -> alice 180\n8.2-8.9 bob => alice PCMU ssrc=1\n10.0-20 bob => alice PCMU ssrc=2\n"
        + ANSWERED,
        told("answered by caller", 200, WITH_MEDIA),
        findings="EM-004 EM-007",
    ),
)
