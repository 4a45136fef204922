"""What the rules about preconditions share: the status of resources as a description tells it (RFC 3312 §5)."""

from collections.abc import Sequence

from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.values import dataclass

OPTION_TAG = "precondition"
"""The option tag of RFC 3312 §11."""

MIRRORED = {"local": "remote", "remote": "local", "e2e": "e2e"}
"""The same segment as the other party calls it (RFC 3312 §5)."""

_DIRECTIONS = {
    "none": frozenset[str](),
    "send": frozenset({"send"}),
    "recv": frozenset({"recv"}),
    "sendrecv": frozenset({"send", "recv"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """An `a=des` line of an active section, beside what its description says of the same segment.

    Attributes:
        section: The section.
        type: Type of the precondition, such as `qos`.
        strength: `mandatory`, `optional`, `none`, `failure` or `unknown`.
        segment: `local` or `remote`, seen from the writer, or `e2e`.
        desired: Direction that is wished for.
        current: Direction that is reserved; None where no `a=curr` line tells.
    """

    section: MediaDescription
    type: str
    strength: str
    segment: str
    desired: str
    current: str | None

    @property
    def is_mandatory(self) -> bool:
        """Whether the session must wait for it."""
        return self.strength == "mandatory"

    @property
    def is_unmet(self) -> bool:
        """Whether less is reserved than is wished for; what can't be read is taken for met."""
        desired, current = _DIRECTIONS.get(self.desired), _DIRECTIONS.get(self.current or "")
        return desired is not None and current is not None and not desired <= current

    def __str__(self) -> str:
        """Both lines as they came."""
        stated = "no a=curr" if self.current is None else f"a=curr:{self.type} {self.segment} {self.current}"
        return f"{stated}, a=des:{self.type} {self.strength} {self.segment} {self.desired}"


def demands_of(description: SessionDescription | None) -> Sequence[Demand]:
    """The preconditions of a description's active sections, in order."""
    found: list[Demand] = []
    for section in () if description is None else description.media:
        desires = _words_of(section, "des", 4) if section.port and "des" in section.attribute_names else ()
        if not desires:
            continue
        current = {tuple(words[:2]): words[2] for words in _words_of(section, "curr", 3)}
        for type_, strength, segment, desired in desires:
            demand = Demand(
                section=section,
                type=type_,
                strength=strength,
                segment=segment,
                desired=desired,
                current=current.get((type_, segment)),
            )
            found.append(demand)
    return found


def _words_of(section: MediaDescription, name: str, count: int) -> Sequence[list[str]]:
    """The fields of each attribute of that name which has as many as its grammar demands."""
    found: list[list[str]] = []
    for attribute in section.attributes:
        if attribute.name == name:
            words = (attribute.value or "").lower().split()
            if len(words) == count:
                found.append(words)
    return found
