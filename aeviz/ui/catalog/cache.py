"""Everything that is loaded once and shared by all visitors."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError
from aeviz.checkpoints.store import find_checkpoint, is_name, load_checkpoint
from aeviz.data.catalog import is_available
from aeviz.data.dataset import ImageDataset
from aeviz.data.shared import shared_dataset
from aeviz.memory_cache import Remembered
from aeviz.sweeps.runs import SweepRegistry
from aeviz.training.runs import RunRegistry

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
def opened_models() -> Remembered:
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
    return opened_models().get(("file", path, modified), lambda: load_checkpoint(path))


# --- the page "Latent space" -----------------------------------------------------------------
# A model's name and time stand for it: what is cached is never looked up by its arrays.


def identity(checkpoint: Checkpoint) -> tuple[str, str]:
    return checkpoint.name, checkpoint.created


# --- the page "Manifold" -------------------------------------------------------------------------
# A few megabytes each: the last ones looked at, so that there and back costs nothing.


# --- the page "Compression" ----------------------------------------------------------------------


@st.cache_resource(show_spinner=False)
def sweep_registry() -> SweepRegistry:
    """The one registry of sweeps of this process."""
    return SweepRegistry(run_registry())
