"""What is in force, as lines of a configuration, each with where it comes from."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sipscope.model.policy import THRESHOLDS
from sipscope.policy.documents import Part
from sipscope.policy.in_force import InForce

DEFAULT = "default"
"""Where a value comes from that no file gives."""


def described(configured: InForce) -> Iterator[tuple[str, str]]:
    """Every value in force with its origin; what was not given and has a default is there too."""
    origins = configured.origins
    yield _line("media_expected", configured.media_expected), origins.get("media_expected", DEFAULT)
    if configured.call_id_headers:
        yield _line("correlate_headers", configured.call_id_headers), origins["correlate_headers"]
    for pattern, switch in configured.policy.rules:
        yield f"rules.{_line(pattern, switch)}", origins[f"rules.{pattern}"]
    for threshold in THRESHOLDS:
        value = configured.policy.threshold(threshold.name)
        yield f"thresholds.{threshold.name} = {value:g}", origins.get(f"thresholds.{threshold.name}", DEFAULT)
    policy = configured.policy
    for key, chosen in (("early_media", policy.early_media), ("digits", policy.digits)):
        if chosen is not None:
            yield _line(key, chosen), origins[key]
    for key, names in (("required", policy.required_codecs), ("forbidden", policy.forbidden_codecs)):
        if names:
            yield f"codecs.{_line(key, names)}", origins[f"codecs.{key}"]
    for address, name in sorted(configured.aliases.items()):
        yield f"aliases.{_line(address, name)}", origins[f"aliases.{address}"]
    for array, parts in configured.written.items():
        for part in parts:
            yield _table(array, part), f"{part.path}, {part.place}"


def _table(name: str, part: Part) -> str:
    values = part.value if isinstance(part.value, dict) else {}
    return f"{name}: " + ", ".join(_line(key, value) for key, value in values.items())


def _line(name: str, value: object) -> str:
    key = name if name.replace("_", "").isalnum() else _text(name)
    return f"{key} = {_text(value)}"


def _text(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_line(str(key), item) for key, item in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_text, value)) + "]"
    return json.dumps(value, ensure_ascii=True)
