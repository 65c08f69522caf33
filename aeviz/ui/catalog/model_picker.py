"""The picker of the stored model that a page shows; its choice is in the address."""

from collections.abc import Collection

import streamlit as st

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError
from aeviz.checkpoints.store import MODELS, ListedCheckpoint, list_checkpoints
from aeviz.ui.catalog import cache
from aeviz.ui.catalog.model_titles import picker_titles
from aeviz.ui.shell import state


def begun_model(
    names: Collection[str],
    *,
    linked: str = "model",
    known: Collection[str] = (),
) -> str | None:
    """Return the model to begin with: the link's, else the visitor's last; None for neither.

    Args:
        names: The models to choose from.
        linked: The query parameter.
        known: Other models, of which that is not said.
    """
    asked = state.linked_text(linked)
    if asked and asked not in names and asked not in known:
        state.notes().warning("The link asks for a model that is not here; this is another.")
    return next((name for name in (asked, state.chosen(linked)) if name in names), None)


def show_model(name: str, linked: str = "model") -> None:
    """Show this model from now on, here and on the other pages."""
    state.link(**{linked: name})
    state.choose(linked, name)


def model_picker(
    default: str,
    *,
    label: str = "Model",
    linked: str = "model",
    beside: str = "",
    needs_weights: bool = True,
) -> Checkpoint | None:
    """Draw the picker and open what is picked; None, after one sentence, where that fails.

    Args:
        default: The model to begin with where neither a link nor this visit names one.
        label: The picker's label.
        linked: The query parameter.
        beside: For a second picker, the model that it does not offer.
        needs_weights: Whether models without weights are left out.
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
        other = "other model" if beside else "model"
        state.notes().info(
            f"There is no {other} yet. Train one on the page Watch it learn, then come back."
        )
        return None
    if (state.linked_text(linked) or state.chosen(linked)) in light:
        state.notes().warning(
            "The model asked for came without its weights, so it cannot draw; this is another. The "
            "sweep on the page Compression trains it again."
        )
    first = default if default in good else next(iter(good or rows))
    names = list(rows)
    name = st.selectbox(
        label,
        names,
        index=names.index(begun_model(names, linked=linked, known={*light, beside}) or first),
        format_func=picker_titles(rows.values()).__getitem__,
        key=f"{linked}.picker.{state.generation()}",
    )
    show_model(name, linked)
    try:
        return cache.checkpoint(name)
    except CheckpointError as error:
        state.notes().error(f"{error} Meanwhile, choose another model.")
        return None
