"""What is loaded once and shared by all visitors: models and data sets."""

from pathlib import Path

import streamlit as st

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError
from aeviz.checkpoints.store import find_checkpoint, is_name, load_checkpoint
from aeviz.data.catalog import is_available
from aeviz.data.dataset import ImageDataset
from aeviz.data.dataset_cache import cached_dataset
from aeviz.memory_cache import MemoryCache

# Of models that were opened, with their films and maps: all of the gallery's, 86 MB, and more. One
# is read again in a hundredth of a second or two. Two and their maps are on a page at once.
_MODEL_BYTES, _MODELS_AT_ONCE = 120_000_000, 4


def local_dataset(name: str) -> ImageDataset | None:
    """Return the data set, None where it is not on this machine: no page downloads unasked.

    Raises:
        DatasetError: its file is damaged.
    """
    return cached_dataset(name) if is_available(name) else None


@st.cache_resource(show_spinner=False)
def opened_models() -> MemoryCache:
    """Return the models that were opened last, and what their maps show."""
    # In one place, since what a map shows is for the most part the model's own arrays.
    return MemoryCache(_MODEL_BYTES, least=_MODELS_AT_ONCE)


def checkpoint(model: str | Path) -> Checkpoint:
    """Return a stored model, read again only when its file changed.

    Args:
        model: its name, which may come from a link, or the path of a listed file. A path as text is
            no name: nobody is told through a link which files there are.

    Raises:
        CheckpointError: there is none, or it cannot be read.
    """
    if isinstance(model, str) and not is_name(model):
        raise CheckpointError("There is no model of that name: choose one from the list.")
    path = find_checkpoint(model)
    try:
        modified = path.stat().st_mtime_ns
    except OSError as error:
        raise CheckpointError("That model is no longer there.") from error
    return opened_models().get(("file", path, modified), lambda: load_checkpoint(path))


def identity(checkpoint: Checkpoint) -> tuple[str, str]:
    """Return name and time of a model, the key that caches look it up by."""
    return checkpoint.name, checkpoint.created
