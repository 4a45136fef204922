"""The one ladder that goes through every renderer, and others that try their patience."""

from sipscope.model.defects import Severity
from sipscope.model.time import MILLISECOND, SECOND, Instant
from sipscope.views.ladder import Arrow, Badge, Band, Break, Flow, Ladder, Lane, Note, Row
from sipscope.views.tone import Tone

START: Instant = 1_777_629_600 * SECOND
EVIL = 'a\x1b[31m\x9b0m\u202e\u2066\x00\n$x^2$<b>"&\udcff[red]漢é́́́' + "z" * 900

LOSS = Badge(code="RTP-003", severity=Severity.ERROR, text="4.8 % of the packets from bob are lost.", finding_id="f1")
REPEATED = Badge(code="TXN-001", severity=Severity.WARNING, text="The INVITE was sent 3 times.", finding_id="f2")
REMARK = Badge(code="DLG-009", severity=Severity.INFO, text="Nobody refreshes the session.", finding_id="f3")


def arrow(milliseconds: int, source: int, destination: int, label: str, **more: object) -> Arrow:
    values: dict[str, object] = {"frame": milliseconds + 1, "tone": Tone.REQUEST, "call": 1, **more}
    return Arrow(
        offset=milliseconds * MILLISECOND,
        at=START + milliseconds * MILLISECOND,
        source=source,
        destination=destination,
        label=label,
        **values,
    )


def reference_ladder() -> Ladder:
    """Every kind of row: repeats, a loop, a crossing, media both ways and one way, notes, a pause, findings."""
    offer = "offer: audio 4000 PCMA PCMU tel-ev sendrecv"
    rows: tuple[Row, ...] = (
        arrow(0, 0, 1, "INVITE", sequence="1 INVITE", details=("to sip:bob@example.com", offer)),
        arrow(5, 1, 1, "INVITE", sequence="1 INVITE"),
        arrow(10, 1, 0, "100 Trying", sequence="1 INVITE", tone=Tone.PROVISIONAL),
        arrow(
            20,
            1,
            2,
            "INVITE",
            sequence="1 INVITE",
            details=("offer: audio 192.0.2.10:4000 PCMA PCMU tel-ev sendrecv",),
            repeats=2,
            repeated_until=1500 * MILLISECOND,
            badges=(REPEATED,),
        ),
        arrow(1600, 2, 1, "183 Session Progress", sequence="1 INVITE", tone=Tone.PROVISIONAL),
        arrow(
            1900, 1, 0, "200 OK", sequence="1 INVITE", tone=Tone.SUCCESS, details=("answer: audio refused (port 0)",)
        ),
        arrow(2000, 0, 2, "ACK", sequence="1 ACK"),
        Band(
            offset=2100 * MILLISECOND,
            at=START,
            until=9 * SECOND,
            first=0,
            second=2,
            codec="PCMA",
            kind="audio",
            rightward=Flow(stream_id="s1", packets=345, loss_percent=0.0, mos=4.41),
            leftward=Flow(stream_id="s2", packets=329, loss_percent=4.8, mos=3.12),
            details=("→ digits 1 2 #",),
            frame=2200,
            badges=(LOSS,),
            call=1,
        ),
        Band(
            offset=2200 * MILLISECOND,
            at=START,
            until=3 * SECOND,
            first=1,
            second=2,
            codec=None,
            leftward=Flow(stream_id="s3", packets=1, loss_percent=None, mos=None),
            frame=2300,
            call=1,
        ),
        Note(offset=2300 * MILLISECOND, at=START, text="hold by caller, 4.5 s", tone=Tone.SERVICE, frame=2301, call=1),
        Break(offset=2300 * MILLISECOND, at=START, duration=6700 * MILLISECOND),
        Note(offset=9 * SECOND, at=START, text=REMARK.text, tone=Tone.INFO, badges=(REMARK,), call=1),
        arrow(9100, 2, 0, "503 Service Unavailable", sequence="2 INVITE", tone=Tone.FAILURE),
    )
    return Ladder(
        title="Call 1: alice → bob",
        subtitle=("answered · setup 1.6 s", "Media from bob is lost."),
        started_at=START,
        lanes=(
            Lane(node="192.0.2.10", lines=("alice", "Linphone/5.2.4")),
            Lane(node="192.0.2.1"),
            Lane(node="2001:db8:85a3:8d3:1319:8a2e:370:7348", lines=("bob",)),
        ),
        rows=rows,
        findings=(LOSS, REPEATED, REMARK),
        calls=(1,),
    )


def hostile_ladder() -> Ladder:
    """Every text written by an attacker."""
    badge = Badge(code="OA-003", severity=Severity.ERROR, text=EVIL, finding_id="f1")
    rows: tuple[Row, ...] = (
        arrow(0, 0, 1, EVIL, sequence=EVIL, details=(EVIL,), badges=(badge,)),
        arrow(1, 1, 1, EVIL, details=(EVIL,)),
        Band(offset=0, at=START, until=1, first=0, second=1, codec=EVIL, kind=EVIL, details=(EVIL,), frame=3),
        Band(offset=0, at=START, until=1, first=1, second=1, codec=EVIL, kind=EVIL, details=(EVIL,), frame=4),
        Note(offset=0, at=START, text=EVIL, tone=Tone.ERROR, badges=(badge,)),
    )
    lanes = (Lane(node=EVIL, lines=(EVIL, EVIL)), Lane(node=EVIL, carries_signalling=False))
    return Ladder(title=EVIL, subtitle=(EVIL,), started_at=START, lanes=lanes, rows=rows, findings=(badge,), calls=(1,))


def long_ladder(messages: int, lanes: int = 2) -> Ladder:
    """Messages to and fro."""
    rows = tuple(
        arrow(
            number * 100, number % lanes, (number + 1) % lanes, "INVITE", details=("offer: audio 4000 PCMA sendrecv",)
        )
        for number in range(messages)
    )
    nodes = tuple(Lane(node=f"2001:db8::{lane + 1}", lines=("party",)) for lane in range(lanes))
    return Ladder(title="Long", started_at=START, lanes=nodes, rows=rows, calls=(1,))


EMPTY = Ladder(title="Nothing")
