"""What a visitor of the page "Manifold" chooses; all of it is in the address."""

from functools import partial

import streamlit as st

from aeviz.data.class_names import is_handwritten
from aeviz.latent.grid import LARGEST, RANGES, SMALLEST, Span, default_range, shared
from aeviz.ui.live import map_address
from aeviz.ui.live.axes import axes_choice, base_choice
from aeviz.ui.live.events import viewed
from aeviz.ui.live.explored import Explored
from aeviz.ui.live.explorer import kind_of, pins_of
from aeviz.ui.manifold import views
from aeviz.ui.manifold.views import CELLS, GridLook, offered
from aeviz.ui.shell import state
from aeviz.ui.shell.address import one_of, some_of
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.hidden_controls import is_hidden
from aeviz.ui.shell.theme import page_theme

# What the page can show.
MODES = {"grid": "Grid", "pair": "Two models", "film": "Film"}
# What can be drawn over the cells, each a field of GridLook: its words and why one wants it.
OVERLAYS = {
    "dots": ("Codes as dots", "A dot where the encoder puts each test picture."),
    "tint": (
        "Tint by {kind}",
        "Each cell takes the colour of the kind that is most common among the ten codes nearest "
        "to it.",
    ),
    "dim": (
        "Dim empty places",
        "Cells far from every code fade. There is no data: what the decoder draws is a guess.",
    ),
}
# The containers of the page's charts, the one of a single model and the two of a pair; each has a
# live decoder, of this key and the chart's.
GRID, PAIR = "manifold_map", ("manifold_map_1", "manifold_map_2")
LIVE = "live_{}"
_PAGE = "manifold"


def mode() -> str:
    """Draw the choice of what the page shows, and return a name in MODES."""
    choice, read = Choice(_PAGE, "show"), one_of(MODES, "view")
    begun = choice.begin("grid", read)
    without = {"pair"} - {begun} if is_hidden("compare") else ()
    modes = {name: words for name, words in MODES.items() if name not in without}
    shown = choice.segmented("Show", modes, what="view", start=begun)
    if shown != "pair":
        state.link(beside=None)
    return shown


def grid_choices(*models: Explored) -> GridLook:
    """Draw the choices of one grid, or of two: of as many cells, over one and the same range."""
    n, chosen, axes, base, span = _cells(), _range(models), None, None, None
    kind = None
    if len(models) == 1:
        kind = kind_of(*models)
        axes = axes_choice(_PAGE, *models)
        base = None if axes is None else _base(*models)
    else:
        span = shared([RANGES[chosen].span(model.points(None), n) for model in models])
    view = _view(map_name(models, chosen, axes), n, RANGES[chosen].gaussian)
    over = _overlays(models)
    return GridLook(n, chosen, axes, view, span, base, kind, **over, theme=page_theme())


def map_name(models: tuple[Explored, ...], chosen: str, axes: tuple[int, int] | None) -> str:
    """What a zoom belongs to: these models' maps over the range of this name."""
    return f"{_names(models)}:{chosen}:{map_address.text_of_axes(axes)}"


def zoom(of: str) -> Choice:
    """The choice of the part of a map that is shown. of: see `map_name`."""
    return Choice(_PAGE, "view", of)


# --- one by one ----------------------------------------------------------------------------------


def _names(models: tuple[Explored, ...]) -> str:
    return "+".join(model.checkpoint.name for model in models)


def _cells() -> int:
    return Choice(_PAGE, "n").draw(
        CELLS,
        views.cells_of_text,
        lambda n, key: st.slider("Pictures along a side", SMALLEST, LARGEST, n, key=key),
    )


def _range(models: tuple[Explored, ...]) -> str:
    presets = tuple(model.checkpoint.preset for model in models)
    usuals = {default_range(preset) for preset in presets}
    return Choice(_PAGE, "range", _names(models)).select(
        "Part of the map",
        {one: RANGES[one].title for one in offered(presets)},
        usuals.pop() if len(usuals) == 1 else "codes",
        what="range",
    )


def _base(model: Explored) -> tuple[float, ...] | None:
    pins = pins_of(model)
    chosen = Choice(_PAGE, "base", model.checkpoint.name).draw(
        None,
        partial(map_address.base_of_text, pins=len(pins)),
        lambda begun, _: base_choice(model, len(pins), begun),
        map_address.text_of_base,
    )
    return None if chosen is None else pins[chosen].code


def _view(of: str, n: int, gaussian: bool) -> Span | None:
    read = partial(map_address.view_of_text, n=n, gaussian=gaussian)
    view = zoom(of).draw(None, read, write=map_address.text_of_view)
    st.button(
        "Whole range",
        key=f"whole.{state.generation()}",
        disabled=view is None,
        help="Undoes a zoom, as two quick clicks or taps on the map do.",
        on_click=_whole,
        args=(of,),
        width="stretch",
    )
    return view


def _whole(of: str) -> None:
    # A zoom that comes together with this press was made before it.
    for chart in (GRID, *PAIR):
        seen = viewed(state.component(LIVE.format(chart)).get("view"))
        if seen:
            state.is_new("view", seen.n)
    zoom(of).choose("")


def _overlays(models: tuple[Explored, ...]) -> dict[str, bool]:
    digits = all(is_handwritten(model.checkpoint.dataset) for model in models)
    kind = "digit" if digits else "kind"
    # Codes of a network that is told the kinds say nothing of them.
    labelled = any(
        model.codes.labels is not None and not model.checkpoint.preset.labels for model in models
    )

    def switches(begun: tuple[str, ...], key: str) -> tuple[str, ...]:
        return tuple(
            one
            for one, (label, why) in OVERLAYS.items()
            if (one != "tint" or labelled)
            and st.toggle(label.format(kind=kind), one in begun, key=f"{key}.{one}", help=why)
        )

    over = Choice(_PAGE, "over").draw((), some_of(OVERLAYS, "an overlay"), switches, ",".join)
    return {one: one in over for one in OVERLAYS}
