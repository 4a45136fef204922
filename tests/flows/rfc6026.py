"""What the Accepted state of RFC 6026 is for: copies and forks of a 2xx, and copies of an INVITE behind it."""

from tests.flows.story import AUDIO, PARTIES, flow, told

FLOWS = (
    flow(
        "RFC 6026 §7.1",
        "INVITE repeated behind its 200 is absorbed by the server transaction",
        PARTIES
        + f"0.0 alice -> bob INVITE{AUDIO}\n0.45 bob -> alice 200{AUDIO}\n0.5 alice -> bob INVITE again\n"
        + "0.95 bob -> alice 200 again\n1.0 alice -> bob ACK\n9 bob -> alice BYE\n9.1 alice -> bob 200\n60 end\n",
        told("answered by callee", 200, "establish:caller accept:callee release:callee"),
    ),
    flow(
        "RFC 6026 §8.5",
        "200 repeated until its ACK arrives",
        PARTIES
        + f"0.0 alice -> bob INVITE{AUDIO}\n0.1 bob -> alice 200{AUDIO}\n0.6 bob -> alice 200 again\n"
        + "0.61 alice -> bob ACK\n1.6 bob -> alice 200 again\n1.61 alice -> bob ACK again\n"
        + "9 alice -> bob BYE\n9.1 bob -> alice 200\n60 end\n",
        told("answered by caller", 200, "establish:caller accept:callee release:caller"),
    ),
    flow(
        "RFC 6026 §7.2",
        "200 of another fork passes the same client transaction and is released",
        PARTIES
        + "proxy 192.0.2.1 proxy\n"
        + f"""
0.00 alice -> proxy INVITE to=bob{AUDIO}
0.01 proxy -> bob INVITE
0.02 proxy -> carol INVITE uri=sip:carol@192.0.2.30
0.03 proxy -> alice 100
0.10 bob -> proxy 180 tag=bob-1
0.11 proxy -> alice 180
2.00 carol -> proxy 200 tag=carol-1{AUDIO}
2.01 proxy -> alice 200
2.05 bob -> proxy 200 tag=bob-1{AUDIO}
2.06 proxy -> alice 200
2.10 alice -> carol ACK call=1 to-tag=carol-1 uri=sip:carol@192.0.2.30:5060
2.20 alice -> bob ACK call=1 to-tag=bob-1
2.21 alice -> bob BYE call=1 to-tag=bob-1
2.30 bob -> alice 200 BYE
9.00 alice -> carol BYE call=1 to-tag=carol-1 uri=sip:carol@192.0.2.30:5060
9.10 carol -> alice 200 BYE
60 end
""",
        told("answered by caller", 200, "establish:caller fork accept:callee release:caller", dialogs=2),
    ),
)
