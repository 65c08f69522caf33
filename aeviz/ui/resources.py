"""Everything that is loaded once and shared by all visitors."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aeviz.checkpoints import Checkpoint, CheckpointError, find_checkpoint, load_checkpoint
from aeviz.datasets import ImageDataset, is_available, load_dataset
from aeviz.runs import RunRegistry


@st.cache_resource(show_spinner=False)
def run_registry() -> RunRegistry:
    """The one registry of training runs of this process."""
    return RunRegistry()


@st.cache_resource(show_spinner=False, max_entries=3)
def _dataset(name: str) -> ImageDataset:
    return load_dataset(name)


def local_dataset(name: str) -> ImageDataset | None:
    """The data set if it is on this machine, else None: no page waits for a download unasked.

    Raises DatasetError when its file is there but bad.
    """
    return _dataset(name) if is_available(name) else None


@st.cache_resource(show_spinner=False, max_entries=12)
def _checkpoint(path: str, modified: int) -> Checkpoint:
    return load_checkpoint(Path(path))


def checkpoint(name: str) -> Checkpoint:
    """A stored model by name, read again only when its file changed. Raises CheckpointError."""
    path = find_checkpoint(name)
    try:
        modified = path.stat().st_mtime_ns
    except OSError as error:
        raise CheckpointError("That model is no longer there.") from error
    return _checkpoint(str(path), modified)
