"""Phrases that every ladder renderer writes alike, from the values of a row."""

from sipscope.model.time import MILLISECOND, SECOND, Duration
from sipscope.views.ladder import Arrow, Band, Break, Flow


def offset_text(offset: Duration) -> str:
    """Seconds with milliseconds: `0.000`, `-1.250`, `3601.002`."""
    sign = "-" if offset < 0 else ""
    seconds, rest = divmod(abs(offset), SECOND)
    return f"{sign}{seconds}.{rest // MILLISECOND:03d}"


def repeat_text(arrow: Arrow) -> str:
    """How often a message was sent again and until when: `×3 until +3.5 s`; empty where it was sent once."""
    if not arrow.repeats:
        return ""
    until = "" if arrow.repeated_until is None else f" until +{arrow.repeated_until / SECOND:.1f} s"
    return f"×{arrow.repeats + 1}{until}"


def sequence_text(arrow: Arrow) -> str:
    """CSeq of a message; of a request only the number, as its label is the method."""
    if arrow.sequence is None:
        return ""
    number, _, method = arrow.sequence.partition(" ")
    return f"CSeq {number}" if method == arrow.label else f"CSeq {arrow.sequence}"


def band_title(band: Band) -> str:
    """What flows: `RTP audio PCMA until 65.400`."""
    words = ["RTP", band.kind or "", band.codec or "", f"until {offset_text(band.until)} s"]
    return " ".join(word for word in words if word)


def flow_text(flow: Flow | None) -> str:
    """One direction: `250 packets, 1.2 % lost, MOS 4.1`; `nothing` where no packet went that way."""
    if flow is None:
        return "nothing"
    words = [f"{flow.packets} packets" if flow.packets != 1 else "1 packet"]
    if flow.loss_percent is not None:
        words.append(f"{flow.loss_percent:.1f} % lost")
    if flow.mos is not None:
        words.append(f"MOS {flow.mos:.1f}")
    return ", ".join(words)


def flow_lines(band: Band) -> list[str]:
    """Both directions with their arrows, then the details."""
    return [f"→ {flow_text(band.rightward)}", f"← {flow_text(band.leftward)}", *band.details]


def break_text(pause: Break) -> str:
    """`… 12.3 s …`, in minutes where it is long."""
    seconds = pause.duration / SECOND
    if seconds < 120:
        return f"… {seconds:.1f} s …"
    minutes = pause.duration // (60 * SECOND)
    return f"… {minutes} min {pause.duration // SECOND % 60} s …"
