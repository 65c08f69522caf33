"""The pictures a model was trained on: those on this machine, and an offer to fetch the others."""

from __future__ import annotations

import streamlit as st

from aeviz.datasets import DATASETS, DatasetError, ImageDataset, load_dataset
from aeviz.ui import resources


def local_pictures(name: str) -> ImageDataset | None:
    """The data set if it is here; a bad file is said and counts as absent."""
    if name not in DATASETS:
        return None
    try:
        return resources.local_dataset(name)
    except DatasetError as error:
        st.warning(str(error))
        return None


def fetch_offer(name: str, *, key: str = "fetch") -> None:
    """A button that downloads the original pictures, with progress."""
    if name not in DATASETS or not st.button(f"Fetch {dataset_title(name)}", key=key):
        return
    bar = st.progress(0.0, "Fetching the pictures.")
    try:
        load_dataset(name, progress=lambda share: bar.progress(min(1.0, share)))
    except DatasetError as error:
        st.error(str(error))
    else:
        st.rerun()


def dataset_title(name: str) -> str:
    """The data set's name for people; "" for one that is not among those that can be fetched."""
    return DATASETS[name].title if name in DATASETS else ""
