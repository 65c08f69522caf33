"""Whether a visitor has just come by a link to a model."""

from __future__ import annotations

from aeviz.ui.shell import state

ARRIVED, ARRIVES = "like", "learn.arrives"


def will_arrive() -> None:
    """Whoever comes by a link to a stored model next has just arrived."""
    state.choose(ARRIVED, "")
    state.choose(ARRIVES, "yes")
