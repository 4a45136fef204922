"""Regular expressions of the filter language can't run long."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.filter.patterns import MAX_PATTERN, MAX_TEXT, is_found, pattern_of


@pytest.mark.parametrize(
    "text",
    ["bob", r"^\+82\d{8,12}$", "sip:.*@example", "^(alice|bob)@", "[a-f0-9]+", "(?:00|\\+)82", "a??b", r"\.example\."],
)
def test_everyday_pattern_is_allowed(text):
    assert pattern_of(text).pattern == text


@pytest.mark.parametrize(
    "text",
    [
        "(a+)+b",
        "(a|aa)*b",
        "(a*)*",
        "(.*){9}",
        ".*.*.*.*x",
        r"(a)\1",
        "(?=a)",
        "(?P<n>a)",
        "(?i)a",
        "(a?){200}",
        "(",
        "[",
    ],
)
def test_pattern_that_may_run_long_is_refused(text):
    with pytest.raises(ValueError, match=r"may run long|not allowed|not be repeated|allowed|no regular expression"):
        pattern_of(text)


def test_long_pattern_is_refused():
    with pytest.raises(ValueError, match="longer than"):
        pattern_of("a" * (MAX_PATTERN + 1))


def test_case_does_not_matter():
    assert is_found(pattern_of("BOB"), "sip:bob@example.com")


def test_text_beyond_the_limit_is_not_looked_at():
    assert not is_found(pattern_of("b"), "a" * MAX_TEXT + "b")


@pytest.mark.parametrize("text", [".*.*x", "^.*.*.*x", "a*a*x", "[ab]*[a]*x", "(?:a*|a)a*x", "a{0,255}a{0,255}x"])
def test_worst_pattern_allowed_ends_soon(text):
    pattern = pattern_of(text)
    start = time.process_time()
    is_found(pattern, "a" * 10_000)
    assert time.process_time() - start < 2


@given(st.text(alphabet="ab.*+?|()[]{}^$\\0123,:=-dw", max_size=30))
def test_any_pattern_is_refused_or_ends_soon(text):
    try:
        pattern = pattern_of(text)
    except ValueError:
        return
    assert is_found(pattern, "ab0" * 100) in {True, False}
