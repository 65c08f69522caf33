"""The choice of data set at the head of "Watch it learn". It lives in the address."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.checkpoints.store import list_checkpoints
from aeviz.data.catalog import all_sources
from aeviz.training.runs import TrainingRun
from aeviz.ui.catalog.dataset_titles import dataset_titles
from aeviz.ui.learn.linked_recipe import PAGE, USUAL_DATASET, LinkedRecipe
from aeviz.ui.shell import address, state
from aeviz.ui.shell.style import wide


def dataset_picker(
    run: TrainingRun | None, like: LinkedRecipe | None, notes: DeltaGenerator
) -> str:
    """Draw the picker and return the name of a data set, perhaps of one that is no longer here.

    run: the run that is watched, like: the model whose recipe a link asks for; it begins with their
    pictures. notes: where there is room for a sentence.
    """
    models = {row.name: row.dataset for row in list_checkpoints() if not row.problem}
    # Pictures that are gone stay in the list as long as there are models of them to look at.
    names = [*all_sources()]
    names += sorted({dataset for dataset in models.values() if dataset not in names})
    of = like.model if like else ""
    opened = like.dataset if like else models.get(state.linked_text("model") or "")
    asked = (
        run.dataset
        if run
        else address.begin(
            PAGE, "data", opened, address.one_of(names, "set of pictures"), notes, of=of
        )
    )
    titles = dataset_titles(names)
    name = st.selectbox(
        "Pictures",
        names,
        index=names.index(asked if asked in names else USUAL_DATASET),
        format_func=titles.get,
        key=f"dataset.{of}.{address.dataset_turn()}.{state.generation()}",
        on_change=state.watch_run,
        args=(None,),
        width=wide(190),
    )
    address.keep(PAGE, "data", name, "" if like else USUAL_DATASET, of=of)
    return name
