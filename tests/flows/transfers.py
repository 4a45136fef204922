"""Transfers of RFC 5589, and F33 to F36: alice is the transferee, bob the transferor, carol the target."""

from tests.flows.conferences import HELD, HOLD, changed, refer, released, up
from tests.flows.story import AUDIO, PARTIES

CAROL = "sip:carol@192.0.2.30"
ALICE = "sip:alice@192.0.2.10"
REFERRED_BY = "\n      Referred-By: <sip:bob@192.0.2.20>"
CONSULTED = f"{CAROL}?Replaces=2%40192.0.2.20%3Bto-tag%3Dcarol-2%3Bfrom-tag%3Dbob-2"
TO_TRANSFEREE = f"{ALICE}?Replaces=1%40192.0.2.10%3Bto-tag%3Dalice-1%3Bfrom-tag%3Dbob-1"

CALLED_AND_HELD = up("alice", "bob", 0, call=1) + changed("bob", "alice", 3, call=1, offer=HOLD, answer=HELD)
TAKEN_BACK = changed("bob", "alice", 12, call=1) + released("bob", "alice", 20, call=1) + "60 end\n"
CONSULTATION = up("bob", "carol", 4, call=2) + changed("bob", "carol", 6, call=2, offer=HOLD, answer=HELD)


def refer_beside(
    first: str, second: str, at: float, to: str, *, call: int, about: str, told: float, status: int = 200
) -> str:
    """A REFER in a dialog of its own, which names the call that it is about."""
    own, their = about.split("/")
    number = own.rpartition("-")[2]
    host = {"1": "192.0.2.10", "2": "192.0.2.20"}[number]
    return refer(first, second, at, to, call=call, told=told, status=status).replace(
        f"REFER call={call}\n",
        f"REFER call={call}\n      Target-Dialog: {number}@{host};local-tag={their};remote-tag={own}\n"
        "      Require: tdialog\n",
    )


def taking_over(first: str, second: str, at: float, *, call: int, replaces: str) -> str:
    """A call that takes the place of another one at once."""
    return (
        f"{at} {first} -> {second} INVITE call={call}{AUDIO}\n      Replaces: {replaces}\n"
        f"{at + 0.1:.1f} {second} -> {first} 200{AUDIO}\n{at + 0.2:.1f} {first} -> {second} ACK call={call}\n"
    )


def failing(at: float, status: int) -> str:
    """The transferee calls the target, in vain."""
    return (
        f"{at} alice -> carol INVITE call=4{AUDIO}{REFERRED_BY}\n{at + 0.1:.1f} carol -> alice {status}\n"
        f"{at + 0.2:.1f} alice -> carol ACK\n"
    )


FOR_CAROL = "2@192.0.2.20;to-tag=carol-2;from-tag=bob-2"
FOR_ALICE = "1@192.0.2.10;to-tag=alice-1;from-tag=bob-1"
ABOUT_FIRST = "bob-1/alice-1"
ABOUT_SECOND = "bob-2/carol-2"
SUCCEEDED = up("alice", "carol", 5.5, call=4, extra=REFERRED_BY)

BASIC = (
    PARTIES
    + CALLED_AND_HELD
    + refer_beside("bob", "alice", 5, f"<{CAROL}>", call=3, about=ABOUT_FIRST, told=7)
    + SUCCEEDED
    + released("bob", "alice", 8, call=1)
    + released("carol", "alice", 20, call=4)
    + "60 end\n"
)

REUSED = (
    PARTIES
    + CALLED_AND_HELD
    + refer("bob", "alice", 5, f"<{CAROL}>", call=1, told=7)
    + SUCCEEDED
    + released("bob", "alice", 8, call=1)
    + released("carol", "alice", 20, call=4)
    + "60 end\n"
)

BUSY = (
    PARTIES
    + CALLED_AND_HELD
    + refer_beside("bob", "alice", 5, f"<{CAROL}>", call=3, about=ABOUT_FIRST, told=6, status=486)
    + failing(5.5, 486)
    + TAKEN_BACK
)

DECLINED = (
    PARTIES
    + CALLED_AND_HELD
    + refer("bob", "alice", 5, f"<{CAROL}>", call=1, told=6, status=603)
    + failing(5.5, 603)
    + TAKEN_BACK
)

REFUSED = (
    PARTIES
    + CALLED_AND_HELD
    + f"5.0 bob -> alice REFER call=1\n      Refer-To: <{CAROL}>\n5.1 alice -> bob 603\n"
    + TAKEN_BACK
)

NO_ANSWER = (
    PARTIES
    + CALLED_AND_HELD
    + refer_beside("bob", "alice", 5, f"<{CAROL}>", call=3, about=ABOUT_FIRST, told=11, status=487)
    + f"5.5 alice -> carol INVITE call=4{AUDIO}{REFERRED_BY}\n5.6 carol -> alice 180\n"
    "10.5 alice -> carol CANCEL call=4\n10.6 carol -> alice 200 CANCEL\n10.7 carol -> alice 487 INVITE\n"
    "10.8 alice -> carol ACK call=4\n" + TAKEN_BACK
)

EXPOSING = (
    PARTIES
    + CALLED_AND_HELD
    + up("bob", "carol", 4, call=2)
    + released("bob", "carol", 7, call=2)
    + refer_beside("bob", "alice", 8, f"<{CAROL}>", call=3, about=ABOUT_FIRST, told=10)
    + up("alice", "carol", 8.5, call=4, extra=REFERRED_BY)
    + released("bob", "alice", 11, call=1)
    + released("carol", "alice", 20, call=4)
    + "60 end\n"
)

PROTECTING = (
    PARTIES
    + CALLED_AND_HELD
    + CONSULTATION
    + refer_beside("bob", "carol", 7, f"<{TO_TRANSFEREE}>", call=3, about=ABOUT_SECOND, told=8)
    + taking_over("carol", "alice", 7.4, call=4, replaces=FOR_ALICE)
    + released("alice", "bob", 7.7, call=1)
    + released("bob", "carol", 9, call=2)
    + released("carol", "alice", 20, call=4)
    + "60 end\n"
)

TO_TARGET = taking_over("alice", "carol", 7.4, call=4, replaces=FOR_CAROL) + released("carol", "bob", 7.7, call=2)
"""The transferee takes the place of the transferor at the target."""

ATTENDED = (
    PARTIES
    + CALLED_AND_HELD
    + CONSULTATION
    + refer_beside("bob", "alice", 7, f"<{CONSULTED}>", call=3, about=ABOUT_FIRST, told=8)
    + TO_TARGET
    + released("bob", "alice", 9, call=1)
    + released("carol", "alice", 20, call=4)
    + "60 end\n"
)

WITHOUT_REFER_AT_ONE = (
    PARTIES
    + CALLED_AND_HELD
    + CONSULTATION
    + f"6.5 bob -> alice REFER call=1\n      Refer-To: <{CONSULTED}>\n6.6 alice -> bob 501\n"
    + refer("bob", "carol", 7, f"<{TO_TRANSFEREE}>", call=2, told=8)
    + taking_over("carol", "alice", 7.4, call=4, replaces=FOR_ALICE)
    + released("alice", "bob", 8.2, call=1)
    + released("bob", "carol", 9, call=2)
    + released("carol", "alice", 20, call=4)
    + "60 end\n"
)

BY_ADDRESS_OF_RECORD = (
    PARTIES
    + "screen 192.0.2.1 proxy record-route\n"
    + CALLED_AND_HELD
    + CONSULTATION
    + refer("bob", "alice", 7, f"<{CONSULTED}&Require=replaces>", call=1, told=8)
    + f"""
7.40 alice -> screen INVITE call=4 to=carol{AUDIO}
     Replaces: {FOR_CAROL}
     Require: replaces
7.41 screen -> carol INVITE
7.45 carol -> screen 200{AUDIO}
7.46 screen -> alice 200
7.47 alice -> screen ACK call=4
7.48 screen -> carol ACK
"""
    + released("carol", "bob", 7.7, call=2)
    + released("bob", "alice", 9, call=1)
    + "60 end\n"
)

AGAIN_BY_CONTACT = (
    PARTIES
    + "screen 192.0.2.1 proxy record-route\n"
    + CALLED_AND_HELD
    + CONSULTATION
    + refer("bob", "alice", 7, f"<{CONSULTED}&Require=replaces>", call=1, told=8, status=403)
    + f"""
7.40 alice -> screen INVITE call=4 to=carol{AUDIO}
     Replaces: {FOR_CAROL}
     Require: replaces
7.41 screen -> alice 403
7.42 alice -> screen ACK call=4
"""
    + refer("bob", "alice", 9, f"<{CONSULTED}>", call=1, told=10.4, number=9)
    + taking_over("alice", "carol", 9.5, call=5, replaces=FOR_CAROL)
    + released("carol", "bob", 9.9, call=2)
    + released("bob", "alice", 11, call=1)
    + released("carol", "alice", 20, call=5)
    + "60 end\n"
)

SEMI_ATTENDED = (
    PARTIES
    + CALLED_AND_HELD
    + up("bob", "carol", 4, call=2)
    + refer_beside("bob", "alice", 7, f"<{CONSULTED}>", call=3, about=ABOUT_FIRST, told=8)
    + TO_TARGET
    + released("bob", "alice", 9, call=1)
    + released("carol", "alice", 20, call=4)
    + "60 end\n"
)

GIVEN_UP_WAITING = (
    PARTIES
    + CALLED_AND_HELD
    + f"4.0 bob -> carol INVITE call=2{AUDIO}\n4.1 carol -> bob 180\n6.0 bob -> carol CANCEL call=2\n"
    "6.1 carol -> bob 200 CANCEL\n6.2 carol -> bob 487 INVITE\n6.3 bob -> carol ACK call=2\n"
    + refer_beside("bob", "alice", 10, f"<{CAROL}>", call=3, about=ABOUT_FIRST, told=13)
    + up("alice", "carol", 10.5, call=4, extra=REFERRED_BY)
    + released("bob", "alice", 14, call=1)
    + released("carol", "alice", 20, call=4)
    + "60 end\n"
)

FALLEN_BACK = (
    PARTIES
    + CALLED_AND_HELD
    + f"4.0 bob -> carol INVITE call=2{AUDIO}\n      Require: replaces\n4.1 carol -> bob 420\n"
    "      Unsupported: replaces\n4.2 bob -> carol ACK\n"
    + refer("bob", "alice", 5, f"<{CAROL}>", call=1, told=7)
    + SUCCEEDED
    + released("bob", "alice", 8, call=1)
    + released("carol", "alice", 20, call=4)
    + "60 end\n"
)

FALLEN_BACK_BY_OPTIONS = (
    PARTIES
    + up("alice", "bob", 0, call=1)
    + "2.0 bob -> alice OPTIONS call=1\n2.1 alice -> bob 200 OPTIONS\n      Allow: INVITE, ACK, BYE, REFER, NOTIFY\n"
    + changed("bob", "alice", 3, call=1, offer=HOLD, answer=HELD)
    + up("bob", "carol", 4, call=2)
    + "6.0 bob -> carol OPTIONS call=2\n6.1 carol -> bob 200 OPTIONS\n      Allow: INVITE, ACK, BYE\n"
    + released("bob", "carol", 7, call=2)
    + refer_beside("bob", "alice", 8, f"<{CAROL}>", call=3, about=ABOUT_FIRST, told=10)
    + up("alice", "carol", 8.5, call=4, extra=REFERRED_BY)
    + released("bob", "alice", 11, call=1)
    + released("carol", "alice", 20, call=4)
    + "60 end\n"
)

IS_BOB = "\n      Contact: <sip:bob@192.0.2.20:5060>;isfocus"

BY_A_CONFERENCE = (
    PARTIES
    + up("alice", "bob", 0, call=1)
    + changed("bob", "alice", 3, call=1, offer=HOLD + IS_BOB, answer=HELD)
    + up("bob", "carol", 4, call=2, contact=IS_BOB)
    + changed("bob", "carol", 6, call=2, offer=HOLD + IS_BOB, answer=HELD)
    + refer("bob", "alice", 7, f"<{CONSULTED}>", call=1, told=8)
    + TO_TARGET
    + released("bob", "alice", 9, call=1)
    + released("carol", "alice", 20, call=4)
    + "60 end\n"
)

SEVERAL_PARTIES = (
    "mary 192.0.2.10\nanna 192.0.2.20\nhenry 192.0.2.30\nfred 192.0.2.40\n"
    + up("mary", "anna", 0, call=1)
    + changed("anna", "mary", 2, call=1, offer=HOLD, answer=HELD)
    + up("anna", "henry", 3, call=2)
    + changed("henry", "anna", 5, call=2, offer=HOLD, answer=HELD)
    + up("henry", "fred", 6, call=3)
    + changed("henry", "fred", 8, call=3, offer=HOLD, answer=HELD)
    + refer("henry", "anna", 9, "<sip:fred@192.0.2.40>", call=2, told=11)
    + up("anna", "fred", 9.5, call=5)
    + released("henry", "anna", 12, call=2)
    + released("henry", "fred", 12.3, call=3)
    + changed("anna", "fred", 13, call=5, offer=HOLD, answer=HELD)
    + refer("anna", "mary", 14, "<sip:fred@192.0.2.40>", call=1, told=16)
    + up("mary", "fred", 14.5, call=6)
    + released("anna", "mary", 17, call=1)
    + released("anna", "fred", 17.3, call=5)
    + released("fred", "mary", 30, call=6)
    + "60 end\n"
)

TOLD_WRONGLY = (
    PARTIES
    + CALLED_AND_HELD
    + refer("bob", "alice", 5, f"<{CAROL}>", call=1, told=6)
    + failing(5.5, 486)
    + released("bob", "alice", 7, call=1)
    + "60 end\n"
)

NEVER_NOTIFIED = (
    PARTIES
    + CALLED_AND_HELD
    + f"5.0 bob -> alice REFER call=1\n      Refer-To: <{CAROL}>\n5.1 alice -> bob 202\n"
    + SUCCEEDED
    + released("bob", "alice", 20, call=1)
    + "60 end\n"
)

NEVER_TERMINATED = (
    PARTIES
    + CALLED_AND_HELD
    + refer("bob", "alice", 5, f"<{CAROL}>", call=1, told=7).rpartition("7 alice")[0]
    + SUCCEEDED
    + released("bob", "alice", 20, call=1)
    + "60 end\n"
)
