"""Scores of streams: codec constants (ITU-T G.113) and when the E-model may speak at all.

A score is an estimate from packet loss, never a measurement. Where no standard gives a codec's constants there is no
score and the reason is said: a number made up is worse than none.
"""

from sipscope.media.emodel import (
    capped_burst_ratio,
    equipment_impairment,
    mean_opinion_score,
    transmission_rating,
)
from sipscope.model.stream import RtpStream, Score
from sipscope.values import dataclass

FEWEST_VOICE_PACKETS = 200
"""Voice packets below which loss is no rate."""

PUBLISHED = "published"
PROXY = "provisional-proxy"
DECLARED = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Impairment:
    """A codec's constants on the narrow-band scale.

    Attributes:
        equipment: Ie, the impairment without loss.
        robustness: Bpl, how well it bears loss; None where no value is published.
        grounding: Where the constants come from: `published`, `provisional-proxy` or `declared`.
        row: The table row in words.
    """

    equipment: float
    robustness: float | None
    grounding: str
    row: str


G711_CONCEALED = Impairment(equipment=0, robustness=25.1, grounding=PUBLISHED, row="G.711 with loss concealment")
G711_PLAIN = Impairment(equipment=0, robustness=4.3, grounding=PUBLISHED, row="G.711 without loss concealment")
G729_SILENCE = Impairment(equipment=11, robustness=19, grounding=PUBLISHED, row="G.729A with VAD")
G729 = Impairment(equipment=10, robustness=19, grounding=PROXY, row="G.729 (loss as G.729A with VAD)")
G723_HIGH = Impairment(equipment=15, robustness=16.1, grounding=PUBLISHED, row="G.723.1 at 6.3 kbit/s with VAD")
G723_LOW = Impairment(equipment=19, robustness=16.1, grounding=DECLARED, row="G.723.1 at 5.3 kbit/s (loss as 6.3)")
GSM_EFR = Impairment(equipment=5, robustness=10, grounding=PUBLISHED, row="GSM-EFR at 12.2 kbit/s")
AMR_PROXY = Impairment(equipment=5, robustness=10, grounding=PROXY, row="AMR at 12.2 kbit/s as GSM-EFR")

CODECS = {
    "PCMU": G711_CONCEALED,
    "PCMA": G711_CONCEALED,
    "G729": G729,
    "GSM": Impairment(equipment=20, robustness=None, grounding=PROXY, row="GSM full rate"),
    "GSM-EFR": GSM_EFR,
    "GSM-HR-08": Impairment(equipment=23, robustness=None, grounding=PROXY, row="GSM half rate"),
    "G726-40": Impairment(equipment=2, robustness=None, grounding=PUBLISHED, row="G.726 at 40 kbit/s"),
    "G726-32": Impairment(equipment=7, robustness=None, grounding=PUBLISHED, row="G.726 at 32 kbit/s"),
    "G726-24": Impairment(equipment=25, robustness=None, grounding=PUBLISHED, row="G.726 at 24 kbit/s"),
    "G726-16": Impairment(equipment=50, robustness=None, grounding=PUBLISHED, row="G.726 at 16 kbit/s"),
    "G728": Impairment(equipment=7, robustness=None, grounding=PUBLISHED, row="G.728 at 16 kbit/s"),
}
"""Constants by encoding name; codecs whose bit rate shows in the payload's length are told apart in
`impairment_of`."""

_AMR_12_2_LENGTHS = frozenset({32, 33})


def score_of(stream: RtpStream) -> tuple[Score | None, str]:
    """The listening quality of a stream, MOS-LQ: nothing that a tap sees tells the delay from mouth to ear.

    Args:
        stream: With codec and kind as they are known in the end.

    Returns:
        The score and an empty note, or None and the reason in words.
    """
    doubt = _why_no_score(stream)
    impairment = None if doubt else impairment_of(stream)
    if impairment is None:
        return None, doubt or f"No standard gives {stream.codec} constants on the narrow-band scale."
    burst_ratio = capped_burst_ratio(stream.burst_ratio, stream.loss_percent)
    effective = equipment_impairment(impairment.equipment, impairment.robustness, stream.loss_percent, burst_ratio)
    if effective is None:
        return None, f"There is loss, and no standard says how well {impairment.row} bears it."
    rating = transmission_rating(0.0, effective)
    score = Score(
        r_factor=rating,
        mos=mean_opinion_score(rating),
        grounding=impairment.grounding,
        loss_percent=stream.loss_percent,
        burst_ratio=burst_ratio,
        equipment_impairment=effective,
        method=f"E-model, listening quality: {impairment.row}; network loss only, no delay assumed",
    )
    return score, ""


def impairment_of(stream: RtpStream) -> Impairment | None:
    """Constants of the stream's codec, at the bit rate its payloads show; None where no row exists."""
    codec = (stream.codec or "").upper()
    main = stream.payload_types[0] if stream.payload_types else None
    longest = next((use.longest_length for use in stream.payload_uses if use.payload_type == main), 0)
    if codec == "G723":
        # RFC 3551 §4.5.3: a frame has 24 bytes at 6.3 kbit/s and 20 at 5.3.
        return G723_LOW if longest % 20 == 0 and longest % 24 else G723_HIGH
    if codec == "AMR":
        # One frame at 12.2 kbit/s with its payload header is 32 or 33 bytes long (RFC 4867 §4.3, §4.4).
        return AMR_PROXY if longest in _AMR_12_2_LENGTHS else None
    return CODECS.get(codec)


def _why_no_score(stream: RtpStream) -> str:
    if stream.media_kind not in {None, "audio"}:
        return f"The E-model rates voice, and this is {stream.media_kind}."
    if stream.codec is None:
        return "The codec is unknown: no session description names the payload type."
    if stream.codec.upper() in {"TELEPHONE-EVENT", "TONE", "CN"}:
        return "The stream carries no voice."
    if _main_packets(stream) < FEWEST_VOICE_PACKETS:
        return f"Fewer than {FEWEST_VOICE_PACKETS} voice packets."
    return ""


def _main_packets(stream: RtpStream) -> int:
    """Packets of the payload type that has most; all where uses were not counted."""
    return max((use.packets for use in stream.payload_uses), default=stream.packets)
