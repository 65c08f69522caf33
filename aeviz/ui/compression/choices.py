"""What a visitor of the page "Compression" chooses; all of it is in the address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.checkpoints.store import list_checkpoints
from aeviz.data.catalog import all_sources
from aeviz.evaluation.compression import COLUMNS
from aeviz.evaluation.published import SOURCE_4, SOURCE_5
from aeviz.ui.catalog.dataset_titles import dataset_titles
from aeviz.ui.compression import cache
from aeviz.ui.compression.views import (
    FIRST_COLUMNS,
    PICTURES,
    PUBLISHED_ROWS,
    SPLITS,
    family,
    first_chosen,
    in_order,
    names_of_text,
    titles,
)
from aeviz.ui.pictures.watched import Compared
from aeviz.ui.shell import address, state
from aeviz.ui.shell.address import LinkError
from aeviz.ui.shell.style import wide

PAGE = "compression"
# Words in the address -> whose rows they are.
_PRINTED = {"4": SOURCE_4, "5": SOURCE_5}
_USUAL_PRINTED = "5"
# How often the page itself chose other pictures.
_TURN = "compression.data.turn"
# In place of names: none of them.
_NONE = "none"
_ALL_COLUMNS = {**PICTURES, **{name: column.label for name, column in COLUMNS.items()}}


@dataclass(frozen=True, eq=False)
class Shelf:
    """Every model there is. unreadable: how many files cannot be opened."""

    models: tuple[Compared, ...]
    unreadable: int


@dataclass(frozen=True, eq=False)
class Look:
    """What to show. rows: in the table's order. names: what to call each. split: which images the
    chart's losses are of. columns: of the table.
    """

    dataset: str
    split: str
    rows: tuple[Compared, ...]
    names: dict[str, str]
    columns: tuple[str, ...]


def shelf() -> Shelf:
    """All stored models, one's own before one of the gallery of the same name."""
    found: dict[str, Compared | None] = {}
    for listed in list_checkpoints():
        if listed.name not in found:
            found[listed.name] = None if listed.problem else cache.compared(listed.path)
    good = tuple(one for one in found.values() if one is not None)
    return Shelf(good, len(found) - len(good))


def look(models: Shelf, notes: DeltaGenerator) -> Look:
    """One calm row of choices. notes: where there is room for a sentence."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="look_rows"):
        dataset = _dataset(models, notes)
        split = address.select(
            PAGE,
            "images",
            "Loss",
            {name: f"loss on {words}" for name, words in SPLITS.items()},
            notes,
            what="set of images",
            label_visibility="collapsed",
            width=wide(240),
        )
        ours = [one for one in models.models if one.row.dataset == dataset]
        with st.popover("Rows", key=f"rows_popover.{state.generation()}"):
            kept = _families(ours)
            printed = _printed(dataset, notes)
        with st.popover("Columns", key=f"columns_popover.{state.generation()}"):
            columns = _columns(_usual_columns(split, printed), notes)
        st.button("Start over", key="start_over", type="tertiary", on_click=state.start_over)
    rows = tuple(in_order([*(one for one in ours if family(one.row) in kept), *printed]))
    return Look(dataset, split, rows, titles(rows), columns)


def show_dataset(name: str) -> None:
    """Show the models of this data set from now on."""
    state.link(data=name)
    state.choose(_TURN, str(_turn() + 1))


def _turn() -> int:
    return int(state.chosen(_TURN) or 0)


def _dataset(models: Shelf, notes: DeltaGenerator) -> str:
    there = {one.row.dataset for one in models.models}
    sources = all_sources()
    options = [name for name in sources if name in there or name == "mnist"]
    options += sorted(there - set(options))
    read = address.one_of({*sources, *there}, "set of pictures")
    asked = address.begin(PAGE, "data", "mnist", read, notes)
    if asked not in options:
        options.append(asked)
    titles = dataset_titles(options)
    name = st.selectbox(
        "Pictures",
        options,
        index=options.index(asked),
        format_func=lambda n: f"pictures: {titles[n]}",
        label_visibility="collapsed",
        width=wide(230),
        key=f"data.{_turn()}.{state.generation()}",
    )
    address.keep(PAGE, "data", name, "mnist")
    return name


def _families(ours: Sequence[Compared]) -> list[str]:
    options = sorted({family(one.row) for one in ours})
    # Left out, not let in: a kind that comes later is shown, one that is gone is out anyway.
    without = names_of_text(address.begin(PAGE, "without", "", str), options)
    # With the options in the key, so that what a sweep adds is there as soon as it is.
    key = f"families.{'.'.join(options)}.{state.generation()}"
    shown = [name for name in options if name not in without]
    kept = st.multiselect("Kinds of network", options, shown, key=key) if options else []
    address.keep(PAGE, "without", ",".join(name for name in options if name not in kept))
    return kept


def _printed(dataset: str, notes: DeltaGenerator) -> list[Compared]:
    if not any(one.row.dataset == dataset for one in PUBLISHED_ROWS):
        return []
    read = partial(_names, known=[*_PRINTED, _NONE], what="published rows")
    begin = address.begin(PAGE, "published", (_USUAL_PRINTED,), read, notes)
    kept = st.multiselect(
        "As published",
        list(_PRINTED.values()),
        [_PRINTED[word] for word in begin if word != _NONE],
        key=f"published.{state.generation()}",
        help="Figures as sources 4 and 5 printed them, marked as such.",
    )
    words = ",".join(word for word, source in _PRINTED.items() if source in kept)
    address.keep(PAGE, "published", words or _NONE, _USUAL_PRINTED)
    return [
        one for one in PUBLISHED_ROWS if one.row.published in kept and one.row.dataset == dataset
    ]


def _usual_columns(split: str, printed: Sequence[Compared]) -> tuple[str, ...]:
    """Of the images the chart is of; source 4's unit, where its rows are among them."""
    if split == "validation":
        return FIRST_COLUMNS
    rmse = ("test_rmse",) if any(one.row.published == SOURCE_4 for one in printed) else ()
    usual = {"test_mse" if n == "validation_mse" else n for n in (*FIRST_COLUMNS, *rmse)}
    return tuple(name for name in _ALL_COLUMNS if name in usual)


def _columns(usual: tuple[str, ...], notes: DeltaGenerator) -> tuple[str, ...]:
    read = partial(_names, known=_ALL_COLUMNS, what="columns")
    begin = address.begin(PAGE, "columns", usual, read, notes)
    kept = st.multiselect(
        "Columns",
        list(_ALL_COLUMNS),
        begin,
        format_func=_ALL_COLUMNS.get,
        # What is usual changes with what is shown.
        key=f"columns.{'.'.join(usual)}.{state.generation()}",
    )
    columns = tuple(name for name in _ALL_COLUMNS if name in kept) or ("title",)
    address.keep(PAGE, "columns", ",".join(columns), ",".join(usual))
    return columns


def _names(text: str, known: Iterable[str], what: str) -> tuple[str, ...]:
    """Names of a link's list; where only some are known, these. Raises LinkError."""
    names = names_of_text(text, known)
    if len(names) < len(set(filter(None, text.split(",")))):
        raise LinkError(
            f"The link asks for {what} that this page does not have.", nearest=names or None
        )
    return names


# --- the chosen rows: one choice for table and chart ---------------------------------------------


def chosen_rows(shown: Look, notes: DeltaGenerator) -> tuple[str, ...]:
    """Names of the chosen rows; the last one is in focus."""
    from_link, text = (
        address.is_news(PAGE, "rows"),
        address.begin(PAGE, "rows", "", str, notes),
    )
    chosen = names_of_text(text, [one.row.name for one in shown.rows])
    if from_link and text != _NONE and len(chosen) < len(set(filter(None, text.split(",")))):
        then = "they are left out" if chosen else "these are others"
        notes.warning(f"The link asks for rows that are not here; {then}.")
        text = ",".join(chosen)
    if not text:
        chosen = first_chosen((one.row for one in shown.rows), shown.split)
    address.keep(PAGE, "rows", text)
    return chosen


def toggle_row(chosen: Sequence[str], name: str) -> None:
    """Choose a row, or leave it out if it is chosen."""
    choose_rows([n for n in chosen if n != name] if name in chosen else [*chosen, name])


def choose_rows(names: Sequence[str]) -> None:
    """Choose these rows, the last one in focus."""
    address.choose(PAGE, "rows", ",".join(names) or _NONE)


def errors_switch(*, here: bool) -> bool:
    """Whether the digits' errors are shown. here: whether the originals are on this machine."""
    why = "Under each row, how far every pixel is off."
    return address.switch(PAGE, "errors", "Errors", disabled=not here, help=why)


def follow_link(models: Shelf) -> None:
    """On the page "Compression": choose the model that its address names, once."""
    name = state.linked_text("model")
    for one in models.models:
        if one.row.name == name:
            show_dataset(one.row.dataset)
            choose_rows([name])
    state.link(model=None)
