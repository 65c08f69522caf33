"""Opening one or two models for maps: their codes, and how to get the original pictures."""

import streamlit as st

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.ui.catalog.model_picker import model_picker
from aeviz.ui.catalog.training_pictures import (
    fetch_offer,
    local_pictures,
    missing_words,
    originals_missing,
)
from aeviz.ui.live import cache as live_cache
from aeviz.ui.live.explored import Explored

# The smooth map of a variational autoencoder is the one to meet first, and its codes fill the
# published range of source 3; the plain autoencoder beside it shows what its smoothness is worth.
SMOOTH, PLAIN = "vae-2d", "karpathy-2d"


def opened(checkpoint: Checkpoint) -> Explored | None:
    """Return a model with its codes; None, after one sentence, where there are none to show."""
    model = live_cache.explored(checkpoint, local_pictures(checkpoint.dataset))
    if model is None:
        st.info(
            "This model keeps no codes and its pictures are not on this machine, so there is no "
            "map of it."
        )
        fetch_offer(checkpoint.dataset)
    return model


def second(first: Checkpoint) -> Explored | None:
    """Draw the picker of a model beside the first; return what is picked, with its codes."""
    default = SMOOTH if first.name == PLAIN else PLAIN
    other = model_picker(default, label="Beside it", linked="beside", beside=first.name)
    return opened(other) if other else None


def originals_offer(model: Explored) -> None:
    """Say so, and offer to get them, where the original pictures are not on this machine."""
    if model.images is not None:
        return
    missing = missing_words(model.checkpoint.dataset)
    words = model.notice or f"{missing}: you see what the model makes of them."
    originals_missing(model.checkpoint.dataset, words)
