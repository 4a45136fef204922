"""The races of RFC 5407 §3: each looks like a fault in a trace, and none is one."""

from tests.flows.story import AUDIO, PARTIES, flow, told

ANSWERED = f"0.0 alice -> bob INVITE{AUDIO}\n0.1 bob -> alice 180\n2.0 bob -> alice 200{AUDIO}\n"
UP = PARTIES + ANSWERED + "2.1 alice -> bob ACK\n"
RELEASED_BY_CALLER = "9.0 alice -> bob BYE\n9.1 bob -> alice 200 BYE\n60 end\n"

FLOWS = (
    flow(
        "RFC 5407 §3.1.1",
        "initial INVITE repeated while the callee waits for the ACK",
        PARTIES
        + f"0.0 alice -> bob INVITE{AUDIO}\n0.49 bob -> alice 180\n0.498 bob -> alice 200{AUDIO}\n"
        + "0.5 alice -> bob INVITE again\n0.51 bob -> alice 200 again\n0.6 alice -> bob ACK\n"
        + "0.61 alice -> bob ACK again\n"
        + RELEASED_BY_CALLER,
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 5407 §3.1.2",
        "CANCEL crosses the 200",
        PARTIES
        + ANSWERED
        + "2.001 alice -> bob CANCEL\n2.1 bob -> alice 200 CANCEL\n2.11 alice -> bob ACK\n2.12 alice -> bob BYE\n"
        + "2.2 bob -> alice 200 BYE\n60 end\n",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 5407 §3.1.3",
        "BYE of the early dialog crosses the 200",
        PARTIES
        + f"0.0 alice -> bob INVITE{AUDIO}\n0.1 bob -> alice 180\n2.0 alice -> bob BYE\n"
        + f"2.001 bob -> alice 200 INVITE{AUDIO}\n"
        + "2.1 alice -> bob ACK\n2.2 bob -> alice 200 BYE\n60 end\n",
        told("answered by caller", 200, "establish:caller release:caller accept:callee"),
    ),
    flow(
        "RFC 5407 §3.1.4",
        "re-INVITE overtakes the ACK, offer and answer exchanged",
        PARTIES
        + ANSWERED
        + f"2.1 alice -> bob ACK unseen\n2.2 alice -> bob INVITE{AUDIO}\n2.3 bob -> alice 200 INVITE{AUDIO}\n"
        + "2.4 alice -> bob ACK\n"
        + RELEASED_BY_CALLER,
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 5407 §3.1.5",
        "re-INVITE overtakes the ACK that has the answer",
        PARTIES
        + f"0.0 alice -> bob INVITE\n0.1 bob -> alice 180\n2.0 bob -> alice 200{AUDIO}\n"
        + f"2.10 alice -> bob INVITE{AUDIO}\n2.11 alice -> bob ACK cseq=1{AUDIO}\n"
        + "2.2 bob -> alice 491\n2.3 alice -> bob ACK\n"
        + f"4.8 alice -> bob INVITE{AUDIO}\n4.9 bob -> alice 200 INVITE{AUDIO}\n5.0 alice -> bob ACK\n"
        + RELEASED_BY_CALLER,
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 5407 §3.1.6",
        "BYE arrives and the ACK never does",
        PARTIES + ANSWERED + "2.5 bob -> alice 200 again\n3.0 alice -> bob BYE\n3.1 bob -> alice 200 BYE\n60 end\n",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 5407 §3.2.1",
        "both hang up at once",
        UP
        + "9.0 alice -> bob BYE\n9.001 bob -> alice BYE\n9.1 alice -> bob 200 BYE\n9.11 bob -> alice 200 BYE\n60 end\n",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 5407 §3.2.2",
        "re-INVITE crosses the BYE",
        UP
        + f"9.0 alice -> bob BYE\n9.001 bob -> alice INVITE{AUDIO}\n9.1 alice -> bob 481 INVITE\n"
        + "9.11 bob -> alice 200 BYE\n9.2 bob -> alice ACK\n60 end\n",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 5407 §3.2.3",
        "200 to a re-INVITE crosses the BYE",
        UP
        + f"9.0 bob -> alice INVITE{AUDIO}\n9.1 bob -> alice BYE\n9.101 alice -> bob 200 INVITE{AUDIO}\n"
        + "9.2 alice -> bob 200 BYE\n9.21 bob -> alice ACK\n60 end\n",
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
    ),
    flow(
        "RFC 5407 §3.2.4",
        "ACK crosses the BYE of a callee who hangs up at once",
        PARTIES + ANSWERED + "2.001 bob -> alice BYE\n2.1 alice -> bob ACK\n2.11 alice -> bob 200 BYE\n60 end\n",
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
    ),
    flow(
        "RFC 5407 §3.3.1",
        "re-INVITEs cross",
        UP
        + f"4.0 alice -> bob INVITE{AUDIO}\n4.001 bob -> alice INVITE{AUDIO}\n4.1 bob -> alice 491\n"
        + f"4.101 alice -> bob 491\n4.2 alice -> bob ACK\n4.201 bob -> alice ACK\n5.0 bob -> alice INVITE{AUDIO}\n"
        + f"5.1 alice -> bob 200 INVITE{AUDIO}\n5.2 bob -> alice ACK\n6.6 alice -> bob INVITE{AUDIO}\n"
        + f"6.7 bob -> alice 200 INVITE{AUDIO}\n6.8 alice -> bob ACK\n"
        + RELEASED_BY_CALLER,
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 5407 §3.3.2",
        "UPDATE and re-INVITE cross",
        UP
        + f"4.0 alice -> bob UPDATE{AUDIO}\n4.001 bob -> alice INVITE{AUDIO}\n4.1 bob -> alice 491 UPDATE\n"
        + f"4.101 alice -> bob 491 INVITE\n4.201 bob -> alice ACK\n5.0 bob -> alice INVITE{AUDIO}\n"
        + f"5.1 alice -> bob 200 INVITE{AUDIO}\n5.2 bob -> alice ACK\n6.6 alice -> bob UPDATE{AUDIO}\n"
        + f"6.7 bob -> alice 200 UPDATE{AUDIO}\n"
        + RELEASED_BY_CALLER,
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 5407 §3.3.3",
        "REFER crosses the BYE",
        UP
        + "9.0 alice -> bob BYE\n9.001 bob -> alice REFER\n    Refer-To: <sip:carol@192.0.2.30>\n"
        + "9.1 alice -> bob 481 REFER\n9.11 bob -> alice 200 BYE\n60 end\n",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
)
