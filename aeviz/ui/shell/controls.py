"""Parts that several pages have: charts, downloads, and what happens to a refusal."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from aeviz.errors import UserError
from aeviz.ui.shell import state


def chart(
    figure: Any, key: str, *, alt: str, zooms: bool = True, double_click: str | bool = "reset"
) -> None:
    """Draw a Plotly figure as high as its container, which has this key.

    Args:
        figure: a Plotly figure.
        key: of the container; components in the browser find the chart by it.
        alt: what the chart shows, for screen readers.
        zooms: whether the wheel zooms.
        double_click: what a double click does, as Plotly names it.
    """
    config = {"displayModeBar": False, "doubleClick": double_click, "showTips": False}
    if zooms:
        config["scrollZoom"] = True
    with st.container(key=key):
        st.plotly_chart(figure, key=f"chart.{key}", height="stretch", config=config, alt=alt)


def download(
    label: str, file: str, make: Callable[[], str | bytes], key: str, help: str | None, **look: Any
) -> None:
    """Draw a button that downloads a file, which is made when the button is pressed."""
    st.download_button(
        label,
        make,
        file,
        mimetypes.guess_type(file)[0] or "application/octet-stream",
        key=f"{key}.{state.generation()}",
        help=help,
        on_click="ignore",
        **look,
    )


@contextmanager
def refusal_shown() -> Iterator[None]:
    """Show the sentence of a UserError in place of what the block was to do."""
    try:
        yield
    except UserError as error:
        st.error(str(error))
