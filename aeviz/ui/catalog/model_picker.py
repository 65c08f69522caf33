"""The picker at the head of a page: which stored model it shows. The choice lives in the URL."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError
from aeviz.checkpoints.store import MODELS, ListedCheckpoint, list_checkpoints
from aeviz.ui.catalog import cache
from aeviz.ui.catalog.model_titles import picker_titles
from aeviz.ui.shell import state


def model_picker(
    default: str,
    notes: DeltaGenerator,
    *,
    label: str = "Model",
    linked: str = "model",
    beside: str | None = None,
    needs_weights: bool = True,
) -> Checkpoint | None:
    """Draw the picker and open what is picked; None, after one sentence, where that fails.

    default: the model shown where neither the address nor this visit names one; where there is no
    such model, the first that can be read. notes: where there is room for a sentence. linked: the
    name of the choice in the address. beside: for a second picker on a page, the model it is not
    to offer. needs_weights: whether models whose file came without weights are left out.
    """
    rows: dict[str, ListedCheckpoint] = {}
    light: set[str] = set()
    for row in list_checkpoints():
        if row.path.parent == MODELS.aside:
            continue  # it can only be deleted, on the page Models
        if needs_weights and not row.has_weights and not row.problem:
            light.add(row.name)
        elif row.name != beside:
            # One's own goes before one of the gallery, as in opening.
            rows.setdefault(row.name, row)
    good = [name for name, row in rows.items() if not row.problem]
    if not rows:
        other = "model" if beside is None else "other model"
        notes.info(
            f"There is no {other} yet. Train one on the page Watch it learn, then come back."
        )
        return None
    asked = state.linked_text(linked) or state.chosen(linked)
    first = default if default in good else next(iter(good or rows))
    names = list(rows)
    name = st.selectbox(
        label,
        names,
        index=names.index(asked if asked in rows else first),
        format_func=picker_titles(rows.values()).get,
        key=f"{linked}.picker.{state.generation()}",
    )
    if asked in light:
        notes.warning(
            "The model asked for came without its weights, so it cannot draw; this is another. The "
            "sweep on the page Compression trains it again."
        )
    elif asked and asked not in rows and asked != beside:
        notes.warning("The link asks for a model that is not here; this is another.")
    state.link(**{linked: name})
    state.choose(linked, name)
    try:
        return cache.checkpoint(name)
    except CheckpointError as error:
        notes.error(f"{error} Meanwhile, choose another model.")
        return None
