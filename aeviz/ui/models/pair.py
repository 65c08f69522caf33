"""Two models side by side on the page "Models": a sentence, the same pictures, figures, maps."""

import html

import streamlit as st

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.data.dataset import ImageDataset
from aeviz.evaluation.compression import row_of
from aeviz.ui.catalog.model_titles import opened_title
from aeviz.ui.catalog.training_pictures import local_pictures, missing_words, originals_missing
from aeviz.ui.live import cache as live_cache
from aeviz.ui.live.explored import Look
from aeviz.ui.models import pair_views, views
from aeviz.ui.models.pair_views import CHOICES, SCALE, A, B
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.controls import chart

SENTENCE = "Two models beside each other: the same pictures, their figures, their maps."


def comparison(a: Checkpoint, b: Checkpoint) -> None:
    """All of it. Both have been opened; either may be without weights."""
    pair = (a, b)
    said = html.escape(pair_views.pair_sentence(*map(row_of, pair)))
    st.html(f'<p class="said">{said}</p>')
    left, right = st.columns([1.3, 1], gap="large")
    with left:
        _pictures(pair)
    with right:
        st.html(pair_views.figures_html(pair_views.figures_of(pair)))
    st.markdown("**Where the pictures lie in each code**")
    for which, column in enumerate(st.columns(2, gap="large")):
        with column:
            _map(pair[which], (A, B)[which])


def _pictures(pair: tuple[Checkpoint, Checkpoint]) -> None:
    dataset = None
    if pair[0].dataset == pair[1].dataset:
        dataset = local_pictures(pair[0].dataset)
    choice = _choice(pair, dataset)
    same = pair_views.same_pictures(pair, dataset, choice)
    if same is None:
        _each_its_own(pair)
        return
    st.html(pair_views.pictures_html(same))
    st.caption(f"{same.about} {SCALE}" if same.originals is not None else same.about)
    if same.originals is None:
        name = pair[0].dataset
        originals_missing(name, f"{missing_words(name)}, so there are no errors to see.")


def _each_its_own(pair: tuple[Checkpoint, Checkpoint]) -> None:
    st.markdown(":gray[There are no pictures that both have redrawn. These are their own.]")
    for name, one in zip((A, B), pair, strict=True):
        st.markdown(f"**{name}**")
        st.html(views.strip_html(one, local_pictures(one.dataset)) or "<p>No pictures.</p>")


def _choice(pair: tuple[Checkpoint, Checkpoint], dataset: ImageDataset | None) -> str:
    if not pair_views.offers_extremes(pair, dataset):
        return next(iter(CHOICES))
    return Choice("models", "digits").segmented("Which pictures", CHOICES, what="choice")


def _map(model: Checkpoint, name: str) -> None:
    # Without weights the codes in the file are all there is.
    dataset = local_pictures(model.dataset) if model.autoencoder is not None else None
    explored = live_cache.explored(model, dataset)
    if explored is None:
        st.markdown(f":gray[{name} keeps no codes, so there is no map of it.]")
        return
    alt = f"Map of {len(explored.codes.points):,} codes of {name}, {opened_title(model)}."
    chart(live_cache.latent_figure(explored, Look()), f"pair_map_{name}", alt=alt, zooms=False)
