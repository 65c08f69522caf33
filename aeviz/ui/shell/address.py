"""Choices that live in the address, so that a link reopens what its sender saw.

A choice begins as the visitor left it or, at first, as a link says. What makes no sense in a link
is one sentence, and the nearest sensible choice in its place. What is usual stays out of the
address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.errors import UserError
from aeviz.ui.shell import state

# Longer than any value this project writes: the longest is a code of 64 numbers.
LONGEST = 2_000
OPEN = "open"


class LinkError(UserError):
    """A link's value that makes no sense, in one sentence.

    nearest: what to take in its place; None for the usual choice.
    """

    def __init__(self, sentence: str, nearest: Any = None):
        super().__init__(sentence)
        self.nearest = nearest


def begin(
    page: str,
    name: str,
    usual: Any,
    read: Callable[[str], Any],
    notes: DeltaGenerator | None = None,
    *,
    of: str = "",
) -> Any:
    """What a choice begins with.

    read: makes the choice of its text; it raises UserError for what makes no sense. of: what the
    choice belongs to, where it is not the page's own. notes: where there is room for a sentence;
    the caller's own place where None.
    """
    from_link = is_news(page, name)
    text = state.linked_text(name) if from_link else kept(page, name, of=of)
    if not text:
        return usual
    try:
        if len(text) > LONGEST:
            raise LinkError("The link has a value that is too long to be one of ours.")
        return read(text)
    except UserError as error:
        nearest = getattr(error, "nearest", None)
        if from_link:
            then = " The page shows its usual choice instead." if nearest is None else ""
            (notes or st).warning(f"{error}{then}")
        return usual if nearest is None else nearest


def keep(
    page: str, name: str, text: str, usual: str = "", *, of: str = "", shown: bool = True
) -> None:
    """Remember a choice for coming back, and put what is not usual into the address.

    shown: whether it has to do with what is on the page; the address does without it otherwise.
    """
    text = "" if text == usual else text
    state.choose(_key(page, name, of), text)
    text = text if shown else ""
    state.choose(_key(page, name, _WRITTEN), text)
    state.link(**{name: text or None})


def is_news(page: str, name: str) -> bool:
    """Whether the address says something of a choice that this page did not write itself: what it
    wrote belongs to what was shown then, anything else is from a link.
    """
    linked = state.linked_text(name)
    return linked is not None and linked != state.chosen(_key(page, name, _WRITTEN))


def kept(page: str, name: str, *, of: str = "") -> str:
    """The text that was last kept of a choice; "" for the usual one."""
    return state.chosen(_key(page, name, of)) or ""


def choose(page: str, name: str, text: str, *, of: str = "") -> None:
    """Choose for the visitor; the address follows when the choice is next drawn."""
    state.choose(_key(page, name, of), text)


def opened_with(element: str, of: str, text: str, *, moved: bool) -> str:
    """What an element that a viewer moves by themself is drawn with: the same, however it is moved,
    as drawing it anew is slow.

    of: what it shows. text: where it stands now, as it would be opened. moved: whether the viewer
    has moved it since it was drawn.
    """
    name = f"opened.{element}"
    before, _, opened = (state.chosen(name) or "").rpartition("\n")
    if moved and before == of:
        return opened
    state.choose(name, f"{of}\n{text}")
    return text


# In place of what a choice belongs to: what this page last put into the address.
_WRITTEN = "\n"


def _key(page: str, name: str, of: str) -> str:
    return f"{page}.{name}.{of}"


# --- what several pages read ---------------------------------------------------------------------


def one_of(choices: Iterable[str], what: str) -> Callable[[str], str]:
    """Reads one of these names. what: the kind of thing they are, such as "colour"."""
    known = tuple(choices)

    def read(text: str) -> str:
        if text not in known:
            raise LinkError(f"The link asks for a {what} that this page does not have.")
        return text

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
                f"The link's {what} should be from {low:,} to {high:,}; this is {nearest:,}.",
                nearest,
            )
        return number

    return read


def switched(text: str) -> bool:
    """Reads "1", which stands for a switch that is on."""
    if text not in ("", "1"):
        raise LinkError("The link's switches are either 1 or not there.")
    return text == "1"


def switch(
    page: str, name: str, label: str, notes: DeltaGenerator | None = None, **look: Any
) -> bool:
    """A toggle that is in the address while it is on."""
    on = begin(page, name, False, switched, notes)
    on = st.toggle(label, on, key=f"{page}.{name}.{state.generation()}", **look)
    keep(page, name, "1" if on else "")
    return on


def select(
    page: str,
    name: str,
    label: str,
    options: Mapping[str, str],
    notes: DeltaGenerator | None = None,
    *,
    what: str,
    of: str = "",
    **look: Any,
) -> str:
    """A select box whose choice is in the address unless it is the first.

    options: name -> words. what: as in `one_of`. of: as in `begin`.
    """
    usual = next(iter(options))
    first = begin(page, name, usual, one_of(options, what), notes, of=of)
    chosen = st.selectbox(
        label,
        list(options),
        index=list(options).index(first),
        format_func=options.get,
        key=f"{page}.{name}.{of}.{state.generation()}",
        **look,
    )
    keep(page, name, chosen, usual, of=of)
    return chosen


def expander(page: str, name: str, label: str) -> DeltaGenerator:
    """An expander that is in the address while it is open."""
    opened = begin(page, name, False, _opened)
    made = st.expander(label, opened, key=f"{name}.{state.generation()}", on_change="rerun")
    keep(page, name, OPEN if made.open else "")
    return made


def _opened(text: str) -> bool:
    # However it is spelt, whoever asks for a part by its name wants to see it.
    return bool(text)


def show_dataset(name: str) -> None:
    """Choose this data set from the next run of the page on."""
    state.watch_run(None)
    state.link(data=name)
    state.choose("learn.data.turn", str(dataset_turn() + 1))


def dataset_turn() -> int:
    return int(state.chosen("learn.data.turn") or 0)
