"""What was measured of the models that were looked at last, a second or two of work each."""

from collections.abc import Callable, Hashable

import plotly.graph_objects as go
import streamlit as st

from aeviz.drawing.map_charts import latent_map
from aeviz.latent.differences import Difference
from aeviz.latent.directions import Direction
from aeviz.latent.trust import Trust
from aeviz.ui.catalog import cache as catalog_cache
from aeviz.ui.live.explored import Explored
from aeviz.ui.meaning import measured
from aeviz.ui.meaning.measured import MEASURED, Meaning

# Pixels above the map with the lasso, which has no legend.
_ABOVE = 6


def meaning(model: Explored, told: Callable[[float, str], None]) -> Meaning:
    """See `measured.meaning_of`; nothing is told of what is there already."""
    # Not in a cache of Streamlit's, which cannot have progress shown from within.
    return catalog_cache.opened_models().get(
        ("meaning", *_identity(model)), lambda: measured.meaning_of(model, told)
    )


def kinds_difference(model: Explored, less: int, more: int) -> tuple[Direction, float, float]:
    """See `measured.kinds_difference`."""
    return catalog_cache.opened_models().get(
        ("difference", *_identity(model), less, more),
        lambda: measured.kinds_difference(model, less, more),
    )


def difference_effects(model: Explored, difference: Difference) -> tuple[Direction, Trust]:
    """See `measured.difference_effects`."""
    return catalog_cache.opened_models().get(
        ("difference", *_identity(model), difference),
        lambda: measured.difference_effects(model, difference),
    )


@st.cache_resource(
    show_spinner=False, max_entries=4, hash_funcs={Explored: lambda model: _identity(model)}
)
def lasso_figure(model: Explored) -> go.Figure:
    """A model's map, to draw a line round some of its dots."""
    points, labels = model.points(None), model.codes.labels
    some = min(len(points), MEASURED)
    figure = latent_map(
        points[:some],
        None if labels is None else labels[:some],
        names=model.names,
        revision=model.checkpoint.name,
    )
    if model.checkpoint.preset.labels:
        figure.layout.annotations = ()
    figure.layout.margin.t = _ABOVE
    return figure.update_layout(dragmode="lasso", hovermode=False, showlegend=False)


def _identity(model: Explored) -> tuple[Hashable, ...]:
    return *catalog_cache.identity(model.checkpoint), model.images is not None
