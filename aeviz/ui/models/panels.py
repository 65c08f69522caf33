"""The chosen model on the page "Models": its facts, pictures and recipe, and links to pages."""

import streamlit as st

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError
from aeviz.checkpoints.store import MODELS, ListedCheckpoint
from aeviz.errors import UserError
from aeviz.evaluation.verdicts import outcome
from aeviz.read_only import is_read_only
from aeviz.training.resume import parent_name
from aeviz.ui.catalog import cache as catalog_cache
from aeviz.ui.catalog.model_picker import show_model
from aeviz.ui.catalog.model_titles import title_of
from aeviz.ui.catalog.training_pictures import local_pictures, missing_words, originals_missing
from aeviz.ui.models import views
from aeviz.ui.pictures.network import network_html
from aeviz.ui.shell import arrival
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.pages import PAGES
from aeviz.ui.shell.terms import explained

SENTENCE = (
    "Every trained network that is here. Choose one to look at it, train it further or hand it on."
)
READ_ONLY = (
    "This is a public showing: models can be looked at, compared and downloaded, not changed. "
    "Install aeviz on your own computer to keep, upload and train them."
)
# Pages that show a model, and those that do so without its weights.
_PAGES = ("learn", "latent", "manifold", "meaning", "compression")
_WITHOUT_WEIGHTS = ("learn", "compression")


def opened(row: ListedCheckpoint) -> Checkpoint | None:
    """Return the model of a row; None, after an error message, where its file cannot be read.

    A damaged file of the user's own is moved aside.
    """
    problem = row.problem
    if not problem:
        try:
            return catalog_cache.checkpoint(row.path)
        except CheckpointError as error:
            problem = str(error)
    if row.own and not is_read_only():
        try:
            if row.path.parent == MODELS.folder and MODELS.set_aside(row.name):
                show_model(f"{row.name}.bad")
                st.rerun()
        except UserError:
            pass  # It stays where it is, and what is wrong with it is said all the same.
    st.error(problem)
    st.markdown(":gray[Everything else opens as usual.]")
    return None


def about(row: ListedCheckpoint, model: Checkpoint) -> None:
    """Draw title, facts, note, pictures, outcome and layers of a model."""
    line, title = views.facts(row), title_of(row)
    st.html(views.heading_html(title, line, row.note))
    dataset = local_pictures(row.dataset)
    strip = views.strip_html(model, dataset)
    if strip:
        st.html(strip)
    said = outcome(model.preset, model.figures, mnist=row.dataset == "mnist")
    explained(" ".join([*said, _origin(model)]), dim=False)
    with st.container(key="model_network"):
        st.html(network_html(model.preset, model.shape))
    if strip and dataset is None:
        originals_missing(row.dataset, f"{missing_words(row.dataset)}.")


def _origin(model: Checkpoint) -> str:
    if not model.continued_from:
        return ""
    return (
        f"It went on from an earlier model that had {model.steps_before:,} steps behind it: it has "
        f"taken {steps_so_far(model):,} steps so far."
    )


def steps_so_far(model: Checkpoint) -> int:
    """Return the training steps of a model, with those of the models it was continued from."""
    return model.steps_before + int(model.figures.get("steps", model.preset.steps))


def links(row: ListedCheckpoint) -> None:
    """Draw links to the other pages that open this model."""
    arrival.will_arrive()
    # The links have room around them as it is; with more, the last one has no place in the line.
    with st.container(horizontal=True, vertical_alignment="center", gap=None, key="model_links"):
        st.markdown(":gray[Open in]", width="content")
        for name in _PAGES if row.has_weights else _WITHOUT_WEIGHTS:
            query = {"recipe": row.preset, "data": row.dataset} if name == "learn" else {}
            page, query = PAGES[name], query | {"model": row.name}
            st.page_link(page.file, label=page.title, query_params=query, width="content")


def without_weights(row: ListedCheckpoint, model: Checkpoint) -> None:
    """Explain a model whose file has no weights, and how to train them again."""
    if not row.has_weights:
        before = parent_name(model)
        again = (
            "Train it again, below; since the earlier model it went on from is no longer here, "
            "that gives a similar network, not the same one."
            if before is None
            else "Train it again, below: the same recipe and seed give the same network."
        )
        st.info(
            "This model came without its weights, to keep the file small. What was kept of its "
            "training is here; to draw anything new it has to be trained once more. "
            + ("" if is_read_only() else again)
        )


def exact_recipe(model: Checkpoint) -> None:
    """Draw every setting of the recipe in an expander."""
    with Choice("models", "exact").expander("The exact recipe"):
        recipe = views.recipe_html(model.preset, model.shape, model.seed, model.steps_before)
        st.html(recipe)


def nothing_here() -> None:
    """Say that there is no model yet, and where to train one."""
    st.info("There is no model yet. Train one, or upload one that somebody handed you.")
    st.page_link(PAGES["learn"].file, label="Train one on the page Watch it learn")
