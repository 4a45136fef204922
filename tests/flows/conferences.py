"""Conferences of RFC 4579 and RFC 5359 as trace scripts: F37 and F38."""

from tests.flows.story import AUDIO, PARTIES

HOLD = "\n      m=audio 4000 RTP/AVP 0\n      a=sendonly"
HELD = "\n      m=audio 4000 RTP/AVP 0\n      a=recvonly"

FOCUS = PARTIES + "room  192.0.2.50\n"
IS_FOCUS = "\n      Contact: <sip:room@192.0.2.50:5060>;isfocus"
ROOM = "sip:room@192.0.2.50"


def up(first: str, second: str, at: float, *, call: int, contact: str = "", answer: str = "", extra: str = "") -> str:
    """A call from the first to the second, answered after a second; a Contact for each of them."""
    return (
        f"{at} {first} -> {second} INVITE call={call}{AUDIO}{contact}{extra}\n{at + 0.1:.1f} {second} -> {first} 180\n"
        f"{at + 1} {second} -> {first} 200{AUDIO}{answer}\n{at + 1.1:.1f} {first} -> {second} ACK call={call}\n"
    )


def changed(first: str, second: str, at: float, *, call: int, offer: str = AUDIO, answer: str = AUDIO) -> str:
    """The first offers anew in a call, and the second answers."""
    return (
        f"{at} {first} -> {second} INVITE call={call}{offer}\n{at + 0.1:.1f} {second} -> {first} 200 INVITE{answer}\n"
        f"{at + 0.2:.1f} {first} -> {second} ACK call={call}\n"
    )


def released(first: str, second: str, at: float, *, call: int) -> str:
    """The first hangs up."""
    return f"{at} {first} -> {second} BYE call={call}\n{at + 0.1:.1f} {second} -> {first} 200 BYE\n"


def refer(
    first: str, second: str, at: float, to: str, *, call: int, told: float, status: int = 200, number: int | None = None
) -> str:
    """The first asks the second to send a request, accepted at once, and hears the result.

    A further REFER of a dialog needs its CSeq number, by which its NOTIFYs are told apart (RFC 3515 §2.4.6).
    """
    own, event = ("", "") if number is None else (f" cseq={number}", f"\n      Event: refer;id={number}")
    return (
        f"{at} {first} -> {second} REFER call={call}{own}\n      Refer-To: {to}\n"
        f"{at + 0.1:.1f} {second} -> {first} 202\n"
        f"{at + 0.2:.1f} {second} -> {first} NOTIFY call={call} sipfrag=100{event}\n"
        f"{at + 0.3:.1f} {first} -> {second} 200\n"
        f"{told} {second} -> {first} NOTIFY call={call} sipfrag={status}{event}\n"
        f"{told + 0.1:.1f} {first} -> {second} 200\n"
    )


def roster(version: int, *users: str, state: str = "full", count: int | None = None) -> str:
    """A conference-info document; a user is `alice`, `alice=status`, or `-alice` for one that is gone."""
    counted = f"<conference-state><user-count>{count}</user-count></conference-state>" if count is not None else ""
    return (
        "      Content-Type: application/conference-info+xml\n"
        f'      | <conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="{ROOM}" state="{state}" '
        f'version="{version}">{counted}<users>{"".join(map(_user, users))}</users></conference-info>\n'
    )


def _user(told: str) -> str:
    name, _, status = told.lstrip("-").partition("=")
    address = f"sip:{name}@192.0.2.{ {'alice': 10, 'bob': 20, 'carol': 30, 'dave': 40}[name] }"
    if told.startswith("-"):
        return f'<user entity="{address}" state="deleted"/>'
    return (
        f'<user entity="{address}"><endpoint entity="{address}"><status>{status or "connected"}</status>'
        "</endpoint></user>"
    )


def subscribed(watcher: str, at: float, *, call: int) -> str:
    """Somebody asks for the state of the room."""
    return (
        f"{at} {watcher} -> room SUBSCRIBE call={call} uri={ROOM}\n      Event: conference\n"
        "      Expires: 600\n      Accept: application/conference-info+xml\n"
        f"{at + 0.1:.1f} room -> {watcher} 200\n      Expires: 600\n"
    )


def notified(watcher: str, at: float, document: str, *, call: int, left: int = 599) -> str:
    """The focus tells the state of the room."""
    return (
        f"{at} room -> {watcher} NOTIFY call={call}\n      Event: conference\n"
        f"      Subscription-State: active;expires={left}\n"
        f"{document}{at + 0.1:.1f} {watcher} -> room 200\n"
    )


DIAL_IN = (
    FOCUS
    + up("alice", "room", 0, call=1, answer=IS_FOCUS)
    + up("bob", "room", 3, call=2, answer=IS_FOCUS)
    + subscribed("alice", 5, call=3)
    + notified("alice", 5.2, roster(0, "alice", "bob", count=2), call=3)
    + up("carol", "room", 10, call=4, answer=IS_FOCUS)
    + notified("alice", 11.2, roster(1, "carol", state="partial", count=3), call=3, left=593)
    + released("bob", "room", 20, call=2)
    + notified("alice", 20.2, roster(2, "-bob", state="partial", count=2), call=3, left=584)
    + "60 end\n"
)
"""F38: three dial in, one of them watches, one leaves."""

DIAL_OUT_BY_REFER = (
    FOCUS
    + up("alice", "room", 0, call=1, answer=IS_FOCUS)
    + refer("alice", "room", 3, "<sip:carol@192.0.2.30>", call=1, told=5.2)
    + up("room", "carol", 3.5, call=2, contact=IS_FOCUS)
    + refer("alice", "room", 20, "<sip:carol@192.0.2.30;method=BYE>", call=1, told=20.6, number=9)
    + released("room", "carol", 20.4, call=2)
    + "60 end\n"
)
"""F38: one who is in has the focus call another one, and later has it end that dialog."""

DIAL_OUT_REFUSED = (
    FOCUS
    + up("alice", "room", 0, call=1, answer=IS_FOCUS)
    + refer("alice", "room", 3, "<sip:carol@192.0.2.30>", call=1, told=3.8, status=486)
    + f"3.5 room -> carol INVITE call=2{AUDIO}{IS_FOCUS}\n3.6 carol -> room 486\n3.7 room -> carol ACK\n60 end\n"
)

REFERRED_IN = (
    FOCUS
    + up("alice", "room", 0, call=1, answer=IS_FOCUS)
    + up("alice", "bob", 3, call=2)
    + refer("alice", "bob", 6, f"<{ROOM}>;isfocus", call=2, told=8.2)
    + up("bob", "room", 6.5, call=3, answer=IS_FOCUS, extra="\n      Referred-By: <sip:alice@192.0.2.10>")
    + released("alice", "bob", 9, call=2)
    + "60 end\n"
)
"""One who is in refers somebody else to the conference."""

CASCADED = (
    FOCUS
    + "hall 192.0.2.51\n"
    + up("alice", "room", 0, call=1, answer=IS_FOCUS)
    + up("bob", "hall", 1, call=2, answer="\n      Contact: <sip:hall@192.0.2.51:5060>;isfocus")
    + up("room", "hall", 3, call=3, contact=IS_FOCUS, answer="\n      Contact: <sip:hall@192.0.2.51:5060>;isfocus")
    + "60 end\n"
)
"""Two conferences, the focus of one a participant of the other."""

MIXED_BY_A_PHONE = (
    PARTIES
    + up("alice", "bob", 0, call=1)
    + changed("bob", "alice", 3, call=1, offer=HOLD, answer=HELD)
    + up("bob", "carol", 5, call=2)
    + changed("bob", "alice", 10, call=1)
    + released("carol", "bob", 30, call=2)
    + released("alice", "bob", 40, call=1)
    + "60 end\n"
)
"""F37: a phone that holds one call makes another one, and then joins them."""

MIXED_BY_THE_REFEREE = (
    PARTIES
    + up("alice", "bob", 0, call=1)
    + changed("alice", "bob", 3, call=1, offer=HOLD, answer=HELD)
    + refer("alice", "bob", 5, "<sip:carol@192.0.2.30>", call=1, told=7.2)
    + up("bob", "carol", 5.5, call=2, extra="\n      Referred-By: <sip:alice@192.0.2.10>")
    + changed("bob", "alice", 9, call=1)
    + released("alice", "bob", 30, call=1)
    + released("carol", "bob", 40, call=2)
    + "60 end\n"
)
"""F37: the referee calls the third party, mixes, and takes the referrer back from hold."""

GOING_TO_AND_FRO = (
    PARTIES
    + up("alice", "bob", 0, call=1)
    + changed("bob", "alice", 3, call=1, offer=HOLD, answer=HELD)
    + up("bob", "carol", 5, call=2)
    + changed("bob", "carol", 9, call=2, offer=HOLD, answer=HELD)
    + changed("bob", "alice", 10, call=1)
    + released("alice", "bob", 20, call=1)
    + changed("bob", "carol", 21, call=2)
    + released("carol", "bob", 30, call=2)
    + "60 end\n"
)
"""Two calls that somebody goes to and fro between, so that nobody hears both."""

AD_HOC = (
    PARTIES
    + up("alice", "bob", 0, call=1)
    + changed("bob", "alice", 3, call=1, offer=HOLD, answer=HELD)
    + up("bob", "carol", 5, call=2)
    + changed(
        "bob",
        "alice",
        10,
        call=1,
        offer=f"{AUDIO}\n      Contact: <sip:bob@192.0.2.20:5060>;isfocus",
    )
    + changed("bob", "carol", 10.5, call=2, offer=f"{AUDIO}\n      Contact: <sip:bob@192.0.2.20:5060>;isfocus")
    + released("carol", "bob", 30, call=2)
    + "60 end\n"
)
"""A phone becomes the focus of the two calls it has, and says so (RFC 4579)."""
