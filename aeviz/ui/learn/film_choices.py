"""What a visitor of the page "Watch it learn" chooses of its film; all of it is in the address."""

from dataclasses import dataclass

import streamlit as st

from aeviz.checkpoints.store import list_checkpoints
from aeviz.data.class_names import is_handwritten
from aeviz.training.runs import TrainingRun
from aeviz.ui.catalog.model_titles import run_titles
from aeviz.ui.film.of_run import choices
from aeviz.ui.learn.linked_recipe import PAGE
from aeviz.ui.shell import state
from aeviz.ui.shell.address import whole_number
from aeviz.ui.shell.choice import Choice

# Handfuls there are; whoever asks for another so often wants something else.
_MOST_DRAWS = 10_000
RANDOM = "random"


@dataclass(frozen=True)
class Seen:
    """What the visitor wants to see: a stored run, and perhaps another beside it.

    draw: which random handful.
    """

    pictures: str
    draw: int = 0
    errors: bool = False
    model: str | None = None
    beside: str | None = None


def picture_choice(name: str, dataset: str, run: TrainingRun | None, *, live: bool) -> Seen:
    """Draw the choices of pictures, errors, a stored run of this recipe and one beside it.

    Draws nothing where there is neither a run under way nor a stored one to look at. While a run
    trains (`live`), or is shown that could not be saved, there is no stored one to choose.
    """
    rows = (row for row in list_checkpoints() if not row.problem and row.dataset == dataset)
    others = {row.name: row for row in rows}
    runs = {n: row for n, row in others.items() if row.preset == name}
    if not runs and run is None:
        return Seen(next(iter(choices(dataset))))
    pictures, model, beside, errors = st.columns([2, 3, 3, 1], vertical_alignment="bottom")
    with pictures:
        which, draw = _which_pictures(dataset)
    with errors:
        show_errors = Choice(PAGE, "errors").toggle("Errors")
    if live or (run and run.unsaved):
        return Seen(which, draw, show_errors)
    chosen = None
    with model:
        if runs:
            # A new run moves to the head of the list, and is shown at once.
            chosen = _stored_run(name, dataset).select(
                "Run", run_titles(runs.values()), what="run", anew=len(runs)
            )
    with beside:
        titles = run_titles(others.values(), recipe=True)
        second = Choice(PAGE, "beside", dataset).select(
            "Beside it",
            {name: titles[name] for name in others if name != chosen},
            "",
            what="second run",
            placeholder="nothing",
            help="A second run, replayed in step with the first.",
        )
    return Seen(which, draw, show_errors, chosen, second or None)


def _which_pictures(dataset: str) -> tuple[str, int]:
    # Names of several words, joined for the address.
    words = {name.replace(" ", "-"): name for name in choices(dataset)}
    label = "Digits" if is_handwritten(dataset) else "Pictures shown"
    titles = {one: choices(dataset)[name] for one, name in words.items()}
    digits = Choice(PAGE, "digits", dataset)
    which = words[digits.select(label, titles, what="choice of pictures")]
    if which != RANDOM:
        state.link(draw=None)
        return which, 0
    read = whole_number(0, _MOST_DRAWS, "random handful")
    return which, Choice(PAGE, "draw").draw(0, read)


def _stored_run(recipe: str, dataset: str) -> Choice:
    return Choice(PAGE, "model", f"{recipe}.{dataset}")


def another_handful(draw: int) -> None:
    """Show another random handful of pictures than this one."""
    Choice(PAGE, "draw").keep(str((draw + 1) % _MOST_DRAWS), "0")


def newest_run(recipe: str, dataset: str) -> None:
    """Show the newest run of a recipe on a data set again, also where another was chosen."""
    _stored_run(recipe, dataset).keep("")
