"""The page "Manifold": what the decoder draws all over the map of codes, as one grid."""

import streamlit as st

from aeviz.ui.catalog.model_picker import model_picker
from aeviz.ui.live.opened import SMOOTH, opened, originals_offer, second
from aeviz.ui.manifold import choices, film_stage, panels
from aeviz.ui.shell import state, theme
from aeviz.ui.shell.rooms import head
from aeviz.ui.shell.terms import explained

title, corner = head("manifold", [6, 3.9])
stage = st.container(key="manifold_stage")

with title.container(gap="xxsmall"):
    beside, words = st.container(horizontal=True, key="head"), st.empty()
    state.set_notes(st.container())
with beside:
    st.title("Manifold", anchor=False, width="content")
    mode = choices.mode()
choose = corner.container(horizontal=True, horizontal_alignment="right")
if mode == "pair":
    controls, left, right = stage.columns([1.12, 2.57, 2.57], gap="small")
    choose = left
with choose:
    checkpoint = model_picker(SMOOTH)
with stage:
    model = opened(checkpoint) if checkpoint and mode != "film" else None

if checkpoint and mode == "film":
    with words:
        explained(film_stage.SENTENCE)
    with stage:
        film_stage.film_stage(checkpoint, theme.page_theme())
elif checkpoint and model and mode == "pair":
    with words:
        explained(panels.PAIR_SENTENCE)
    with right:
        other = second(checkpoint)
    if other:
        pair = (model, other)
        with controls:
            look = choices.grid_choices(*pair)
        for which, place in enumerate((left, right)):
            with place:
                panels.pair_map(pair, which, look)
elif model:
    with words:
        explained(panels.grid_sentence(model))
    controls, middle, right = stage.columns([1.12, 3.4, 1.75], gap="small")
    with controls:
        look = choices.grid_choices(model)
        panels.keeping(model, look)
        originals_offer(model)
    # First, so that there is a picture while the browser still reads Plotly, a second or two.
    with right:
        panels.explorer(model, look)
    with middle:
        panels.grid_chart(model, look)
