"""The choice of data set at the head of "Watch it learn". It lives in the address."""

from __future__ import annotations

import streamlit as st

from aeviz.checkpoints import list_checkpoints
from aeviz.datasets import all_sources
from aeviz.runs import TrainingRun
from aeviz.ui import state
from aeviz.ui.dataset_titles import dataset_titles
from aeviz.ui.linked_recipe import LinkedRecipe

_USUAL = "mnist"


def dataset_picker(run: TrainingRun | None, like: LinkedRecipe | None) -> str:
    """Draw the picker and return the name of a data set, perhaps of one that is no longer here.

    run: the run that is watched, like: the model whose recipe a link asks for; it begins with their
    pictures.
    """
    models = {row.name: row.dataset for row in list_checkpoints() if not row.problem}
    # Pictures that are gone stay in the list as long as there are models of them to look at.
    names = [*all_sources()]
    names += sorted({dataset for dataset in models.values() if dataset not in names})
    linked = state.linked_text("data") or models.get(state.linked_text("model") or "")
    of = like.model if like else ""
    if run:
        asked = run.dataset
    elif state.linked_text("data"):
        # Also of a visitor who was here before: a link shows what its sender saw.
        asked = linked
    elif (state.chosen("learn.data.of") or "") == of and state.chosen("learn.data"):
        asked = state.chosen("learn.data")
    else:
        asked = like.dataset if like else linked
    titles = dataset_titles(names)
    name = st.selectbox(
        "Pictures",
        names,
        index=names.index(asked if asked in names else _USUAL),
        format_func=titles.get,
        key=f"dataset.{of}.{_turn()}.{state.generation()}",
        on_change=state.watch_run,
        args=(None,),
        width=190,
    )
    state.choose("learn.data", name)
    state.choose("learn.data.of", of)
    state.link(data=None if name == _USUAL else name)
    return name


def show_dataset(name: str) -> None:
    """Choose this data set from the next run of the page on."""
    state.watch_run(None)
    state.choose("learn.data", name)
    state.link(data=name)
    state.choose("learn.data.turn", str(_turn() + 1))


def _turn() -> int:
    return int(state.chosen("learn.data.turn") or 0)
