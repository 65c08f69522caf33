"""Caches of the page "Manifold": the last few grids and films, some megabytes each."""

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.latent.grid import CellVotes
from aeviz.ui.catalog.cache import identity
from aeviz.ui.film.mosaic import MosaicFilm
from aeviz.ui.live.explored import Explored
from aeviz.ui.manifold import film, views
from aeviz.ui.manifold.views import GridLook

_BY_NAME: dict[str | type, Callable] = {
    Checkpoint: identity,
    Explored: lambda model: identity(model.checkpoint),
}


@st.cache_resource(
    show_spinner=False,
    max_entries=8,
    hash_funcs=_BY_NAME | {GridLook: lambda look: look.where},
)
def _cells(model: Explored, look: GridLook) -> CellVotes:
    return views.votes_of(model, look)


def cells(model: Explored, look: GridLook) -> CellVotes | None:
    """See `views.votes_of`; None where nothing of it is to be seen."""
    return _cells(model, look) if look.tint or look.dim else None


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs=_BY_NAME)
def manifold_figure(model: Explored, look: GridLook) -> go.Figure:
    """See `views.figure_of`. Always the same object, so that the browser keeps its chart."""
    return views.figure_of(model, look, cells(model, look))


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs=_BY_NAME)
def manifold_film(checkpoint: Checkpoint) -> MosaicFilm | None:
    """See `film.film_of`."""
    return film.film_of(checkpoint)
