"""Models: every trained network that is here, what it is, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from aeviz.read_only import is_read_only
from aeviz.ui import models_actions, models_list, models_pair, models_panels, state
from aeviz.ui.model_picker import model_picker
from aeviz.ui.terms import explained

rows = models_list.shelf()
comparing = state.linked_text("beside") is not None
title, corner = st.columns([6, 3], vertical_alignment="bottom")
notes, stage = st.container(), st.container(key="models_stage")

with title:
    st.title("Models", anchor=False)
    explained(models_pair.SENTENCE if comparing else models_panels.SENTENCE)
chosen = None if comparing else models_list.chosen_model(rows, notes)
with corner.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
    rival = models_list.rival(rows, chosen) if chosen else None
    models_pair.compare_switch(comparing, rival)
    if not comparing:
        models_actions.upload()

if comparing:
    left, right = stage.columns(2, gap="large")
    with left:
        first = model_picker("vae-2d", notes, label=models_pair.A, needs_weights=False)
    with right:
        second = first and model_picker(
            "karpathy-2d",
            notes,
            label=models_pair.B,
            linked="beside",
            beside=first.name,
            needs_weights=False,
        )
    if first and second:
        with stage:
            models_pair.comparison(first, second)
else:
    deleted = models_actions.list_trash()
    with notes:
        if is_read_only():
            st.markdown(f":gray[{models_panels.READ_ONLY}]")
        models_actions.undo(deleted)
    left, right = stage.columns([1.24, 1], gap="medium")
    with left:
        if chosen:
            models_list.model_list(rows, chosen, notes)
        else:
            models_panels.nothing_here()
        models_actions.deleted_list(deleted)
    with right:
        row = rows.get(chosen)
        model = row and models_panels.opened(row)
        if model:
            models_panels.about(row, model)
            models_panels.without_weights(row, model)
            models_panels.links(row)
            models_actions.actions(row, model)
            models_panels.exact_recipe(model)
        elif row:
            models_actions.problem_actions(row)
