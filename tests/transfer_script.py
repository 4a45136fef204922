"""Pieces of trace scripts about transfers: alice holds bob, asks carol or not, and sends bob there."""

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"
CALL = """
0.0   alice -> bob  INVITE call=1
      m=audio 4000 RTP/AVP 0
0.1   bob -> alice  200 tag=b1
      m=audio 5000 RTP/AVP 0
0.2   alice -> bob  ACK
"""
HOLD = """
1.0   alice -> bob  INVITE call=1
      m=audio 4000 RTP/AVP 0
      a=sendonly
1.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
      a=recvonly
1.2   alice -> bob  ACK
"""
CONSULTATION = """
1.3   alice -> carol INVITE call=c
      m=audio 4002 RTP/AVP 0
1.4   carol -> alice 200 tag=c9
      m=audio 6002 RTP/AVP 0
1.5   alice -> carol ACK
"""
RINGING = """
1.3   alice -> carol INVITE call=c
1.4   carol -> alice 180 tag=c9
"""
CANCEL = """
1.6   alice -> carol CANCEL call=c
1.7   carol -> alice 200 CANCEL
1.8   carol -> alice 487 INVITE call=c
1.9   alice -> carol ACK call=c
"""
REFER = "2.0 alice -> bob REFER call=1\n      Refer-To: <sip:carol@192.0.2.30>\n"
REPLACES = "c%40192.0.2.10%3Bto-tag%3Dc9%3Bfrom-tag%3Dalice-c"
ATTENDED = f"2.0 alice -> bob REFER call=1\n      Refer-To: <sip:carol@192.0.2.30?Replaces={REPLACES}>\n"
ACCEPTED = "2.1 bob -> alice 202\n2.2 bob -> alice NOTIFY call=1 sipfrag=100\n2.3 alice -> bob 200\n"
INVITE = """
2.4   bob -> carol  INVITE call=2
      m=audio 5002 RTP/AVP 0
      Referred-By: <sip:alice@192.0.2.10>
"""
REPLACING = INVITE + "      Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c\n"
ANSWER = "2.9 carol -> bob 200 call=2\n      m=audio 6000 RTP/AVP 0\n3.0 bob -> carol ACK call=2\n"
BUSY = "2.9 carol -> bob 486 call=2\n3.0 bob -> carol ACK call=2\n"
RELEASED = "3.05 carol -> alice BYE call=c\n3.06 alice -> carol 200\n"
LEAVES = "3.5 alice -> bob BYE call=1\n3.6 bob -> alice 200\n"
END = "60 end\n"


def told(status: int) -> str:
    return f"3.1 bob -> alice NOTIFY call=1 sipfrag={status}\n3.2 alice -> bob 200\n"
