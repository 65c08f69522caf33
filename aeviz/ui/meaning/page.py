"""The page "Meaning": what each number of a code does, and directions that have a name."""

import streamlit as st

from aeviz.ui.catalog.model_picker import model_picker
from aeviz.ui.live.opened import opened, originals_offer
from aeviz.ui.meaning import panels, words
from aeviz.ui.shell import state
from aeviz.ui.shell.rooms import head
from aeviz.ui.shell.terms import explained

# Ten numbers are few enough to look at each, and enough that directions work.
TEN_NUMBERS = "sweep-10"

title, corner = head("meaning", [6, 3.9])
# Not above the stage, where it would move another model's away.
stage, below = st.container(), st.container()

with title:
    st.title("Meaning", anchor=False)
    says = st.empty()
    state.set_notes(st.container())
with corner.container(horizontal=True, horizontal_alignment="right", vertical_alignment="bottom"):
    checkpoint = model_picker(TEN_NUMBERS)
with stage:
    model = opened(checkpoint) if checkpoint else None
if model:
    with says:
        explained(words.sentence(model.latent_dim))
    with stage:
        meaning = panels.measured(model, below)
        if meaning:
            panels.stage(model, meaning)
        originals_offer(model)
