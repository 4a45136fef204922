"""The call services of RFC 5359 §2 that a trace can tell."""

from tests.flows.story import AUDIO, PARTIES, flow, told

PROXY = PARTIES + "proxy 192.0.2.1 proxy record-route\n"
HOLD = "\n      m=audio 4000 RTP/AVP 0\n      a=sendonly"
HELD = "\n      m=audio 4000 RTP/AVP 0\n      a=recvonly"
CAROL = "sip:carol@192.0.2.30"

UP_THROUGH_PROXY = f"""
0.00 alice -> proxy INVITE to=bob{AUDIO}
0.01 proxy -> bob INVITE
0.02 proxy -> alice 100
0.10 bob -> proxy 180
0.11 proxy -> alice 180
2.00 bob -> proxy 200{AUDIO}
2.01 proxy -> alice 200
2.02 alice -> proxy ACK
2.03 proxy -> bob ACK
"""

HELD_BY_BOB_THROUGH_PROXY = f"""
5.00 bob -> proxy INVITE{HOLD}
5.01 proxy -> alice INVITE
5.02 alice -> proxy 200 INVITE{HELD}
5.03 proxy -> bob 200 INVITE
5.04 bob -> proxy ACK
5.05 proxy -> alice ACK
"""

RESUMED_BY_BOB_THROUGH_PROXY = f"""
15.00 bob -> proxy INVITE{AUDIO}
15.01 proxy -> alice INVITE
15.02 alice -> proxy 200 INVITE{AUDIO}
15.03 proxy -> bob 200 INVITE
15.04 bob -> proxy ACK
15.05 proxy -> alice ACK
20.00 alice -> proxy BYE
20.01 proxy -> bob BYE
20.02 bob -> proxy 200 BYE
20.03 proxy -> alice 200 BYE
60 end
"""

CAROL_ANSWERS_FOR_BOB = f"""
8.10 carol -> proxy 180 tag=carol-1
8.11 proxy -> alice 180
9.00 carol -> proxy 200 tag=carol-1{AUDIO}
9.01 proxy -> alice 200
9.02 alice -> proxy ACK call=1 uri={CAROL}:5060
9.03 proxy -> carol ACK uri={CAROL}:5060
15.0 alice -> proxy BYE call=1 uri={CAROL}:5060
15.1 proxy -> carol BYE
15.2 carol -> proxy 200 BYE
15.3 proxy -> alice 200 BYE
60 end
"""


def up(first: str, second: str, at: float, *, call: int, extra: str = "") -> str:
    """A call from the first to the second, answered after a second."""
    return (
        f"{at} {first} -> {second} INVITE call={call}{AUDIO}{extra}\n{at + 0.1:.1f} {second} -> {first} 180\n"
        f"{at + 1} {second} -> {first} 200{AUDIO}\n{at + 1.1:.1f} {first} -> {second} ACK\n"
    )


def held(first: str, second: str, at: float, *, call: int) -> str:
    """The first holds the second."""
    return (
        f"{at} {first} -> {second} INVITE call={call}{HOLD}\n{at + 0.1:.1f} {second} -> {first} 200 INVITE{HELD}\n"
        f"{at + 0.2:.1f} {first} -> {second} ACK call={call}\n"
    )


def released(first: str, second: str, at: float, *, call: int) -> str:
    """The first hangs up."""
    return f"{at} {first} -> {second} BYE call={call}\n{at + 0.1:.1f} {second} -> {first} 200 BYE\n"


FLOWS = (
    flow(
        "RFC 5359 §2.1",
        "Call Hold",
        PROXY + UP_THROUGH_PROXY + HELD_BY_BOB_THROUGH_PROXY + RESUMED_BY_BOB_THROUGH_PROXY,
        told("answered by caller", 200, "establish:caller accept:callee hold:callee resume:callee release:caller"),
    ),
    flow(
        "RFC 5359 §2.2",
        "Consultation Hold",
        PROXY
        + UP_THROUGH_PROXY
        + HELD_BY_BOB_THROUGH_PROXY
        + f"""
6.00 bob -> proxy INVITE call=2 to=carol{AUDIO}
6.01 proxy -> carol INVITE
6.02 proxy -> bob 100
6.10 carol -> proxy 180
6.11 proxy -> bob 180
7.00 carol -> proxy 200{AUDIO}
7.01 proxy -> bob 200
7.02 bob -> proxy ACK call=2 to=carol
7.03 proxy -> carol ACK
12.0 bob -> proxy BYE call=2 to=carol
12.1 proxy -> carol BYE
12.2 carol -> proxy 200 BYE
12.3 proxy -> bob 200 BYE
"""
        + RESUMED_BY_BOB_THROUGH_PROXY.replace("bob -> proxy INVITE", "bob -> proxy INVITE call=1").replace(
            "bob -> proxy ACK", "bob -> proxy ACK call=1"
        ),
        told("answered by caller", 200, "establish:caller accept:callee hold:callee resume:callee release:caller"),
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 5359 §2.3",
        "Music on Hold",
        PARTIES
        + "music 192.0.2.60\n"
        + up("alice", "bob", 0, call=1)
        + held("bob", "alice", 3, call=1)
        + """
4.0 bob -> music REFER call=2 uri=sip:music@192.0.2.60
    Refer-To: <sip:alice@192.0.2.10:5060?Replaces=1%40192.0.2.10%3Bto-tag%3Dalice-1%3Bfrom-tag%3Dbob-1>
4.1 music -> bob 202
4.2 music -> bob NOTIFY sipfrag=100
4.3 bob -> music 200 NOTIFY
"""
        + f"""
4.4 music -> alice INVITE call=3{HOLD}
    Replaces: 1@192.0.2.10;to-tag=alice-1;from-tag=bob-1
4.5 alice -> music 200{HELD}
4.6 music -> alice ACK
4.7 alice -> bob BYE call=1
4.8 bob -> alice 200 BYE
4.9 music -> bob NOTIFY call=2 sipfrag=200
5.0 bob -> music 200 NOTIFY
15.0 bob -> alice INVITE call=4{AUDIO}
    Replaces: 3@192.0.2.60;to-tag=alice-3;from-tag=music-3
15.1 alice -> bob 200{AUDIO}
15.2 bob -> alice ACK
15.3 alice -> music BYE call=3
15.4 music -> alice 200 BYE
60 end
""",
        told("answered by caller", 200, "establish:caller accept:callee hold:callee release:caller"),
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
        told("answered", 200, "establish:caller accept:callee"),
    ),
    flow(
        "RFC 5359 §2.4",
        "Transfer - Unattended",
        PARTIES
        + up("bob", "alice", 0, call=1)
        + f"""
3.0 alice -> bob REFER
    Refer-To: <{CAROL}>
3.1 bob -> alice 202
3.2 bob -> alice NOTIFY sipfrag=100
3.3 alice -> bob 200 NOTIFY
3.4 alice -> bob BYE
3.5 bob -> alice 200 BYE
"""
        + up("bob", "carol", 4, call=2, extra="\n      Referred-By: <sip:alice@192.0.2.10>")
        + "5.3 bob -> alice NOTIFY call=1 sipfrag=200\n5.4 alice -> bob 200 NOTIFY\n"
        + released("bob", "carol", 9, call=2)
        + "60 end\n",
        told("answered by callee", 200, "establish:caller accept:callee blind-transfer:callee release:callee"),
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 5359 §2.5",
        "Transfer - Attended",
        PARTIES
        + up("alice", "bob", 0, call=1)
        + held("bob", "alice", 3, call=1)
        + up("bob", "carol", 4, call=2)
        + held("bob", "carol", 6, call=2)
        + f"""
7.0 bob -> alice REFER call=1
    Refer-To: <{CAROL}?Replaces=2%40192.0.2.20%3Bto-tag%3Dcarol-2%3Bfrom-tag%3Dbob-2>
7.1 alice -> bob 202
7.2 alice -> bob NOTIFY sipfrag=100
7.3 bob -> alice 200 NOTIFY
7.4 alice -> carol INVITE call=3{AUDIO}
    Replaces: 2@192.0.2.20;to-tag=carol-2;from-tag=bob-2
7.5 carol -> alice 200{AUDIO}
7.6 alice -> carol ACK
7.7 carol -> bob BYE call=2
7.8 bob -> carol 200 BYE
7.9 alice -> bob NOTIFY call=1 sipfrag=200
8.0 bob -> alice 200 NOTIFY
"""
        + released("bob", "alice", 8.1, call=1)
        + released("alice", "carol", 15, call=3)
        + "60 end\n",
        told(
            "answered by callee",
            200,
            "establish:caller accept:callee hold:callee attended-transfer:callee release:callee",
        ),
        told("answered by callee", 200, "establish:caller accept:callee hold:caller release:callee"),
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 5359 §2.7",
        "Call Forwarding Unconditional",
        PROXY
        + f"""
0.00 alice -> proxy INVITE to=bob{AUDIO}
0.01 proxy -> alice 100
0.02 proxy -> alice 181 tag=p1
0.03 proxy -> carol INVITE uri={CAROL}
"""
        + CAROL_ANSWERS_FOR_BOB,
        told("answered by caller", 200, "establish:caller forward accept:callee release:caller", dialogs=2),
    ),
    flow(
        "RFC 5359 §2.8",
        "Call Forwarding - Busy",
        PROXY
        + f"""
0.00 alice -> proxy INVITE to=bob{AUDIO}
0.01 proxy -> bob INVITE
0.02 proxy -> alice 100
0.10 bob -> proxy 486 tag=bob-1
0.11 proxy -> bob ACK
0.13 proxy -> carol INVITE uri={CAROL}
"""
        + CAROL_ANSWERS_FOR_BOB,
        told("answered by caller", 200, "establish:caller forward-busy accept:callee release:caller"),
    ),
    flow(
        "RFC 5359 §2.9",
        "Call Forwarding - No Answer",
        PROXY
        + f"""
0.00 alice -> proxy INVITE to=bob{AUDIO}
0.01 proxy -> bob INVITE
0.02 proxy -> alice 100
0.10 bob -> proxy 180 tag=bob-1
0.11 proxy -> alice 180
8.00 proxy -> bob CANCEL
8.01 bob -> proxy 200 CANCEL
8.02 bob -> proxy 487 INVITE tag=bob-1
8.03 proxy -> bob ACK
8.05 proxy -> carol INVITE uri={CAROL}
"""
        + CAROL_ANSWERS_FOR_BOB,
        told("answered by caller", 200, "establish:caller forward-no-answer accept:callee release:caller", dialogs=2),
    ),
    flow(
        "RFC 5359 §2.10",
        "3-Way Conference - Third Party Is Added",
        PARTIES
        + up("alice", "bob", 0, call=1)
        + f"3 bob -> alice INVITE{AUDIO}\n    Contact: <sip:conf@192.0.2.20:5060>;isfocus\n"
        + f"3.1 alice -> bob 200{AUDIO}\n3.2 bob -> alice ACK\n"
        + up("bob", "carol", 4, call=2, extra="\n      Contact: <sip:conf@192.0.2.20:5060>;isfocus")
        + "60 end\n",
        told("answered", 200, "conference:callee"),
        told("answered", 200, "conference:caller"),
    ),
    flow(
        "RFC 5359 §2.11",
        "3-Way Conference - Third Party Joins",
        PARTIES
        + up("alice", "bob", 0, call=1)
        + f"""
3.0 carol -> bob INVITE call=2{AUDIO}
    Join: 1@192.0.2.10;to-tag=bob-1;from-tag=alice-1
3.1 bob -> carol 180
3.2 bob -> alice INVITE call=1{AUDIO}
    Contact: <sip:conf@192.0.2.20:5060>;isfocus
3.3 alice -> bob 200 INVITE{AUDIO}
3.4 bob -> alice ACK call=1
3.5 bob -> carol 200 INVITE call=2{AUDIO}
    Contact: <sip:conf@192.0.2.20:5060>;isfocus
3.6 carol -> bob ACK call=2 uri=sip:conf@192.0.2.20:5060
60 end
""",
        told("answered", 200, "establish:caller accept:callee conference:callee"),
        told("answered", 200, "establish:caller accept:callee conference:callee"),
    ),
    flow(
        "RFC 5359 §2.12",
        "Find-Me",
        PROXY
        + "desk 192.0.2.41\nhome 192.0.2.42\n"
        + f"""
0.00 alice -> proxy INVITE to=bob{AUDIO}
0.01 proxy -> bob INVITE
0.02 proxy -> alice 100
0.10 bob -> proxy 180 tag=bob-1
0.11 proxy -> alice 180
5.00 proxy -> bob CANCEL
5.01 bob -> proxy 200 CANCEL
5.02 bob -> proxy 487 INVITE tag=bob-1
5.03 proxy -> bob ACK
5.10 proxy -> desk INVITE uri=sip:bob@192.0.2.41
5.20 desk -> proxy 404 tag=desk-1
5.21 proxy -> desk ACK
5.30 proxy -> home INVITE uri=sip:bob@192.0.2.42
5.40 home -> proxy 486 tag=home-1
5.41 proxy -> home ACK
5.50 proxy -> carol INVITE uri={CAROL}
"""
        + CAROL_ANSWERS_FOR_BOB,
        told("answered by caller", 200, "establish:caller accept:callee release:caller", dialogs=2),
    ),
    flow(
        "RFC 5359 §2.13",
        "Call Management (Incoming Call Screening)",
        PARTIES
        + "proxy 192.0.2.1 proxy\n"
        + f"""
0.0 alice -> bob INVITE{AUDIO}
0.1 bob -> alice 305 tag=b1
    Contact: <sip:192.0.2.1>
0.2 alice -> bob ACK
0.3 alice -> proxy INVITE{AUDIO}
0.4 proxy -> alice 407 tag=p1
    Proxy-Authenticate: Digest realm="b.example", nonce="n"
0.5 alice -> proxy ACK
0.6 alice -> proxy INVITE{AUDIO}
    Proxy-Authorization: Digest username="alice", realm="b.example", nonce="n", uri="sip:bob@192.0.2.20", response="00"
0.7 proxy -> alice 403 tag=p2
0.8 alice -> proxy ACK
60 end
""",
        told("rejected by network", 403, "establish:caller redirect refuse", dialogs=0),
    ),
    flow(
        "RFC 5359 §2.14",
        "Call Management (Outgoing Call Screening)",
        PARTIES
        + "proxy 192.0.2.1 proxy\n"
        + f"""
0.0 alice -> proxy INVITE{AUDIO}
0.1 proxy -> alice 407 tag=p1
    Proxy-Authenticate: Digest realm="b.example", nonce="n"
0.2 alice -> proxy ACK
0.3 alice -> proxy INVITE{AUDIO}
    Proxy-Authorization: Digest username="alice", realm="b.example", nonce="n", uri="sip:bob@192.0.2.20", response="00"
0.4 proxy -> alice 403 tag=p2
0.5 alice -> proxy ACK
60 end
""",
        told("rejected by network", 403, "establish:caller refuse", dialogs=0),
    ),
    flow(
        "RFC 5359 §2.6",
        "Transfer - Instant Messaging",
        PARTIES
        + up("alice", "bob", 0, call=1)
        + f"""
5.0 bob -> carol MESSAGE call=2
    Content-Type: text/html
    | <a href="sip:alice@192.0.2.10?Replaces=1%40192.0.2.10%3Bto-tag%3Dbob-1%3Bfrom-tag%3Dalice-1">alice</a>
5.1 carol -> bob 200
6.0 carol -> alice INVITE call=3{AUDIO}
    Require: replaces
    Replaces: 1@192.0.2.10;to-tag=bob-1;from-tag=alice-1
6.1 alice -> carol 200{AUDIO}
6.2 carol -> alice ACK
"""
        + released("alice", "bob", 6.3, call=1)
        + "60 end\n",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
        told("answered", 200, "establish:caller accept:callee"),
    ),
    flow(
        "RFC 5359 §2.15",
        "Call Park",
        PARTIES
        + "park 192.0.2.40\n"
        + up("alice", "bob", 0, call=1)
        + f"""
5.0 bob -> park REFER call=2
    Refer-To: <sip:alice@192.0.2.10?Replaces=1%40192.0.2.10%3Bto-tag%3Dbob-1%3Bfrom-tag%3Dalice-1>
5.1 park -> bob 202
5.2 park -> bob NOTIFY call=2 sipfrag=100
5.3 bob -> park 200 NOTIFY
5.4 park -> alice INVITE call=3{AUDIO}
    Require: replaces
    Replaces: 1@192.0.2.10;to-tag=bob-1;from-tag=alice-1
5.5 alice -> park 200{AUDIO}
5.6 park -> alice ACK
5.7 alice -> bob BYE call=1
5.8 bob -> alice 200 BYE
5.9 park -> bob NOTIFY call=2 sipfrag=200
6.0 bob -> park 200 NOTIFY
20.0 carol -> park SUBSCRIBE call=4
     Event: dialog
     Expires: 0
20.1 park -> carol 200
     Expires: 0
20.2 park -> carol NOTIFY call=4
     Event: dialog
     Subscription-State: terminated;reason=timeout
20.3 carol -> park 200 NOTIFY
21.0 carol -> alice INVITE call=5{AUDIO}
     Require: replaces
     Replaces: 3@192.0.2.40;to-tag=alice-3;from-tag=park-3
21.1 alice -> carol 200{AUDIO}
21.2 carol -> alice ACK
21.3 alice -> park BYE call=3
21.4 park -> alice 200 BYE
90 end
""",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
        told("answered", 200, "establish:caller accept:callee"),
    ),
    flow(
        "RFC 5359 §2.16",
        "Call Pickup",
        PARTIES
        + f"""
0.0 alice -> bob INVITE call=1{AUDIO}
0.1 bob -> alice 180 tag=bob-1
2.0 carol -> alice INVITE call=2{AUDIO}
    Replaces: 1@192.0.2.10;to-tag=bob-1;from-tag=alice-1;early-only
2.1 alice -> carol 200{AUDIO}
2.2 alice -> bob CANCEL call=1
2.3 bob -> alice 200 CANCEL
2.4 bob -> alice 487 INVITE
2.5 alice -> bob ACK call=1
2.6 carol -> alice ACK call=2
9.0 alice -> carol BYE call=2
9.1 carol -> alice 200 BYE
60 end
""",
        told("cancelled by caller", 487, "establish:caller cancel:caller"),
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
    ),
    flow(
        "RFC 5359 §2.17",
        "Automatic Redial",
        PARTIES
        + f"0 alice -> bob INVITE call=1{AUDIO}\n0.1 bob -> alice 486 tag=b1\n0.2 alice -> bob ACK\n"
        + """
1.0 alice -> bob SUBSCRIBE call=2
    Event: dialog
    Expires: 600
1.1 bob -> alice 200 tag=bob-2
    Expires: 600
1.2 bob -> alice NOTIFY call=2
    Event: dialog
    Subscription-State: active;expires=600
1.3 alice -> bob 200 NOTIFY
9.0 bob -> alice NOTIFY call=2
    Event: dialog
    Subscription-State: active;expires=592
9.1 alice -> bob 200 NOTIFY
"""
        + up("alice", "bob", 10, call=3)
        + "60 end\n",
        told("rejected by callee", 486, "establish:caller refuse:callee", dialogs=0),
        told("answered", 200, "establish:caller accept:callee"),
    ),
    flow(
        "RFC 5359 §2.18",
        "Click to Dial",
        PARTIES
        + f"0 alice -> bob REFER call=1\n    Refer-To: <{CAROL}>\n    Refer-Sub: false\n"
        + "0.1 bob -> alice 202\n    Refer-Sub: false\n"
        + up("bob", "carol", 1, call=2)
        + "60 end\n",
        told("answered", 200, "establish:caller accept:callee"),
    ),
)
