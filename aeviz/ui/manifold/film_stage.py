"""The film on the page "Manifold": the grid at every snapshot of a training."""

import streamlit as st

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.ui.film.moments import keep_moment, opening_frame
from aeviz.ui.film.mosaic import mosaic
from aeviz.ui.manifold import cache
from aeviz.ui.manifold.film import mosaic_gif
from aeviz.ui.shell import state
from aeviz.ui.shell.controls import download
from aeviz.ui.shell.pages import PAGES

_PAGE = "manifold"
SENTENCE = "The grid at every moment of the training. Press Play, or drag the slider."


@st.fragment
def film_stage(checkpoint: Checkpoint, theme: str) -> None:
    """Draw the film and its GIF, or how to get one where the file has none.

    A fragment: a pause leaves the page alone.
    """
    film = cache.manifold_film(checkpoint)
    if film is None:
        st.info(
            "This model keeps no film of its manifold: its file is from an earlier version. Train "
            "it again in Watch it learn, and its new file has one."
        )
        st.page_link(PAGES["learn"].file, label="Open Watch it learn")
        return
    key = f"mosaic.{state.generation()}"
    frame = opening_frame(_PAGE, film.key, film.key, film.steps, key=key)
    stopped = mosaic(film, key=key, frame=frame)
    keep_moment(_PAGE, film.key, film.steps, stopped, opened=frame)
    file = f"{checkpoint.name}-manifold.gif"
    about = "The film as an animated picture of a few megabytes."
    download("Film (GIF)", file, lambda: mosaic_gif(film, theme), "film.gif", about)
