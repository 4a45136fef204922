"""Values of the smaller headers: tokens, tokens with parameters, media types, challenges, warnings, dialog names."""

import re
from collections.abc import Callable
from functools import lru_cache

from sipscope.model.defects import Severity
from sipscope.model.header_values import (
    AuthenticationValue,
    DialogReference,
    MediaType,
    Parameters,
    Parametrised,
    WarningValue,
)
from sipscope.sip.faults import Fault, Faults, Parsed, error, shown, warning
from sipscope.sip.scalars import decimal, number_fault
from sipscope.sip.splitting import (
    is_token,
    list_items,
    parameters_of,
    quoted_string_end,
    split_outside_quotes,
    unquoted,
    unterminated_quote,
)

_PAST_32_BITS = 2**32
_DEEPEST_COMMENT = 8
_COMMENT = re.compile(r"\([^()]*+\)")
_SCHEME_AND_NAME = re.compile(r"(?P<scheme>[^\s=,\"]++)\s++(?P<rest>[^\s=].*)", re.DOTALL)
# warning-value = warn-code SP warn-agent SP warn-text
_WARNING = re.compile(r"(?P<code>\S+)\s+(?P<agent>\S+)\s+(?P<text>\".*)", re.DOTALL)


def text_of(text: str) -> Parsed[str]:
    """Free text, empty or not; an empty one is no value."""
    return text or None, ()


def word_of(text: str) -> Parsed[str]:
    """A value that may not be empty, such as Call-ID."""
    if not text:
        return None, (error("empty-header-value", "The value is empty.", "RFC 3261 §25.1"),)
    if len(text.split()) > 1:
        return text, (error("malformed-value", f"“{shown(text)}” holds blanks.", "RFC 3261 §25.1", text),)
    return text, ()


def word_before_parameters(text: str) -> Parsed[str]:
    """A value whose parameters nobody asks for, such as Info-Package."""
    return word_of(text.partition(";")[0].rstrip())


def lowered_word(text: str) -> Parsed[str]:
    """As `word_before_parameters`, lower-case."""
    value, faults = word_before_parameters(text)
    return None if value is None else value.lower(), faults


def tokens_of(text: str) -> Parsed[tuple[str, ...]]:
    """A comma-separated list of tokens, spelling kept; parameters behind a token are dropped."""
    if not text:
        return (), ()
    items, separators = list_items(text)
    names = tuple(item.partition(";")[0].rstrip() for item in items)
    # Lists of tokens are read by everybody in spite of a comma too many.
    faults = tuple(
        Fault(fault.code, Severity.WARNING, fault.text, fault.standard, fault.fragment) for fault in separators
    )
    bad = next((name for name in names if not is_token(name)), None)
    if bad is not None:
        faults = (*faults, warning("malformed-token", f"“{shown(bad)}” is no token.", "RFC 3261 §25.1", bad))
    return names, faults


def lowered_tokens_of(text: str) -> Parsed[tuple[str, ...]]:
    """A list of tokens, lower-case."""
    names, faults = tokens_of(text)
    return tuple(name.lower() for name in names or ()), faults


def required_tokens_of(text: str) -> Parsed[tuple[str, ...]]:
    """A list of tokens, lower-case, that the grammar doesn't let be empty: Require and its relatives."""
    if not text:
        return (), (warning("empty-header-value", "The list is empty.", "RFC 3261 §25.1"),)
    return lowered_tokens_of(text)


def privacy_of(text: str) -> Parsed[tuple[str, ...]]:
    """Privacy: `priv-value *(";" priv-value)` (RFC 3323 §4.2); commas are read as well."""
    return tuple(piece.strip().lower() for piece in re.split("[;,]", text) if piece.strip()), ()


def parametrised_of(text: str) -> Parsed[Parametrised]:
    """A short value and its parameters."""
    value, semicolon, parameter_text = text.partition(";")
    value = value.strip()
    faults: Faults = ()
    if not value:
        faults = (error("empty-header-value", "The value is empty.", "RFC 3261 §25.1"),)
    parameters = Parameters()
    if semicolon:
        parameters, parameter_faults = parameters_of(parameter_text)
        faults += parameter_faults
    return Parametrised(value, parameters) if value else None, faults


def lowered_parametrised_of(text: str) -> Parsed[Parametrised]:
    """As `parametrised_of`, the value lower-case."""
    value, faults = parametrised_of(text)
    return None if value is None else Parametrised(value.value.lower(), value.parameters), faults


def parametrised_list_of(text: str) -> Parsed[tuple[Parametrised, ...]]:
    """A comma-separated list of values with parameters."""
    if not text:
        return (), ()
    items, faults = list_items(text)
    values: list[Parametrised] = []
    for item in items:
        value, item_faults = parametrised_of(item)
        faults += item_faults
        if value is not None:
            values.append(value)
    return tuple(values), faults


def seconds_of(standard: str) -> Callable[[str], Parsed[Parametrised]]:
    """A parser of delta-seconds with parameters: Session-Expires."""

    def seconds_with_parameters(text: str) -> Parsed[Parametrised]:
        value, faults = parametrised_of(text)
        if value is not None:
            number = decimal(value.value)
            if number is None or number >= _PAST_32_BITS:
                return None, (*faults, number_fault(value.value, _PAST_32_BITS, standard))
        return value, faults

    return seconds_with_parameters


def retry_after_of(text: str) -> Parsed[Parametrised]:
    """Retry-After: delta-seconds, an optional comment, parameters (RFC 3261 §20.33)."""
    for _ in range(_DEEPEST_COMMENT if "(" in text else 0):
        text = _COMMENT.sub(" ", text)
    value, faults = parametrised_of(text)
    if value is None:
        return None, faults
    number = decimal(value.value)
    if number is not None and number < _PAST_32_BITS:
        return value, faults
    fault = number_fault(value.value, _PAST_32_BITS, "RFC 3261 §20.33")
    if fault.code == "scalar-out-of-range":
        # No range is defined for this field (RFC 4475 §3.1.2.5).
        fault = warning(fault.code, fault.text, fault.standard, fault.fragment)
    return None, (*faults, fault)


def media_type_of(text: str) -> Parsed[MediaType]:
    """Content-Type (RFC 3261 §20.15)."""
    value, faults = parametrised_of(text)
    if value is None:
        return None, faults
    kind, slash, subtype = value.value.partition("/")
    kind, subtype = kind.strip().lower(), subtype.strip().lower()
    if not slash or not is_token(kind) or not is_token(subtype):
        fault = error(
            "malformed-content-type", f"“{shown(value.value)}” is no media type.", "RFC 3261 §20.15", value.value
        )
        return None, (*faults, fault)
    return MediaType(kind, subtype, value.parameters), faults


def warnings_of(text: str) -> Parsed[tuple[WarningValue, ...]]:
    """Warning values (RFC 3261 §20.43)."""
    items, faults = list_items(text)
    values: list[WarningValue] = []
    for item in items:
        match = _WARNING.match(item)
        code = None if match is None else decimal(match["code"])
        if match is None or code is None or len(match["code"]) != 3:
            faults = (*faults, _malformed_warning(item))
        elif quoted_string_end(match["text"], 0) is None:
            faults = (*faults, unterminated_quote(match["text"]))
        if match is not None and code is not None:
            values.append(WarningValue(code, match["agent"], unquoted(match["text"])))
    return tuple(values), faults


def _malformed_warning(text: str) -> Fault:
    return error(
        "malformed-warning",
        f"“{shown(text)}” is no three-digit code, agent and quoted text.",
        "RFC 3261 §20.43",
        text,
    )


def authentication_of(header: str) -> Callable[[str], Parsed[tuple[AuthenticationValue, ...]]]:
    """A parser of the challenges or credentials of one header (RFC 3261 §20.7, §20.27, §20.28, §20.44)."""

    def authentication_values(text: str) -> Parsed[tuple[AuthenticationValue, ...]]:
        values: list[AuthenticationValue] = []
        faults: Faults = ()
        for scheme, parameter_text in _schemes(text):
            parameters, parameter_faults = parameters_of(parameter_text, ",")
            faults += parameter_faults
            values.append(AuthenticationValue(header, scheme, parameters))
        if not values:
            fault = error(
                "malformed-authentication", f"“{shown(text)}” is no scheme and parameters.", "RFC 3261 §25.1", text
            )
            faults = (*faults, fault)
        return tuple(values), faults

    return authentication_values


def _schemes(text: str) -> list[tuple[str, str]]:
    """Divide several challenges on one line, which must not be there and is, each with its parameters."""
    schemes: list[tuple[str, list[str]]] = []
    for piece in split_outside_quotes(text, ","):
        match = _SCHEME_AND_NAME.fullmatch(piece.strip())
        if match is not None:
            schemes.append((match["scheme"], [match["rest"]]))
        elif schemes:
            schemes[-1][1].append(piece)
    return [(scheme, ",".join(pieces)) for scheme, pieces in schemes]


@lru_cache(maxsize=1024)
def dialog_reference_of(text: str) -> Parsed[DialogReference]:
    """Replaces (RFC 3891 §6.1)."""
    return _dialog_reference(text, "to-tag", "from-tag", "RFC 3891 §6.1")


def join_of(text: str) -> Parsed[DialogReference]:
    """Join (RFC 3911 §7.1)."""
    return _dialog_reference(text, "to-tag", "from-tag", "RFC 3911 §7.1")


def target_dialog_of(text: str) -> Parsed[DialogReference]:
    """Target-Dialog (RFC 4538 §7)."""
    return _dialog_reference(text, "local-tag", "remote-tag", "RFC 4538 §7")


def _dialog_reference(text: str, to_name: str, from_name: str, standard: str) -> Parsed[DialogReference]:
    value, faults = parametrised_of(text)
    if value is None:
        return None, faults
    to_tag, from_tag = value.parameters.get(to_name), value.parameters.get(from_name)
    if to_tag is None or from_tag is None:
        # "MUST contain exactly one to-tag and exactly one from-tag"
        fault = error(
            "malformed-dialog-reference",
            f"“{shown(text)}” lacks {to_name if to_tag is None else from_name}.",
            standard,
            text,
        )
        faults = (*faults, fault)
    early_only = "early-only" in value.parameters
    return DialogReference(value.value, to_tag, from_tag, early_only, text), faults
