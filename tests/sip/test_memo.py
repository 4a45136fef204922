"""Answers are kept for two generations, and no longer."""

import pytest

from sipscope.sip.memo import Memo


@pytest.fixture
def asked() -> list[str]:
    """What the function was asked, in order."""
    return []


@pytest.fixture
def memo(asked: list[str]) -> Memo[str, str]:
    """Two answers a generation, none for more than three characters."""

    def answer(text: str) -> str:
        asked.append(text)
        return text.upper()

    return Memo(answer, generation=2, longest=3)


def test_an_answer_is_what_the_function_says(memo: Memo[str, str]) -> None:
    assert [memo[text] for text in "aba"] == ["A", "B", "A"]


def test_what_comes_again_is_not_asked_again(memo: Memo[str, str], asked: list[str]) -> None:
    assert [memo[text] for text in "abab"]
    assert asked == ["a", "b"]


def test_what_comes_in_every_generation_is_never_asked_again(memo: Memo[str, str], asked: list[str]) -> None:
    assert [memo[text] for text in "abacadaeaf"]
    assert asked.count("a") == 1


def test_what_does_not_come_for_two_generations_is_asked_again(memo: Memo[str, str], asked: list[str]) -> None:
    assert [memo[text] for text in "abcdea"]
    assert asked.count("a") == 2


def test_no_more_than_two_generations_are_kept(memo: Memo[str, str]) -> None:
    kept = [memo[f"{number:03}"] for number in range(100)] and len(memo) + len(memo._older)
    assert kept <= 4


def test_what_is_longer_than_the_longest_is_answered_and_not_kept(memo: Memo[str, str], asked: list[str]) -> None:
    assert (memo["long"], memo["long"], len(memo), asked) == ("LONG", "LONG", 0, ["long", "long"])
