"""Cache of the pictures of the tour's stops."""

import streamlit as st

from aeviz.checkpoints.store import load_checkpoint
from aeviz.ui.tour.pictures import gallery_path, stop_pictures


@st.cache_resource(show_spinner=False)
def pictures() -> dict[str, str]:
    """See `pictures.stop_pictures`: some kilobytes, of models read once for all visitors."""
    return stop_pictures(lambda name: load_checkpoint(gallery_path(name)))
