"""The decoder under the pointer: a map's points decoded in the browser, pinned, walked, drawn.

Python hands over a model once and the pins at every run; hovering never comes back here.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import zip_longest

import numpy as np
import streamlit as st

from aeviz.latent.plane import LatentPlane
from aeviz.networks.autoencoder import ACTIVATIONS, Autoencoder, Layer
from aeviz.networks.half_precision import half
from aeviz.ui.live.panels import Route, Stands, Wiped, sent_code, sent_route, sent_wiped
from aeviz.ui.shell.browser_values import count, number
from aeviz.ui.shell.component import declare

TABS = ("pins", "walk", "draw", "noise", "sliders")
# Packed models kept for the next viewer, a few megabytes each: the two of a comparison and the two
# before them.
PACKED_MODELS = 4
# A walk has at most 120 pictures (live/walk.js); more is not from our own page.
MOST_STEPS = 1000


@dataclass(frozen=True, eq=False)
class Decoder:
    """What the browser is told of one model: N test codes of K numbers, pictures of side * side.

    key: changes whenever anything else here does; two decoders are the same if their keys are.
    points: (N, 2) float, the codes on the map. labels: (N,) uint8, indices into `names`, or None.
    codes: (N, K) float, or None where K is above 64; nearest digits then count on the map.
    plane: point (x, y) is the code centre + x * axes[0] + y * axes[1].
    base: (K,) float, the mean code. shown: two numbers of the code to draw instead of the plane;
    the others are then those of `base`.
    pixels: (M, side*side) uint8, the first M test pictures, or None where they are not here.
    far: a point further than this (on the map) from every point is far from every code.
    thing: what to call one of the pictures, "digit" or "picture".
    """

    key: str
    autoencoder: Autoencoder
    side: int
    points: np.ndarray
    labels: np.ndarray | None
    names: tuple[str, ...]
    codes: np.ndarray | None
    plane: LatentPlane
    base: np.ndarray
    far: float
    shown: tuple[int, int] | None = None
    pixels: np.ndarray | None = None
    thing: str = "digit"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decoder) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True)
class Pin:
    """A pinned point. code: K numbers. x, y: on the map. row: the test picture it is, or None."""

    code: tuple[float, ...]
    x: float
    y: float
    row: int | None = None


@dataclass(frozen=True)
class EarlyMap:
    """How the map is drawn as a plain picture while there is no chart yet.

    view: the left, right, bottom and top of what it shows. equal: whether a unit is equally long on
    both axes. top: pixels that the chart leaves free above it. dot: pixels across. coloured: each
    class in its colour. count: how many of the points.
    """

    view: tuple[float, float, float, float]
    equal: bool
    top: int
    dot: float
    coloured: bool
    count: int


@dataclass(frozen=True)
class Walk:
    """The GIF that was made for walk number `n` (see `AskedWalk`)."""

    n: int
    gif: bytes


@dataclass(frozen=True)
class Pinned:
    """The viewer pinned a point, or (as `drawn`) a drawing. n grows from one such event to the
    next: an event whose n was seen before is the same one, still there at a later run.
    """

    n: int
    pin: Pin


@dataclass(frozen=True)
class Unpinned:
    """The viewer removed pin `index` (counted from 0), or all of them where it is None."""

    n: int
    index: int | None


@dataclass(frozen=True)
class AskedWalk:
    """The viewer wants a walk as a GIF. codes: (F, K) float32. delay_ms: between two pictures."""

    n: int
    codes: np.ndarray
    delay_ms: int


@dataclass(frozen=True)
class Viewed:
    """The viewer zoomed or panned the map. ends: left, right, bottom and top of what it shows now,
    each pair in its order; None where they double-clicked it.
    """

    n: int
    ends: tuple[float, float, float, float] | None


@dataclass(frozen=True)
class Stood:
    """Where the viewer left a panel."""

    n: int
    where: Route | Wiped | tuple[float, ...]


@dataclass(frozen=True)
class LiveEvents:
    """What the viewer did last, each None until it happens.

    tab: the one they chose. theme: "light" or "dark", where it is not what the page said. route,
    wiped, sliders: where they left a panel (a Route, a Wiped, a code of K numbers).
    """

    pinned: Pinned | None = None
    unpinned: Unpinned | None = None
    drawn: Pinned | None = None
    walk: AskedWalk | None = None
    tab: str | None = None
    view: Viewed | None = None
    theme: str | None = None
    route: Stood | None = None
    wiped: Stood | None = None
    sliders: Stood | None = None


def live_decoder(
    decoder: Decoder,
    *,
    chart: str,
    key: str,
    pins: Sequence[Pin] = (),
    details: Sequence[Mapping[str, object]] = (),
    walk: Walk | None = None,
    tab: str = "pins",
    show: str = "dots",
    noise: float = 0.0,
    compact: bool = False,
    zooms: bool = False,
    theme: str | None = None,
    gaussian: bool = False,
    together: str | None = None,
    early: EarlyMap | None = None,
    stands: Stands | None = None,
) -> LiveEvents:
    """Draw what the decoder makes of the point under the pointer, and the panels about it.

    chart: the key of the st.container that holds the map, one native Plotly chart whose dots carry
    their rows in `customdata`; its layout needs `clickanywhere`, its config `scrollZoom`.
    pins: those the page keeps; a new one shows at once and is expected among them at a later run.
    details: for each pin what the browser may not know, each where it is known: "original", the
    pixels of the test picture (base64 of side*side bytes), and "error", the mean squared error of
    its reconstruction.
    walk: the answer to `LiveEvents.walk`. tab: one of TABS, which acts when it changes.
    show: "dots", or "pictures" for little pictures over them at a density that stays readable.
    noise: the share of pixels wiped out in the model's own training. compact: no panels.
    gaussian: whether the map's axes count in shares of the standard normal distribution; everything
    said here of places is in the map's own units all the same.
    together: a name that several decoders on a page share: each draws the place that the pointer is
    at on any of their maps.
    early: how to draw the map's dots until the chart is there; None for not at all.
    stands: where each panel stands when it is first opened for this model.
    zooms: whether each new view of the map is to come back as `LiveEvents.view`.
    theme: what the map itself is drawn in, "light" or "dark"; where the browser shows the page in
    the other, that comes back as `LiveEvents.theme`.

    ValueError: the decoder's arrays do not fit each other, or a pin has not K numbers.
    """
    latent_dim = decoder.autoencoder.latent_dim
    if any(len(pin.code) != latent_dim for pin in pins):
        raise ValueError(f"A pin of this model needs a code of {latent_dim} numbers.")
    data = {
        "model": decoder.key,
        "chart": chart,
        "pins": [_pin_data(pin, detail) for pin, detail in zip_longest(pins, details[: len(pins)])],
        "gif": walk and {"n": walk.n, "base64": base64.b64encode(walk.gif).decode("ascii")},
        "tab": tab if tab in TABS else TABS[0],
        "show": show,
        "noise": float(noise),
        "compact": bool(compact),
        "zooms": bool(zooms),
        "theme": theme,
        "gaussian": bool(gaussian),
        "together": together,
        "early": early and asdict(early),
        "stands": (stands or Stands()).for_browser(),
    }
    # No gap: the model's own element is there to be sent, not to be seen.
    with st.container(gap=None):
        state = _component(data, key=key)
        _model(packed(decoder), key=f"{key}-model")
    return events(state, decoder)


@lru_cache(maxsize=PACKED_MODELS)
def packed(decoder: Decoder) -> bytes:
    """A decoder as bytes: the length of a JSON head (uint32), the head, the arrays.

    The head names each array's kind (numpy's "f2", "f4" or "u1"), its place and its length; all
    little-endian. Weights and codes are float16, which loses nothing for models stored that way.

    ValueError: the arrays do not fit each other.
    """
    check(decoder)
    model = decoder.autoencoder
    arrays: dict[str, np.ndarray | None] = {
        "points": np.asarray(decoder.points, "<f4"),
        "labels": None if decoder.labels is None else np.asarray(decoder.labels, np.uint8),
        "codes": None if decoder.codes is None else half(decoder.codes),
        "images": None if decoder.pixels is None else np.asarray(decoder.pixels, np.uint8),
        "base": np.asarray(decoder.base, "<f4"),
        "centre": np.asarray(decoder.plane.centre, "<f4"),
        "axes": np.asarray(decoder.plane.axes, "<f4"),
    }
    head: dict[str, object] = {
        "key": decoder.key,
        "side": int(decoder.side),
        "variational": bool(model.variational),
        "names": [str(name) for name in decoder.names],
        "thing": decoder.thing,
        "shown": None if decoder.shown is None else [int(axis) for axis in decoder.shown],
        "far": max(float(decoder.far), np.finfo(np.float32).tiny.item()),
    }
    for part, layers in (("encoder", model.encoder), ("decoder", model.decoder)):
        head[part] = [_layer_data(layer) for layer in layers]
        for i, layer in enumerate(layers):
            arrays[f"{part} {i} kernel"] = half(layer.kernel)
            arrays[f"{part} {i} bias"] = half(layer.bias)
    return _joined(head, {name: array for name, array in arrays.items() if array is not None})


def check(decoder: Decoder) -> None:
    """Raise ValueError, naming the array, where the shapes of a decoder do not fit each other."""
    count, latent_dim = len(decoder.points), decoder.autoencoder.latent_dim
    pixels = decoder.side * decoder.side
    images = None if decoder.pixels is None else (len(decoder.pixels), pixels)
    wanted: list[tuple[str, np.ndarray | None, tuple[int, ...] | None]] = [
        ("points", decoder.points, (count, 2)),
        ("labels", decoder.labels, (count,)),
        ("codes", decoder.codes, (count, latent_dim)),
        ("plane's centre", decoder.plane.centre, (latent_dim,)),
        ("plane's axes", decoder.plane.axes, (2, latent_dim)),
        ("base", decoder.base, (latent_dim,)),
        ("pixels", decoder.pixels, images),
    ]
    for name, array, shape in wanted:
        if array is not None and np.shape(array) != shape:
            raise ValueError(
                f"A decoder's {name} must have the shape {shape}, not {np.shape(array)}."
            )
    if count == 0:
        raise ValueError("A map needs at least one point.")
    if decoder.autoencoder.pixels != pixels:
        raise ValueError(f"This model does not draw pictures of {decoder.side} x {decoder.side}.")


def _layer_data(layer: Layer) -> dict[str, object]:
    if layer.activation not in ACTIVATIONS:
        raise ValueError(f"The browser does not know the activation {layer.activation}.")
    inputs, units = layer.kernel.shape
    return {"inputs": inputs, "units": units, "activation": layer.activation}


def _joined(head: dict[str, object], arrays: dict[str, np.ndarray]) -> bytes:
    places: dict[str, dict[str, object]] = {
        name: {"kind": array.dtype.str[1:], "offset": 0, "length": array.size}
        for name, array in arrays.items()
    }
    # Offsets are part of the head and the head's length is part of the offsets: leave them room.
    size = len(json.dumps({**head, "arrays": places}).encode()) + 12 * len(arrays)
    offset = start = -(-(4 + size) // 8) * 8
    arrays = {name: array.astype(array.dtype.newbyteorder("<")) for name, array in arrays.items()}
    for name, array in arrays.items():
        places[name]["offset"] = offset
        offset += -(-array.nbytes // 8) * 8
    text = json.dumps({**head, "arrays": places}).encode()
    out = bytearray(offset)
    out[:4] = struct.pack("<I", start - 4)
    out[4:start] = text.ljust(start - 4)
    for name, array in arrays.items():
        at = int(str(places[name]["offset"]))
        out[at : at + array.nbytes] = np.ascontiguousarray(array).tobytes()
    return bytes(out)


def _pin_data(pin: Pin, detail: Mapping[str, object] | None) -> dict[str, object]:
    detail = detail or {}
    original = detail.get("original")
    return {
        "code": [float(number) for number in pin.code],
        "x": float(pin.x),
        "y": float(pin.y),
        "row": None if pin.row is None else int(pin.row),
        "original": original if isinstance(original, str) else None,
        "error": number(detail.get("error")),
    }


# --- what comes back ---------------------------------------------------------------------------


def events(state: Mapping[str, object], decoder: Decoder) -> LiveEvents:
    """The component's state, checked: whatever is not what it should be is None.

    It comes from a browser, so it may be anything.
    """
    tab, theme = state.get("tab"), state.get("theme")
    return LiveEvents(
        pinned=_pinned(state.get("pinned"), decoder),
        unpinned=_unpinned(state.get("unpinned")),
        drawn=_pinned(state.get("drawn"), decoder),
        walk=_asked_walk(state.get("walk"), decoder),
        tab=tab if tab in TABS else None,
        view=viewed(state.get("view")),
        theme=theme if theme in ("light", "dark") else None,
        route=_stood(state.get("route"), sent_route),
        wiped=_stood(state.get("wiped"), sent_wiped),
        sliders=_stood(
            state.get("sliders"), lambda value: sent_code(value, decoder.autoencoder.latent_dim)
        ),
    )


def _pinned(value: object, decoder: Decoder) -> Pinned | None:
    if not isinstance(value, Mapping):
        return None
    n, code = count(value.get("n")), _code(value.get("code"), decoder)
    x, y, row = number(value.get("x")), number(value.get("y")), value.get("row")
    if n is None or code is None or x is None or y is None:
        return None
    if row is not None:
        row = count(row)
        if row is None or row >= len(decoder.points):
            return None
    return Pinned(n, Pin(code, x, y, row))


def _unpinned(value: object) -> Unpinned | None:
    if not isinstance(value, Mapping):
        return None
    n, index = count(value.get("n")), value.get("index")
    if n is None:
        return None
    if index is None:
        return Unpinned(n, None)
    index = count(index)
    return None if index is None else Unpinned(n, index)


def viewed(value: object) -> Viewed | None:
    """What a component's state says under "view", checked; None for nothing of the kind."""
    if not isinstance(value, Mapping):
        return None
    n, ends = count(value.get("n")), value.get("ends")
    if n is None:
        return None
    if ends is None:
        return Viewed(n, None)
    numbers = tuple(map(number, ends)) if isinstance(ends, list) else ()
    if len(numbers) != 4 or None in numbers:
        return None
    left, right, bottom, top = numbers
    return Viewed(n, (left, right, bottom, top)) if left < right and bottom < top else None


def _stood(value: object, read: Callable[[object], Route | Wiped | tuple | None]) -> Stood | None:
    n, where = count(value.get("n")) if isinstance(value, Mapping) else None, read(value)
    return None if n is None or where is None else Stood(n, where)


def _asked_walk(value: object, decoder: Decoder) -> AskedWalk | None:
    if not isinstance(value, Mapping):
        return None
    n, delay, raw = count(value.get("n")), number(value.get("delay_ms")), value.get("codes")
    if n is None or delay is None or not isinstance(raw, list) or not 0 < len(raw) <= MOST_STEPS:
        return None
    codes = [_code(code, decoder) for code in raw]
    if any(code is None for code in codes):
        return None
    return AskedWalk(n, np.array(codes, dtype=np.float32), int(min(max(delay, 20), 10_000)))


def _code(value: object, decoder: Decoder) -> tuple[float, ...] | None:
    if not isinstance(value, list) or len(value) != decoder.autoencoder.latent_dim:
        return None
    numbers = tuple(map(number, value))
    return None if None in numbers else numbers  # type: ignore[return-value]


# --- the component -----------------------------------------------------------------------------

_EVENTS = (
    *("pinned", "unpinned", "drawn", "walk", "tab", "view", "theme"),
    *("route", "wiped", "sliders"),
)

_HTML = """
<section class="live" aria-label="What the decoder draws">
  <div class="now">
    <canvas class="picture" role="img" aria-label="The decoder is on its way"></canvas>
    <p class="caption"></p>
    <p class="warning"></p>
    <p class="kind" hidden></p>
    <p class="spoken" aria-live="polite"></p>
  </div>
  <div class="tabs" role="tablist" aria-label="What to do with the code"></div>
  <div class="panels" id="panel" role="tabpanel"></div>
</section>
"""

# `shell/colours.js` has the page's colours and the ten digit colours.
_component = declare(
    "aeviz_live_decoder",
    (
        "shell/colours.js",
        "live/forward.js",
        "live/normal.js",
        "live/touch.js",
        "live/overlay.js",
        "live/still.js",
        "live/early.js",
        "live/chart.js",
        "live/paint.js",
        "live/ink.js",
        "live/pins.js",
        "live/walk.js",
        "live/draw.js",
        "live/noise.js",
        "live/sliders.js",
        "live/decoder.js",
    ),
    html=_HTML,
    styles=("live/decoder.css", "live/panels.css"),
    sends=_EVENTS,
)

# An element of its own for the megabytes that change with the model only: Streamlit sends an
# element anew whenever anything in it changes, and by its hash alone when nothing has.
_model = declare("aeviz_live_model", ("live/model.js",), html='<span class="model" hidden></span>')
