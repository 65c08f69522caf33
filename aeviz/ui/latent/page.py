"""The page "Latent space": a map of codes, and what the decoder draws under the pointer."""

import streamlit as st

from aeviz.ui.catalog.model_picker import model_picker
from aeviz.ui.latent import choices, panels
from aeviz.ui.latent.choices import VIEW_BESIDE
from aeviz.ui.live import opened
from aeviz.ui.shell import state
from aeviz.ui.shell.controls import compare_switch
from aeviz.ui.shell.rooms import head, room
from aeviz.ui.shell.terms import explained

comparing = state.linked_text("beside") is not None
title, corner = head("latent", [6, 3.9])
stage, below = st.container(), st.container()

with title:
    st.title("Latent space", anchor=False)
    words = st.empty()
    state.set_notes(st.container())
with corner.container(horizontal=True, horizontal_alignment="right", vertical_alignment="bottom"):
    choose = st.container()
    about = "Puts the map of a second model beside this one."
    compare_switch("Compare", comparing, opened.PLAIN, about)
if comparing:
    left, right = stage.columns(2, gap="large")
    choose = left
with choose:
    checkpoint = model_picker(opened.SMOOTH)
with stage:
    model = opened.opened(checkpoint) if checkpoint else None
if model:
    with words:
        explained(panels.map_sentence(model))

if checkpoint and model and comparing:
    with right:
        second = opened.second(checkpoint)
    with stage:
        shown = choices.choices(model, comparing=True)
    with left:
        panels.beside_map(model, shown, "latent_map_1")
    with right:
        if second:
            panels.beside_map(second, shown, "latent_map_2", view=VIEW_BESIDE)
elif model:
    left, right = stage.container(key="map_and_decoder").columns([2, 1], gap="medium")
    with left:
        chart, row, below = room("map"), st.container(), st.container()
    with row:
        shown = choices.choices(model, comparing=False)
    # First, so that there is a picture while the browser still reads Plotly, a second or two.
    with right:
        panels.explorer(model, shown, "latent_map")
    with chart:
        panels.map_chart(model, shown, "latent_map")
if model:
    with below:
        opened.originals_offer(model)
        panels.agreement_panel(model)
