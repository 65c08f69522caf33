"""Tour: the way to the stop where the visitor is, or was; at first to the first."""

from __future__ import annotations

from aeviz.ui.tour_bar import open_tour

open_tour()
