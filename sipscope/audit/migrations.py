"""Databases of older versions: the steps that bring them up to date.

A step keeps the rows; what an older version didn't note stays null until the capture is audited again, which the next
audit does, as the schema is part of how a capture is judged.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from sipscope.audit.tables import SCHEMA
from sipscope.errors import UnreadableInput

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
