"""What a visitor of the page "Watch it learn" chooses of its film; all of it is in the address."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.checkpoints.store import list_checkpoints
from aeviz.data.kinds import is_handwritten
from aeviz.training.runs import TrainingRun
from aeviz.ui.catalog.model_titles import run_titles
from aeviz.ui.film.of_run import choices
from aeviz.ui.learn.linked_recipe import PAGE
from aeviz.ui.shell import address, state

# Handfuls there are; whoever asks for another so often wants something else.
_MOST_DRAWS = 10_000
RANDOM = "random"


@dataclass(frozen=True)
class Choice:
    """What the visitor wants to see. draw: which random handful. beside: the name of a second
    stored run, or None.
    """

    pictures: str
    draw: int = 0
    errors: bool = False
    model: str | None = None
    beside: str | None = None


def picture_choice(
    name: str, dataset: str, run: TrainingRun | None, notes: DeltaGenerator, *, live: bool
) -> Choice:
    """Which pictures, with or without errors, which stored run of this recipe on this data set, and
    one beside it.

    notes: where there is room for a sentence. live: a run trains, so there is nothing stored to
    choose; nor while a run is shown that could not be saved. Draws nothing where there is neither a
    run under way nor a stored one to look at.
    """
    generation = state.generation()
    rows = (row for row in list_checkpoints() if not row.problem and row.dataset == dataset)
    others = {row.name: row for row in rows}
    runs = {n: row for n, row in others.items() if row.preset == name}
    if not runs and run is None:
        return Choice(next(iter(choices(dataset))))
    pictures, model, beside, errors = st.columns([2, 3, 3, 1], vertical_alignment="bottom")
    with pictures:
        which, draw = _which_pictures(dataset, notes)
    with errors:
        show_errors = address.switch(PAGE, "errors", "Errors", notes)
    if live or (run and run.unsaved):
        return Choice(which, draw, show_errors)
    chosen = None
    with model:
        if runs:
            names, of = list(runs), _runs_of(name, dataset)
            read = address.one_of(names, "run")
            # A new run moves to the head of the list: the key follows, so that it is shown at once.
            chosen = st.selectbox(
                "Run",
                names,
                index=names.index(address.begin(PAGE, "model", names[0], read, notes, of=of)),
                format_func=run_titles(runs.values()).get,
                key=f"model.{of}.{len(names)}.{generation}",
            )
            address.keep(PAGE, "model", chosen, names[0], of=of)
    with beside:
        names = [n for n in others if n != chosen]
        read = address.one_of(names, "second run")
        first = address.begin(PAGE, "beside", None, read, notes, of=dataset)
        second = st.selectbox(
            "Beside it",
            names,
            index=None if first is None else names.index(first),
            placeholder="nothing",
            format_func=run_titles(others.values(), recipe=True).get,
            key=f"beside.{dataset}.{generation}",
            help="A second run, replayed in step with the first.",
        )
    address.keep(PAGE, "beside", second or "", of=dataset)
    return Choice(which, draw, show_errors, chosen, second)


def _which_pictures(dataset: str, notes: DeltaGenerator) -> tuple[str, int]:
    # Names of several words, joined for the address.
    words = {name.replace(" ", "-"): name for name in choices(dataset)}
    label = "Digits" if is_handwritten(dataset) else "Pictures shown"
    titles = {one: choices(dataset)[name] for one, name in words.items()}
    which = words[
        address.select(PAGE, "digits", label, titles, notes, what="choice of pictures", of=dataset)
    ]
    if which != RANDOM:
        state.link(draw=None)
        return which, 0
    draw = address.begin(
        PAGE, "draw", 0, address.whole_number(0, _MOST_DRAWS, "random handful"), notes
    )
    address.keep(PAGE, "draw", str(draw), "0")
    return which, draw


def another_handful(draw: int) -> None:
    """Show another random handful of pictures than this one."""
    address.keep(PAGE, "draw", str((draw + 1) % _MOST_DRAWS), "0")


def newest_run(recipe: str, dataset: str) -> None:
    """Show the newest run of a recipe on a data set again, also where another was chosen."""
    address.keep(PAGE, "model", "", of=_runs_of(recipe, dataset))


def _runs_of(recipe: str, dataset: str) -> str:
    return f"{recipe}.{dataset}"
