"""The typed values of a message whose header fields are sound, held as compactly as Python can."""

from collections.abc import Iterator, Mapping
from operator import itemgetter

USUAL = ("call-id", "cseq", "from", "to", "via")
"""What "a valid SIP request … MUST, at a minimum, contain" (RFC 3261 §8.1.1), and what everybody asks for."""


class Places:
    """Where the values of messages of one form stand, that is of those with equal names in equal order.

    Attributes:
        of: Place by canonical name.
        usual: Takes the values of `USUAL` out of all; None where one of them is missing.
    """

    __slots__ = ("of", "usual")

    def __init__(self, of: dict[str, int]) -> None:
        """Keep the places, and find those of what is usual."""
        self.of = of
        self.usual = itemgetter(*[of[name] for name in USUAL]) if of.keys() >= set(USUAL) else None

    def __reduce__(self) -> "tuple[type[Places], tuple[dict[str, int]]]":
        """Made anew from the places alone."""
        return Places, (self.of,)


class TypedValues(Mapping[str, object]):
    """Values by canonical name.

    Messages of one form share the places, so that each needs a tuple alone: a third of what a dictionary of its own
    would take.

    Attributes:
        places: Where each stands in `kept`.
        kept: The values, among others that have no name.
    """

    __slots__ = ("kept", "places")

    def __init__(self, places: Places, kept: tuple[object, ...]) -> None:
        """Keep the values."""
        self.places = places
        self.kept = kept

    def __getitem__(self, name: str) -> object:
        """The value of that name."""
        return self.kept[self.places.of[name]]

    def get(self, name: str, default: object = None) -> object:
        """The value of that name, or the default where there is none."""
        place = self.places.of.get(name)
        return default if place is None else self.kept[place]

    def __contains__(self, name: object) -> bool:
        """Whether there is a value of that name."""
        return name in self.places.of

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self.places.of)

    def __len__(self) -> int:
        """How many names have a value."""
        return len(self.places.of)

    def __repr__(self) -> str:
        """As that of a dictionary."""
        return repr(dict(self))
