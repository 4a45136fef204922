"""The filter language: what expressions mean, and what is said of text that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.errors import UsageError
from sipscope.filter import Field, Kind, parse
from sipscope.filter.parser import MAX_DEPTH
from sipscope.filter.tokens import MAX_LENGTH

FIELDS = (
    Field(name="outcome", text="", choices=("answered", "rejected")),
    Field(name="callee", text=""),
    Field(name="findings", text="", choices=("OA-003", "TXN-009")),
    Field(name="services", text=""),
    Field(name="status", text="", kind=Kind.NUMBER),
    Field(name="setup_ms", text="", kind=Kind.MILLISECONDS),
    Field(name="loss_percent", text="", kind=Kind.NUMBER),
    Field(name="mos", text="", kind=Kind.NUMBER),
)
CALL = {
    "outcome": ("rejected",),
    "callee": ("+8210", "sip:+8210@Example.com"),
    "findings": ("OA-003",),
    "services": ("hold", "resume"),
    "status": (486.0,),
    "setup_ms": (2500.0,),
    "loss_percent": (0.0, 3.5),
    "mos": (),
}


def holds(text):
    return parse(text, FIELDS, has=("findings", "services")).holds(CALL)


def error_of(text):
    with pytest.raises(UsageError) as caught:
        parse(text, FIELDS, has=("findings", "services"))
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "outcome==rejected",
        "OUTCOME == REJECTED",
        'outcome == "rejected"',
        "outcome=='rejected'",
        "outcome!=answered",
        "status==486",
        "status>=486 and status<=486",
        "status>485.5",
        "setup_ms>2000",
        "setup_ms>2s",
        "setup_ms>2499ms",
        "setup_ms<1min",
        "setup_ms<0.001h",
        "loss_percent>3%",
        "loss_percent==0",
        'callee~"^\\+82"',
        "callee~example",
        "has(OA-003)",
        "has(oa-003)",
        "has('hold')",
        "findings==OA-003",
        "status in (486, 600)",
        "status not in (400,401)",
        "outcome in (answered,rejected)",
        "mos==null",
        "status!=null",
        "not mos<3",
        "mos!=4.2",
        "not (outcome==answered or status==200)",
        "outcome==answered or status==486 and setup_ms>2s",
        "not outcome==answered and status==486",
        'outcome==rejected and callee~"^\\+82" and setup_ms>2000 and has(OA-003)',
    ],
)
def test_expression_holds(text):
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "outcome==answered",
        "outcome!=rejected",
        "status>486",
        "setup_ms<2s",
        "loss_percent>4%",
        "loss_percent!=0",
        'callee~"^82"',
        "has(TXN-009)",
        "has(redirect)",
        "status not in (486)",
        "mos>0",
        "mos<=5",
        "mos!=null",
        "status==null",
        "outcome==answered and status==486 or setup_ms>1h",
    ],
)
def test_expression_does_not_hold(text):
    assert not holds(text)


@pytest.mark.parametrize(
    ("text", "column", "advice"),
    [
        ("outcom==rejected", 1, "did you mean outcome?"),
        ("status==486 and setup>2", 17, "did you mean setup_ms?"),
        ("xyzzy==1", 1, "there are outcome, callee"),
        ("outcome==rejectd", 10, "did you mean rejected?"),
        ("findings==OA-03", 11, "did you mean OA-003?"),
        ("outcome=rejected", 8, "write =="),
        ("outcome==rejected && mos>3", 19, "write and, or, not"),
        ('callee=="bob', 9, "never closed"),
        ("outcome==rejected mos>3", 19, "and, or, or the end is expected"),
        ("(outcome==rejected", 19, "')' is expected"),
        ("outcome", 8, "is expected after outcome"),
        ("outcome==", 10, "a value is expected"),
        ("outcome==rejected and", 22, "the expression ends here"),
        ("", 1, "the expression ends here"),
        ("status==abc", 9, "status is a number"),
        ("status==5s", 9, "not measured in s"),
        ("setup_ms>5%", 10, "not measured in %"),
        ("setup_ms~2", 9, "~ looks into text"),
        ("outcome<rejected", 8, "asks for an order"),
        ("mos>null", 4, "asks for an order"),
        ("status in 486", 11, "'(' is expected"),
        ("status in ()", 12, "a value is expected"),
        ("has(", 5, "a value is expected"),
        ("callee~'('", 8, "no regular expression"),
        ("callee~'(a+)+'", 8, "not be repeated"),
        ("callee ~ a;b", 11, "means nothing here"),
    ],
)
def test_error_names_column_and_advice(text, column, advice):
    message = error_of(text)
    assert message.startswith(f"filter, column {column}: ")
    assert advice in message


def test_long_expression_is_refused():
    assert f"longer than {MAX_LENGTH}" in error_of("(" * (MAX_LENGTH + 1))


@pytest.mark.parametrize("prefix", ["(", "not "])
def test_deep_expression_is_refused(prefix):
    assert f"more than {MAX_DEPTH}" in error_of(prefix * (MAX_DEPTH + 1) + "mos>1")


def test_number_too_long_for_a_float_is_refused():
    assert "is a number" in error_of("status==" + "9" * 400)


PIECES = st.sampled_from(
    [
        *(field.name for field in FIELDS),
        *("==", "!=", "<", "<=", ">", ">=", "~", "(", ")", ",", "and", "or", "not", "in", "has", "null"),
        *("rejected", "486", "2s", "5%", '"x"', "'[a-z]*'", "OA-003", " ", "\\", "é"),
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map(" ".join)))
def test_any_text_gives_an_answer_or_one_usage_error(text):
    assert outcome_of(text) in {"True", "False", "filter, column "}


def outcome_of(text):
    try:
        return str(holds(text))
    except UsageError as error:
        return str(error)[: len("filter, column ")]
