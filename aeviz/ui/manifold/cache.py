"""Caches of the page "Manifold": the last few grids and films, some megabytes each."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.latent.grid import CellVotes
from aeviz.ui.catalog.cache import identity as identity_of
from aeviz.ui.film.mosaic import MosaicFilm
from aeviz.ui.live.explored import Explored
from aeviz.ui.manifold import film, views
from aeviz.ui.manifold.views import GridLook


@st.cache_resource(show_spinner=False, max_entries=8)
def _cells(identity, where, _model, _look) -> CellVotes:
    return views.votes_of(_model, _look)


def cells(model: Explored, look: GridLook) -> CellVotes | None:
    """See `views.votes_of`; None where nothing of it is to be seen."""
    if not look.tint and not look.dim:
        return None
    return _cells(identity_of(model.checkpoint), look.where, model, look)


@st.cache_resource(show_spinner=False, max_entries=8)
def _manifold_figure(identity, look, _model) -> go.Figure:
    return views.figure_of(_model, look, cells(_model, look))


def manifold_figure(model: Explored, look: GridLook) -> go.Figure:
    """See `views.figure_of`. Always the same object, as for `latent_figure`."""
    return _manifold_figure(identity_of(model.checkpoint), look, model)


@st.cache_resource(show_spinner=False, max_entries=4)
def _manifold_film(identity, _checkpoint) -> MosaicFilm | None:
    return film.film_of(_checkpoint)


def manifold_film(checkpoint: Checkpoint) -> MosaicFilm | None:
    """See `film.film_of`."""
    return _manifold_film(identity_of(checkpoint), checkpoint)
