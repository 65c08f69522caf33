"""The data sets as cards with pictures, to choose one by what it looks like."""

import html

import streamlit as st

from aeviz.data.catalog import all_sources
from aeviz.data.sources import DATASETS
from aeviz.ui.learn.cache import dataset_tiles
from aeviz.ui.shell import state
from aeviz.ui.shell.choice import Choice


def dataset_cards(choice: Choice, chosen: str) -> None:
    """Draw a card for each data set that is known by name; pressing one chooses it.

    choice: the one that the select box of data sets is drawn with. chosen: its value.
    """
    with st.container(key="data_cards", horizontal=True, gap="small"):
        for name, source in all_sources().items():
            if name not in DATASETS:
                continue  # One's own pictures are behind a button of their own.
            with st.container(key=f"data_card_{name}", gap=None):
                kind, said = (" chosen", "Chosen: ") if name == chosen else ("", "")
                tiles = dataset_tiles(name)
                st.html(
                    f'<div class="card-pictures{kind}" role="img" '
                    f'aria-label="{said}pictures of {html.escape(source.title)}">{tiles}</div>'
                )
                st.button(
                    source.title,
                    key=f"data_card.{name}",
                    type="tertiary",
                    on_click=_choose,
                    args=(choice, name),
                )


def _choose(choice: Choice, name: str) -> None:
    choice.show(name)
    state.watch_run(None)
