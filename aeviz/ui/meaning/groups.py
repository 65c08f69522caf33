"""Two groups of pictures, chosen by hand: with a lasso on the map, or the picture in hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from aeviz.data.class_names import thing
from aeviz.data.dataset import to_bytes
from aeviz.ui.live.explored import Explored
from aeviz.ui.meaning import cache
from aeviz.ui.pictures.rows import row_html, rows_html
from aeviz.ui.shell import state

# The two groups: what each is called in sentences and in memory.
GROUPS = {"less": "Away from", "more": "Towards"}
# Pictures of a group that are shown, its first ones.
_SHOWN = 8
# Pictures in hand that a group takes one by one.
_MOST_IN_HAND = 50
_CHART = "lasso"


@dataclass(frozen=True)
class Group:
    """Pictures: test pictures by their rows, and codes of others."""

    rows: tuple[int, ...] = ()
    codes: tuple[tuple[float, ...], ...] = ()

    @property
    def count(self) -> int:
        """How many pictures."""
        return len(self.rows) + len(self.codes)

    def all_codes(self, model: Explored) -> np.ndarray:
        """Return the codes of all of them, (count, latent_dim) float32."""
        kept = model.codes.codes
        of_rows = [] if kept is None else [kept[list(self.rows)].astype(np.float32)]
        own = np.array(self.codes, np.float32).reshape(-1, model.latent_dim)
        return np.concatenate([*of_rows, own])


def group_of(model: Explored, name: str) -> Group:
    """Return a group as the visitor left it. name: of GROUPS."""
    text = state.chosen(_memory(model, name))
    kept = json.loads(text) if text else {"rows": [], "codes": []}
    return Group(tuple(kept["rows"]), tuple(map(tuple, kept["codes"])))


def _keep(model: Explored, name: str, group: Group) -> None:
    state.choose(_memory(model, name), json.dumps({"rows": group.rows, "codes": group.codes}))


def _memory(model: Explored, name: str) -> str:
    return f"meaning.group.{name}.{model.checkpoint.name}"


def choose_groups(model: Explored, in_hand: np.ndarray) -> None:
    """Draw the map with its lasso, and the two groups.

    in_hand: (latent_dim,), the code of the picture in hand.
    """
    left, right = st.columns([1, 1], gap="medium")
    with left:
        some = _selected(model)
    with right:
        for name, title in GROUPS.items():
            _group(model, name, title, some, in_hand)
        one = thing(model.checkpoint.dataset)
        st.caption(
            f"With one {one} in each: the first is to the second as the {one} in hand is to what "
            "you will see."
        )


def _selected(model: Explored) -> tuple[int, ...]:
    """Draw the map, and return the rows of the test pictures inside the lasso."""
    one = thing(model.checkpoint.dataset)
    st.caption(f"Draw a line round some {one}s on the map, then say below which group they are.")
    with st.container(key="lasso_map"):
        event = st.plotly_chart(
            cache.lasso_figure(model),
            key=f"{_CHART}.{model.checkpoint.name}.{state.generation()}",
            height="stretch",
            on_select="rerun",
            selection_mode=("lasso", "box"),
            config={"displayModeBar": False, "scrollZoom": False, "showTips": False},
            alt="Map of codes, to draw a line round some of them.",
        )
    return rows_of_selection(event, len(model.codes.points))


def rows_of_selection(event: object, count: int) -> tuple[int, ...]:
    """Return the rows that a chart says are selected, checked: they come from a browser.

    count: how many there are.
    """
    selection = event.get("selection") if isinstance(event, Mapping) else None
    points = selection.get("points") if isinstance(selection, Mapping) else None
    rows = set()
    for point in points if isinstance(points, list) else []:
        row = point.get("customdata") if isinstance(point, Mapping) else None
        row = row[0] if isinstance(row, list) and len(row) == 1 else row
        if type(row) is int and 0 <= row < count:
            rows.add(row)
    return tuple(sorted(rows))


def _group(
    model: Explored, name: str, title: str, some: tuple[int, ...], in_hand: np.ndarray
) -> None:
    group, one = group_of(model, name), thing(model.checkpoint.dataset)
    key = f"{name}.{model.checkpoint.name}.{state.generation()}"
    place = st.container()
    with st.container(horizontal=True, gap="small", key=f"group_row.{name}"):
        if st.button(
            f"Add the {_many(len(some), one)} inside" if some else "Add what is inside",
            key=f"add_some.{key}",
            disabled=not some,
        ):
            group = replace(group, rows=tuple(sorted({*group.rows, *some})))
        full = len(group.codes) >= _MOST_IN_HAND
        if st.button(f"Add the {one} in hand", key=f"add_hand.{key}", disabled=full):
            code = tuple(round(float(v), 5) for v in in_hand)
            group = replace(group, codes=(*dict.fromkeys((*group.codes, code)),))
        if st.button("Clear", key=f"clear.{key}", disabled=not group.count):
            group = Group()
    _keep(model, name, group)
    with place:
        if not group.count:
            st.markdown(f"**{title}**: no {one}s yet")
            return
        about = _many(group.count, one)
        pictures = _pictures(model, group)
        row = row_html(title, pictures, model.checkpoint.shape, about=about)
        st.html(rows_html([row], "few-pictures"))


def _pictures(model: Explored, group: Group) -> np.ndarray:
    """The first of them as the model draws them, (n, values) uint8."""
    codes = group.all_codes(model)[:_SHOWN]
    first, labels = model.first_kind, model.codes.labels
    rows = list(group.rows[:_SHOWN])
    kinds = np.zeros(len(codes), int) if first is None else np.full(len(codes), first)
    if labels is not None:
        kinds[: len(rows)] = labels[rows]
    return to_bytes(model.checkpoint.network.decode(codes, kinds))


def _many(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"
