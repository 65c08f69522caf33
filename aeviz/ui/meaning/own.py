"""Differences that a visitor names: between kinds or groups of pictures, kept with the model."""

from collections.abc import Collection

import numpy as np
import streamlit as st

from aeviz.checkpoints.checkpoint import CheckpointError
from aeviz.checkpoints.kept_differences import drop_difference, keep_difference, kept_differences
from aeviz.data.class_names import thing
from aeviz.drawing.map_charts import class_name
from aeviz.errors import UserError
from aeviz.latent.differences import LONGEST_TITLE, MOST_OWN, Difference
from aeviz.latent.directions import DirectionError, difference_of
from aeviz.read_only import is_read_only
from aeviz.text.names import plain_name
from aeviz.ui.live.explored import Explored
from aeviz.ui.meaning import cache, words
from aeviz.ui.meaning.groups import choose_groups, group_of
from aeviz.ui.meaning.measured import Named
from aeviz.ui.meaning.own_address import (
    LESS,
    MORE,
    CodeOf,
    OfKinds,
    differences_of_text,
    mark_of,
    text_of_differences,
)
from aeviz.ui.shell import state
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.style import wide

# How the two groups are chosen.
_WAYS = {"kind": "By kind", "hand": "By pictures"}
_PAGE = "meaning"
# What a visitor can have as a slider, with the words on how far to trust it.
Told = tuple[Named, str, bool]


def own_differences(model: Explored, dropped: Collection[str]) -> list[Told]:
    """Return a visitor's own differences as directions: those of the link, those kept.

    Args:
        model: One that keeps its codes.
        dropped: The names of those that the visitor has just taken away.
    """
    choice = _linked_choice(model)
    linked = choice.begin((), lambda text: differences_of_text(text, _code_of(model)))
    linked = tuple(one for one in linked if one.name not in dropped)
    kept = ()
    try:
        for name in dropped:
            if not is_read_only():
                drop_difference(model.checkpoint, name)
        kept = kept_differences(model.checkpoint)
    except UserError as error:
        st.warning(str(error))
    if is_read_only():
        kept = tuple(one for one in kept if one.name not in dropped)
    found = {one.name: one for one in (*kept, *linked)}
    told = {name: _told(model, one) for name, one in found.items()}
    # One that cannot be had is told once, and not linked again.
    linked = tuple(one for one in linked if told[one.name])
    choice.keep(text_of_differences(linked, _code_of(model).mark))
    return [one for one in told.values() if one][:MOST_OWN]


def _linked_choice(model: Explored) -> Choice:
    return Choice(_PAGE, "own", model.checkpoint.name)


def _code_of(model: Explored) -> CodeOf:
    labels = model.codes.labels
    kinds = 0 if labels is None else int(labels.max()) + 1
    return CodeOf(mark_of(model.checkpoint.created), model.latent_dim, kinds)


# --- making one ----------------------------------------------------------------------------------


def make_difference(model: Explored, in_hand: np.ndarray, there: int) -> str:
    """Draw the form for a difference of one's own; return the name of the one just made, or "".

    Args:
        model: One that keeps its codes.
        in_hand: (latent_dim,), the code of the picture in hand.
        there: How many the visitor has already.
    """
    labels, made = model.codes.labels, None
    st.markdown("**A slider of your own**, from one group of pictures to another")
    ways = dict(_WAYS)
    # Of a network that is told the kinds, the codes of all kinds lie in one place.
    if labels is None or labels.min() == labels.max() or model.checkpoint.preset.labels:
        del ways["kind"]
    way = Choice(_PAGE, "groups", model.checkpoint.name, linked=False)
    chosen, kinds = "hand", None
    if len(ways) > 1:
        chosen = way.segmented("How to choose the groups", ways, what="way")
    if chosen == "hand":
        choose_groups(model, in_hand)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="own_row"):
        if chosen == "kind":
            kinds = _kinds(model)
        of = f"{model.checkpoint.name}.{state.generation()}"
        title = st.text_input(
            "Its name",
            key=f"own.title.{of}",
            placeholder=_usual_title(model, kinds),
            width=wide(220),
        )
        stays = not is_read_only() and st.checkbox(
            "Keep it with the model",
            value=True,
            key=f"own.keep.{of}",
            help="For all who open this model here, and in its file when you hand it on.",
        )
        if not st.button("Add a slider for it", key=f"own.add.{of}"):
            return ""
    title = plain_name(title, longest=LONGEST_TITLE).replace(";", ",")
    try:
        if there >= MOST_OWN:
            raise CheckpointError(
                f"There are {MOST_OWN} sliders of your own already: remove one first."
            )
        made = _made(model, kinds, title, stays=stays)
        if stays and isinstance(made, Difference):
            keep_difference(model.checkpoint, made)
        else:
            _link(model, made)
    except UserError as error:
        st.warning(str(error))
        return ""
    st.success(f"“{made.title or _usual_title(model, kinds)}” is the last of the sliders now.")
    return made.name


def _usual_title(model: Explored, kinds: tuple[int, int] | None) -> str:
    """What a difference is called that nobody has named."""
    if kinds is None:
        return "my difference"
    return " to ".join(class_name(label, model.names) for label in kinds)


def _kinds(model: Explored) -> tuple[int, int]:
    """Draw the choice of two kinds, and return their labels."""
    assert model.codes.labels is not None
    known = sorted({*model.codes.labels.tolist()})
    named = {label: class_name(label, model.names) for label in known}
    # Of digits the two that are most alike.
    usual = (known.index(4), known.index(9)) if {4, 9} <= {*known} else (0, 1)
    less, more = (
        st.selectbox(
            label,
            known,
            index=place,
            format_func=named.__getitem__,
            key=f"{label}.{model.checkpoint.name}.{state.generation()}",
            width=wide(150),
        )
        for label, place in zip(("Away from", "towards"), usual, strict=True)
    )
    return less, more


def _made(
    model: Explored, kinds: tuple[int, int] | None, title: str, *, stays: bool
) -> OfKinds | Difference:
    """What the visitor has just asked for. Raises DirectionError."""
    assert model.codes.codes is not None
    codes = model.codes.codes.astype(np.float32)
    if kinds:
        linked = OfKinds(*kinds, title)
        cache.kinds_difference(model, *kinds)  # which says why there is none
        if not stays:
            return linked
        less, more = (codes[model.codes.labels == label] for label in kinds)
        ends = [f"like {class_name(label, model.names)}" for label in kinds]
    else:
        groups = [group_of(model, name) for name in ("less", "more")]
        less, more = (group.all_codes(model) for group in groups)
        ends = [LESS, MORE]
    direction = difference_of(codes, less, more)
    way = more.astype(float).mean(axis=0) - less.astype(float).mean(axis=0)
    counts = (len(less), len(more))
    return Difference(
        title or _usual_title(model, kinds),
        tuple(way.tolist()),
        *ends,
        counts,
        direction.agreement,
    )


def _link(model: Explored, made: OfKinds | Difference) -> None:
    """Put one into the address, in place of another of its name."""
    choice = _linked_choice(model)
    of = _code_of(model)
    before = differences_of_text(choice.kept, of) if choice.kept else ()
    others = tuple(one for one in before if one.name != made.name)
    choice.keep(text_of_differences((*others, made), of.mark))


# --- as sliders ----------------------------------------------------------------------------------


def _told(model: Explored, one: OfKinds | Difference) -> Told | None:
    try:
        return _of_kinds(model, one) if isinstance(one, OfKinds) else _of_groups(model, one)
    except DirectionError as error:
        st.warning(str(error))
        return None


def _of_kinds(model: Explored, one: OfKinds) -> Told:
    less, more = (class_name(label, model.names) for label in (one.less, one.more))
    direction, apart, share = cache.kinds_difference(model, one.less, one.more)
    title = one.title or _usual_title(model, (one.less, one.more))
    named = Named(one.name, title, f"like {less}", f"like {more}", direction, apart=apart)
    return named, words.arrival_words(less, more, share), True


def _of_groups(model: Explored, one: Difference) -> Told:
    direction, trust = cache.difference_effects(model, one)
    title = one.title or _usual_title(model, None)
    named = Named(one.name, title, one.less, one.more, direction, apart=one.apart(direction))
    what = thing(model.checkpoint.dataset)
    return named, words.difference_words(one.counts, trust, one.agreement, what), True
