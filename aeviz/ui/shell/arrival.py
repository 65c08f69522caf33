"""Whether a visitor has just arrived by a link to a model."""

from aeviz.ui.shell import state

ARRIVED, ARRIVES = "like", "learn.arrives"


def will_arrive() -> None:
    """Mark the next visit through a model link as a fresh arrival."""
    state.choose(ARRIVED, "")
    state.choose(ARRIVES, "yes")
