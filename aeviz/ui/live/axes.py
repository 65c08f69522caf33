"""Choosing which numbers of the code a map draws, and where the others are taken from."""

from collections.abc import Iterable
from functools import partial

import numpy as np
import streamlit as st

from aeviz.ui.live import map_address
from aeviz.ui.live.explored import Explored
from aeviz.ui.shell import state
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.style import wide


def _choice(label: str, options: dict, model: Explored, start=None):
    if len(options) < 2:
        return next(iter(options))
    return st.selectbox(
        label,
        list(options),
        index=list(options).index(start) if start in options else 0,
        format_func=options.__getitem__,
        label_visibility="collapsed",
        width=width_of(options.values()),
        key=f"{label}.{model.checkpoint.name}.{state.generation()}",
    )


def width_of(words: Iterable[str]) -> int:
    """Return a width for a select box, which cannot fit itself to its words."""
    return wide(60 + 7 * max(map(len, words)))


def _axes(model: Explored, start: tuple[int, int] | None) -> tuple[int, int] | None:
    if model.latent_dim <= 2 or model.codes.codes is None:
        return None
    numbers = range(model.latent_dim)
    views = {-1: "plane of most variation"} | {n: f"across: number {n + 1}" for n in numbers}
    across = _choice("View of the code", views, model, start and start[0])
    if across < 0:
        return None
    spread = model.codes.codes.astype(np.float32).std(axis=0)
    others = sorted((n for n in numbers if n != across), key=lambda n: -spread[n])
    ups = {n: f"up: number {n + 1}" for n in others}
    up = _choice("Number drawn upwards", ups, model, start and start[1])
    return across, up


def axes_choice(page: str, model: Explored) -> tuple[int, int] | None:
    """Draw the choice of two numbers of the code; None for the plane, the only map of two."""
    return Choice(page, "axes", model.checkpoint.name).draw(
        None,
        partial(map_address.axes_of_text, model=model),
        lambda begun, _: _axes(model, begun),
        map_address.text_of_axes,
    )


def base_choice(model: Explored, pins: int, start: int | None) -> int | None:
    """Draw the choice of the pin that the numbers not drawn are taken from; None for their mean."""
    others = {-1: "others: at their mean"} | {n: f"others: as pin {n + 1}" for n in range(pins)}
    chosen = _choice("The other numbers", others, model, start)
    return None if chosen < 0 else chosen
