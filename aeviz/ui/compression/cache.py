"""Cache of the rows of the page "Compression"."""

from pathlib import Path

import streamlit as st

from aeviz.checkpoints.checkpoint import CheckpointError
from aeviz.checkpoints.store import load_checkpoint
from aeviz.ui.pictures import watched
from aeviz.ui.pictures.watched import Compared


# The table shows every model there is and needs little of each, some tens of kilobytes: a hundred
# of one's own are there in a second, which their films would make two and a half.
@st.cache_resource(show_spinner=False, max_entries=500)
def _compared(path: str, modified: int) -> Compared | None:
    try:
        return watched.compared(load_checkpoint(Path(path), film=False))
    except CheckpointError:
        return None


def compared(path: Path) -> Compared | None:
    """Return the row of a model's file; None where it cannot be read."""
    try:
        modified = path.stat().st_mtime_ns
    except OSError:
        return None
    return _compared(str(path), modified)
