"""Answers that are kept by what was asked: the same lines, addresses and names come again and again in a capture."""

from collections.abc import Callable, Sized
from typing import TypeVar

Asked = TypeVar("Asked", bound=Sized)
Answer = TypeVar("Answer")


class Memo(dict[Asked, Answer]):
    """The answers of a function to what was asked of late: `memo[text]` in place of `answer(text)`.

    One look-up of a plain dict, a third of what `functools.lru_cache` costs for its order of use. In its place there
    are two generations: once the young one is full, it is the old one, and what is asked again goes over from there.
    So what comes at least once in a generation is never asked for twice, and no more than two are ever kept.
    """

    __slots__ = ("_answer", "_generation", "_longest", "_older")

    def __init__(self, answer: Callable[[Asked], Answer], *, generation: int, longest: int = 2048) -> None:
        """Keep the answers of a function without side effects, `generation` of them at a time.

        What is longer than `longest` is answered and not kept: it is rare, differs, and would only fill the memory.
        """
        super().__init__()
        self._answer = answer
        self._generation = generation
        self._longest = longest
        self._older: dict[Asked, Answer] = {}

    def __missing__(self, asked: Asked) -> Answer:
        """Answer what isn't in the young generation."""
        answer = self._older.get(asked)
        if answer is None:
            answer = self._answer(asked)
            if len(asked) > self._longest:
                return answer
        if len(self) >= self._generation:
            self._older = self.copy()
            self.clear()
        self[asked] = answer
        return answer
