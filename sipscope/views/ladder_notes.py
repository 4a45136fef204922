"""Findings and services on a ladder: as badges on the row that they speak of, else as notes of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sipscope.model.call import Call, Service
from sipscope.model.early_media import Heard
from sipscope.model.finding import Finding, SubjectKind
from sipscope.model.time import Instant
from sipscope.views.early_media import is_worth_telling
from sipscope.views.ladder_rows import Arrow, Badge, Band, Note
from sipscope.views.tone import Tone, tone_of_severity
from sipscope.views.words import duration_of


def badge_of(finding: Finding) -> Badge:
    """A finding as a mark."""
    return Badge(code=finding.rule, severity=finding.severity, text=finding.text, finding_id=finding.id)


def with_badges(
    arrows: Sequence[Arrow],
    bands: Sequence[Band],
    findings: Sequence[Finding],
    row_of_frame: dict[int, int],
    started_at: Instant,
) -> tuple[list[Arrow], list[Band], list[Note]]:
    """The rows with their findings.

    Args:
        arrows: In any order.
        bands: In any order.
        findings: Those that belong to the picture.
        row_of_frame: Position in `arrows` by every frame that the arrow stands for, retransmissions included.
        started_at: Time that offsets count from.

    Returns:
        Arrows and bands with badges, and a note for each finding that none of them carries.
    """
    on_arrows: dict[int, list[Badge]] = {}
    on_bands: dict[int, list[Badge]] = {}
    notes: list[Note] = []
    band_of_stream = {
        flow.stream_id: index
        for index, band in enumerate(bands)
        for flow in (band.rightward, band.leftward)
        if flow is not None
    }
    for finding in findings:
        arrow = _arrow_of(finding, arrows, row_of_frame)
        band = band_of_stream.get(finding.subject_id) if finding.subject_kind is SubjectKind.STREAM else None
        if band is not None:
            on_bands.setdefault(band, []).append(badge_of(finding))
        elif arrow is not None:
            on_arrows.setdefault(arrow, []).append(badge_of(finding))
        else:
            notes.append(_finding_note(finding, started_at))
    return (
        [replace(item, badges=tuple(on_arrows.get(index, ()))) for index, item in enumerate(arrows)],
        [replace(item, badges=tuple(on_bands.get(index, ()))) for index, item in enumerate(bands)],
        notes,
    )


def _arrow_of(finding: Finding, arrows: Sequence[Arrow], row_of_frame: dict[int, int]) -> int | None:
    """The arrow that a finding stands at: the one of its own time among those of its frames, else the first."""
    rows = [row_of_frame[frame] for frame in finding.frames if frame in row_of_frame]
    own = [row for row in rows if arrows[row].at == finding.at]
    return next(iter(own or rows), None)


def _finding_note(finding: Finding, started_at: Instant) -> Note:
    return Note(
        offset=finding.at - started_at,
        at=finding.at,
        text=finding.text,
        tone=tone_of_severity(finding.severity),
        frame=finding.frames[0] if finding.frames else None,
        badges=(badge_of(finding),),
        call=finding.call_id,
    )


_EVIDENT = frozenset({"establish", "accept", "refuse", "cancel", "release", "reliable-provisional", "message"})
"""Services that are an arrow or two, and nothing more."""


def service_notes_of(calls: Sequence[Call], started_at: Instant) -> Iterator[Note]:
    """A note for every service that the arrows don't tell by themselves; `hold` says how long it lasted."""
    for call in calls:
        told = call.early is not None and is_worth_telling(call.early)
        for service in call.services:
            if service.name in _EVIDENT or (told and service.name == "early-media"):
                continue
            yield Note(
                offset=service.at - started_at,
                at=service.at,
                text=_service_text(service),
                tone=Tone.SERVICE,
                frame=service.frames[0] if service.frames else None,
                call=call.id,
            )


def _service_text(service: Service) -> str:
    text = service.name.replace("-", " ")
    if service.by is not None:
        text += f" by {service.by.value}"
    if service.until is not None:
        text += f", {duration_of(service.until - service.at)}"
    return f"{text}: {service.detail}" if service.detail else text


def heard_notes_of(calls: Sequence[Call], started_at: Instant) -> Iterator[Note]:
    """A note wherever the caller began to hear something else before the answer; none for plain ringing."""
    for call in calls:
        phase = call.early
        if phase is None or not is_worth_telling(phase):
            continue
        for segment in phase.timeline():
            sources = phase.sources_between(segment.start, segment.end) if segment.heard is Heard.EARLY_MEDIA else ()
            origin = f" from {' and '.join(map(str, sources))}" if sources else ""
            yield Note(
                offset=segment.start - started_at,
                at=segment.start,
                text=f"caller hears {segment.heard}{origin}, {duration_of(segment.length)}",
                tone=Tone.SERVICE,
                call=call.id,
            )
