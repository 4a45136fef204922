"""Whatever a configuration holds, it is taken or its mistakes are told."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from sipscope.model.policy import THRESHOLDS
from sipscope.policy.keys import CONDITIONS, SECTIONS, TOP
from sipscope.policy.loading import WrongConfiguration, in_force

NAMES = st.sampled_from(
    [
        *(key.name for section in (TOP, *SECTIONS) for key in section.keys if key.name not in CONDITIONS),
        *(section.name for section in SECTIONS),
        *(item.name for item in THRESHOLDS),
        "mos",
        "outcome",
        "EM-*",
        "192.0.2.1",
    ]
)
PLAIN = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["off", "EM-001", ">= 4", "192.0.2.0/24", "outcome==answered", "[::1]:5060"]),
    st.dates(),
    st.datetimes(),
)
VALUES = st.recursive(
    PLAIN, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)), max_leaves=8
)


@settings(max_examples=150)
@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_a_document_is_taken_or_its_mistakes_are_told(document: dict[str, object]) -> None:
    document.pop("extends", None)
    problems: tuple[str, ...] = ("sipscope.toml: none",)
    try:
        in_force("sipscope.toml", lambda _: document, today=date(2030, 1, 1))
    except WrongConfiguration as error:
        problems = error.problems
    assert all(problem.startswith("sipscope.toml: ") for problem in problems)
