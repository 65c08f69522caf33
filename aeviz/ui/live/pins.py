"""Pins on a map: adding one, their text in a link and back, their place on each map."""

import math
from dataclasses import replace

import numpy as np

from aeviz.ui.live.events import Pin
from aeviz.ui.live.explored import Explored

# Pins that stay: two rows of cards beside a map. The oldest goes.
MOST_PINS = 12
# Significant figures of a pin in the address: a fraction of a pixel on any map.
_FIGURES = 5
# Beyond any map: decoding further out only makes overflows.
_FURTHEST = 1e4


def add_pin(pins: tuple[Pin, ...], pin: Pin) -> tuple[Pin, ...]:
    """Return the pins with one more, at most MOST_PINS; a test picture is pinned once."""
    kept = [p for p in pins if pin.row is None or p.row != pin.row]
    return (*kept, pin)[-MOST_PINS:]


def text_of_pins(pins: tuple[Pin, ...]) -> str | None:
    """Return pins for the address: "x,y" or, for a test picture, "x,y,row"; None for none."""
    return ";".join(_word(pin) for pin in pins) or None


def _word(pin: Pin) -> str:
    place = f"{pin.x:.{_FIGURES}g},{pin.y:.{_FIGURES}g}"
    return place if pin.row is None else f"{place},{pin.row}"


def pins_of_text(text: str | None, model: Explored) -> tuple[Pin, ...]:
    """Return the pins that `text_of_pins` wrote, rounded; what makes no sense is left out."""
    pins: tuple[Pin, ...] = ()
    for word in (text or "").split(";")[:MOST_PINS]:
        try:
            x, y, *row = (float(n) for n in word.split(","))
        except ValueError:
            continue
        if row and row[0] in range(len(model.codes.points)):
            pins = add_pin(pins, pin_of_row(model, int(row[0])))
        elif not row and math.hypot(x, y) <= _FURTHEST:
            pins = add_pin(pins, pin_at(model, x, y))
    return pins


def pin_of_row(model: Explored, row: int) -> Pin:
    """Return a test picture as a pin, at its place on the plane."""
    x, y = model.points(None)[row].tolist()
    return Pin(tuple(model.code(row).tolist()), x, y, row)


def pin_at(model: Explored, x: float, y: float) -> Pin:
    """Return a place on the plane as a pin."""
    code = model.codes.plane.lift(np.array([[x, y]], dtype=np.float32))[0]
    return Pin(tuple(code.tolist()), x, y)


def kept_pin(model: Explored, pin: Pin) -> Pin:
    """Return a pin of any map as it is kept: its x and y are its place on the plane."""
    if pin.row is not None:
        return pin_of_row(model, pin.row)
    x, y = model.codes.plane.project(np.array([pin.code], dtype=np.float32))[0].tolist()
    return replace(pin, x=x, y=y)


def placed_pins(pins: tuple[Pin, ...], axes: tuple[int, int] | None) -> tuple[Pin, ...]:
    """Return kept pins where they lie on a map of two numbers of the code, or on the plane."""
    if axes is None:
        return pins
    return tuple(replace(pin, x=pin.code[axes[0]], y=pin.code[axes[1]]) for pin in pins)


def pin_details(model: Explored, pins: tuple[Pin, ...]) -> tuple[dict, ...]:
    """Return for each pin what the browser may not know; {} for no test picture.

    original: the test picture, (pixels,) uint8. error: the mean squared error per pixel of
    its reconstruction.
    """
    return tuple({} if pin.row is None else _details(model, pin.row) for pin in pins)


def _details(model: Explored, row: int) -> dict:
    out: dict = {}
    if model.has_errors:
        out["error"] = float(model.codes.errors[row])
    if model.images is not None and row >= model.sent_images:
        out["original"] = model.images[row]
    return out
