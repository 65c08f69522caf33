"""What the live decoder sends back, checked: it comes from a browser, so it may be anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from aeviz.ui.live.decoder import Decoder
from aeviz.ui.live.panels import MaskedPicture, Route, sent_code, sent_masked, sent_route
from aeviz.ui.shell.browser_values import count, known, number

TABS = ("pins", "walk", "draw", "noise", "sliders")
# A walk has at most 120 pictures (live/walk.js); more is not from our own page.
MOST_STEPS = 1000


@dataclass(frozen=True)
class Pin:
    """A pinned point. code: K numbers. x, y: on the map. row: the test picture it is, or None."""

    code: tuple[float, ...]
    x: float
    y: float
    row: int | None = None


@dataclass(frozen=True)
class Pinned:
    """The viewer pinned a point, or (as `drawn`) a drawing.

    n grows from one such event to the next: an event whose n was seen before is the same one, still
    there at a later run.
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
    """The viewer zoomed or panned the map to these ends, or double-clicked it (None).

    ends: left, right, bottom and top of what it shows now, each pair in its order.
    """

    n: int
    ends: tuple[float, float, float, float] | None


@dataclass(frozen=True)
class Told:
    """The viewer had all drawn as this kind, by a model that is told what it draws."""

    n: int
    kind: int


@dataclass(frozen=True)
class PanelChanged:
    """The viewer changed a panel; setting: what it shows now, as `PanelSettings` has it."""

    n: int
    setting: Route | MaskedPicture | tuple[float, ...]


@dataclass(frozen=True)
class LiveEvents:
    """What the viewer did last, each None until it happens.

    tab: the one they chose. theme: "light" or "dark", where it is not what the page said. route,
    masked, sliders: the settings of the panels Walk, Noise and Sliders.
    """

    pinned: Pinned | None = None
    unpinned: Unpinned | None = None
    drawn: Pinned | None = None
    walk: AskedWalk | None = None
    tab: str | None = None
    view: Viewed | None = None
    theme: str | None = None
    route: PanelChanged | None = None
    masked: PanelChanged | None = None
    sliders: PanelChanged | None = None
    told: Told | None = None


def events(state: Mapping[str, object], decoder: Decoder) -> LiveEvents:
    """Return the component's state, checked: whatever is not what it should be is None."""
    tab, theme = state.get("tab"), state.get("theme")

    def changed(name: str, read: Callable[[object], Any]) -> PanelChanged | None:
        setting = read(state.get(name))
        return _event(state.get(name), lambda n, _: setting and PanelChanged(n, setting))

    return LiveEvents(
        pinned=_event(state.get("pinned"), _pinned, decoder),
        unpinned=_event(state.get("unpinned"), _unpinned),
        drawn=_event(state.get("drawn"), _pinned, decoder),
        walk=_event(state.get("walk"), _asked_walk, decoder),
        tab=tab if isinstance(tab, str) and tab in TABS else None,
        view=viewed(state.get("view")),
        theme=theme if isinstance(theme, str) and theme in ("light", "dark") else None,
        route=changed("route", sent_route),
        masked=changed("masked", sent_masked),
        sliders=changed("sliders", lambda value: sent_code(value, decoder.autoencoder.latent_dim)),
        told=_event(state.get("told"), _told, decoder),
    )


def _told(n: int, value: Mapping, decoder: Decoder) -> Told | None:
    kind = count(value.get("kind"))
    return None if kind is None or kind >= decoder.autoencoder.kinds else Told(n, kind)


def viewed(value: object) -> Viewed | None:
    """Return what a component's state says under "view", checked; None for anything else."""
    return _event(value, _viewed)


def _event(value: object, read: Callable, *args: object):
    n = count(value.get("n")) if isinstance(value, Mapping) else None
    return None if n is None else read(n, value, *args)


def _pinned(n: int, value: Mapping, decoder: Decoder) -> Pinned | None:
    code = _code(value.get("code"), decoder)
    x, y, row = number(value.get("x")), number(value.get("y")), value.get("row")
    if code is None or x is None or y is None:
        return None
    if row is not None:
        row = count(row)
        if row is None or row >= len(decoder.points):
            return None
    return Pinned(n, Pin(code, x, y, row))


def _unpinned(n: int, value: Mapping) -> Unpinned | None:
    if value.get("index") is None:
        return Unpinned(n, None)
    index = count(value["index"])
    return None if index is None else Unpinned(n, index)


def _viewed(n: int, value: Mapping) -> Viewed | None:
    ends = value.get("ends")
    if ends is None:
        return Viewed(n, None)
    numbers = known(map(number, ends)) if isinstance(ends, list) else None
    if numbers is None or len(numbers) != 4:
        return None
    left, right, bottom, top = numbers
    return Viewed(n, (left, right, bottom, top)) if left < right and bottom < top else None


def _asked_walk(n: int, value: Mapping, decoder: Decoder) -> AskedWalk | None:
    delay, raw = number(value.get("delay_ms")), value.get("codes")
    if delay is None or not isinstance(raw, list) or not 0 < len(raw) <= MOST_STEPS:
        return None
    codes = [_code(code, decoder) for code in raw]
    if None in codes:
        return None
    return AskedWalk(n, np.array(codes, dtype=np.float32), int(min(max(delay, 20), 10_000)))


def _code(value: object, decoder: Decoder) -> tuple[float, ...] | None:
    return sent_code({"code": value}, decoder.autoencoder.latent_dim)
