"""The reference page of the configuration, from its literal table."""

from collections.abc import Iterator

from sipscope.model.policy import THRESHOLDS
from sipscope.policy.keys import CONDITIONS, SECTIONS, TOP, Key, Section

FRONT = """# Configuration

A configuration is a file `sipscope.toml`, or the table `tool.sipscope` of a `pyproject.toml`, in
[TOML](https://toml.io/). `--config FILE` names it; without that, every command that reads captures takes the nearest
one from the current directory upwards, and `sipscope audit` first one in the directory of its results or beside it.
`--no-config` reads none. Options of the command line go before what is configured.

What isn't listed here is a mistake, and told as such. `sipscope config check` tells all mistakes, `sipscope config
show` what is in force and which file says so. [Set a policy](../how-to/set-a-policy.md) shows how these belong
together.
"""

CONDITIONS_TEXT = """
A **condition** is an operator with a value, such as `">= 4"`, `"< 2 s"`, `"~ ^PCM"` or `"in (200, 486)"`; a value alone
must be equal. Where a call has several numbers, such as the MOS of each stream, all of them must fit, and there must be
one; of several texts, one must fit. The keys are the [fields of filters](filters.md):

"""


def configuration_page() -> str:
    """Everything that a configuration may hold."""
    return "\n".join((FRONT, *_section(TOP), *(line for section in SECTIONS for line in _section(section))))


def _section(section: Section) -> Iterator[str]:
    heading = f"[[{section.name}]]" if section.is_array else f"[{section.name}]"
    yield f"## {heading if section.name else section.text}\n"
    if section.name:
        yield f"{section.text}.\n"
    if section.names:
        yield f"Key: {section.names}. Value: {section.value_kind.text}.\n"
    elif section.name == "thresholds":
        yield from _thresholds()
    else:
        yield "| key | value | what it says |\n|---|---|---|"
        yield "\n".join(_row(key) for key in section.keys if key.name not in CONDITIONS) + "\n"
    if section.name == "expect":
        yield CONDITIONS_TEXT.strip() + "\n"
        yield ", ".join(f"`{name}`" for name in CONDITIONS) + f". `pdd` is `{CONDITIONS['pdd']}`.\n"


def _row(key: Key) -> str:
    required = " Required." if key.is_required else ""
    return f"| `{key.name}` | {key.kind.text} | {key.text}.{required} |"


def _thresholds() -> Iterator[str]:
    yield "The unit is the end of the name.\n"
    yield "| key | default | rules | what it is |\n|---|---|---|---|"
    rows = (f"| `{item.name}` | {item.default:g} | {_rules(item.rules)} | {item.text}. |" for item in THRESHOLDS)
    yield "\n".join(rows) + "\n"


def _rules(codes: tuple[str, ...]) -> str:
    return ", ".join(f"[{code}](rules/{code.lower()}.md)" for code in codes)
