"""What the numbers of a code tell of the coloured shapes, whose properties are known."""

import streamlit as st

from aeviz.data import shapes
from aeviz.latent.factors import told_of_shapes
from aeviz.ui.live.explored import Explored
from aeviz.ui.shell.choice import Choice


def factors_panel(model: Explored) -> None:
    """Draw the table of numbers and properties, for those who want it."""
    if model.checkpoint.dataset != "shapes":
        return
    words = "In numbers: how much each number tells of what was drawn"
    panel = Choice("meaning", "factors", model.checkpoint.name).expander(words)
    if not panel.open:
        return
    codes = model.codes.codes
    if codes is None or len(codes) != shapes.N_TEST:
        panel.info("This model keeps too few codes for that.")
        return
    told = told_of_shapes(codes)
    bar = st.column_config.ProgressColumn(format="%.2f", min_value=0, max_value=1)
    table: dict[str, list] = {"Number": [str(k + 1) for k in range(model.latent_dim)] + ["gap"]}
    for i, name in enumerate(told.factors):
        table[name] = [*told.shares[:, i].tolist(), float(told.gaps[i])]
    with panel:
        st.markdown(
            f"Of each property the share that a number tells (mutual information over entropy), "
            f"and the gap between the best number and the second best. Their mean is the mutual "
            f"information gap of Chen et al. 2018: **{told.gap:.2f}**. With 1 each property has a "
            "number of its own; published networks have about 0.1 on harder shapes."
        )
        columns = {name: bar for name in told.factors}
        st.dataframe(table, column_config=columns, hide_index=True, width="stretch")
