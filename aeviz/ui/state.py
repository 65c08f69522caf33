"""What one visitor has chosen: the only file that touches session state."""

from __future__ import annotations

import streamlit as st

_RUN = "run_id"
_SEED_DRAW = "digits_draw"
_GENERATION = "generation"


def watched_run(default: str | None = None) -> str | None:
    """The id of the run this visitor watches: `default` until they chose, None for none."""
    return st.session_state.get(_RUN, default)


def watch_run(run_id: str | None) -> None:
    """Watch this run from now on; None for none."""
    st.session_state[_RUN] = run_id


def generation() -> int:
    """Counts how often this visitor started over; part of every widget's key."""
    return st.session_state.get(_GENERATION, 0)


def start_over() -> None:
    """Forget every choice: the page is as a newcomer finds it. Runs go on, models stay."""
    count = generation() + 1
    st.session_state.clear()
    st.session_state[_GENERATION] = count
    st.query_params.clear()


def draw() -> int:
    """Which random handful of digits is shown."""
    return st.session_state.get(_SEED_DRAW, 0)


def draw_again() -> None:
    """Another random handful of digits."""
    st.session_state[_SEED_DRAW] = draw() + 1


def linked(name: str, choices: list[str], default: str) -> str:
    """The value the page's address gives for `name`, or `default` if it gives none of `choices`."""
    value = st.query_params.get(name)
    return value if value in choices else default


def link(**values: str | None) -> None:
    """Put these values into the page's address, so that a link reopens the same; None removes."""
    for name, value in values.items():
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value
