"""Flows of the systems that captures come from: proxies, forks, gateways, timers, NAT and B2BUAs."""

from tests.flows.rfc3665 import ANSWERED_THROUGH_TWO, BOB_HANGS_UP_THROUGH_TWO, RINGING_THROUGH_TWO, TO_BOB_THROUGH_TWO
from tests.flows.rfc5359 import CAROL, CAROL_ANSWERS_FOR_BOB, PROXY, UP_THROUGH_PROXY, up
from tests.flows.story import AUDIO, PARTIES, PROXIED, flow, told

UP = (
    PARTIES
    + f"0.0 alice -> bob INVITE{AUDIO}\n0.1 bob -> alice 180\n1.0 bob -> alice 200{AUDIO}\n1.1 alice -> bob ACK\n"
)
RELEASED_BY_CALLER = "20 alice -> bob BYE\n20.1 bob -> alice 200 BYE\n60 end\n"
RINGING = PARTIES + f"0.0 alice -> bob INVITE{AUDIO}\n0.1 bob -> alice 180\n"
CHALLENGE = '\n      Proxy-Authenticate: Digest realm="a.example", nonce="n1"'

PARALLEL = (
    PROXY
    + f"""
0.00 alice -> proxy INVITE to=bob{AUDIO}
0.01 proxy -> bob INVITE
0.02 proxy -> carol INVITE uri={CAROL}
0.03 proxy -> alice 100
0.10 bob -> proxy 180 tag=bob-1
0.11 proxy -> alice 180
"""
)

BOB_IS_CANCELLED = """
9.03 proxy -> bob CANCEL
     Reason: SIP;cause=200;text="Call completed elsewhere"
9.04 bob -> proxy 200 CANCEL
9.05 bob -> proxy 487 INVITE tag=bob-1
9.06 proxy -> bob ACK
"""

SESSION = "    Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000\n"
CALLERS_SIDE = (
    f"0.00 alice -> pbx INVITE call=1{AUDIO}\n{SESSION}0.01 pbx -> alice 100\n0.12 pbx -> alice 180\n",
    f"2.02 pbx -> alice 200{AUDIO}\n2.04 alice -> pbx ACK call=1\n",
    "9.00 alice -> pbx BYE call=1\n9.03 pbx -> alice 200 BYE\n",
)
CALLEES_SIDE = (
    f"0.02 pbx -> bob INVITE call=2{AUDIO}\n    From: <sip:alice@192.0.2.10>;tag=pbx-2\n{SESSION}",
    f"0.11 bob -> pbx 180\n2.01 bob -> pbx 200{AUDIO}\n2.03 pbx -> bob ACK call=2\n",
    "9.01 pbx -> bob BYE call=2\n9.02 bob -> pbx 200 BYE\n",
)

FLOWS = (
    flow(
        "F01",
        "call through two proxies that leave the path",
        PROXIED.replace(" record-route", "")
        + TO_BOB_THROUGH_TWO
        + RINGING_THROUGH_TWO
        + f"3.00 bob -> inbound 200{AUDIO}\n3.01 inbound -> outbound 200\n3.02 outbound -> alice 200\n"
        + "3.03 alice -> bob ACK\n9.0 bob -> alice BYE\n9.1 alice -> bob 200\n60 end\n",
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
    ),
    flow(
        "F02",
        "call through two proxies that stay in the path",
        PROXIED + TO_BOB_THROUGH_TWO + RINGING_THROUGH_TWO + ANSWERED_THROUGH_TWO + BOB_HANGS_UP_THROUGH_TWO,
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
    ),
    flow(
        "F16",
        "caller cancels while it rings",
        RINGING
        + '8.0 alice -> bob CANCEL\n    Reason: SIP;cause=486;text="Busy Here"\n8.1 bob -> alice 200 CANCEL\n'
        + "8.2 bob -> alice 487 INVITE\n8.3 alice -> bob ACK\n60 end\n",
        told("cancelled by caller", 487, "establish:caller cancel:caller"),
    ),
    flow(
        "F17",
        "CANCEL crosses the 200",
        RINGING
        + f"8.0 bob -> alice 200{AUDIO}\n8.01 alice -> bob CANCEL\n8.1 bob -> alice 481 CANCEL\n8.11 alice -> bob ACK\n"
        + "8.2 alice -> bob BYE\n8.3 bob -> alice 200 BYE\n60 end\n",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "F18",
        "parallel fork, the loser cancelled",
        PARALLEL + BOB_IS_CANCELLED + CAROL_ANSWERS_FOR_BOB,
        told("answered by caller", 200, "establish:caller fork accept:callee release:caller", dialogs=2),
    ),
    flow(
        "F18",
        "fork in sequence",
        PROXY
        + f"0.00 alice -> proxy INVITE to=bob{AUDIO}\n0.01 proxy -> bob INVITE\n0.02 proxy -> alice 100\n"
        + "0.10 bob -> proxy 480 tag=bob-1\n0.11 proxy -> bob ACK\n"
        + f"0.2 proxy -> carol INVITE uri={CAROL}\n"
        + CAROL_ANSWERS_FOR_BOB,
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "F20",
        "phone redirects to another",
        PARTIES
        + f"0.0 alice -> bob INVITE{AUDIO}\n0.1 bob -> alice 302 tag=b1\n    Contact: <{CAROL}>\n0.2 alice -> bob ACK\n"
        + f"0.3 alice -> carol INVITE call=1 uri={CAROL}{AUDIO}\n0.4 carol -> alice 180 tag=carol-1\n"
        + f"2.0 carol -> alice 200 tag=carol-1{AUDIO}\n2.1 alice -> carol ACK call=1 uri={CAROL}:5060\n"
        + f"9.0 alice -> carol BYE call=1 uri={CAROL}:5060\n9.1 carol -> alice 200\n60 end\n",
        told("answered by caller", 200, "establish:caller redirect accept:callee release:caller"),
    ),
    flow(
        "F21",
        "not acceptable, and a new offer that is",
        PARTIES
        + "0.0 alice -> bob INVITE\n    m=audio 4000 RTP/AVP 18\n0.1 bob -> alice 488 tag=b1\n"
        + '    Warning: 305 bob "Incompatible media format"\n0.2 alice -> bob ACK\n'
        + f"0.3 alice -> bob INVITE{AUDIO}\n0.4 bob -> alice 180 tag=b2\n1.0 bob -> alice 200 tag=b2{AUDIO}\n"
        + "1.1 alice -> bob ACK\n"
        + RELEASED_BY_CALLER,
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "F22",
        "busy",
        PARTIES + f"0.0 alice -> bob INVITE{AUDIO}\n0.1 bob -> alice 486 tag=b1\n0.2 alice -> bob ACK\n60 end\n",
        told("rejected by callee", 486, "establish:caller refuse:callee", dialogs=0),
    ),
    flow(
        "F22",
        "forwarded on busy with 181",
        PROXY
        + f"0.00 alice -> proxy INVITE to=bob{AUDIO}\n0.01 proxy -> bob INVITE\n0.02 proxy -> alice 100\n"
        + "0.10 bob -> proxy 486 tag=bob-1\n0.11 proxy -> bob ACK\n0.12 proxy -> alice 181 tag=p1\n"
        + f"0.20 proxy -> carol INVITE uri={CAROL}\n"
        + CAROL_ANSWERS_FOR_BOB,
        told("answered by caller", 200, "establish:caller forward-busy accept:callee release:caller", dialogs=2),
    ),
    flow(
        "F22",
        "always forwarded, told by Diversion",
        PROXY
        + f"0.00 alice -> proxy INVITE to=bob{AUDIO}\n0.01 proxy -> alice 100\n"
        + f"0.20 proxy -> carol INVITE uri={CAROL}\n     Diversion: <sip:bob@192.0.2.20>;reason=unconditional\n"
        + CAROL_ANSWERS_FOR_BOB,
        told("answered by caller", 200, "establish:caller forward-always accept:callee release:caller"),
    ),
    flow(
        "F23",
        "gateway full, the second one answers",
        PROXY
        + "first 192.0.2.51\nsecond 192.0.2.52\n"
        + f"""
0.00 alice -> proxy INVITE to=bob{AUDIO}
0.01 proxy -> first INVITE
0.02 proxy -> alice 100
0.10 first -> proxy 503 tag=g1
0.11 proxy -> first ACK
0.12 proxy -> second INVITE
0.50 second -> proxy 183 tag=g2
0.51 proxy -> alice 183
2.00 second -> proxy 200 tag=g2{AUDIO}
2.01 proxy -> alice 200
2.02 alice -> proxy ACK call=1 uri=sip:second@192.0.2.52:5060
2.03 proxy -> second ACK
9.00 alice -> proxy BYE call=1 uri=sip:second@192.0.2.52:5060
9.01 proxy -> second BYE
9.02 second -> proxy 200 BYE
9.03 proxy -> alice 200 BYE
60 end
""",
        told("answered by caller", 200, "establish:caller failover accept:callee release:caller"),
    ),
    flow(
        "F24",
        "reliable provisional response, repeated because its PRACK was lost",
        PARTIES
        + f"0.0 alice -> bob INVITE{AUDIO}\n    Supported: 100rel\n0.1 bob -> alice 183 rseq=1{AUDIO}\n"
        + "0.15 alice -> bob PRACK unseen\n0.6 bob -> alice 183 again\n0.65 alice -> bob PRACK again\n"
        + "0.7 bob -> alice 200 PRACK\n2.0 bob -> alice 200 INVITE\n2.1 alice -> bob ACK\n"
        + RELEASED_BY_CALLER,
        told("answered by caller", 200, "establish:caller reliable-provisional:caller accept:callee release:caller"),
    ),
    flow(
        "F32",
        "digits by INFO",
        UP
        + "4.0 alice -> bob INFO\n    Content-Type: application/dtmf-relay\n    | Signal=5\n    | Duration=160\n"
        + "4.1 bob -> alice 200 INFO\n5.0 alice -> bob INFO\n    Content-Type: application/dtmf-relay\n"
        + "    | Signal=#\n    | Duration=160\n5.1 bob -> alice 200 INFO\n"
        + RELEASED_BY_CALLER,
        told("answered by caller", 200, "establish:caller accept:callee digits:caller release:caller"),
    ),
    flow(
        "F39",
        "session timer refreshed by UPDATE",
        PARTIES
        + f"0.0 alice -> bob INVITE{AUDIO}\n    Supported: timer\n    Session-Expires: 90;refresher=uac\n"
        + f"0.1 bob -> alice 180\n1.0 bob -> alice 200{AUDIO}\n    Require: timer\n"
        + "    Session-Expires: 90;refresher=uac\n1.1 alice -> bob ACK\n"
        + "46.0 alice -> bob UPDATE\n    Supported: timer\n    Session-Expires: 90;refresher=uac\n"
        + "46.1 bob -> alice 200 UPDATE\n    Require: timer\n    Session-Expires: 90;refresher=uac\n"
        + "70.0 alice -> bob BYE\n70.1 bob -> alice 200 BYE\n120 end\n",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "F40",
        "stale nonce renewed",
        PARTIES
        + f"0.0 alice -> bob INVITE{AUDIO}\n"
        + '    Authorization: Digest username="alice",realm="b", nonce="old", uri="sip:bob@192.0.2.20",response="00"\n'
        + '0.1 bob -> alice 401 tag=b1\n    WWW-Authenticate: Digest realm="b", nonce="new", stale=true\n'
        + f"0.2 alice -> bob ACK\n0.3 alice -> bob INVITE{AUDIO}\n"
        + '    Authorization: Digest username="alice",realm="b", nonce="new", uri="sip:bob@192.0.2.20",response="00"\n'
        + f"1.0 bob -> alice 200 tag=b2{AUDIO}\n1.1 alice -> bob ACK\n"
        + RELEASED_BY_CALLER,
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "F40",
        "407 by the proxy and 401 by the server in one call",
        PROXY
        + f"""
0.00 alice -> proxy INVITE to=bob{AUDIO}
0.01 proxy -> alice 407 tag=p1{CHALLENGE}
0.02 alice -> proxy ACK
0.03 alice -> proxy INVITE to=bob{AUDIO}
     Proxy-Authorization: Digest username="alice",realm="a.example", nonce="n1", uri="sip:bob@192.0.2.20",response="00"
0.04 proxy -> bob INVITE
0.05 bob -> proxy 401 tag=b1
     WWW-Authenticate: Digest realm="b.example", nonce="n2"
0.06 proxy -> bob ACK
0.07 proxy -> alice 401
0.08 alice -> proxy ACK
0.09 alice -> proxy INVITE to=bob{AUDIO}
     Proxy-Authorization: Digest username="alice",realm="a.example", nonce="n1", uri="sip:bob@192.0.2.20",response="01"
     Authorization: Digest username="alice",realm="b.example", nonce="n2", uri="sip:bob@192.0.2.20",response="02"
"""
        + UP_THROUGH_PROXY.split("\n", 2 + AUDIO.count("\n"))[-1].replace("0.01 ", "0.095 ")
        + "9.0 alice -> proxy BYE\n9.1 proxy -> bob BYE\n9.2 bob -> proxy 200\n9.3 proxy -> alice 200\n60 end\n",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "F40",
        "wrong password",
        PARTIES
        + f"0.0 alice -> bob INVITE{AUDIO}\n0.1 bob -> alice 401 tag=b1\n"
        + '    WWW-Authenticate: Digest realm="b", nonce="n1"\n'
        + f"0.2 alice -> bob ACK\n0.3 alice -> bob INVITE{AUDIO}\n"
        + '    Authorization: Digest username="alice",realm="b", nonce="n1", uri="sip:bob@192.0.2.20",response="00"\n'
        + '0.4 bob -> alice 401 tag=b2\n    WWW-Authenticate: Digest realm="b", nonce="n2"\n'
        + "0.5 alice -> bob ACK\n60 end\n",
        told("rejected by network", 401, "establish:caller refuse", dialogs=0),
        findings="AUTH-001",
    ),
    flow(
        "F19",
        "capabilities asked for outside and inside a call",
        PARTIES
        + "0.0 alice -> bob OPTIONS call=9\n    Accept: application/sdp\n"
        + "0.1 bob -> alice 200 tag=o1\n    Allow: INVITE, ACK, BYE, CANCEL, OPTIONS\n"
        + up("alice", "bob", 1, call=1)
        + "5.0 bob -> alice OPTIONS call=1\n5.1 alice -> bob 200 OPTIONS\n"
        + "20 alice -> bob BYE call=1\n20.1 bob -> alice 200 BYE\n60 end\n",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "F39",
        "refresh missed, so the other side hangs up",
        PARTIES
        + f"0.0 alice -> bob INVITE{AUDIO}\n    Supported: timer\n    Session-Expires: 90;refresher=uac\n"
        + f"0.1 bob -> alice 180\n1.0 bob -> alice 200{AUDIO}\n    Require: timer\n"
        + "    Session-Expires: 90;refresher=uac\n1.1 alice -> bob ACK\n"
        + '61.0 bob -> alice BYE\n    Reason: SIP;cause=408;text="Session timer expired"\n'
        + "61.1 alice -> bob 200 BYE\n120 end\n",
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
        findings="SST-001",
    ),
    flow(
        "F41",
        "phones behind NAT, helped by rport and a relay",
        PARTIES
        + """
0.0 alice -> bob INVITE
    Contact: <sip:alice@10.0.0.5:5060>
    Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKnat1;rport
    c=IN IP4 192.0.2.70
    m=audio 6000 RTP/AVP 0
0.1 bob -> alice 180
1.0 bob -> alice 200
    c=IN IP4 192.0.2.70
    m=audio 6002 RTP/AVP 0
1.1 alice -> bob ACK
1.2-8 alice => bob PCMU from=192.0.2.10:4000
1.2-8 bob => alice PCMU from=192.0.2.20:4000
20 bob -> alice BYE uri=sip:alice@10.0.0.5:5060
20.1 alice -> bob 200 BYE
60 end
""",
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
    ),
    flow(
        "F41",
        "phone behind NAT without help",
        PARTIES
        + """
0.0 alice -> bob INVITE
    Contact: <sip:alice@10.0.0.5:5060>
    c=IN IP4 10.0.0.5
    m=audio 4000 RTP/AVP 0
0.1 bob -> alice 180
1.0 bob -> alice 200
    m=audio 4000 RTP/AVP 0
1.1 alice -> bob ACK
1.2-18 alice => bob PCMU from=192.0.2.10:4000
20 alice -> bob BYE
20.1 bob -> alice 200 BYE
60 end
""",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
        findings="RTP-002 SDP-012",
    ),
    *(
        flow(
            "F42",
            f"B2BUA with another Call-ID, {where}",
            PARTIES
            + "pbx 192.0.2.80\n"
            + "".join(line for side in sides for line in (CALLERS_SIDE if side == "caller's" else CALLEES_SIDE))
            + "60 end\n",
            told("answered by caller", 200, "establish:caller accept:callee release:caller", dialogs=len(sides)),
        )
        for where, sides in (
            ("seen on the caller's side", ("caller's",)),
            ("seen on the callee's side", ("callee's",)),
            ("seen on both sides", ("caller's", "callee's")),
        )
    ),
)
