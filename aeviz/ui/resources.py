"""Everything that is loaded once and shared by all visitors."""

from __future__ import annotations

from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from aeviz.checkpoints import (
    Checkpoint,
    CheckpointError,
    find_checkpoint,
    is_name,
    load_checkpoint,
)
from aeviz.datasets import ImageDataset, is_available
from aeviz.manifold import CellVotes
from aeviz.remembered import Remembered
from aeviz.runs import RunRegistry
from aeviz.shared_datasets import shared_dataset
from aeviz.sweep_runs import SweepRegistry
from aeviz.ui import compression_views, live_views, manifold_films, manifold_views
from aeviz.ui.compression_views import Compared
from aeviz.ui.live_decoder import Decoder
from aeviz.ui.live_views import Explored, Look
from aeviz.ui.manifold_views import GridLook
from aeviz.ui.mosaic import MosaicFilm
from aeviz.ui.own_pictures_drafts import Drafts
from aeviz.ui.tour_pictures import gallery_path, stop_pictures

# Of models that were opened, with their films and maps: some thirty of the gallery's. Two and their
# maps are on a page at once.
_MODEL_BYTES, _MODELS_AT_ONCE = 400_000_000, 4


@st.cache_resource(show_spinner=False)
def run_registry() -> RunRegistry:
    """The one registry of training runs of this process."""
    return RunRegistry()


def local_dataset(name: str) -> ImageDataset | None:
    """The data set if it is on this machine, else None: no page waits for a download unasked.

    Raises DatasetError when its file is there but bad.
    """
    return shared_dataset(name) if is_available(name) else None


@st.cache_resource(show_spinner=False)
def drafts() -> Drafts:
    """Uploaded pictures that are not kept yet, of all visitors."""
    return Drafts()


@st.cache_resource(show_spinner=False)
def _models() -> Remembered[Checkpoint | Explored | None]:
    # In one place, since what a map shows is for the most part the model's own arrays.
    return Remembered(_MODEL_BYTES, least=_MODELS_AT_ONCE)


def checkpoint(model: str | Path) -> Checkpoint:
    """A stored model, read again only when its file changed. Raises CheckpointError.

    model: its name, which a link may have brought, or the path of a file that was listed. A path
    that came as text is no name: nobody is told through a link which files there are.
    """
    if isinstance(model, str) and not is_name(model):
        raise CheckpointError("There is no model of that name: choose one from the list.")
    path = find_checkpoint(model)
    try:
        modified = path.stat().st_mtime_ns
    except OSError as error:
        raise CheckpointError("That model is no longer there.") from error
    return _models().get(("file", path, modified), lambda: load_checkpoint(path))


@st.cache_resource(show_spinner=False)
def tour_pictures() -> dict[str, str]:
    """See `tour_pictures.stop_pictures`: some kilobytes, of models read once for all visitors."""
    return stop_pictures(lambda name: load_checkpoint(gallery_path(name)))


# --- the page "Latent space" -----------------------------------------------------------------
# A model's name and time stand for it: what is cached is never looked up by its arrays.


def _identity(checkpoint: Checkpoint) -> tuple[str, str]:
    return checkpoint.name, checkpoint.created


def explored(checkpoint: Checkpoint, dataset: ImageDataset | None) -> Explored | None:
    """See `live_views.explored`."""
    key = ("map", *_identity(checkpoint), dataset is not None)
    return _models().get(key, lambda: live_views.explored(checkpoint, dataset))


@st.cache_resource(show_spinner=False, max_entries=6)
def _decoder(identity, here, axes, base, _model) -> Decoder:
    return live_views.decoder_of(_model, axes, base)


def decoder(
    model: Explored, axes: tuple[int, int] | None, base: tuple[float, ...] | None = None
) -> Decoder:
    """See `live_views.decoder_of`."""
    return _decoder(_identity(model.checkpoint), model.images is not None, axes, base, model)


@st.cache_resource(show_spinner=False, max_entries=8)
def _latent_figure(identity, here, look, _model) -> go.Figure:
    return live_views.figure_of(_model, look)


def latent_figure(model: Explored, look: Look) -> go.Figure:
    """See `live_views.figure_of`. Always the same object, so that the browser keeps its chart."""
    return _latent_figure(_identity(model.checkpoint), model.images is not None, look, model)


# --- the page "Manifold" -------------------------------------------------------------------------
# A few megabytes each: the last ones looked at, so that there and back costs nothing.


@st.cache_resource(show_spinner=False, max_entries=8)
def _cells(identity, where, _model, _look) -> CellVotes:
    return manifold_views.votes_of(_model, _look)


def cells(model: Explored, look: GridLook) -> CellVotes | None:
    """See `manifold_views.votes_of`; None where nothing of it is to be seen."""
    if not look.tint and not look.dim:
        return None
    return _cells(_identity(model.checkpoint), look.where, model, look)


@st.cache_resource(show_spinner=False, max_entries=8)
def _manifold_figure(identity, look, _model) -> go.Figure:
    return manifold_views.figure_of(_model, look, cells(_model, look))


def manifold_figure(model: Explored, look: GridLook) -> go.Figure:
    """See `manifold_views.figure_of`. Always the same object, as for `latent_figure`."""
    return _manifold_figure(_identity(model.checkpoint), look, model)


@st.cache_resource(show_spinner=False, max_entries=4)
def _manifold_film(identity, _checkpoint) -> MosaicFilm | None:
    return manifold_films.film_of(_checkpoint)


def manifold_film(checkpoint: Checkpoint) -> MosaicFilm | None:
    """See `manifold_films.film_of`."""
    return _manifold_film(_identity(checkpoint), checkpoint)


# --- the page "Compression" ----------------------------------------------------------------------


@st.cache_resource(show_spinner=False)
def sweep_registry() -> SweepRegistry:
    """The one registry of sweeps of this process."""
    return SweepRegistry(run_registry())


# The table shows every model there is and needs little of each, some tens of kilobytes.
@st.cache_resource(show_spinner=False, max_entries=500)
def _compared(path: str, modified: int) -> Compared | None:
    try:
        return compression_views.compared(load_checkpoint(Path(path)))
    except CheckpointError:
        return None


def compared(path: Path) -> Compared | None:
    """What the table needs of a model's file; None where it cannot be read."""
    try:
        modified = path.stat().st_mtime_ns
    except OSError:
        return None
    return _compared(str(path), modified)
