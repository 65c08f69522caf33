"""Manifold: what the decoder draws all over the map of codes, as one grid of pictures."""

from __future__ import annotations

import streamlit as st

from aeviz.ui import manifold_panels
from aeviz.ui.latent_panels import opened, originals_offer
from aeviz.ui.model_picker import model_picker

# The one whose codes fill the published range, as in source 3.
DEFAULT = "vae-2d"

title, corner = st.columns([6, 3.9], vertical_alignment="bottom")
stage = st.container(key="manifold_stage")

with title:
    st.title("Manifold", anchor=False)
    words, notes = st.empty(), st.container()
with corner.container(horizontal=True, horizontal_alignment="right"):
    checkpoint = model_picker(DEFAULT, notes)
with stage:
    model = checkpoint and opened(checkpoint)

if model:
    words.markdown(f":gray[{manifold_panels.sentence(model)}]")
    controls, middle, right = stage.columns([1.12, 3.4, 1.75], gap="small")
    with controls:
        look = manifold_panels.choices(model, notes)
        manifold_panels.keeping(model, look)
        originals_offer(model)
    # First, so that there is a picture while the browser still reads Plotly, a second or two.
    with right:
        manifold_panels.explorer(model, look, "manifold_map")
    with middle:
        manifold_panels.grid_chart(model, look, "manifold_map")
