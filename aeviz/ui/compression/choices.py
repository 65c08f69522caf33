"""What a visitor of the page "Compression" chooses; all of it is in the address."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from aeviz.checkpoints.store import list_checkpoints
from aeviz.data.catalog import all_sources
from aeviz.evaluation.compression import COLUMNS
from aeviz.evaluation.published import SOURCE_4, SOURCE_5
from aeviz.ui.catalog.dataset_titles import dataset_titles
from aeviz.ui.compression import cache, views
from aeviz.ui.pictures.watched import Compared
from aeviz.ui.shell import state
from aeviz.ui.shell.address import one_of
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.style import wide

PAGE = "compression"
# In the address: the page counts in bytes, not in numbers of a code.
BYTES = "bytes"
# In the address: one network, as many of its numbers as a slider says.
ANY_SIZE = "any"
# Words in the address -> whose rows they are.
_PRINTED = {"4": SOURCE_4, "5": SOURCE_5}
# The rows of a sweep that were chosen as they came.
_NEW = "compression.new"
# In place of names: none of them.
_NONE = "none"
# What the page shows at first. A ready-made sweep of any other pictures is of those alone.
USUAL_DATASET = "mnist"
_ALL_COLUMNS = {**views.PICTURES, **{name: column.label for name, column in COLUMNS.items()}}


@dataclass(frozen=True, eq=False)
class StoredModels:
    """Every model there is. unreadable: how many files cannot be opened."""

    models: tuple[Compared, ...]
    unreadable: int


@dataclass(frozen=True, eq=False)
class ShownRows:
    """What to show of a data set.

    split: the images of the chart's losses. rows: in the table's order. names: their titles.
    """

    dataset: str
    split: str
    rows: tuple[Compared, ...]
    names: dict[str, str]
    columns: tuple[str, ...]


def stored_models() -> StoredModels:
    """All stored models, one's own before one of the gallery of the same name."""
    found: dict[str, Compared | None] = {}
    for listed in list_checkpoints():
        if listed.name not in found:
            one = None if listed.problem else cache.compared(listed.path)
            if one is not None:
                one = replace(one, row=replace(one.row, own=listed.own), path=listed.path)
            found[listed.name] = one
    good = tuple(one for one in found.values() if one is not None)
    return StoredModels(good, len(found) - len(good))


def unit() -> str:
    """Draw the switch between the page's views, and return BYTES, ANY_SIZE or ""."""
    ways = {"": "In numbers", BYTES: "In bytes", ANY_SIZE: "Any size"}
    return Choice(PAGE, "in").segmented("What a code is counted in", ways, what="unit")


def look(models: StoredModels, new: Collection[str] = (), *, in_numbers: bool = True) -> ShownRows:
    """Draw one row of choices, and return the rows to show; those of `new` names say so.

    in_numbers: with the choices that only the chart and table of numbers have.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="look_rows"):
        dataset = _dataset(models)
        ours = [one for one in models.models if one.row.dataset == dataset]
        split, printed, columns = next(iter(views.SPLITS)), [], ()
        if in_numbers:
            split = Choice(PAGE, "images").select(
                "Loss",
                {name: f"loss on {words}" for name, words in views.SPLITS.items()},
                what="set of images",
                label_visibility="collapsed",
                width=wide(240),
            )
        with st.popover("Rows", key=f"rows_popover.{state.generation()}"):
            kept = _families(ours)
            printed = _printed(dataset) if in_numbers else printed
        if in_numbers:
            with st.popover("Columns", key=f"columns_popover.{state.generation()}"):
                columns = _columns(_usual_columns(split, printed, ours))
        st.button("Start over", key="start_over", type="tertiary", on_click=state.start_over)
    rows = tuple(
        views.in_order([*(one for one in ours if views.family(one.row) in kept), *printed])
    )
    names = views.titles(rows)
    names |= {name: f"new: {title}" for name, title in names.items() if name in new}
    return ShownRows(dataset, split, rows, names, columns)


def show_dataset(name: str) -> None:
    """Show the models of this data set from now on."""
    Choice(PAGE, "data").show(name)


def _dataset(models: StoredModels) -> str:
    there = {one.row.dataset for one in models.models}
    sources = all_sources()
    options = [name for name in sources if name in there or name == "mnist"]
    options += sorted(there - set(options))
    choice = Choice(PAGE, "data")
    asked = choice.begin(USUAL_DATASET, one_of({*sources, *there}, "set of pictures"))
    if asked not in options:
        options.append(asked)
    return choice.select(
        "Pictures",
        {name: f"pictures: {title}" for name, title in dataset_titles(options).items()},
        USUAL_DATASET,
        what="set of pictures",
        start=asked,
        label_visibility="collapsed",
        width=wide(230),
    )


def _families(ours: Sequence[Compared]) -> list[str]:
    options = sorted({views.family(one.row) for one in ours})

    def left_out(begun: Sequence[str], key: str) -> list[str]:
        # With the options in the key, so that what a sweep adds is there as soon as it is.
        key = f"{key}.{'.'.join(options)}"
        shown = [name for name in options if name not in begun]
        kept = st.multiselect("Kinds of network", options, shown, key=key) if options else []
        return [name for name in options if name not in kept]

    # Left out, not let in: a kind that comes later is shown, one that is gone is out anyway.
    out = Choice(PAGE, "without").draw(
        (), lambda text: views.names_of_text(text, options), left_out, ",".join
    )
    return [name for name in options if name not in out]


def _printed(dataset: str) -> list[Compared]:
    rows = [one for one in views.PUBLISHED_ROWS if one.row.dataset == dataset]
    if not rows:
        return []
    kept = Choice(PAGE, "published").several(
        "As published",
        _PRINTED,
        ("5",),
        what="published rows",
        none=_NONE,
        help="Figures as sources 4 and 5 printed them, marked as such.",
    )
    return [one for one in rows if one.row.published in [_PRINTED[word] for word in kept]]


def _usual_columns(
    split: str, printed: Sequence[Compared], ours: Sequence[Compared]
) -> tuple[str, ...]:
    """Of the images the chart is of; source 4's unit, where its rows are among them.

    What beta buys and costs, where it is known what the numbers of a code should mean.
    """
    known = any(one.row.information_gap is not None for one in ours)
    usual = {*views.FIRST_COLUMNS, *(("beta", "information_gap") if known else ())}
    if split != "validation":
        usual = usual - {"validation_mse"} | {"test_mse"}
        usual |= {"test_rmse"} if any(one.row.published == SOURCE_4 for one in printed) else set()
    return tuple(name for name in _ALL_COLUMNS if name in usual)


def _columns(usual: tuple[str, ...]) -> tuple[str, ...]:
    choice, none = Choice(PAGE, "columns"), "title"
    return choice.several("Columns", _ALL_COLUMNS, usual, what="columns", none=none) or (none,)


# --- the chosen rows: one choice for table and chart ---------------------------------------------


def chosen_rows(shown: ShownRows, new: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of the chosen rows; the last one is in focus.

    new: rows that a sweep has just brought. Each is chosen as it comes: the first in place of what
    was chosen before.
    """
    choice = Choice(PAGE, "rows")
    from_link, text = choice.is_news, choice.begin("", str)
    chosen = views.names_of_text(text, [one.row.name for one in shown.rows])
    if from_link and text != _NONE and len(chosen) < len(set(filter(None, text.split(",")))):
        then = "they are left out" if chosen else "these are others"
        state.notes().warning(f"The link asks for rows that are not here; {then}.")
        text = ",".join(chosen)
    if not text:
        chosen = views.first_chosen((one.row for one in shown.rows), shown.split)
    seen = new if from_link and text else (state.chosen(_NEW) or "").split(",")
    come = [name for name in new if name not in seen and name in shown.names]
    if come:
        chosen = (*(chosen if {*new} & {*seen} else ()), *come)
        text = ",".join(chosen)
    if new:
        state.choose(_NEW, ",".join(name for name in new if name in seen or name in come))
    choice.keep(text)
    return chosen


def toggle_row(chosen: Sequence[str], name: str) -> None:
    """Choose a row, or leave it out if it is chosen."""
    choose_rows([n for n in chosen if n != name] if name in chosen else [*chosen, name])


def choose_rows(names: Sequence[str]) -> None:
    """Choose these rows, the last one in focus."""
    Choice(PAGE, "rows").choose(",".join(names) or _NONE)


def errors_switch(*, here: bool) -> bool:
    """Whether the digits' errors are shown. here: whether the originals are on this machine."""
    why = "Under each row, how far every pixel is off."
    return Choice(PAGE, "errors").toggle("Errors", disabled=not here, help=why)


def follow_link(models: StoredModels) -> None:
    """On the page "Compression": choose the model that its address names, once."""
    name = state.linked_text("model")
    for one in models.models:
        if one.row.name == name:
            show_dataset(one.row.dataset)
            choose_rows([name])
    state.link(model=None)
