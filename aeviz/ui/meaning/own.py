"""Differences that a visitor names: from one kind of picture to another, kept in the address."""

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

from aeviz.drawing.map_charts import class_name
from aeviz.latent.directions import DirectionError
from aeviz.text.names import plain_name
from aeviz.ui.live.explored import Explored
from aeviz.ui.meaning import cache
from aeviz.ui.meaning.held import OWN
from aeviz.ui.meaning.measured import Named
from aeviz.ui.meaning.words import arrival_words
from aeviz.ui.shell import state
from aeviz.ui.shell.address import LinkError
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.style import wide

# More sliders than these nobody finds their way among.
MOST_OWN = 6
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Difference:
    """From the kind of one label to that of another. title: its owner's, "" for the kinds'."""

    less: int
    more: int
    title: str = ""

    @property
    def name(self) -> str:
        """Its name in the address."""
        return f"{OWN}{self.less}.{self.more}"


def text_of_differences(differences: tuple[Difference, ...]) -> str:
    """Return differences for the address: "4>9" or "4>9 name", joined by semicolons."""
    return ";".join(f"{d.less}>{d.more} {d.title}".rstrip() for d in differences)


def differences_of_text(text: str, kinds: int) -> tuple[Difference, ...]:
    """The inverse of `text_of_differences`.

    kinds: how many labels there are. Raises LinkError for what makes no sense.
    """
    out: dict[str, Difference] = {}
    for word in text.split(";"):
        pair, _, title = word.partition(" ")
        labels = pair.split(">")
        fine = all(one.isascii() and one.isdecimal() and len(one) < 4 for one in labels)
        if not fine or len(labels) != 2 or max(map(int, labels)) >= kinds:
            raise LinkError("The link has a difference of kinds that these pictures do not have.")
        one = Difference(*map(int, labels), plain_name(title, longest=_LONGEST_NAME))
        out[one.name] = one
    return tuple(out.values())[:MOST_OWN]


def own_differences(model: Explored, dropped: Collection[str]) -> list[tuple[Named, str, bool]]:
    """Draw the form for a difference of one's own, and return all there are as directions.

    Args:
        model: One that keeps its codes.
        dropped: The names of those that the visitor has just taken away.
    """
    labels = model.codes.labels
    if labels is None or labels.min() == labels.max():
        return []
    choice = Choice("meaning", "own", model.checkpoint.name)
    kept = choice.begin((), lambda text: differences_of_text(text, int(labels.max()) + 1))
    kept = tuple(one for one in kept if one.name not in dropped)
    if made := _form(model):
        others = tuple(one for one in kept if one.name != made.name)
        if len(others) < MOST_OWN:
            kept = (*others, made)
        else:
            st.warning(f"There are {MOST_OWN} sliders of your own already: remove one first.")
    found = [(one, _named(model, one)) for one in kept]
    # One that cannot be had is told once, and not kept.
    choice.keep(text_of_differences(tuple(one for one, named in found if named)))
    return [named for _, named in found if named]


def _form(model: Explored) -> Difference | None:
    """The difference that the visitor has just asked for."""
    assert model.codes.labels is not None
    known = sorted({*model.codes.labels.tolist()})
    words = {label: class_name(label, model.names) for label in known}
    # Of digits the two that are most alike.
    usual = (known.index(4), known.index(9)) if {4, 9} <= {*known} else (0, 1)
    of, generation = model.checkpoint.name, state.generation()
    st.markdown("**A slider of your own**, from one kind of picture to another")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="own_row"):
        less, more = (
            st.selectbox(
                label,
                known,
                index=place,
                format_func=words.__getitem__,
                key=f"{label}.{of}.{generation}",
                width=wide(150),
            )
            for label, place in zip(("Away from", "towards"), usual, strict=True)
        )
        title = st.text_input(
            "Its name",
            key=f"own.title.{of}.{generation}",
            placeholder=f"more like {words[more]}",
            max_chars=_LONGEST_NAME,
            width=wide(220),
        )
        if not st.button("Add a slider for it", key=f"own.add.{of}.{generation}"):
            return None
    return Difference(less, more, plain_name(title, longest=_LONGEST_NAME).replace(";", ","))


def _named(model: Explored, one: Difference) -> tuple[Named, str, bool] | None:
    less, more = (class_name(label, model.names) for label in (one.less, one.more))
    try:
        direction, share = cache.kinds_difference(model, one.less, one.more)
    except DirectionError as error:
        st.warning(str(error))
        return None
    title = one.title or f"{less} to {more}"
    named = Named(one.name, title, f"like {less}", f"like {more}", direction)
    return named, arrival_words(less, more, share), True
