"""Parts that several pages have: charts, tables, downloads, refusals, a switch to compare."""

import mimetypes
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st

from aeviz.errors import UserError
from aeviz.text.names import plain_name
from aeviz.text.numbers import number_of_text, text_of_number
from aeviz.ui.shell import state
from aeviz.ui.shell.hidden_controls import is_hidden

# Pixels of a table's header and frame.
_HEADER_HEIGHT = 40
# Pixels of letters in a chart of the usual size.
_PLOTLY_FONT, _TITLE_FONT = 12, 14
# Characters of a number that is typed: more than the smallest that trains has.
_LONGEST_NUMBER = 40


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
        st.plotly_chart(
            _as_large_as_text(figure), key=f"chart.{key}", height="stretch", config=config, alt=alt
        )


def _as_large_as_text(figure: Any) -> Any:
    """Return a figure whose dots, words and margins have grown as the page's text has."""
    scale = state.text_scale()
    if scale == 1:
        return figure
    large = type(figure)(figure)  # figures are shared by all visitors
    for trace in large.select_traces(lambda trace: "marker" in trace and trace.marker.size):
        trace.marker.size *= scale
    for trace in large.select_traces(lambda trace: "textfont" in trace):
        trace.textfont.size = scale * (trace.textfont.size or _PLOTLY_FONT)
    for axis in (*large.select_xaxes(), *large.select_yaxes()):
        axis.update(tickfont_size=scale * _PLOTLY_FONT, title_font_size=scale * _TITLE_FONT)
    layout = large.layout
    layout.margin.update({side: scale * (layout.margin[side] or 0) for side in "lrtb"})
    layout.legend.update(
        font_size=scale * _PLOTLY_FONT, entrywidth=scale * (layout.legend.entrywidth or 0)
    )
    for words in large.select_annotations(lambda words: words.font.size is None):
        words.font.size = scale * _PLOTLY_FONT
    return large


def table(
    data: Any,
    names: Sequence[str],
    chosen: Collection[str],
    on_choose: Callable[[list[str]], None],
    *,
    key: str,
    row_height: int,
    many: bool,
    **look: Any,
) -> None:
    """Draw a table whose rows are chosen by clicks on any cell, as high as its rows or container.

    Args:
        data: as in `st.dataframe`.
        names: one a row.
        chosen: the names of the rows that are chosen now.
        on_choose: called with the chosen names after a click.
        key: of the container, whose style sheet says how high it may be.
        row_height: in pixels.
        many: whether several rows can be chosen.
        look: more of `st.dataframe`.
    """
    # Another list of rows is another table: positions in one mean nothing in the other.
    rows_key = f"{key}.{zlib.crc32(','.join(names).encode())}.{state.generation()}"
    positions = [i for i, name in enumerate(names) if name in chosen]
    state.choose_table_rows(rows_key, positions)

    def selected() -> None:
        rows, cell = state.table_rows(rows_key), state.clicked_row(rows_key)
        # A click on a box changes the rows; one on a cell leaves that to us.
        if cell is not None and many:
            rows = sorted({*positions} ^ {cell})
        elif cell is not None and cell not in positions:
            rows = [cell]
        on_choose([names[i] for i in rows if i < len(names)])

    most = _HEADER_HEIGHT + row_height * len(names)
    st.html(f"<style>.st-key-{key} {{ max-height: {most}px; }}</style>")
    with st.container(key=key):
        st.dataframe(
            data,
            key=rows_key,
            height="stretch",
            hide_index=True,
            row_height=row_height,
            on_select=selected,
            selection_mode=["multi-row" if many else "single-row", "single-cell"],
            selection_default={"selection": {"rows": positions}},
            placeholder="",
            **look,
        )


def compare_switch(label: str, comparing: bool, beside: str | None, help: str | None) -> None:
    """Draw the switch of a comparison; beside: the second model at first, None for none."""
    if is_hidden("compare"):
        return
    st.toggle(
        label,
        value=comparing,
        key=f"comparing.{comparing}.{state.generation()}",
        width="content",
        help=help,
        disabled=beside is None and not comparing,
        on_change=state.link,
        kwargs={"beside": None if comparing else beside},
    )


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


def number_field(label: str, value: float, key: str, **look: Any) -> float:
    """Draw a field for a number, typed with a comma or a point, and return it.

    What is understood takes the place of what was typed. Streamlit's own field is the browser's,
    which drops the comma: 0,002 became 2.

    Raises:
        UserError: it is no number.
    """
    text = st.text_input(
        label,
        text_of_number(value),
        key=key,
        max_chars=_LONGEST_NUMBER,
        on_change=state.rewrite,
        args=(key, _understood),
        **look,
    )
    number = number_of_text(text)
    if number is None:
        raise UserError(f"“{plain_name(text)}” is not a number: write it like 0.002.")
    return number


def _understood(text: str) -> str:
    number = number_of_text(text)
    return text if number is None else text_of_number(number)


@contextmanager
def refusal_shown() -> Iterator[None]:
    """Show the sentence of a UserError in place of what the block was to do."""
    try:
        yield
    except UserError as error:
        st.error(str(error))
