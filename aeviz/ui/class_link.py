"""The buttons beside the navigation: presenter mode, and the dialog for a class link."""

from urllib.parse import urlencode, urlsplit

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from aeviz.ui import presenter
from aeviz.ui.shell import state
from aeviz.ui.shell.hidden_controls import CONTROLS, HIDE, PAGE_TITLES, hidden, is_hidden
from aeviz.ui.shell.pages import PAGES
from aeviz.ui.under_way import under_way

# Of boxes in the dialog, so that most screens show all of it.
_COLUMNS = 3
# Names that every computer has for itself.
_THIS_COMPUTER = ("127.0.0.1", "localhost", "::1")


def showing(page: StreamlitPage) -> None:
    """Draw the two buttons; call it after the page, so that the link is of what it shows."""
    if presenter.is_on():
        return
    under_way(page)
    if is_hidden("present"):
        return
    presenter.button()
    if st.button(
        "Class link",
        icon=":material/link:",
        type="tertiary",
        key="class_link",
        help="A link to what you see now that leaves out what a class does not need",
    ):
        _dialog(page.url_path)


@st.dialog("A link for a class", width="large")
def _dialog(path: str) -> None:
    st.markdown(
        "Whoever opens it sees the page as you see it now, without what you tick here. It hides "
        "things; it does not lock them."
    )
    place = st.container()
    out = _ticked("Pages to leave out", PAGE_TITLES)
    out += _ticked("To leave out on the pages", {name: one.title for name, one in CONTROLS.items()})
    # Streamlit leaves the page out of its address, but not always.
    base = (st.context.url or "").rstrip("/").removesuffix(f"/{path}")
    link = class_link(base, path, state.address(), out)
    with place:
        st.code(link, language=None, wrap_lines=True)
        if urlsplit(base).hostname in _THIS_COMPUTER:
            st.caption(
                "It leads to this computer, for its own browsers. For other computers start aeviz "
                "with --server.address 0.0.0.0 and put this computer's address in the network in "
                "place of 127.0.0.1."
            )
        if not {*PAGES} - {*out}:
            st.caption("One page has to stay: with all five ticked, none of them is left out.")
        st.link_button("Open it in a new tab", link)


def _ticked(title: str, names: dict[str, str]) -> list[str]:
    st.markdown(f"**{title}**")
    now, columns = hidden(), st.columns(_COLUMNS, gap="xsmall")
    return [
        name
        for i, (name, words) in enumerate(names.items())
        if columns[i * _COLUMNS // len(names)].checkbox(
            words, value=name in now, key=f"{HIDE}.{name}"
        )
    ]


def class_link(base: str, path: str, address: dict[str, str], out: list[str]) -> str:
    """Return the link.

    Args:
        base: Where the dashboard is.
        path: Of the page in the address, "" for the first.
        address: The page's query parameters now.
        out: Names of pages and controls to leave out.
    """
    values = {name: value for name, value in address.items() if name not in (HIDE, presenter.NAME)}
    if out:
        values[HIDE] = ",".join(out)
    # Commas and the like may stand as they are: the link is shorter and can be read.
    query = urlencode(values, safe=",;:")
    return f"{base.rstrip('/')}/{path}" + (f"?{query}" if query else "")
