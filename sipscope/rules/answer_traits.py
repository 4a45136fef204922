"""How an answer departs from the plainest one: the traits of an exchange that compare it with its offer.

Most answers keep the number of m-lines, kinds and transports, take a codec or two in the offered order, and restrict
nothing. What is asked of two lists of formats is asked once for all exchanges that have the same two.
"""

from sipscope.model.description import Direction
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.rules.exchanges import answered_sections, is_answered, speaks
from sipscope.rules.remembered import Formats, of_formats


def answer_traits(exchange: OfferAnswerExchange) -> tuple[str, ...]:
    """What an answer does; nothing before there is one.

    `other timing` than the offer's; `other kind or transport` of a section, as it is written; `refused offered` and
    `restricted offered` for sections of the offer with port 0, and with a direction but sendrecv; `nothing accepted`
    where no section that was offered has a port; and what `_of_formats` tells.
    """
    answer = exchange.answer
    if answer is None or not is_answered(exchange):
        return ()
    held: tuple[str, ...] = ("other timing",) if exchange.offer.timing != answer.timing else ()
    accepted = False
    for offered, answered in answered_sections(exchange):
        accepted = accepted or answered.port != 0
        if offered.kind != answered.kind or offered.protocol != answered.protocol:
            held += ("other kind or transport",)
        if offered.port == 0:
            held += ("refused offered",)
        if offered.direction is not Direction.SENDRECV:
            held += ("restricted offered",)
        held += _of_formats(offered.rtp_formats, answered.rtp_formats)
    if not accepted:
        held += ("nothing accepted",)
    return held


@of_formats
def _of_formats(offered: Formats, answered: Formats) -> tuple[str, ...]:
    """Traits of two lists.

    `no codec in common`, events and comfort noise aside; `other payload type` where an answered codec has a number
    that the offer doesn't give it; `other codec first` of those in common; `other parameters` where those of an
    answered codec aren't among the offered ones; `annexb offered`.
    """
    numbers = {(item.key, item.payload_type) for item in offered}
    parameters = {(item.key, item.parameters) for item in offered}
    first, preferred = _first_common(offered, answered), _first_common(answered, offered)
    held = (
        (first is None, "no codec in common"),
        (first != preferred, "other codec first"),
        (any((item.key, item.payload_type) not in numbers for item in answered), "other payload type"),
        (any((item.key, item.parameters) not in parameters for item in answered), "other parameters"),
        (any("annexb" in (item.parameters or "").lower() for item in offered), "annexb offered"),
    )
    return tuple([trait for holds, trait in held if holds])


def _first_common(formats: Formats, other: Formats) -> tuple[str, int | None, int] | None:
    """The first codec of a list that the other one has too."""
    known = {item.key for item in other}
    return next((item.key for item in formats if speaks(item.encoding) and item.key in known), None)
