"""The page "Models": every trained network, its facts, and what can be done with it."""

import streamlit as st

from aeviz.read_only import is_read_only
from aeviz.ui.catalog.model_picker import model_picker
from aeviz.ui.models import actions, pair, pair_views, panels, table
from aeviz.ui.shell import state
from aeviz.ui.shell.controls import compare_switch
from aeviz.ui.shell.rooms import head
from aeviz.ui.shell.terms import explained

rows = table.models_by_name()
comparing = state.linked_text("beside") is not None
title, corner = head("models", [6, 3])
notes, stage = st.container(), st.container(key="models_stage")
state.set_notes(notes)

with title:
    st.title("Models", anchor=False)
    explained(pair.SENTENCE if comparing else panels.SENTENCE)
chosen = None if comparing else table.chosen_model(rows)
with corner.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
    rival = table.rival(rows, chosen) if chosen else None
    compare_switch("Compare two", comparing, rival, None)
    if not comparing:
        actions.upload()

if comparing:
    left, right = stage.columns(2, gap="large")
    with left:
        first = model_picker("vae-2d", label=pair_views.A, needs_weights=False)
    with right:
        second = first and model_picker(
            "karpathy-2d",
            label=pair_views.B,
            linked="beside",
            beside=first.name,
            needs_weights=False,
        )
    if first and second:
        with stage:
            pair.comparison(first, second)
else:
    deleted = actions.list_trash()
    with notes:
        if is_read_only():
            st.markdown(f":gray[{panels.READ_ONLY}]")
        actions.undo(deleted)
    left, right = stage.columns([1.24, 1], gap="medium")
    with left:
        if chosen:
            table.model_list(rows, chosen)
        else:
            panels.nothing_here()
        actions.deleted_list(deleted)
    with right:
        row = rows.get(chosen)
        model = panels.opened(row) if row else None
        if row and model:
            panels.about(row, model)
            panels.without_weights(row, model)
            panels.links(row)
            actions.actions(row, model)
            panels.exact_recipe(model)
        elif row:
            actions.problem_actions(row)
