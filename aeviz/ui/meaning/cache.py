"""What was measured of the models that were looked at last, a second or two of work each."""

from collections.abc import Callable, Hashable

from aeviz.latent.directions import Direction
from aeviz.ui.catalog import cache as catalog_cache
from aeviz.ui.live.explored import Explored
from aeviz.ui.meaning import measured
from aeviz.ui.meaning.measured import Meaning


def meaning(model: Explored, told: Callable[[float, str], None]) -> Meaning:
    """See `measured.meaning_of`; nothing is told of what is there already."""
    # Not in a cache of Streamlit's, which cannot have progress shown from within.
    return catalog_cache.opened_models().get(
        ("meaning", *_identity(model)), lambda: measured.meaning_of(model, told)
    )


def kinds_difference(model: Explored, less: int, more: int) -> tuple[Direction, float]:
    """See `measured.kinds_difference`."""
    return catalog_cache.opened_models().get(
        ("difference", *_identity(model), less, more),
        lambda: measured.kinds_difference(model, less, more),
    )


def _identity(model: Explored) -> tuple[Hashable, ...]:
    return *catalog_cache.identity(model.checkpoint), model.images is not None
