"""Databases of older versions: the steps that bring them up to date.

A step keeps the rows; what an older version didn't note stays null until the capture is audited again, which the next
audit does, as the schema is part of how a capture is judged.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from sipscope.audit.tables import SCHEMA
from sipscope.errors import UnreadableInput

_CALLS_BESIDE_THEIR_INVITES = """
UPDATE attempts SET setup_ms = c.setup_ms, ringing_ms = c.ringing_ms FROM calls AS c
WHERE c.capture = attempts.capture AND c.call = attempts.call AND method = 'INVITE' AND NOT in_dialog
"""

_RELEASES_BESIDE_THEIR_INVITES = """
UPDATE attempts SET released_at = r.released_at, release_outcome = r.release_outcome
FROM (
    SELECT capture, call, min(started_at) AS released_at, arg_min(outcome, started_at) AS release_outcome
    FROM attempts WHERE method = 'BYE' AND is_origin AND call IS NOT NULL AND outcome <> 'pending'
    GROUP BY capture, call
) AS r
WHERE r.capture = attempts.capture AND r.call = attempts.call AND method = 'INVITE' AND NOT in_dialog
    AND outcome = 'succeeded'
"""

STEPS: Mapping[int, tuple[str, ...]] = {
    1: (
        "ALTER TABLE captures ADD COLUMN same_as VARCHAR",
        "ALTER TABLE attempts ADD COLUMN trying_at TIMESTAMP_NS",
    ),
    2: (
        "ALTER TABLE captures ADD COLUMN suppressed BIGINT",
        "ALTER TABLE findings ADD COLUMN suppressed VARCHAR",
        "CREATE TABLE expectations "  # noqa: ISC004 -- one statement
        "(capture VARCHAR, expectation BIGINT, name VARCHAR, holds BOOLEAN, failures VARCHAR[])",
    ),
    3: (
        "ALTER TABLE attempts ADD COLUMN setup_ms DOUBLE",
        "ALTER TABLE attempts ADD COLUMN ringing_ms DOUBLE",
        "ALTER TABLE attempts ADD COLUMN released_at TIMESTAMP_NS",
        "ALTER TABLE attempts ADD COLUMN release_outcome VARCHAR",
        _CALLS_BESIDE_THEIR_INVITES,
        _RELEASES_BESIDE_THEIR_INVITES,
    ),
}
"""From each schema to the one after it."""


def migrated(execute: Callable[[str], object], schema: int, path: Path) -> None:
    """Bring an open database from a schema to the present one, by `execute`.

    Raises:
        UnreadableInput: It is of a newer version, or of one that no step leads from.
    """
    if schema > SCHEMA or any(number not in STEPS for number in range(schema, SCHEMA)):
        raise UnreadableInput(
            f"{path} has schema {schema}, this version writes {SCHEMA}: name another directory with -o, "
            "or remove the file and audit again"
        )
    for number in range(schema, SCHEMA):
        for statement in STEPS[number]:
            execute(statement)
    execute(f"UPDATE about SET schema = {SCHEMA}")
