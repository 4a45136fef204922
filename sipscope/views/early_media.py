"""What the caller heard before the answer, in words, in tables and as notes."""

from collections.abc import Iterator, Mapping

from sipscope.model.call import Call
from sipscope.model.early_media import EarlyMediaModel, EarlyPhase, Heard, Policy, Segment
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.views.report_values import milliseconds_of, time_of
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import duration_of, endpoint_of

NOTICED: Duration = 2 * SECOND
"""Silence from this length on is worth a word."""

_TONES = {
    Heard.NOTHING: Tone.WARNING,
    Heard.LOCAL_TONE: Tone.PLAIN,
    Heard.EARLY_MEDIA: Tone.MEDIA,
    Heard.BARRED_MEDIA: Tone.WARNING,
}

_MODELS = {
    EarlyMediaModel.GATEWAY: "gateway model: the session of the call",
    EarlyMediaModel.APPLICATION_SERVER: "application-server model: an early session of its own",
}


def is_worth_telling(phase: EarlyPhase) -> bool:
    """Whether more was heard than ringing: media, or silence that a caller notices and the tap can vouch for."""
    return phase.media_seen and any(
        segment.heard in {Heard.EARLY_MEDIA, Heard.BARRED_MEDIA}
        or (segment.heard is Heard.NOTHING and segment.length >= NOTICED)
        for segment in phase.timeline()
    )


def heard_words(call: Call) -> str:
    """The timeline in a sentence; empty where the caller heard ringing and nothing else."""
    if call.early is None or not is_worth_telling(call.early):
        return ""
    told = [f"{segment.heard} for {duration_of(segment.length)}" for segment in call.early.timeline()]
    until = "before the answer" if call.early.winner is not None else "before the end"
    return f"Heard by the caller {until}: {', '.join(told)}."


def early_media_facts(call: Call) -> Iterator[tuple[str, str]]:
    """Lines for the facts of a call."""
    if call.early is not None and is_worth_telling(call.early):
        yield "early media", _MODELS[call.early.model] if call.early.model is not None else "none"
    yield "first media", pick_up_words(call)


def heard_table(call: Call, names: Mapping[str, str]) -> Table:
    """What was heard when, over all early dialogs and, where there are several, in each; empty for plain ringing."""
    columns = (
        Column(heading="Time", alignment=Alignment.RIGHT, unit="s"),
        Column(heading="Lasted", alignment=Alignment.RIGHT),
        Column(heading="The caller heard"),
        Column(heading="From"),
        Column(heading="Early dialog"),
    )
    phase = call.early
    if phase is None or not is_worth_telling(phase):
        return Table(title="Before the answer", columns=columns, rows=())
    views = [("", phase)]
    if len(phase.tags) > 1:
        views += [(_dialog_words(phase, tag), phase.of(tag)) for tag in phase.tags]
    rows = tuple(
        _row(call, view, segment, words, names) for words, view in views for segment in _audible(view, alone=not words)
    )
    return Table(title="Before the answer", columns=columns, rows=rows)


def _audible(phase: EarlyPhase, *, alone: bool) -> Iterator[Segment]:
    """Every segment of the whole; of one early dialog those with a sound."""
    return (item for item in phase.timeline() if alone or item.heard is not Heard.NOTHING)


def _dialog_words(phase: EarlyPhase, tag: str) -> str:
    return f"{tag}, answered" if tag == phase.winner else tag


def _row(call: Call, phase: EarlyPhase, segment: Segment, words: str, names: Mapping[str, str]) -> tuple[Cell, ...]:
    is_media = segment.heard in {Heard.EARLY_MEDIA, Heard.BARRED_MEDIA}
    sources = phase.sources_between(segment.start, segment.end) if is_media else ()
    other = dict.fromkeys(
        item.heard.value
        for item in phase.timeline(Policy.SDP_SUPPRESSES)
        if item.start < segment.end and item.end > segment.start and item.heard is not segment.heard
    )
    instead = f"; {', '.join(other)} where SDP stops the ringing" if other else ""
    return (
        Cell(text=f"{in_seconds(segment.start - call.started_at):.3f}", tone=Tone.MUTED),
        Cell(text=duration_of(segment.length)),
        Cell(text=f"{segment.heard}{instead}", tone=_TONES[segment.heard]),
        Cell(text=", ".join(endpoint_of(source, names) for source in sources)),
        Cell(text=words),
    )


def early_media_report(call: Call) -> dict[str, object] | None:
    """The timeline for programs; None where nothing came before the final response."""
    phase = call.early
    if phase is None:
        return None
    model, heard = phase.model, _segments(phase)
    return {
        "media_seen": phase.media_seen,
        "model": None if model is None else model.value,
        "heard": heard,
        # Without SDP in a provisional response both kinds of callers do the same.
        "heard_if_sdp_stops_ringing": _segments(phase, Policy.SDP_SUPPRESSES) if phase.described else heard,
        "dialogs": [_dialog(phase, heard, tag, call) for tag in phase.tags],
    }


def _segments(phase: EarlyPhase, policy: Policy = Policy.FOLLOWS_PACKETS) -> list[dict[str, object]]:
    return [_segment(item) for item in phase.timeline(policy)]


def _segment(segment: Segment) -> dict[str, object]:
    return {
        "from": time_of(segment.start),
        "until": time_of(segment.end),
        "duration_ms": milliseconds_of(segment.length),
        "heard": segment.heard.value,
    }


def _dialog(phase: EarlyPhase, heard: list[dict[str, object]], tag: str, call: Call) -> dict[str, object]:
    own = phase.of(tag)
    model = own.model
    described = next((item.at for item in own.provisionals if item.description is not None), None)
    dialog = next((item.id for item in call.caller_dialogs if item.key.callee_tag == tag), None)
    return {
        "to_tag": tag,
        "dialog": dialog,
        "model": None if model is None else model.value,
        "ringing_at": time_of(own.alerting_at),
        "described_at": time_of(described),
        "reliable": any(item.is_reliable_provisional for item in own.provisionals),
        "answered": tag == phase.winner,
        "streams": [stream.id for stream in own.streams],
        "heard": heard if own is phase else _segments(own),
    }


def pick_up_report(call: Call) -> dict[str, object] | None:
    """How soon media came each way behind the answer; None where the answer isn't in view."""
    found = call.pick_up
    if found is None:
        return None
    return {
        "answer_frames": list(found.success.frames),
        "ack_frames": [] if found.ack is None else list(found.ack.frames),
        "delayed_offer": found.delayed,
        "first_media_to_caller_ms": milliseconds_of(found.to_caller),
        "first_media_to_callee_ms": milliseconds_of(found.to_callee),
        "codec_before": None if found.before is None else found.before.codec,
        "codec_after": None if found.after is None else found.after.codec,
    }


def pick_up_words(call: Call) -> str:
    """The same in words; empty where no media came."""
    found = call.pick_up
    if found is None:
        return ""
    told = []
    if found.to_caller is not None:
        told.append(f"from the callee {duration_of(found.to_caller)} behind the {'ACK' if found.delayed else '2xx'}")
    if found.to_callee is not None:
        told.append(f"from the caller {duration_of(found.to_callee)} behind the ACK")
    if found.codec_change is not None:
        told.append(f"codec changed from {found.codec_change[0]} to {found.codec_change[1]}")
    return ", ".join(told)
