"""The parts of the page "Compression": verdict, chart, table and a closer look."""

import html
from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.data.class_names import thing
from aeviz.data.dataset import ImageDataset
from aeviz.evaluation import compression, compression_words
from aeviz.networks import size_rule
from aeviz.text.names import slug
from aeviz.ui.catalog.dataset_titles import dataset_words
from aeviz.ui.catalog.training_pictures import fetch_offer, missing_words
from aeviz.ui.compression import any_size, choices, views
from aeviz.ui.compression.choices import ShownRows, StoredModels
from aeviz.ui.compression.loss_cards import card_events, loss_cards
from aeviz.ui.compression.views import MOST_COMPARED, PICTURES, family
from aeviz.ui.pictures.watched import Compared
from aeviz.ui.shell import controls, state
from aeviz.ui.shell import theme as shell_theme
from aeviz.ui.shell.controls import download
from aeviz.ui.shell.style import wide
from aeviz.ui.shell.terms import explained_html

# The container of the chart, which the cards in the browser look for.
_CHART, _CARDS = "loss_chart", "loss_cards"
_CURVES_ACROSS = 3
_CURVES_SETTINGS = {"displayModeBar": False, "showTips": False}
# Pixels: thumbnails of 28 by 28 as large as a line of the table allows.
_ROW_HEIGHT = 44
_WIDTHS = {
    "original": 56,
    "rebuilt": 58,
    "title": 166,
    "code_size": 50,
    "ratio": 50,
    "validation_mse": 114,
    "test_mse": 84,
    "times_better_than_pca": 98,
    "validation_curve": 76,
    "seconds": 78,
    "note": 420,
}
_MEANINGS = {
    "original": "A validation picture no network was trained on",
    "rebuilt": "The same picture after its code",
}
_LABELS = {"times_better_than_pca": "Against PCA", "seconds": "Trained in"}


def page_sentence(dataset: str, unit: str = "") -> str:
    """Return what the page shows and how to use it; unit: as `choices.unit` has it."""
    if unit == choices.ANY_SIZE:
        return (
            "One network whose numbers are sorted by what they are worth. Slide: the "
            f"{thing(dataset)} comes into focus as more of its code arrives."
        )
    if unit == choices.BYTES:
        return (
            f"A code is a file as well. Slide to a size: the same {thing(dataset)} in as many "
            "bytes by every way of writing pictures, and what each loses."
        )
    return (
        "Fewer numbers in the code, blurrier pictures. Point at a dot to see its "
        f"{thing(dataset)}s; choose dots or rows to compare them."
    )


def said(row: compression.Row) -> None:
    """Draw the verdict on the row in focus, large."""
    more = "" if row.published else compression_words.sentence_in_bytes(row)
    note = f"{row.published.capitalize()}, as published. {row.note}" if row.published else row.note
    st.html(
        f'<p class="said">{explained_html(compression_words.row_sentence(row))}</p>'
        f'<p class="dim">{html.escape(" ".join(filter(None, (more, note))))}</p>'
    )


def csv_button(shown: ShownRows) -> None:
    """Draw the download of every figure of the rows that are shown."""
    rows = [one.row for one in shown.rows]
    file = f"compression-{slug(shown.dataset, longest=60, empty='aeviz')}.csv"
    about = "All columns of the rows below."
    download("CSV", file, lambda: compression.to_csv(rows), "csv", about, disabled=not rows)


def follow_chart(chosen: Sequence[str], shown: ShownRows) -> tuple[str, ...]:
    """Return the chosen rows after a click on the chart since the last run."""
    happened = card_events(state.component(_CARDS))
    if happened.theme and happened.theme != shell_theme.page_theme():
        shell_theme.see_theme(happened.theme)
    if happened.clicked and state.is_new("dot", happened.clicked[0]):
        name = happened.clicked[1]
        if name in shown.names:
            choices.toggle_row(chosen, name)
            return choices.chosen_rows(shown)
    return tuple(chosen)


def chart(shown: ShownRows, chosen: Sequence[str]) -> None:
    """Draw loss against compression ratio; a card with pictures follows the pointer."""
    rows = [one.row for one in shown.rows]
    figure = views.chart_of(rows, shown.dataset, shown.split, chosen)
    controls.chart(figure, _CHART, alt=views.chart_in_words(rows, shown.split), zooms=False)
    theme = shell_theme.page_theme()
    cards = {
        one.row.name: views.card(one, shown.names[one.row.name], shown.split, theme)
        for one in shown.rows
        if one.row.loss(shown.split) is not None
    }
    happened = loss_cards(cards, chart=_CHART, key=_CARDS, theme=theme)
    if happened.theme and happened.theme != theme:
        shell_theme.see_theme(happened.theme)
        st.rerun()


def table(shown: ShownRows, chosen: Sequence[str], dataset: ImageDataset | None) -> None:
    """Draw the table, one row a model; its chosen rows are those of the chart as well."""
    names = [one.row.name for one in shown.rows]
    here = dataset is not None
    columns = [name for name in shown.columns if name != "original" or here]
    controls.table(
        views.table_of(shown.rows, shown.names, columns, dataset, shell_theme.page_theme()),
        names,
        chosen,
        partial(_ticked, tuple(chosen)),
        key="loss_table",
        row_height=_ROW_HEIGHT,
        many=True,
        column_config={name: _column(name) for name in columns},
        alt="Trained models and what their compression costs",
    )


def _ticked(before: tuple[str, ...], now: list[str]) -> None:
    kept = [name for name in before if name in now]
    choices.choose_rows([*kept, *(name for name in now if name not in kept)])


def _column(name: str):
    width = wide(_WIDTHS[name]) if name in _WIDTHS else None
    if name in PICTURES:
        return st.column_config.ImageColumn(PICTURES[name], width=width, help=_MEANINGS[name])
    column = compression.COLUMNS[name]
    label, meaning = _LABELS.get(name, column.label), column.meaning
    if name == "validation_curve":
        meaning += ", on a logarithmic scale"
        return st.column_config.LineChartColumn(label, width=width, help=meaning)
    kind = st.column_config.NumberColumn if column.format else st.column_config.TextColumn
    return kind(label, width=width, help=meaning)


def table_words(shown: ShownRows, chosen: Sequence[str], models: StoredModels) -> None:
    """Draw a line under the table: how many rows, and what is unusual about them."""
    ours = sum(not one.row.published for one in shown.rows)
    words = [f"{ours} {'model' if ours == 1 else 'models'}"]
    printed = len(shown.rows) - ours
    if printed:
        words[0] += f" and {printed} rows as published"
    things = f"{thing(shown.dataset)}s"
    words.append(
        f"{len(chosen)} chosen" + (f": their curves and {things} are below" * bool(chosen))
    )
    if models.unreadable:
        files = "file" if models.unreadable == 1 else "files"
        words.append(f"{models.unreadable} {files} cannot be read and are left out")
    out = [one for one in shown.rows if one.row.published and one.row.loss(shown.split) is None]
    if out:
        source = out[0].row.published
        words.append(f"{source} printed nothing on {views.SPLITS[shown.split]}")
    exact = [
        one for one in shown.rows if (one.row.loss(shown.split) or 1.0) < compression.LOSSLESS_MSE
    ]
    if exact:
        words.append(f"{len(exact)} lost nothing that could be seen, too little for the chart")
    lost = [one for one in shown.rows if not one.row.published and not one.row.weights]
    if lost:
        words.append(f"{len(lost)} came without weights: a sweep can train them again")
    st.caption("; ".join(words) + ".")
    if any(family(one.row) == size_rule.FAMILY for one in shown.rows):
        rule = f"{size_rule.FAMILY}: {size_rule.RULE}"
        st.caption(rule, help=size_rule.RULE_IN_FULL)


def nothing_here(shown: ShownRows) -> None:
    """Say that a data set has no model yet."""
    name = dataset_words(shown.dataset)
    st.info(
        f"There is no model of {name} yet. Press New sweep to train some: the small digits take "
        "seconds, five networks on MNIST a few minutes."
    )


def closer_look(shown: ShownRows, chosen: Sequence[str], dataset: ImageDataset | None) -> None:
    """Draw the chosen rows' loss curves and the same pictures redrawn by each."""
    rows = {one.row.name: one for one in shown.rows}
    picked = [rows[name] for name in chosen if name in rows][-MOST_COMPARED:]
    picked.sort(key=lambda one: -one.row.code_size)
    if not picked:
        things = f"{thing(shown.dataset)}s"
        st.markdown(f":gray[Nothing is chosen: choose dots or rows to see curves and {things}.]")
        return
    if len(chosen) > MOST_COMPARED:
        st.caption(f"The last {MOST_COMPARED} of {len(chosen)} chosen rows.")
    left, right = st.columns([1.15, 1], gap="large")
    with left:
        _curves(picked, shown)
    with right:
        _digits(picked, shown, dataset)


def _curves(picked: Sequence[Compared], shown: ShownRows) -> None:
    st.markdown("**How they trained**")
    for group in views.curves_of(picked):
        for start in range(0, len(group), _CURVES_ACROSS):
            # Side by side, and one below the other on a phone.
            row = group[start : start + _CURVES_ACROSS]
            across = st.columns(min(len(group), _CURVES_ACROSS), vertical_alignment="bottom")
            for (one, figure), place in zip(row, across, strict=False):
                _curve(figure, one.row.name, shown.names[one.row.name], place)
    words = [
        f"{shown.names[one.row.name]}: {views.overfitting_words(one.row)}."
        for one in picked
        if views.overfitting_words(one.row)
    ]
    if not words:
        st.markdown(":gray[There are no curves of what was published.]")
        return
    st.caption(
        "Training loss is red, validation loss blue; an epoch is one pass over the training "
        "images. The diamond marks the weights that were kept; where validation then stays above "
        "training, the gap is shaded: overfitting."
    )
    st.caption(" ".join(words))


def _curve(figure, name: str, title: str, place) -> None:
    place.html(f"<p>{html.escape(title)}</p>")
    place.plotly_chart(
        figure,
        key=f"curves.{name}",
        config=_CURVES_SETTINGS,
        alt=f"Training and validation loss of {title} over its training.",
    )


def _digits(picked: Sequence[Compared], shown: ShownRows, dataset: ImageDataset | None) -> None:
    head, switch = st.columns([3, 1], vertical_alignment="center")
    head.markdown(f"**The same {thing(shown.dataset)}s, redrawn**")
    with switch:
        errors = choices.errors_switch(here=dataset is not None)
    rows = views.digits_html(picked, shown.names, dataset, errors=errors)
    without = [one.row for one in picked if one.reconstructions is None and not one.row.published]
    if rows:
        st.html(rows)
        if without:
            names = ", ".join(shown.names[row.name] for row in without)
            st.markdown(f":gray[Without pictures, which a sweep can make again: {names}.]")
    else:
        out = "There are no pictures of what was published."
        if any(not one.row.published for one in picked):
            out = "This model came without pictures: a sweep can train it again."
        st.markdown(f":gray[{out}]")
    if dataset is None and rows:
        st.caption(f"{missing_words(shown.dataset)}.")
        fetch_offer(shown.dataset)


def any_size_view(stage: DeltaGenerator, shown: ShownRows) -> None:
    """Draw the network for every size: its curve beside those made to size, and its slider."""
    model = any_size.ordered_model(shown.rows)
    if model is None:
        with stage:
            any_size.no_model(shown.dataset)
        return
    left, right = stage.columns([1, 1.35], gap="medium")
    with left:
        chart(shown, ())
        st.caption(
            "Each blue dot is a network of its own, made for its size; the line of diamonds is one "
            "network, of which only the first numbers are kept. In training each picture kept only "
            "some first numbers of its code, so the first learned to say most (nested dropout)."
        )
    with right:
        any_size.slider(model)
