"""What the maps of a model are made of, kept between visits: codes, decoders, figures.

A model's name and time stand for it: what is cached is never looked up by its arrays.
"""

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.data.dataset import ImageDataset
from aeviz.ui.catalog import cache as catalog_cache
from aeviz.ui.live import explored as live_explored
from aeviz.ui.live import map_figure
from aeviz.ui.live.decoder import Decoder
from aeviz.ui.live.explored import Explored, Look


def explored(checkpoint: Checkpoint, dataset: ImageDataset | None) -> Explored | None:
    """See `explored.explored`."""
    key = ("map", *catalog_cache.identity(checkpoint), dataset is not None)
    return catalog_cache.opened_models().get(
        key, lambda: live_explored.explored(checkpoint, dataset)
    )


_BY_NAME: dict[str | type, Callable] = {
    Explored: lambda model: (catalog_cache.identity(model.checkpoint), model.images is not None)
}


@st.cache_resource(show_spinner=False, max_entries=6, hash_funcs=_BY_NAME)
def decoder(
    model: Explored, axes: tuple[int, int] | None, base: tuple[float, ...] | None = None
) -> Decoder:
    """See `explored.decoder_of`."""
    return live_explored.decoder_of(model, axes, base)


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs=_BY_NAME)
def latent_figure(model: Explored, look: Look) -> go.Figure:
    """See `map_figure.figure_of`. Always the same object, so that the browser keeps its chart."""
    return map_figure.figure_of(model, look)
