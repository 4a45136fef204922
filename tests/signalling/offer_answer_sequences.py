"""Offer/answer sequences in one line, compiled to trace scripts between alice, who calls, and bob.

`INV+ rel+ PR- 2PR- 2- ACK-` is an INVITE with an offer, a reliable 183 with SDP, its PRACK and 200, and a 200 and an
ACK without SDP. `+` and `-` say whether a message carries SDP; `=p` behind a plus gives it a port of its own, so that
two descriptions differ. `!` at the end keeps a message out of the capture. The words:

    INV INV@V   INVITE by the caller, by the callee
    1xx rel     183, unreliable or reliable
    PR 2PR xPR  PRACK, its 200, its 488
    UP@U UP@V   UPDATE by the caller, by the callee; 2UP and xUP answer the newest one, 2UP@U that of the caller
    2 x         200 and 488 to the newest INVITE, 2@U to that of the caller
    ACK BYE     from the sender of the newest INVITE, from the caller; ACK@U from the caller
"""

import re

PARTIES = "alice 192.0.2.10\nbob   192.0.2.20\n"
WORD = re.compile(
    r"(?P<name>INV|1xx|rel|2PR|xPR|PR|2UP|xUP|UP|ACK|BYE|2|x)(?P<sdp>[+-]?)(?P<by>@[UV])?(?P<mark>=\w)?(?P<unseen>!?)"
)
OTHER = {"alice": "bob", "bob": "alice"}
PORTS = {"alice": 4000, "bob": 5000}
LABELS = {
    "INV": "INVITE",
    "1xx": "183",
    "rel": "183",
    "PR": "PRACK",
    "2PR": "200 PRACK",
    "xPR": "488 PRACK",
    "UP": "UPDATE",
    "2UP": "200 UPDATE",
    "xUP": "488 UPDATE",
    "2": "200 INVITE",
    "x": "488 INVITE",
    "ACK": "ACK",
    "BYE": "BYE",
}


def script_of(sequence: str) -> str:
    """The trace script: one message every tenth of a second."""
    inviter, updater = "alice", "alice"
    reliable = 0
    lines = [PARTIES]
    for number, word in enumerate(sequence.split()):
        found = WORD.fullmatch(word)
        assert found is not None, word
        name = found["name"]
        named = {"@U": "alice", "@V": "bob", None: None}[found["by"]]
        inviter = (named or "alice") if name == "INV" else inviter
        updater = (named or "alice") if name == "UP" else updater
        sender = _sender(name, named or inviter, named or updater)
        reliable += name == "rel"
        options = (f"rseq={reliable} " if name == "rel" else "") + ("unseen" if found["unseen"] else "")
        lines.append(f"{number / 10:.1f} {sender} -> {OTHER[sender]} {LABELS[name]} {options}\n")
        if found["sdp"] == "+":
            port = PORTS[sender] + (2 * (ord(found["mark"][1]) - ord("a") + 1) if found["mark"] else 0)
            lines.append(f"    m=audio {port} RTP/AVP 0\n")
    return "".join(lines)


def _sender(name: str, inviter: str, updater: str) -> str:
    if name in {"INV", "PR", "ACK"}:
        return inviter
    if name in {"1xx", "rel", "2PR", "xPR", "2", "x"}:
        return OTHER[inviter]
    return {"UP": updater, "2UP": OTHER[updater], "xUP": OTHER[updater], "BYE": "alice"}[name]
