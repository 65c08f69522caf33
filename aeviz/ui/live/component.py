"""The decoder under the pointer: a map's points decoded in the browser, pinned, walked, drawn.

Python hands over a model once and the pins at every run; hovering never comes back here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import zip_longest

import numpy as np
import streamlit as st

from aeviz.ui.live.decoder import Decoder, packed_model
from aeviz.ui.live.events import TABS, LiveEvents, Pin, events
from aeviz.ui.live.panels import PanelSettings
from aeviz.ui.shell.component import declare


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
class MapChart:
    """The map that the pointer is on, and how it is drawn.

    key: of the st.container that holds it, one native Plotly chart whose dots carry their rows in
    `customdata`; its layout needs `clickanywhere`, its config `scrollZoom`.
    show: "dots", or "pictures" for little pictures over them at a density that stays readable.
    theme: what it is drawn in, "light" or "dark"; where the browser shows the page in the other,
    that comes back as `LiveEvents.theme`.
    gaussian: whether its axes count in shares of the standard normal distribution; places are in
    the map's own units all the same.
    together: a name that several maps on a page share: each decoder draws the place that the
    pointer is at on any of them.
    early: how to draw the dots until the chart is there; None for not at all.
    """

    key: str
    show: str = "dots"
    theme: str | None = None
    gaussian: bool = False
    together: str | None = None
    early: EarlyMap | None = None


@dataclass(frozen=True)
class Walk:
    """The GIF that was made for walk number `n` (see `AskedWalk`)."""

    n: int
    gif: bytes


@dataclass(frozen=True)
class Panels:
    """The panels under the picture.

    tab: the open one, of TABS; it acts when it changes. noise: the share of pixels masked in the
    model's own training. settings: with which a panel is first opened for this model.
    """

    tab: str = TABS[0]
    noise: float = 0.0
    settings: PanelSettings = PanelSettings()


def live_decoder(
    decoder: Decoder,
    chart: MapChart,
    *,
    key: str,
    pins: Sequence[Pin] = (),
    details: Sequence[Mapping[str, object]] = (),
    walk: Walk | None = None,
    panels: Panels | None = None,
    told: int | None = None,
) -> LiveEvents:
    """Draw what the decoder makes of the point under the pointer, and the panels about it.

    Args:
        decoder: the model.
        chart: the map that the pointer is on.
        key: the component's own.
        pins: those the page keeps; a new one shows at once and is expected here at a later run.
        details: for each pin what the browser may not know, each where it is known: "original",
            (side*side,) uint8, the test picture, and "error", the mean squared error of its
            reconstruction.
        walk: the answer to `LiveEvents.walk`.
        panels: None for the picture alone.
        told: the kind that a conditional model draws at first.

    Returns:
        What the viewer did last.

    Raises:
        ValueError: the decoder's arrays do not fit each other, or a pin has not K numbers.
    """
    latent_dim = decoder.autoencoder.latent_dim
    if any(len(pin.code) != latent_dim for pin in pins):
        raise ValueError(f"A pin of this model needs a code of {latent_dim} numbers.")
    beside = panels or Panels()
    data = {
        "model": decoder.key,
        "chart": asdict(chart),
        "pins": [
            {**asdict(pin), "original": None, "error": None, **(detail or {})}
            for pin, detail in zip_longest(pins, details[: len(pins)])
        ],
        "gif": walk and {"n": walk.n, "bytes": np.frombuffer(walk.gif, np.uint8)},
        "compact": panels is None,
        "told": told,
        **asdict(beside),
    }
    # No gap: the model's own element is there to be sent, not to be seen.
    with st.container(gap=None):
        state = _component(data, key=key)
        hand_over(decoder, key)
    return events(state, decoder)


def hand_over(decoder: Decoder, key: str) -> None:
    """Send the browser a model, for the component of this key; draw it right after that."""
    _model(packed_model(decoder), key=f"{key}-model")


_HTML = """
<section class="live" aria-label="What the decoder draws">
  <div class="now">
    <canvas class="picture" role="img" aria-label="The decoder is on its way"></canvas>
    <p class="caption"></p>
    <p class="warning"></p>
    <p class="kind" hidden></p>
    <div class="told" role="group" aria-label="The same code, as each kind" hidden></div>
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
        "shell/component.js",
        "shell/colours.js",
        "live/forward.js",
        "live/told.js",
        "live/test_pictures.js",
        "live/normal.js",
        "live/touch.js",
        "live/overlay.js",
        "live/still.js",
        "live/early.js",
        "live/chart.js",
        "live/paint.js",
        "live/ink.js",
        "live/light.js",
        "live/pins.js",
        "live/walk.js",
        "live/draw.js",
        "live/noise.js",
        "live/sliders.js",
        "live/decoder.js",
    ),
    html=_HTML,
    styles=("shell/controls.css", "live/decoder.css", "live/panels.css", "live/told.css"),
    sends=tuple(field.name for field in fields(LiveEvents)),
)

# An element of its own for the megabytes that change with the model only: Streamlit sends an
# element anew whenever anything in it changes, and by its hash alone when nothing has.
_model = declare(
    "aeviz_live_model",
    ("shell/component.js", "live/model.js"),
    html='<span class="model" hidden></span>',
)
