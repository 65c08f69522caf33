"""Choosing which numbers of the code a map draws, and where the others are taken from."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.ui.live import map_address
from aeviz.ui.live.explored import Explored
from aeviz.ui.shell import address, state
from aeviz.ui.shell.style import wide


def _choice(label: str, options: dict, model: Explored, start=None):
    if len(options) < 2:
        return next(iter(options))
    return st.selectbox(
        label,
        list(options),
        index=list(options).index(start) if start in options else 0,
        format_func=options.get,
        label_visibility="collapsed",
        width=width_of(options.values()),
        key=f"{label}.{model.checkpoint.name}.{state.generation()}",
    )


def width_of(words) -> int:
    # A select box cannot fit itself to its words: so many pixels a letter, and room for its arrow.
    return wide(60 + 7 * max(map(len, words)))


def axes_choice(model: Explored, start: tuple[int, int] | None = None) -> tuple[int, int] | None:
    """Two numbers of the code to draw, or None for the plane; only the plane is there for two.

    start: what is chosen at first.
    """
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


def linked_axes(page: str, model: Explored, notes: DeltaGenerator) -> tuple[int, int] | None:
    """`axes_choice`, in the address of a page. notes: where there is room for a sentence."""
    of = model.checkpoint.name
    begun = address.begin(
        page, "axes", None, lambda text: map_address.axes_of_text(text, model), notes, of=of
    )
    axes = axes_choice(model, begun)
    address.keep(page, "axes", map_address.text_of_axes(axes), of=of)
    return axes


def base_choice(model: Explored, pins: int, start: int | None = None) -> int | None:
    """Which of so many pins the numbers of the code that are not drawn are taken from, counted from
    0; None for their mean. start: what is chosen at first.
    """
    others = {-1: "others: at their mean"} | {n: f"others: as pin {n + 1}" for n in range(pins)}
    chosen = _choice("The other numbers", others, model, start)
    return None if chosen < 0 else chosen
