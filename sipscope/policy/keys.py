"""Everything that a configuration may hold, as one literal table; the reference page comes from it."""

from sipscope.model.policy import THRESHOLDS
from sipscope.policy.values import (
    AMOUNT,
    BOOLEAN,
    COUNT,
    DAY,
    DIGITS,
    EXPRESSION,
    HEADERS,
    NETWORKS,
    NODE,
    PATTERNS,
    RINGING,
    RULE,
    RULE_PATTERNS,
    SWITCH,
    TEXT,
    WHOLE,
    WHOLES,
    ValueKind,
    condition_on,
)
from sipscope.values import dataclass
from sipscope.views.filtering import FIELDS

EXTENDS = "extends"
"""The key that names the files which a file builds on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key with its value.

    Attributes:
        name: As it is written.
        kind: What its value is.
        text: What it says.
        is_required: Whether it must be there.
    """

    name: str
    kind: ValueKind
    text: str
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table, or an array of tables.

    Attributes:
        name: As it is written.
        text: What it is for.
        keys: What it may hold.
        is_array: Whether there may be several: `[[name]]`.
        names: What the user's own names are, where keys are free; empty where they are not.
        name_kind: What such a name must be.
        value_kind: What such a name stands for.
        one_of: Keys of which one at least must be there.
    """

    name: str
    text: str
    keys: tuple[Key, ...] = ()
    is_array: bool = False
    names: str = ""
    name_kind: ValueKind = TEXT
    value_kind: ValueKind = TEXT
    one_of: tuple[str, ...] = ()


def _keys(*rows: tuple[str, ValueKind, str] | tuple[str, ValueKind, str, bool]) -> tuple[Key, ...]:
    return tuple(Key(name=row[0], kind=row[1], text=row[2], is_required=len(row) > 3) for row in rows)


TOP = Section(
    name="",
    text="Before the first table",
    keys=_keys(
        (
            EXTENDS,
            PATTERNS,
            "Files that this one builds on, as this file's directory leads to them; what is here goes first",
        ),
        ("media_expected", BOOLEAN, "Media is visible where captures are taken: missing RTP is then a fault"),
        ("early_media", RINGING, "What makes callers stop ringing locally: EM-001 judges silence by it"),
        ("digits", DIGITS, "How digits are sent: a call that sends them otherwise is an expectation that fails"),
        ("correlate_headers", HEADERS, "Header fields in which a B2BUA names the Call-ID of its other side"),
    ),
)

CONDITIONS = {
    **{field.name: field.name for field in FIELDS if field.name not in {"id", "findings", "finding_names"}},
    "pdd": "setup_ms",
}
"""Keys of an expectation that ask for a field of a call, and the field."""

SECTIONS = (
    Section(
        name="rules",
        text="Rules that are off, or of another severity. Of several patterns that fit, the longest decides",
        names="rule: code, name, or pattern such as `TXN-*`",
        name_kind=RULE,
        value_kind=SWITCH,
    ),
    Section(
        name="thresholds",
        text="What rules compare with, where the network differs",
        keys=tuple(Key(name=item.name, kind=AMOUNT, text=item.text) for item in THRESHOLDS),
    ),
    Section(
        name="codecs",
        text="Codecs of this network, by their names in rtpmap: a call that breaks it is an expectation that fails",
        keys=_keys(
            ("required", PATTERNS, "Every first offer of audio has these"),
            ("forbidden", PATTERNS, "No answer agrees on these"),
        ),
    ),
    Section(
        name="aliases",
        text="Names for addresses, as `--alias` gives them",
        names="address, or address with a port",
        name_kind=NODE,
    ),
    Section(
        name="peer",
        is_array=True,
        text="A host or product with rules of its own: they hold for findings of which a frame was sent by it",
        keys=_keys(
            ("name", TEXT, "For people"),
            ("address", NETWORKS, "Where its messages come from"),
            ("user_agent", PATTERNS, "Its User-Agent or Server; `*` stands for any characters"),
            ("rules", SWITCH, "A table like `rules`", True),
        ),
        one_of=("address", "user_agent"),
    ),
    Section(
        name="suppress",
        is_array=True,
        text="A known fault: it is kept and counted apart, and doesn't make the exit code",
        keys=_keys(
            ("rule", RULE, "Which rules", True),
            ("reason", TEXT, "Why; it stands beside the finding", True),
            ("capture", TEXT, "Pattern for the path of the capture, or its end; all, where it isn't given"),
            ("call", WHOLE, "Number of the call"),
            ("frames", WHOLES, "Frames of which the evidence names one"),
            ("expires", DAY, "Last day on which it holds"),
        ),
    ),
    Section(
        name="expect",
        is_array=True,
        text="What must hold of each capture; the exit code is 1 where it doesn't",
        keys=(
            *_keys(
                ("name", TEXT, "For people"),
                ("capture", TEXT, "Pattern for the path of the capture, or its end; all, where it isn't given"),
                ("where", EXPRESSION, "Which calls it speaks of; all, where it isn't given"),
                ("calls", COUNT, "How many of them there are"),
                ("every", EXPRESSION, "What holds for each of them"),
                ("absent", RULE_PATTERNS, "Rules that found nothing, suppressed findings apart"),
                ("present", RULE_PATTERNS, "Rules of which each found something"),
            ),
            *(
                Key(
                    name=name,
                    kind=ValueKind(text="condition", convert=condition_on(field)),
                    text="Time from the INVITE to the first ringing, as `setup_ms`"
                    if name != field
                    else next(item.text for item in FIELDS if item.name == field),
                )
                for name, field in CONDITIONS.items()
            ),
        ),
        one_of=("calls", "every", "absent", "present", *CONDITIONS),
    ),
)
"""The tables."""
