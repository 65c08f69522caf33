"""What one visitor has chosen: the only file that touches session state."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

_RUN = "run_id"
_GENERATION = "generation"
_CHOSEN = "chosen"
_PINS = "pins"
_SEEN = "events_seen"
_LASTING = "lasting"
_TEXT_SCALE = "text_scale"


def watched_run(default: str | None = None) -> str | None:
    """The id of the run this visitor watches: `default` until they chose, None for none."""
    return st.session_state.get(_RUN, default)


def watch_run(run_id: str | None) -> None:
    """Watch this run from now on; None for none."""
    st.session_state[_RUN] = run_id


def generation() -> int:
    """Counts how often this visitor started over; part of every widget's key."""
    return st.session_state.get(_GENERATION, 0)


def draw_anew() -> None:
    """Have every widget begin with what was chosen for it, not with where it stood."""
    st.session_state[_GENERATION] = generation() + 1


def start_over() -> None:
    """Forget every choice: the page is as a newcomer finds it. Runs go on, models stay, and so does
    what lasts from page to page.
    """
    count, kept = generation() + 1, st.session_state.get(_LASTING, {})
    st.session_state.clear()
    st.session_state[_GENERATION] = count
    st.session_state[_LASTING] = kept
    st.query_params.clear()


def open_view(page: str, **values: str) -> NoReturn:
    """Go to a page, the path of its file, as a link with these values opens it in a new browser.

    Not from a widget's callback: Streamlit changes the page only while one is drawn.
    """
    start_over()
    st.switch_page(page, query_params={**all_lasting(), **values})


def turn_to(page: str) -> NoReturn:
    """Go to a page, the path of its file, as the navigation does: nothing chosen is forgotten."""
    st.switch_page(page, query_params=all_lasting())


def all_lasting() -> dict[str, str]:
    """What stays in the address of every page."""
    return dict(st.session_state.get(_LASTING, {}))


def address() -> dict[str, str]:
    """What the address of the page says now."""
    return st.query_params.to_dict()


def lasting(name: str) -> str | None:
    """What the address gives for `name`; None for nothing. Once given it stays in the address of
    every page, where other values go with their page, until `last` takes it away.
    """
    kept = st.session_state.setdefault(_LASTING, {})
    value = st.query_params.get(name) or kept.get(name)
    last(name, value)
    return value


def last(name: str, value: str | None) -> None:
    """Put a value into the address of every page from now on; None takes it away."""
    kept = st.session_state.setdefault(_LASTING, {})
    if value:
        kept[name] = value
    else:
        kept.pop(name, None)
    link(**{name: value or None})


def is_bare() -> bool:
    """Whether the address says nothing of its page: what lasts is there at most."""
    return set(st.query_params) <= set(all_lasting())


def text_scale() -> float:
    """How large the page's text is; 1 is the usual size, presenter mode has more."""
    return st.session_state.get(_TEXT_SCALE, 1.0)


def set_text_scale(scale: float) -> None:
    """Remember how large the browser shows the page's text."""
    st.session_state[_TEXT_SCALE] = scale


def component(key: str) -> dict:
    """What a component last sent from the browser, unchecked; empty for nothing yet."""
    return st.session_state.get(key) or {}


def table_rows(key: str) -> list[int]:
    """The positions of the rows that are chosen in a table; none where it was never drawn."""
    return list(component(key).get("selection", {}).get("rows", []))


def choose_table_rows(key: str, positions: list[int]) -> None:
    """Choose these rows of a table that is about to be drawn."""
    if key in st.session_state and table_rows(key) != positions:
        st.session_state[key] = {"selection": {"rows": positions}}


def is_new(event: str, number: int) -> bool:
    """Whether this is the first run that sees event `number` of its kind; numbers only grow."""
    seen = st.session_state.setdefault(_SEEN, {})
    if number <= seen.get(event, -1):
        return False
    seen[event] = number
    return True


def linked_text(name: str) -> str | None:
    """What the page's address gives for `name`, unchecked; None for nothing."""
    return st.query_params.get(name) or None


def chosen(name: str) -> str | None:
    """What this visitor last chose under `name`, on any page; None for nothing yet."""
    return st.session_state.get(_CHOSEN, {}).get(name)


def choose(name: str, value: str) -> None:
    """Remember a choice for the other pages: going to one clears the address."""
    st.session_state.setdefault(_CHOSEN, {})[name] = value


def pins(model: str) -> tuple | None:
    """What this visitor pinned on the map of a model; None if they were never there."""
    return st.session_state.get(_PINS, {}).get(model)


def set_pins(model: str, pinned: tuple) -> None:
    """Keep these as what is pinned on the map of a model."""
    st.session_state.setdefault(_PINS, {})[model] = pinned


def newcomer() -> bool:
    """Whether nothing was pinned or looked at yet: only then do the address's pins count."""
    return _PINS not in st.session_state


def link(**values: str | None) -> None:
    """Put these values into the page's address, so that a link reopens the same; None removes."""
    for name, value in values.items():
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value
