"""What a visitor of the page "Compression" chooses.

A choice begins as they left it or, at first, as a link says; what is not usual goes into the
address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.checkpoints import list_checkpoints
from aeviz.compression import COLUMNS
from aeviz.datasets import all_sources
from aeviz.published_rows import SOURCE_4, SOURCE_5
from aeviz.ui import resources, state
from aeviz.ui.compression_views import (
    FIRST_COLUMNS,
    PICTURES,
    PUBLISHED_ROWS,
    SPLITS,
    Compared,
    family,
    first_chosen,
    in_order,
    names_of_text,
    titles,
)
from aeviz.ui.dataset_titles import dataset_titles

# Words in the address -> whose rows they are.
_PRINTED = {"4": SOURCE_4, "5": SOURCE_5}
_USUAL_PRINTED = "5"
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
    chart's losses are of. columns: of the table."""

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
            found[listed.name] = None if listed.problem else resources.compared(listed.path)
    good = tuple(one for one in found.values() if one is not None)
    return Shelf(good, len(found) - len(good))


def look(models: Shelf, notes: DeltaGenerator) -> Look:
    """One calm row of choices. notes: where there is room for a sentence."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="look_rows"):
        dataset = _dataset(models, notes)
        split = _one_of("images", {k: f"loss on {v}" for k, v in SPLITS.items()}, notes)
        ours = [one for one in models.models if one.row.dataset == dataset]
        with st.popover("Rows", key=f"rows_popover.{state.generation()}"):
            kept = _families(ours, notes)
            printed = _printed(dataset, notes)
        with st.popover("Columns", key=f"columns_popover.{state.generation()}"):
            columns = _columns(_usual_columns(split, printed), notes)
        st.button("Start over", key="start_over", type="tertiary", on_click=state.start_over)
    rows = tuple(in_order([*(one for one in ours if family(one.row) in kept), *printed]))
    return Look(dataset, split, rows, titles(rows), columns)


def show_dataset(name: str) -> None:
    """Show the models of this data set from now on."""
    _choose("data", name)
    state.choose("compression.data.turn", str(int(_chosen("data.turn") or 0) + 1))


def _dataset(models: Shelf, notes: DeltaGenerator) -> str:
    there = {one.row.dataset for one in models.models}
    sources = all_sources()
    options = [name for name in sources if name in there or name == "mnist"]
    options += sorted(there - set(options))
    known = {*sources, *there}
    asked = _begin("data", "mnist", lambda text: text if text in known else None, notes)
    if asked not in options:
        options.append(asked)
    titles = dataset_titles(options)
    name = st.selectbox(
        "Pictures",
        options,
        index=options.index(asked),
        format_func=lambda n: f"pictures: {titles[n]}",
        label_visibility="collapsed",
        width=230,
        key=f"data.{_chosen('data.turn')}.{state.generation()}",
    )
    _keep("data", name, "mnist")
    return name


def _one_of(name: str, options: dict[str, str], notes: DeltaGenerator) -> str:
    first = next(iter(options))
    begin = _begin(name, first, lambda text: text if text in options else None, notes)
    chosen = st.selectbox(
        "Loss",
        list(options),
        index=list(options).index(begin),
        format_func=options.get,
        label_visibility="collapsed",
        width=240,
        key=f"{name}.{state.generation()}",
    )
    _keep(name, chosen, first)
    return chosen


def _families(ours: Sequence[Compared], notes: DeltaGenerator) -> list[str]:
    options = sorted({family(one.row) for one in ours})
    # Left out, not let in: a kind that comes later is shown.
    begin = _begin("without", "", lambda text: text, notes)
    without = [name for name in begin.split(",") if name in options]
    # With the options in the key, so that what a sweep adds is there as soon as it is.
    key = f"families.{'.'.join(options)}.{state.generation()}"
    shown = [name for name in options if name not in without]
    kept = st.multiselect("Kinds of network", options, shown, key=key) if options else []
    _keep("without", ",".join(name for name in options if name not in kept), "")
    return kept


def _printed(dataset: str, notes: DeltaGenerator) -> list[Compared]:
    if not any(one.row.dataset == dataset for one in PUBLISHED_ROWS):
        return []
    text = _begin("published", _USUAL_PRINTED, lambda text: text, notes)
    begin = [source for word, source in _PRINTED.items() if word in text.split(",")]
    kept = st.multiselect(
        "As published",
        list(_PRINTED.values()),
        begin,
        key=f"published.{state.generation()}",
        help="Figures as sources 4 and 5 printed them, marked as such.",
    )
    words = ",".join(word for word, source in _PRINTED.items() if source in kept)
    _keep("published", words or _NONE, _USUAL_PRINTED)
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
    text = _begin("columns", "", lambda text: text, notes)
    kept = st.multiselect(
        "Columns",
        list(_ALL_COLUMNS),
        names_of_text(text, _ALL_COLUMNS) or usual,
        format_func=_ALL_COLUMNS.get,
        # What is usual changes with what is shown.
        key=f"columns.{'.'.join(usual)}.{state.generation()}",
    )
    columns = tuple(name for name in _ALL_COLUMNS if name in kept) or ("title",)
    _keep("columns", "" if columns == usual else ",".join(columns), "")
    return columns


# --- the chosen rows: one choice for table and chart ---------------------------------------------


def chosen_rows(shown: Look, notes: DeltaGenerator) -> tuple[str, ...]:
    """Names of the chosen rows; the last one is in focus."""
    text = _begin("rows", "", lambda text: text, notes)
    chosen = names_of_text(text, [one.row.name for one in shown.rows])
    if text and text != _NONE and not chosen and _chosen("rows") is None:
        notes.warning("The link asks for rows that are not here; these are others.")
        text = ""
    if not text:
        chosen = first_chosen((one.row for one in shown.rows), shown.split)
    _keep("rows", text, "")
    return chosen


def seen() -> None:
    """Say that the page was drawn once: from then on a link's words are past."""
    _choose("seen", "yes")


def toggle_row(chosen: Sequence[str], name: str) -> None:
    """Choose a row, or leave it out if it is chosen."""
    choose_rows([n for n in chosen if n != name] if name in chosen else [*chosen, name])


def choose_rows(names: Sequence[str]) -> None:
    """Choose these rows, the last one in focus."""
    _choose("rows", ",".join(names) or _NONE)


def errors_switch(*, here: bool) -> bool:
    """Whether the digits' errors are shown. here: whether the originals are on this machine."""
    begin = _begin("errors", "", lambda text: text, st.container()) == "1"
    errors = st.toggle(
        "Errors",
        begin,
        key=f"errors.{state.generation()}",
        disabled=not here,
        help="Under each row, how far every pixel is off.",
    )
    _keep("errors", "1" if errors else "", "")
    return errors


# --- one by one ----------------------------------------------------------------------------------


def _chosen(name: str) -> str | None:
    return state.chosen(f"compression.{name}")


def _choose(name: str, text: str) -> None:
    state.choose(f"compression.{name}", text)


def _begin(name: str, usual: str, read: Callable[[str], str | None], notes: DeltaGenerator) -> str:
    text = _chosen(name)
    if text is None and _chosen("seen") is None:
        text = state.linked_text(name)
    value = usual if text is None else read(text)
    if value is None:
        notes.warning("The link asks for something this page does not have; it shows the usual.")
        return usual
    return value


def _keep(name: str, text: str, usual: str) -> None:
    """Remember a choice for coming back, and put what is not usual into the address."""
    _choose(name, text)
    state.link(**{name: None if text == usual else text})
