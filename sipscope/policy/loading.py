"""A document → what is in force: the policy, how to read captures, and every mistake in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from sipscope.errors import UsageError
from sipscope.model.policy import Expectation, Peer, Policy, Suppression, Switch
from sipscope.policy.documents import Document, Part, Read, document_of
from sipscope.policy.in_force import InForce
from sipscope.policy.keys import CONDITIONS, SECTIONS, TOP, Key, Section
from sipscope.policy.values import RULE, SWITCH, nearest

Values: TypeAlias = dict[str, Any]
"""What was written in a table, by key, each of the kind that the table of keys says."""


class WrongConfiguration(UsageError):
    """A configuration with mistakes.

    Attributes:
        problems: Each in words, with its place.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        more = f" (and {len(problems) - 1} more: sipscope config check)" if len(problems) > 1 else ""
        super().__init__(problems[0] + more)


def in_force(path: str, read: Read, *, today: date) -> InForce:
    """What a file and those that it builds on say.

    Args:
        path: The file.
        read: What reads a file.
        today: The day with which the expiry of suppressions is compared.

    Raises:
        UsageError: A file can't be read, or builds on itself.
        WrongConfiguration: There are mistakes in it.
    """
    document = document_of(path, read)
    checked = _Checked(document)
    if checked.problems:
        raise WrongConfiguration(tuple(checked.problems))
    tables, arrays = checked.tables, checked.arrays
    known = [Suppression(**values) for values in arrays["suppress"]]
    holding = [item for item in known if item.expires is None or item.expires >= today]
    return InForce(
        policy=Policy(
            rules=_switches(tables["rules"]),
            thresholds=dict(sorted(tables["thresholds"].items())),
            early_media=tables[""].get("early_media"),
            digits=tables[""].get("digits"),
            required_codecs=tables["codecs"].get("required", ()),
            forbidden_codecs=tables["codecs"].get("forbidden", ()),
            peers=tuple(map(_peer, arrays["peer"])),
            suppressions=tuple(holding),
            expectations=tuple(_expectation(number, values) for number, values in enumerate(arrays["expect"], start=1)),
        ),
        media_expected=bool(tables[""].get("media_expected", False)),
        call_id_headers=tables[""].get("correlate_headers", ()),
        aliases=tables["aliases"],
        expired=tuple(item for item in known if item not in holding),
        origins=checked.origins,
        written=document.arrays,
    )


class _Checked:
    """The values of a document, and what is wrong in it."""

    def __init__(self, document: Document) -> None:
        self.problems = list(document.problems)
        self.tables: dict[str, Values] = {section.name: {} for section in (TOP, *SECTIONS) if not section.is_array}
        self.arrays: dict[str, list[Values]] = {section.name: [] for section in SECTIONS if section.is_array}
        self.origins: dict[str, str] = {}
        for names, part in document.keys.items():
            self._take(names, part)
        for section in SECTIONS:
            for part in document.arrays.get(section.name, ()):
                self._take_table(section, part)

    def _take(self, names: tuple[str, ...], part: Part) -> None:
        """A key of the top, or of a table."""
        section = next((item for item in SECTIONS if item.name == names[0] and not item.is_array), None)
        if len(names) == 1:
            if section is not None:
                self._say(part, f"is a table: write [{names[0]}]")
                return
            known = [key.name for key in TOP.keys] + [item.name for item in SECTIONS]
            self._convert(self.tables[""], TOP, names[0], part, known)
        elif section is None:
            self._say(part, f"there is no table {names[0]!r}{nearest(names[0], [item.name for item in SECTIONS])}")
        else:
            self._convert(self.tables[section.name], section, names[1], part, [key.name for key in section.keys])

    def _take_table(self, section: Section, part: Part) -> None:
        """A table of an array."""
        written = part.value if isinstance(part.value, dict) else {}
        values: Values = {}
        for name, value in written.items():
            inner = Part(value=value, path=part.path, place=f"{part.place}, {name}")
            if section.name == "peer" and name == "rules":
                values[name] = self._rules(inner)
            else:
                self._convert(values, section, name, inner, [key.name for key in section.keys])
        for key in section.keys:
            if key.is_required and key.name not in written:
                self._say(part, f"{key.name} is missing")
        if section.one_of and not any(name in written for name in section.one_of):
            few = section.one_of[:4]
            self._say(part, f"one of {', '.join(few)}{' …' if len(section.one_of) > len(few) else ''} is missing")
        self.arrays[section.name].append(values)

    def _rules(self, part: Part) -> Values:
        values: Values = {}
        if not isinstance(part.value, dict):
            self._say(part, 'a table is expected, such as { "TXN-*" = "off" }')
            return values
        for name, value in part.value.items():
            inner = Part(value=value, path=part.path, place=f"{part.place}.{name}")
            self._convert(values, _RULES, name, inner, [])
        return values

    def _convert(self, values: Values, section: Section, name: str, part: Part, known: list[str]) -> None:
        """Take a value in, or say why it can't be."""
        key = next((item for item in section.keys if item.name == name), None) or _free(section, name)
        if key is None:
            self._say(part, f"there is no key {name!r}{nearest(name, known)}")
            return
        try:
            named = section.name_kind.convert(name) if section.names else name
            values[str(named)] = key.kind.convert(part.value)
            self.origins[f"{section.name}.{named}" if section.name else name] = part.path
        except ValueError as error:
            self._say(part, str(error))

    def _say(self, part: Part, text: str) -> None:
        self.problems.append(f"{part.path}: {part.place}: {text}")


_RULES = Section(name="rules", text="", names="rule", name_kind=RULE, value_kind=SWITCH)


def _free(section: Section, name: str) -> Key | None:
    """The key of the user's own name, where the section has such."""
    return Key(name=name, kind=section.value_kind, text="") if section.names else None


def _switches(values: Mapping[str, Switch]) -> tuple[tuple[str, Switch], ...]:
    return tuple(sorted(values.items()))


def _peer(values: Values) -> Peer:
    addresses, user_agents = values.get("address", ()), values.get("user_agent", ())
    return Peer(
        name=values.get("name", ", ".join((*addresses, *user_agents))),
        addresses=addresses,
        user_agents=user_agents,
        rules=_switches(values["rules"]),
    )


def _expectation(number: int, values: Values) -> Expectation:
    conditions = tuple((CONDITIONS[name], str(value)) for name, value in values.items() if name in CONDITIONS)
    own = {name: value for name, value in values.items() if name not in CONDITIONS}
    return Expectation(**{"name": f"expectation {number}", **own}, values=conditions)
