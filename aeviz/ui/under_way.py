"""A few words beside the navigation on a training under way, for who looks at another page."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from aeviz.text.names import plain_name
from aeviz.training.runs import RunRegistry, TrainingRun
from aeviz.ui.catalog import registries
from aeviz.ui.shell import state
from aeviz.ui.shell.hidden_controls import hidden_pages, is_hidden
from aeviz.ui.shell.pages import PAGES
from aeviz.ui.shell.visitor import visitor

# Seldom enough to cost nothing, often enough that a run is seen to end.
POLL_SECONDS = 5.0
_LEARN = PAGES["learn"]


def under_way(page: StreamlitPage) -> None:
    """Draw how far a training is, the visitor's own first; it leads to where it is watched.

    Whatever page its owner looks at, they are there: nobody else may end it.
    """
    unsaid = page.url_path == _LEARN.path or is_hidden("train") or _LEARN.name in hidden_pages()
    registry, me = registries.run_registry(), visitor()
    runs = sorted(registry.under_way(), key=lambda run: run.owner != me)
    if runs and (not unsaid or runs[0].owner == me):
        with st.container(key="under_way", width="content"):
            st.fragment(_words, run_every=POLL_SECONDS)(registry, None if unsaid else runs[0])


def _words(registry: RunRegistry, run: TrainingRun | None) -> None:
    for one in registry.under_way():
        if one.owner == visitor():
            one.control.look(owner=True, pictures=False)
    if run is None:
        return
    status, mine = registry.status(run), run.owner == visitor()
    title = plain_name(run.preset.title)
    share = f"{status.step / status.total:.0%}"
    words = {"queued": "Waiting to train", "paused": f"Paused, {share}"}.get(status.state)
    words = words or f"Training, {share}"
    if status.over:
        words = "Training failed" if status.state == "failed" else "Trained"
        if mine and state.is_new(f"over.{run.id}", 1):
            st.toast(f"{title}: {run.outcome}", duration="long")
    whose = "A training of yours" if mine else "Somebody else's training"
    if st.button(
        words,
        icon=":material/model_training:",
        type="tertiary",
        key="under_way.watch",
        help=f"{whose}: {title}. Watch it learn",
    ):
        state.turn_to_run(run.id)
        state.turn_to(_LEARN.file)
