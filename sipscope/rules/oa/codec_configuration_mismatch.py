"""A codec is accepted with another bit layout than any that was offered.

What it finds
    An accepted format whose configuration matches none of the offered formats of that codec. For AMR and AMR-WB:
    octet-align, crc, robust-sorting, interleaving, and a mode-set that differs from the one offered. For H.264: the
    profile, by the first byte of profile-level-id, and packetization-mode. Absent parameters have their defaults.
    Every offered variant counts, whatever its payload type. The level of H.264 may be lowered, Opus parameters are
    wishes of the receiver, and a mode-set that only one side states is a choice: they are never told.
Why it matters
    Both say the same codec and don't understand each other: noise instead of speech, green pictures.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 104
              a=rtpmap:104 AMR-WB/16000
              a=fmtp:104 octet-align=1
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 104
              a=rtpmap:104 AMR-WB/16000
        0.2   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 104
              a=rtpmap:104 AMR-WB/16000
              a=fmtp:104 octet-align=1
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 104
              a=rtpmap:104 AMR-WB/16000
              a=fmtp:104 octet-align=1
        0.2   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - The answerer must repeat the configuration of the offered format, or leave that payload type out.
    - Does an SBC or transcoder strip `a=fmtp` lines on the way?
    - Offer both layouts, each under a payload type of its own, where peers of both kinds exist.
Sources
    RFC 4867 §8.3.1; RFC 6184 §8.2.2; RFC 3264 §6.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.description import RtpFormat
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import exchange_identity, is_answered, pair_evidence, responder
from sipscope.rules.format_parameters import format_line, parameters_of
from sipscope.rules.remembered import Formats, of_formats

_AMR = {"octet-align": "0", "crc": "0", "robust-sorting": "0", "interleaving": ""}
"""Parameters of AMR that lay out the bits, with their defaults (RFC 4867 §8.1)."""

_NEEDS_OCTETS = ("crc", "robust-sorting", "interleaving")
"""Each of them implies octet-align (RFC 4867 §8.1)."""

_DEFAULT_PROFILE = "42"
"""The Baseline profile, of an H.264 format without profile-level-id (RFC 6184 §8.1)."""


@rule(
    "OA-032",
    name="codec-configuration-mismatch",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("other parameters",),
)
def codec_configuration_mismatch(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """What lays out the bits is repeated in the answer, or the format left out (RFC 4867 §8.3.1, RFC 6184 §8.2.2)."""
    if not is_answered(exchange):
        return
    for media in exchange.media:
        if media.offer is None or media.answer is None:
            continue
        mismatches = _mismatches(media.offer.rtp_formats, media.answer.rtp_formats)
        if mismatches and media.is_accepted:
            for offered, answered in mismatches:
                yield _hit(exchange, trace, media.index, offered, answered)


@of_formats
def _mismatches(offers: Formats, answers: Formats) -> list[tuple[list[RtpFormat], RtpFormat]]:
    """Answered formats that agree with none of the offered ones of the same codec, beside these."""
    found = [(_variants(offers, answered), answered) for answered in answers]
    return [pair for pair in found if pair[0] and not any(_agree(variant, pair[1]) for variant in pair[0])]


def _variants(offers: Formats, answered: RtpFormat) -> list[RtpFormat]:
    """Offered formats of the same codec, those whose configuration is known here."""
    if answered.key[0] not in {"AMR", "AMR-WB", "H264"}:
        return []
    return [item for item in offers if item.key == answered.key]


def _agree(offered: RtpFormat, answered: RtpFormat) -> bool:
    if answered.key[0] == "H264":
        return _h264(offered) == _h264(answered)
    return _layout(offered) == _layout(answered) and _same_modes(offered, answered)


def _layout(rtp_format: RtpFormat) -> tuple[object, ...]:
    stated = parameters_of(rtp_format)
    values = {name: stated.get(name, default) for name, default in _AMR.items()}
    if any(values[name] != _AMR[name] for name in _NEEDS_OCTETS):
        values["octet-align"] = "1"
    return tuple(values.values())


def _same_modes(offered: RtpFormat, answered: RtpFormat) -> bool:
    """Whether the modes agree, where both name any."""
    one, other = (parameters_of(item).get("mode-set") for item in (offered, answered))
    return one is None or other is None or _modes(one) == _modes(other)


def _modes(text: str) -> set[str]:
    return {mode.strip() for mode in text.split(",")}


def _h264(rtp_format: RtpFormat) -> tuple[str, str]:
    stated = parameters_of(rtp_format)
    profile = stated.get("profile-level-id", _DEFAULT_PROFILE)[:2].lower()
    return profile, stated.get("packetization-mode", "0")


def _hit(exchange: OfferAnswerExchange, trace: Trace, index: int, offered: list[RtpFormat], answered: RtpFormat) -> Hit:
    variants = " or ".join(map(_stated, offered))
    return Hit(
        text=(
            f"m-line {index + 1}: {responder(exchange, trace)} accepts {answered} with {_stated(answered)}, and it was "
            f"offered with {variants}: the bits are laid out otherwise."
        ),
        evidence=pair_evidence(exchange, " | ".join(map(format_line, offered)), format_line(answered)),
        at=exchange.answered_at or exchange.at,
        confidence=Confidence.LIKELY,
        identity=exchange_identity(exchange, trace, index, answered.payload_type),
    )


def _stated(rtp_format: RtpFormat) -> str:
    return f"“{rtp_format.parameters}”" if rtp_format.parameters else "no parameters"
