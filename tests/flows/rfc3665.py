"""The sessions of RFC 3665 §3."""

from tests.flows.story import AUDIO, PARTIES, PROXIED, flow, told

TO_BOB_THROUGH_TWO = f"""
0.00 alice -> outbound INVITE to=bob{AUDIO}
0.01 outbound -> inbound INVITE
0.02 outbound -> alice 100
0.03 inbound -> bob INVITE
0.04 inbound -> outbound 100
"""

RINGING_THROUGH_TWO = """
0.10 bob -> inbound 180
0.11 inbound -> outbound 180
0.12 outbound -> alice 180
"""

ANSWERED_THROUGH_TWO = f"""
3.00 bob -> inbound 200{AUDIO}
3.01 inbound -> outbound 200
3.02 outbound -> alice 200
3.03 alice -> outbound ACK
3.04 outbound -> inbound ACK
3.05 inbound -> bob ACK
"""

BOB_HANGS_UP_THROUGH_TWO = """
9.00 bob -> inbound BYE
9.01 inbound -> outbound BYE
9.02 outbound -> alice BYE
9.03 alice -> outbound 200 BYE
9.04 outbound -> inbound 200 BYE
9.05 inbound -> bob 200 BYE
60 end
"""

FAILED_THROUGH_TWO = """
5.00 bob -> inbound {status}
5.01 inbound -> bob ACK
5.02 inbound -> outbound {status}
5.03 outbound -> inbound ACK
5.04 outbound -> alice {status}
5.05 alice -> outbound ACK
60 end
"""

FLOWS = (
    flow(
        "RFC 3665 §3.1",
        "Successful Session Establishment",
        PARTIES
        + f"0.0 alice -> bob INVITE{AUDIO}\n0.1 bob -> alice 180\n3.0 bob -> alice 200{AUDIO}\n3.1 alice -> bob ACK\n"
        + "9.0 bob -> alice BYE\n9.1 alice -> bob 200\n60 end",
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
    ),
    flow(
        "RFC 3665 §3.2",
        "Session Establishment Through Two Proxies",
        PROXIED + TO_BOB_THROUGH_TWO + RINGING_THROUGH_TWO + ANSWERED_THROUGH_TWO + BOB_HANGS_UP_THROUGH_TWO,
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
    ),
    flow(
        "RFC 3665 §3.3",
        "Session with Multiple Proxy Authentication",
        PROXIED
        + f"""
0.00 alice -> outbound INVITE to=bob{AUDIO}
0.01 outbound -> alice 407 tag=o1
     Proxy-Authenticate: Digest realm="a.example", nonce="n1"
0.02 alice -> outbound ACK
0.03 alice -> outbound INVITE to=bob{AUDIO}
     Proxy-Authorization: Digest username="alice",realm="a.example", nonce="n1", uri="sip:bob@192.0.2.20",response="00"
0.04 outbound -> alice 100
0.05 outbound -> inbound INVITE
0.06 inbound -> outbound 407 tag=i1
     Proxy-Authenticate: Digest realm="b.example", nonce="n2"
0.07 outbound -> inbound ACK
0.08 outbound -> alice 407
0.09 alice -> outbound ACK
0.10 alice -> outbound INVITE to=bob{AUDIO}
     Proxy-Authorization: Digest username="alice",realm="b.example", nonce="n2", uri="sip:bob@192.0.2.20",response="00"
0.11 outbound -> alice 100
0.12 outbound -> inbound INVITE
0.13 inbound -> outbound 100
0.14 inbound -> bob INVITE
"""
        + ANSWERED_THROUGH_TWO
        + BOB_HANGS_UP_THROUGH_TWO,
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
    ),
    flow(
        "RFC 3665 §3.4",
        "Successful Session with Proxy Failure",
        PROXIED
        + f"0.0 alice -> outbound INVITE to=bob{AUDIO}\n"
        + "".join(f"{at} alice -> outbound INVITE again\n" for at in (0.5, 1.5, 3.5, 7.5, 15.5, 31.5))
        + f"""
32.0 alice -> inbound INVITE to=bob{AUDIO}
32.1 inbound -> alice 407 tag=i1
     Proxy-Authenticate: Digest realm="b.example", nonce="n2"
32.2 alice -> inbound ACK
32.3 alice -> inbound INVITE to=bob{AUDIO}
     Proxy-Authorization: Digest username="alice",realm="b.example", nonce="n2", uri="sip:bob@192.0.2.20",response="00"
32.4 inbound -> bob INVITE
32.5 inbound -> alice 100
32.6 bob -> inbound 180
32.7 inbound -> alice 180
33.0 bob -> inbound 200{AUDIO}
33.1 inbound -> alice 200
33.2 alice -> inbound ACK
33.3 inbound -> bob ACK
40.0 bob -> inbound BYE
40.1 inbound -> alice BYE
40.2 alice -> inbound 200
40.3 inbound -> bob 200
90 end
""",
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
        findings="TXN-001",
    ),
    flow(
        "RFC 3665 §3.5",
        "Session Through a SIP ALG",
        PARTIES
        + "alg 192.0.2.1 proxy record-route\ninbound 192.0.2.2 proxy\n"
        + f"""
0.0 alice -> alg INVITE to=bob{AUDIO}
0.1 alg -> inbound INVITE
    c=IN IP4 192.0.2.1
    m=audio 2000 RTP/AVP 0
0.2 alg -> alice 100
0.3 inbound -> bob INVITE
0.4 inbound -> alg 100
0.5 bob -> inbound 180
0.6 inbound -> alg 180
0.7 alg -> alice 180
3.0 bob -> inbound 200{AUDIO}
3.1 inbound -> alg 200
3.2 alg -> alice 200
    c=IN IP4 192.0.2.1
    m=audio 1734 RTP/AVP 0
3.3 alice -> alg ACK
3.4 alg -> bob ACK
9.0 alice -> alg BYE
9.1 alg -> bob BYE
9.2 bob -> alg 200
9.3 alg -> alice 200
60 end
""",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 3665 §3.6",
        "Session via Redirect and Proxy Servers with SDP in ACK",
        PARTIES
        + "redirect 192.0.2.3 proxy\ninbound 192.0.2.2 proxy record-route\n"
        + f"""
0.0 alice -> redirect INVITE to=bob
0.1 redirect -> alice 302 tag=r1
    Contact: <sip:bob@chicago.example.com>
0.2 alice -> redirect ACK
0.3 alice -> inbound INVITE to=bob
0.4 inbound -> bob INVITE
0.5 inbound -> alice 100
0.6 bob -> inbound 180
0.7 inbound -> alice 180
3.0 bob -> inbound 200{AUDIO}
3.1 inbound -> alice 200
3.2 alice -> inbound ACK{AUDIO}
3.3 inbound -> bob ACK
9.0 bob -> inbound BYE
9.1 inbound -> alice BYE
9.2 alice -> inbound 200
9.3 inbound -> bob 200
60 end
""",
        told("answered by callee", 200, "establish:caller redirect accept:callee release:callee"),
    ),
    flow(
        "RFC 3665 §3.7",
        "Session with re-INVITE (IP Address Change)",
        PARTIES
        + "inbound 192.0.2.2 proxy\nbob2 192.0.2.21\n"
        + f"""
0.0 alice -> inbound INVITE to=bob{AUDIO}
0.1 inbound -> bob INVITE
0.2 inbound -> alice 100
0.3 bob -> inbound 180
0.4 inbound -> alice 180
3.0 bob -> inbound 200{AUDIO}
3.1 inbound -> alice 200
3.2 alice -> bob ACK
5.0 bob -> alice INVITE
    Contact: <sip:bob@192.0.2.21:5060>
    c=IN IP4 192.0.2.21
    m=audio 4000 RTP/AVP 0
5.1 alice -> bob 200{AUDIO}
5.2 bob -> alice ACK
9.0 alice -> bob BYE uri=sip:bob@192.0.2.21:5060
9.1 bob -> alice 200
60 end
""",
        told("answered by caller", 200, "establish:caller accept:callee session-change release:caller"),
    ),
    flow(
        "RFC 3665 §3.8",
        "Unsuccessful No Answer",
        PROXIED
        + TO_BOB_THROUGH_TWO
        + RINGING_THROUGH_TWO
        + """
5.00 alice -> outbound CANCEL
5.01 outbound -> alice 200 CANCEL
5.02 outbound -> inbound CANCEL
5.03 inbound -> outbound 200 CANCEL
5.04 inbound -> bob CANCEL
5.05 bob -> inbound 200 CANCEL
5.06 bob -> inbound 487 INVITE
5.07 inbound -> bob ACK
5.08 inbound -> outbound 487 INVITE
5.09 outbound -> inbound ACK
5.10 outbound -> alice 487 INVITE
5.11 alice -> outbound ACK
60 end
""",
        told("cancelled by caller", 487, "establish:caller cancel:caller"),
    ),
    flow(
        "RFC 3665 §3.9",
        "Unsuccessful Busy",
        PROXIED + TO_BOB_THROUGH_TWO + FAILED_THROUGH_TWO.format(status=486),
        told("rejected by callee", 486, "establish:caller refuse:callee", dialogs=0),
    ),
    flow(
        "RFC 3665 §3.10",
        "Unsuccessful No Response from User Agent",
        PROXIED
        + TO_BOB_THROUGH_TWO
        + "".join(f"{at} inbound -> bob INVITE again\n" for at in (0.53, 1.53, 3.53, 7.53, 15.53, 31.53))
        + """
32.1 inbound -> outbound 480 tag=i1
32.2 outbound -> inbound ACK
32.3 outbound -> alice 480
32.4 alice -> outbound ACK
90 end
""",
        told("rejected by network", 480, "establish:caller refuse", dialogs=0),
        findings="TXN-001",
    ),
    flow(
        "RFC 3665 §3.11",
        "Unsuccessful Temporarily Unavailable",
        PROXIED + TO_BOB_THROUGH_TWO + RINGING_THROUGH_TWO + FAILED_THROUGH_TWO.format(status=480),
        told("rejected by callee", 480, "establish:caller refuse:callee"),
    ),
)
