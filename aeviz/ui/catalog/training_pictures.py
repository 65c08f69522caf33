"""The pictures a model was trained on: those on this machine, and an offer to get the others."""

import time

import streamlit as st

from aeviz.data.catalog import find_source, load_dataset
from aeviz.data.dataset import DatasetError, ImageDataset
from aeviz.data.download import Fetching
from aeviz.data.own.store import PICTURES
from aeviz.data.sources import DATASETS, OWN
from aeviz.errors import UserError
from aeviz.read_only import is_read_only
from aeviz.ui.catalog import cache
from aeviz.ui.catalog.dataset_titles import dataset_title
from aeviz.ui.shell.controls import refusal_shown

# A download tells how far it is, and can be cancelled, so often.
_TELL_SECONDS = 0.2


def local_pictures(name: str) -> ImageDataset | None:
    """The data set if it is here; a bad file is said and counts as absent.

    One's own that turned bad is moved out of the way of the others.
    """
    if find_source(name) is None:
        return None
    try:
        return cache.local_dataset(name)
    except DatasetError as error:
        st.warning(_set_aside(name) or str(error))
        return None


def _set_aside(name: str) -> str:
    if not name.startswith(OWN) or is_read_only():
        return ""
    try:
        return PICTURES.set_aside(name)
    except UserError:
        return ""  # It stays where it is, and what is wrong with it is said all the same.


def is_gone(name: str) -> bool:
    """Whether these are somebody's own pictures that are no longer here."""
    return name.startswith(OWN) and find_source(name) is None


def missing_words(name: str) -> str:
    """Why a model's original pictures are not to be seen, one sentence up to its full stop."""
    if is_gone(name):
        return "The pictures this model was trained on are no longer here"
    title = dataset_title(name)
    return f"The original pictures{title and f' ({title})'} are not on this machine"


def originals_missing(name: str, words: str) -> None:
    """Draw a line that says so in these words, with a button to get the pictures."""
    with st.container(horizontal=True, vertical_alignment="center", key="originals"):
        st.markdown(f":gray[{words}]", width="content")
        fetch_offer(name)


def fetch_offer(name: str) -> None:
    """Draw a button that downloads the original pictures, or brings back deleted own ones.

    Not in a public showing, whose visitors put nothing on its computer or into its memory.
    """
    if is_read_only():
        return
    source = DATASETS.get(name)
    if source and source.can_be_had:
        place = st.empty()
        if place.button(f"Fetch {dataset_title(name)}", key="fetch"):
            with place.container(horizontal=True, vertical_alignment="center"):
                _fetch(name)
    elif is_gone(name) and PICTURES.is_deleted(name):
        if st.button("Bring the pictures back", key="fetch"):
            with refusal_shown():
                PICTURES.restore(name)
                st.rerun()


def _fetch(name: str) -> None:
    """Download a data set, with progress and a way to end it, and draw the page anew."""
    fetching, told = Fetching(), -_TELL_SECONDS

    def progress(share: float) -> None:
        # Not for each of thousands of pieces. Whoever presses Cancel has the page drawn anew, which
        # ends this one at the bar, and the download with it.
        nonlocal told
        now = time.monotonic()
        if now - told >= _TELL_SECONDS:
            told = now
            bar.progress(share, fetching.words(share))

    # Before the bar: the button that was pressed stays behind it for as long as it has the focus,
    # and as that goes, all on its left would move away from under the pointer.
    st.button("Cancel", key="fetch_cancel")
    bar = st.progress(0.0, fetching.words(0.0))
    with refusal_shown():
        load_dataset(name, progress=progress)
        st.rerun()
