"""Readers of a link's values: each makes a value of its text, or says what is wrong with it."""

from collections.abc import Callable, Iterable
from typing import Any

from aeviz.errors import UserError

# Longer than any value this project writes: the longest is a code of 64 numbers.
LONGEST = 2_000


class LinkError(UserError):
    """A link's value that makes no sense, in one sentence.

    nearest: what to take in its place; None for the usual choice.
    """

    def __init__(self, sentence: str, nearest: Any = None):
        super().__init__(sentence)
        self.nearest = nearest


def one_of(choices: Iterable[str], what: str) -> Callable[[str], str]:
    """Reads one of these names. what: the kind of thing they are, such as "colour"."""
    known = tuple(choices)

    def read(text: str) -> str:
        if text not in known:
            raise LinkError(f"The link asks for a {what} that this page does not have.")
        return text

    return read


def some_of(
    choices: Iterable[str], what: str, *, none: str = ""
) -> Callable[[str], tuple[str, ...]]:
    """Reads "a,b" as these names, in their own order; where only some are known, these.

    Args:
        choices: All the names.
        what: What they are, such as "columns".
        none: What stands for none of them.
    """
    known = tuple(choices)

    def read(text: str) -> tuple[str, ...]:
        if text == none and none not in known:
            return ()
        asked = {*text.split(",")} - {""}
        names = tuple(name for name in known if name in asked)
        if len(names) < len(asked):
            sentence = f"The link asks for {what} that this page does not have."
            raise LinkError(sentence, nearest=names or None)
        return names

    return read


def whole_number(low: int, high: int, what: str) -> Callable[[str], int]:
    """Reads a whole number; one that is too small or too large gives the nearest there is."""

    def read(text: str) -> int:
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal()):
            raise LinkError(f"The link's {what} should be a whole number.")
        # Longer numbers are only read to be told that they are too large.
        number = int(text[:20])
        if not low <= number <= high:
            nearest = min(max(number, low), high)
            raise LinkError(
                f"The link's {what} should be from {low:,} to {high:,}; {nearest:,} is taken.",
                nearest,
            )
        return number

    return read


def switched(text: str) -> bool:
    """Reads "1", which stands for a switch that is on."""
    if text not in ("", "1"):
        raise LinkError("The link's switches are either 1 or not there.")
    return text == "1"
