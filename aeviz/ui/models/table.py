"""The list on the page "Models": every model there is, searched and chosen from."""

from typing import Any

import streamlit as st

from aeviz.checkpoints.store import ListedCheckpoint, list_checkpoints
from aeviz.ui.catalog.model_picker import begun_model, show_model
from aeviz.ui.models import views
from aeviz.ui.models.views import COLUMNS
from aeviz.ui.shell import controls
from aeviz.ui.shell.address import LinkError
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.style import wide

# Fewer lines than this are read faster than searched.
_SEARCHED_FROM = 9
_LONGEST_SEARCH = 100
_ROW_HEIGHT = 38
# Together as wide as half a page of 1,280 pixels, up to the layers.
_WIDTHS = {
    "shape": 74,
    "title": 206,
    "code": 50,
    "error": 78,
    "when": 102,
    "pictures": 92,
    "layers": 250,
    "note": 300,
}
_MEANINGS = {
    "shape": "A bar a layer, the code in blue",
    "pictures": "What it learned to redraw",
    "code": "Numbers each picture must pass through",
    "error": "Average squared error of a pixel on test pictures, where 0 is paper and 1 full ink",
}


def models_by_name() -> dict[str, ListedCheckpoint]:
    """Every model by name: one's own first, newest first; one's own before one of the gallery."""
    found: dict[str, ListedCheckpoint] = {}
    for row in list_checkpoints():
        found.setdefault(row.name, row)
    return found


def chosen_model(rows: dict[str, ListedCheckpoint]) -> str | None:
    """Return the model to show: the link's, the visitor's last, or the first that opens."""
    good = (name for name, row in rows.items() if not row.problem)
    name = begun_model(rows) or next(good, next(iter(rows), None))
    if name is not None:
        show_model(name)
    return name


def rival(rows: dict[str, ListedCheckpoint], name: str) -> str | None:
    """What a model is compared with at first: the same pictures, best the same code size."""
    one = rows[name]
    others = [row for row in rows.values() if row.name != name and not row.problem]

    def far(row: ListedCheckpoint):
        return (
            row.dataset != one.dataset,
            row.latent_dim != one.latent_dim,
            row.preset == one.preset,
        )

    return min(others, key=far).name if others else None


def model_list(rows: dict[str, ListedCheckpoint], chosen: str) -> None:
    """Draw one line for each model; the chosen one is marked."""
    shown = list(rows)
    if len(rows) >= _SEARCHED_FROM:
        text = Choice("models", "search").text(
            "Search",
            read=_search_of_text,
            placeholder=f"Search {len(rows)} models: a name, pictures, a code size, a note",
            label_visibility="collapsed",
            max_chars=_LONGEST_SEARCH,
        )
        shown = [n for n, row in rows.items() if views.found(row, text)]
        if not shown:
            st.markdown(":gray[No model fits: try fewer words.]")
            return
    controls.table(
        views.table_of([rows[name] for name in shown]),
        shown,
        [chosen],
        # Clicked away, the model that was shown stays: there is always one.
        lambda names: show_model(names[0]) if names else None,
        key="model_list",
        row_height=_ROW_HEIGHT,
        many=False,
        column_config={name: _column(name) for name in COLUMNS},
        alt="The models that are here; choose one to see it in full",
    )


def _search_of_text(text: str) -> str:
    if len(text) > _LONGEST_SEARCH:
        raise LinkError("The link searches for more than there is room for.")
    return text


def _column(name: str):
    about: dict[str, Any] = {"width": wide(_WIDTHS[name]), "help": _MEANINGS.get(name)}
    if name == "shape":
        return st.column_config.ImageColumn(COLUMNS[name], **about)
    kind = st.column_config.NumberColumn if name in ("code", "error") else None
    return (kind or st.column_config.TextColumn)(COLUMNS[name], **about)
