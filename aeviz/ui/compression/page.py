"""The page "Compression": how the loss rises as the code shrinks, compared with PCA."""

import streamlit as st

from aeviz.ui.catalog.training_pictures import local_pictures
from aeviz.ui.compression import choices as compression_choices
from aeviz.ui.compression import panels, sweep_panel
from aeviz.ui.shell import state
from aeviz.ui.shell.rooms import head, room
from aeviz.ui.shell.terms import explained

title, corner = head("compression", [6, 2.4], "top")
title.title("What compression costs", anchor=False)
state.set_notes(st.container())
words, sweep, stage, choices, closer = (
    room("said"),
    st.container(),
    room("loss"),
    st.container(),
    st.container(key="loss_closer"),
)

under_way = sweep_panel.watched()
new = sweep_panel.new_rows(under_way)
models = compression_choices.stored_models()
compression_choices.follow_link(models)
with choices:
    shown = compression_choices.look(models, new)
    under = st.container()
chosen = compression_choices.chosen_rows(shown, new)
chosen = panels.follow_chart(chosen, shown)
rows = {one.row.name: one.row for one in shown.rows}
focus = rows[chosen[-1]] if chosen else None

with title:
    explained(panels.page_sentence(shown.dataset))
if focus:
    with words:
        panels.said(focus)
with corner.container(horizontal=True, horizontal_alignment="right"):
    panels.csv_button(shown)
    open_sweep = sweep_panel.switch(under_way)
if open_sweep:
    with sweep:
        sweep_panel.sweep_panel(under_way)

if rows:
    left, right = stage.columns([1, 1.5], gap="medium")
    with left:
        panels.chart(shown, chosen)
    dataset = local_pictures(shown.dataset)
    with right:
        panels.table(shown, chosen, dataset)
    with under:
        panels.table_words(shown, chosen, models)
    with closer:
        panels.closer_look(shown, chosen, dataset)
else:
    with stage:
        panels.nothing_here(shown)
