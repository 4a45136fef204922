"""What a configuration says, once it is read. A run without one has the defaults, for which no key need be known."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from sipscope.model.policy import Policy, Suppression
from sipscope.values import dataclass

if TYPE_CHECKING:
    from sipscope.policy.documents import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What a configuration says.

    Attributes:
        policy: How captures are judged.
        media_expected: Whether media is visible where captures are taken.
        call_id_headers: Header fields that name the Call-ID of a B2BUA's other side.
        aliases: Names by address.
        expired: Suppressions that hold no more.
        origins: The file of each key, by its place.
        written: The tables of each array, those of the files built on first.
    """

    policy: Policy = field(default_factory=Policy)
    media_expected: bool = False
    call_id_headers: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    expired: tuple[Suppression, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    written: "Mapping[str, Sequence[Part]]" = field(default_factory=dict)
