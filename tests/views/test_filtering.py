"""The fields that an expression over calls may name."""

import re
from pathlib import Path

from sipscope.views.filtering import FIELDS, HAS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "filters.md"


def test_reference_lists_every_field():
    listed = re.findall(r"^\| `([a-z_]+)` \| ([a-z]+) \| (?:[^:|]*)", PAGE.read_text("utf-8"), re.MULTILINE)
    assert listed == [(field.name, field.kind.value) for field in FIELDS]


def test_has_looks_into_fields_there_are():
    assert set(HAS) <= {field.name for field in FIELDS}
