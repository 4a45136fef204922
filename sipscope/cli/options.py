"""Options that several commands share, each a decorator."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from sipscope.pipeline import Options
    from sipscope.policy.in_force import InForce

F = TypeVar("F", bound=Callable[..., Any])

_MERGE = f"{__name__}.merge"


def _one(_context: click.Context, _parameter: click.Parameter, paths: tuple[str, ...]) -> str | tuple[str, ...]:
    """The only path, or all of them."""
    return paths if len(paths) > 1 else paths[0]


CAPTURE = click.argument(
    "capture",
    metavar="CAPTURE...",
    nargs=-1,
    required=True,
    callback=_one,
    type=click.Path(readable=False, allow_dash=True),
)
"""One capture, in one file or several; `-` reads standard input. Existence and permission are judged by
the reader, whose exit code is 3."""


def _keep_choice(context: click.Context, _parameter: click.Parameter, value: bool | None) -> None:
    context.meta[_MERGE] = value


def _captures(command: F) -> F:
    choice = click.option(
        "--merge/--no-merge",
        default=None,
        expose_value=False,
        callback=_keep_choice,
        help="Read all captures as one, by time, or each for itself; unless told, files that their names make a "
        "ring-buffer set are one.",
    )
    kind = click.Path(readable=False, allow_dash=True)
    return click.argument("captures", metavar="CAPTURE...", nargs=-1, required=True, type=kind)(choice(command))


CAPTURES = _captures
"""One or more captures, and with `--merge` whether they are parts of one."""


def is_to_merge() -> bool | None:
    """What `--merge` says; None where the names of the files are to decide."""
    chosen: bool | None = click.get_current_context().meta.get(_MERGE)
    return chosen


_SIZE = re.compile(r"(?P<count>\d+)(?P<unit>[KMGT]?)(?:i?B)?", re.IGNORECASE)
_EXPONENTS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}


def size_in_bytes(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    """A number of bytes, with K, M, G or T behind it for powers of 1024."""
    match = _SIZE.fullmatch(value.strip())
    if match is None or int(match["count"]) == 0:
        raise click.BadParameter(f"{value!r} is no size: give a number, with K, M, G or T behind it")
    return int(match["count"]) << _EXPONENTS[match["unit"].upper()]


def _keep_size(context: click.Context, parameter: click.Parameter, value: str) -> None:
    """Keep a number of bytes for `options_from`."""
    context.meta[f"{__name__}.{parameter.name}"] = size_in_bytes(context, parameter, value)


_HEADER_NAME = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
"""A token (RFC 3261 §25.1)."""


def _keep_names(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> None:
    """Keep names of header fields for `options_from`."""
    for name in value:
        if not _HEADER_NAME.fullmatch(name):
            raise click.BadParameter(f"{name!r} is no name of a header field: give it alone, as in X-Leg-Call-ID")
    context.meta[f"{__name__}.{parameter.name}"] = value


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
    """Keep a value for `options_from`."""
    context.meta[f"{__name__}.{parameter.name}"] = value


CONFIGURATION = (
    click.option(
        "--config",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        expose_value=False,
        callback=_keep,
        help="Configuration of this network; else the nearest sipscope.toml, or pyproject.toml with a table "
        "tool.sipscope, from the current directory upwards.",
    ),
    click.option(
        "--no-config", is_flag=True, expose_value=False, callback=_keep, help="Read no configuration whatever."
    ),
)
"""Where the configuration is."""


def reading_options(command: F) -> F:
    """How captures are read and judged: `--engine`, `--keylog`, `--media-expected`, `--config` and their like."""
    for decorate in reversed(
        (
            click.option(
                "--engine",
                type=click.Choice(["auto", "native", "wireshark", "text"]),
                default="auto",
                show_default=True,
                help="What reads the capture: sipscope's own reader, Wireshark's dissectors (needs tshark), or the "
                "reader of servers' logs.",
            ),
            click.option(
                "--keylog",
                type=click.Path(dir_okay=False),
                help="TLS key log to decrypt SIP over TLS with; takes the Wireshark engine.",
            ),
            click.option(
                "--media-expected",
                is_flag=True,
                help="Media is visible where the capture was taken: missing RTP is then a fault.",
            ),
            click.option(
                "--correlate-header",
                multiple=True,
                metavar="NAME",
                expose_value=False,
                callback=_keep_names,
                help="A header field in which a B2BUA names the Call-ID of its other side; may be repeated. Those that "
                "begin with X- are read without being named.",
            ),
            click.option(
                "--max-expanded",
                metavar="BYTES",
                default="20G",
                show_default=True,
                expose_value=False,
                callback=_keep_size,
                help="How much a compressed capture may expand to; with K, M, G or T.",
            ),
            *CONFIGURATION,
        )
    ):
        command = decorate(command)
    return command


def alias_options(command: F) -> F:
    """Names for addresses: `--alias`, `--alias-file`."""
    for decorate in reversed(
        (
            click.option(
                "--alias",
                multiple=True,
                metavar="ADDRESS=NAME",
                expose_value=False,
                callback=_keep,
                help="Name an address, such as 192.0.2.1=SBC; may be repeated.",
            ),
            click.option(
                "--alias-file",
                type=click.Path(dir_okay=False),
                expose_value=False,
                callback=_keep,
                help="Name the addresses in this file: a line each, address and name; # begins a remark.",
            ),
        )
    ):
        command = decorate(command)
    return command


def credentials_option(command: F) -> F:
    """`--credentials`: passwords to check digests with."""
    return click.option(
        "--credentials",
        metavar="FILE",
        envvar="SIPSCOPE_CREDENTIALS",
        show_envvar=True,
        type=click.Path(dir_okay=False),
        expose_value=False,
        callback=_keep,
        help="Check digests with the passwords in this file: a line each, realm, user and password. They are never "
        "shown.",
    )(command)


def fail_on_option(command: F) -> F:
    """`--fail-on`: from which severity on findings make the exit code 1."""
    return click.option(
        "--fail-on",
        type=click.Choice(["error", "warning", "info", "never"]),
        default="error",
        show_default=True,
        help="Exit with 1 when a finding reaches this severity; merely possible ones never count.",
    )(command)


def options_from(engine: str, keylog: str | None, *, media_expected: bool, directory: str | None = None) -> "Options":
    """The pipeline's options from those of the command line, and from the configuration where those say nothing.

    Args:
        engine: As `--engine` says.
        keylog: As `--keylog` says.
        media_expected: As `--media-expected` says.
        directory: Where results go: a configuration there or beside it is the nearest.
    """
    from sipscope.cli.aliases import aliases_from
    from sipscope.cli.credentials import passwords_in
    from sipscope.pipeline import Options

    kept = click.get_current_context().meta
    configured = chosen_configuration(directory)
    own = aliases_from(kept.get(f"{__name__}.alias", ()), kept.get(f"{__name__}.alias_file"))
    return Options(
        engine=engine,
        keylog=keylog,
        media_expected=media_expected or configured.media_expected,
        call_id_headers=tuple(dict.fromkeys((*kept[f"{__name__}.correlate_header"], *configured.call_id_headers))),
        max_expanded=kept[f"{__name__}.max_expanded"],
        aliases={**configured.aliases, **own},
        passwords=passwords_in(kept.get(f"{__name__}.credentials")),
        policy=configured.policy,
    )


def chosen_configuration(directory: str | None = None) -> "InForce":
    """What the configuration says that was chosen or is the nearest; expired suppressions are told.

    Raises:
        UsageError: It can't be read, or is wrong.
    """
    from sipscope.cli.configuration import configuration_at
    from sipscope.cli.output import complain

    configured = configuration_at(chosen_path(directory))
    for item in configured.expired:
        complain(f"the suppression of {item.rule} ({item.reason}) expired on {item.expires}: it holds no more")
    return configured


def chosen_path(directory: str | None = None) -> str | None:
    """Path of the configuration; None where there is none."""
    from sipscope.cli.configuration import configuration_for

    kept = click.get_current_context().meta
    if kept.get(f"{__name__}.no_config"):
        return None
    named: str | None = kept.get(f"{__name__}.config")
    return named or configuration_for(None if directory is None else Path(directory))
