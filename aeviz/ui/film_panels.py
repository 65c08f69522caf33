"""The film on the page "Manifold": the grid at every kept moment of a training."""

from __future__ import annotations

import streamlit as st

from aeviz.checkpoints import Checkpoint
from aeviz.ui import resources, state
from aeviz.ui.manifold_films import mosaic_gif
from aeviz.ui.mosaic import mosaic

SENTENCE = "The grid at every moment of the training. Press Play, or drag the slider."


def film_stage(checkpoint: Checkpoint, theme: str) -> None:
    """The film and its GIF; where nothing is kept to make one from, how to get one."""
    film = resources.manifold_film(checkpoint)
    if film is None:
        st.info(
            "This model keeps no film of its manifold: its file is from an earlier version. Train "
            "it again in Watch it learn, and its new file has one."
        )
        st.page_link("aeviz/pages/learn.py", label="Open Watch it learn")
        return
    mosaic(film, key="mosaic")
    st.download_button(
        "Film (GIF)",
        lambda: mosaic_gif(film, theme),
        f"{checkpoint.name}-manifold.gif",
        "image/gif",
        key=f"film.gif.{state.generation()}",
        help="The film as an animated picture of a few megabytes.",
        on_click="ignore",
    )
