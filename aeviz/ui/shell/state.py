"""What one visitor has chosen: the only file that touches session state."""

from collections.abc import Callable, MutableMapping
from typing import NoReturn
from urllib.parse import parse_qsl

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

_RUN = "run_id"
_GENERATION = "generation"
_CHOSEN = "chosen"
_PINS = "pins"
_SEEN = "events_seen"
_LASTING = "lasting"
_TEXT_SCALE = "text_scale"
_RESTARTS = "restarts"
_NOTES = "notes"
_HISTORY_KEPT = "history_kept"
_HELD = "address_held"
_TURN = "turn"


def watched_run(default: str | None = None) -> str | None:
    """Return the id of the run this visitor watches; `default` before they chose."""
    return st.session_state.get(_RUN, default)


def watch_run(run_id: str | None) -> None:
    """Set the run that this visitor watches; None for none."""
    st.session_state[_RUN] = run_id


def turn_to_run(run_id: str) -> None:
    """Set the run that this visitor watches, whatever else is chosen on its page."""
    draw_anew()  # or the recipe that is chosen would hide it
    watch_run(run_id)


def generation() -> int:
    """Return how often this visitor started over; part of every widget's key."""
    return st.session_state.get(_GENERATION, 0)


def draw_anew() -> None:
    """Have every widget begin with what was chosen for it, as newly drawn ones do."""
    st.session_state[_GENERATION] = generation() + 1


def key(name: str, group: str = "") -> str:
    """The key of a widget: another one after `restart` of its group (at first its name's)."""
    count = st.session_state.get(_RESTARTS, {}).get(group or name, 0)
    return f"{name}.{count}.{generation()}"


def restart(group: str) -> None:
    """Have the widgets of a group begin with what was chosen for them, as newly drawn ones do."""
    counts = st.session_state.setdefault(_RESTARTS, {})
    counts[group] = counts.get(group, 0) + 1


def start_over() -> None:
    """Forget every choice but the parameters that last; runs and models stay."""
    # How large the text is, too: the browser tells it when it changes, and not at every page.
    lasting = (_LASTING, _HISTORY_KEPT, _HELD, _TEXT_SCALE)
    kept = {name: st.session_state[name] for name in lasting if name in st.session_state}
    kept[_GENERATION] = generation() + 1
    st.session_state.clear()
    for name, value in kept.items():
        st.session_state[name] = value
    _parameters().clear()


def open_view(page: str, **values: str) -> NoReturn:
    """Open a page as a link with these query parameters does in a new browser.

    Not from a widget's callback: Streamlit changes the page only while one is drawn.

    Args:
        page: The path of its file.
        values: Query parameters.
    """
    start_over()
    go(page, {**all_lasting(), **values})


def turn_to(page: str) -> NoReturn:
    """Open a page, the path of its file, as the navigation does: with every choice kept."""
    go(page, all_lasting())


def go(page: str, values: dict[str, str]) -> NoReturn:
    """Open a page with these query parameters alone, once the browser's history is kept."""
    if _HELD in st.session_state:
        st.session_state[_TURN] = page, values, False
        st.stop()
    st.switch_page(page, query_params=values)


def follow_step(stop: str) -> None:
    """Take over the address that Back or Forward has led to; call it before anything is read.

    Streamlit does so only from page to page. What a page lacks in its address is as it was last
    chosen; a stop has all of it there, so that from one to another every choice is forgotten.

    stop: the query parameter that says the stop.
    """
    run = get_script_run_ctx()
    if run is None or not run.is_history_navigation:
        return
    values = dict(parse_qsl(run.query_string, keep_blank_values=True))
    if values.get(stop) != all_lasting().get(stop):
        start_over()
        last(stop, values.get(stop))
    if address() != values:
        st.query_params.from_dict(values)


def is_part_of_page() -> bool:
    """Return whether only a fragment of the page is drawn in this run."""
    run = get_script_run_ctx()
    return run is not None and bool(run.fragment_ids_this_run)


def hold_address(page: str) -> None:
    """Keep a page's parameters back until `release_address`: each would be a step of Back.

    page: its path; another page begins with what the browser says.
    """
    # Without a browser there is no history.
    if is_history_kept() or st.context.url is None:
        return
    held = st.session_state.get(_HELD)
    if held is None or held[0] != page:
        st.session_state[_HELD] = page, st.query_params.to_dict()


def is_history_kept() -> bool:
    """Return whether the browser has said that it keeps its history."""
    return bool(st.session_state.get(_HISTORY_KEPT))


def release_address() -> None:
    """Write what was kept back into the address, and from now on everything at once."""
    st.session_state[_HISTORY_KEPT] = True
    _, held = st.session_state.pop(_HELD, ("", None))
    if held is not None and held != st.query_params.to_dict():
        st.query_params.from_dict(held)
    follow_turn()


def follow_turn() -> None:
    """Open the page that waited for the history; again, unless it has come to be the page.

    Streamlit drops a change of page where a message of the browser comes in the same moment.
    """
    if _TURN not in st.session_state or _HELD in st.session_state:
        return
    page, values, tried = st.session_state.pop(_TURN)
    if st.query_params.to_dict() != values:
        if not tried:
            st.session_state[_TURN] = page, values, True
        st.switch_page(page, query_params=values)


def _parameters() -> MutableMapping[str, str]:
    """The address's parameters, as the page wants them."""
    held = st.session_state.get(_HELD)
    return st.query_params if held is None else held[1]


def all_lasting() -> dict[str, str]:
    """Return the query parameters that stay on every page."""
    return dict(st.session_state.get(_LASTING, {}))


def address() -> dict[str, str]:
    """Return all query parameters of the page."""
    return dict(_parameters())


def lasting(name: str) -> str | None:
    """Return a query parameter that persists across pages until `last` removes it."""
    kept = st.session_state.setdefault(_LASTING, {})
    value = _parameters().get(name) or kept.get(name)
    last(name, value)
    return value


def last(name: str, value: str | None) -> None:
    """Set a query parameter on every page from now on; None removes it."""
    kept = st.session_state.setdefault(_LASTING, {})
    if value:
        kept[name] = value
    else:
        kept.pop(name, None)
    link(**{name: value or None})


def is_bare() -> bool:
    """Return whether the address has no parameter of its page's own."""
    return set(_parameters()) <= set(all_lasting())


def text_scale() -> float:
    """Return how large the page's text is; 1 is usual, presenter mode has more."""
    return st.session_state.get(_TEXT_SCALE, 1.0)


def set_text_scale(scale: float) -> None:
    """Remember how large the browser shows the page's text."""
    st.session_state[_TEXT_SCALE] = scale


def component(key: str) -> dict:
    """Return what a component last sent from the browser, unchecked."""
    return st.session_state.get(key) or {}


def rewrite(key: str, change: Callable[[str], str]) -> None:
    """Put something else into a text field that is about to be drawn: what is understood of it."""
    if key in st.session_state:  # it is not there when all was forgotten just before
        st.session_state[key] = change(st.session_state[key])


def table_rows(key: str) -> list[int]:
    """Return the positions of a table's chosen rows; none where it was never drawn."""
    return list(component(key).get("selection", {}).get("rows", []))


def clicked_row(key: str) -> int | None:
    """Return the position of the row in which a cell of a table is chosen; None for none."""
    cells = component(key).get("selection", {}).get("cells", [])
    return cells[0][0] if cells else None


def choose_table_rows(key: str, positions: list[int]) -> None:
    """Choose these rows of a table that is about to be drawn, and no cell."""
    # A cell that stayed chosen would not answer the next click.
    if key in st.session_state and (table_rows(key), clicked_row(key)) != (positions, None):
        st.session_state[key] = {"selection": {"rows": positions}}


def is_new(event: str, number: int) -> bool:
    """Return whether event `number` of its kind was not seen before; numbers only grow."""
    seen = st.session_state.setdefault(_SEEN, {})
    if number <= seen.get(event, -1):
        return False
    seen[event] = number
    return True


def set_notes(place: DeltaGenerator) -> None:
    """Set where the page says what is wrong with its link, until it is drawn again."""
    st.session_state[_NOTES] = place


def notes() -> DeltaGenerator:
    """Return the place of `set_notes`; where none was set, one where this is called."""
    return st.session_state.get(_NOTES) or st.container()


def linked_text(name: str) -> str | None:
    """Return a query parameter, unchecked; None where it is missing or empty."""
    return _parameters().get(name) or None


def chosen(name: str) -> str | None:
    """Return what this visitor last chose under `name`, on any page."""
    return st.session_state.get(_CHOSEN, {}).get(name)


def choose(name: str, value: str) -> None:
    """Remember a choice for the other pages: going to one clears the address."""
    st.session_state.setdefault(_CHOSEN, {})[name] = value


def pins(model: str) -> tuple | None:
    """Return the pins on the map of a model; None if this visitor was never there."""
    return st.session_state.get(_PINS, {}).get(model)


def set_pins(model: str, pinned: tuple) -> None:
    """Set the pins on the map of a model."""
    st.session_state.setdefault(_PINS, {})[model] = pinned


def newcomer() -> bool:
    """Return whether no map was opened yet: only then do the address's pins count."""
    return _PINS not in st.session_state


def link(**values: str | None) -> None:
    """Set query parameters of the page, so that a link reopens it; None removes one."""
    for name, value in values.items():
        if value is None:
            _parameters().pop(name, None)
        elif _parameters().get(name) != value:
            _parameters()[name] = value
