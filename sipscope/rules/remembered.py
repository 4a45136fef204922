"""What was found out a moment ago and is asked again: rules look at the same subject one after another."""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from sipscope.model.description import MediaDescription, RtpFormat, SectionForm

MOST_PAIRS = 2048
"""How many pairs of format lists are remembered; a network has a few dozen."""

MOST_FORMS = 2048
"""How many forms of sections are remembered; a product has a few."""

Formats: TypeAlias = tuple[RtpFormat, ...]
"""The formats of a media section, in order."""

Item = TypeVar("Item")
Found = TypeVar("Found")


def of_last(function: Callable[[Item], Found]) -> Callable[[Item], Found]:
    """Remember what a function found of the last object that it was asked about, known again by its identity.

    The object is a frozen value, and what is found of it must hang on nothing else.
    """
    known: list[tuple[Item, Found]] = []

    def asked(item: Item) -> Found:
        if known and known[0][0] is item:
            return known[0][1]
        found = function(item)
        known[:] = [(item, found)]
        return found

    return asked


def of_formats(function: Callable[[Formats, Formats], Found]) -> Callable[[Formats, Formats], Found]:
    """Remember what a comparison of two lists of formats found.

    Devices of a kind list the same formats again and again, and the parser gives them the same tuple: so a pair is
    known by its identities, which cost nothing. A memory holds on to the lists, so that no other list can take their
    identity; of lists that aren't shared it finds the same, just anew.
    """
    known: dict[tuple[int, int], tuple[Formats, Formats, Found]] = {}

    def asked(offered: Formats, answered: Formats) -> Found:
        key = (id(offered), id(answered))
        entry = known.get(key)
        if entry is None:
            if len(known) >= MOST_PAIRS:
                known.clear()
            entry = known[key] = (offered, answered, function(offered, answered))
        return entry[2]

    return asked


def of_form(function: Callable[[MediaDescription], Found]) -> Callable[[MediaDescription], Found]:
    """Remember what a function found of sections of one form: it must not look at port, connection or lines."""
    known: dict[SectionForm, Found] = {}

    def asked(section: MediaDescription) -> Found:
        form = section.form
        if form is None:
            return function(section)
        found = known.get(form)
        if found is None:
            if len(known) >= MOST_FORMS:
                known.clear()
            found = known[form] = function(section)
        return found

    return asked
