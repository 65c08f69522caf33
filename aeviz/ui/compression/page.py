"""The page "Compression": how the loss rises as the code shrinks, in numbers and in bytes."""

import streamlit as st

from aeviz.ui.catalog.training_pictures import local_pictures
from aeviz.ui.compression import choices as compression_choices
from aeviz.ui.compression import panels, rate_panels, sweep_panel
from aeviz.ui.shell import state
from aeviz.ui.shell.rooms import head, room
from aeviz.ui.shell.terms import explained

title, corner = head("compression", [6, 4.2], "top")
title.title("What compression costs", anchor=False)
state.set_notes(st.container())
corner = corner.container(horizontal=True, horizontal_alignment="right")
with corner:
    unit = compression_choices.unit()
words = st.container() if unit else room("said")
sweep = st.container()
stage = st.container() if unit else room("loss")
choices, closer = st.container(), st.container(key="loss_closer")

under_way = sweep_panel.watched()
new = sweep_panel.new_rows(under_way)
models = compression_choices.stored_models()
compression_choices.follow_link(models)
with choices:
    shown = compression_choices.look(models, new, in_numbers=not unit)
    under = st.container()
dataset = local_pictures(shown.dataset)
ours = [one for one in shown.rows if not one.row.published]

with title:
    explained(panels.page_sentence(shown.dataset, unit))
with corner:
    if unit == compression_choices.BYTES:
        rate_panels.csv_button(shown.dataset, ours)
    else:
        panels.csv_button(shown)
    open_sweep = sweep_panel.switch(under_way)
if open_sweep:
    with sweep:
        sweep_panel.sweep_panel(under_way)

if not shown.rows:
    with stage:
        panels.nothing_here(shown)
elif unit == compression_choices.BYTES:
    with stage:
        rate_panels.in_bytes(shown.dataset, ours, dataset)
elif unit == compression_choices.ANY_SIZE:
    panels.any_size_view(stage, shown)
else:
    chosen = compression_choices.chosen_rows(shown, new)
    chosen = panels.follow_chart(chosen, shown)
    rows = {one.row.name: one.row for one in shown.rows}
    if chosen:
        with words:
            panels.said(rows[chosen[-1]])
    left, right = stage.columns([1, 1.5], gap="medium")
    with left:
        panels.chart(shown, chosen)
    with right:
        panels.table(shown, chosen, dataset)
    with under:
        panels.table_words(shown, chosen, models)
    with closer:
        panels.closer_look(shown, chosen, dataset)
