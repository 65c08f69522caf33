"""The chart, table, cards and pictures of the page "Compression", made from stored models."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from aeviz.data.dataset import ImageDataset
from aeviz.drawing.loss_charts import Dot, Panel, curves_charts, ratio_chart
from aeviz.evaluation.baselines import EQUAL_WITHIN
from aeviz.evaluation.compression import (
    COLUMNS,
    LOSSLESS_MSE,
    Curves,
    Row,
    pca_line,
)
from aeviz.evaluation.compression_words import better_or_worse, versus_pca
from aeviz.evaluation.published import PUBLISHED
from aeviz.networks import size_rule
from aeviz.text.numbers import LEAST_IN_A_TABLE, count, duration, rounded, short, times
from aeviz.ui.catalog.model_titles import AS_PUBLISHED, row_titles, short_row_title
from aeviz.ui.pictures.rows import differences, row_html, rows_html
from aeviz.ui.pictures.sheets import sheet, words_uri
from aeviz.ui.pictures.watched import DIGITS, Compared, one_of_each, originals_of, shared_probes

# More curves and rows of digits than this are too small to compare.
MOST_COMPARED = 6
# The digit of the thumbnails: its loop, bar and stroke go one after the other as codes shrink.
THUMBNAIL_LABEL = 5
SPLITS = {"validation": "validation images", "test": "test images"}
# The table as it opens, in the columns' own order; the others are a choice away.
FIRST_COLUMNS = (
    "original",
    "rebuilt",
    "title",
    "code_size",
    "ratio",
    "validation_mse",
    "times_better_than_pca",
    "validation_curve",
    "seconds",
)
PICTURES = {"original": "Picture", "rebuilt": "Rebuilt"}
# The theme's own colours for better and worse (.streamlit/config.toml), 4.5 to 1 on their paper.
_VERDICT_COLOURS = {"light": ("#1c7c43", "#b3261e"), "dark": ("#67c98f", "#ff8a80")}
_MISSING = "—"


PUBLISHED_ROWS = tuple(Compared(row) for row in PUBLISHED)


# --- which rows ----------------------------------------------------------------------------------


def family(row: Row) -> str:
    """Return the kind of network without its code size: "Stacked autoencoder"."""
    return (row.recipe_title or row.title).split(", ")[0]


def series(row: Row) -> tuple:
    """Return what rows on one line of the chart share: all settings but code size and seed.

    The gallery's are one series, and what is made to size by its one rule is another.
    """
    if not row.own:
        return ()
    if family(row) == size_rule.FAMILY:
        return (family(row),)
    layers = row.layers.replace(f"-{row.code_size}-", "-", 1)
    return family(row), layers, row.steps, row.noise, row.l2


def in_order(rows: Iterable[Compared]) -> list[Compared]:
    """Sort rows: ours before published ones, then from the largest code to the smallest."""

    def place(one: Compared):
        row = one.row
        return bool(row.published), row.published, -row.code_size, row.mse or 0.0, row.name

    return sorted(rows, key=place)


def titles(rows: Iterable[Compared]) -> dict[str, str]:
    """Return a different title for each row, by its name. See `model_titles.row_titles`."""
    return row_titles({one.row.name: (one.row, one.variant) for one in rows})


def best_of_each_size(rows: Iterable[Row], split: str) -> dict[int, Row]:
    """Return the row of least loss for each code size, published ones left out."""
    known = [
        (loss, row) for row in rows if not row.published and (loss := row.loss(split)) is not None
    ]
    # Of one code size the last counts, which is the best.
    return {row.code_size: row for _, row in sorted(known, key=lambda one: -one[0])}


def first_chosen(rows: Iterable[Row], split: str) -> tuple[str, ...]:
    """Return the rows chosen at first: the smallest code, and the one that beats PCA by most."""
    best = best_of_each_size(rows, split)
    if not best:
        return ()
    focus = max(best.values(), key=lambda row: row.times_better_than_pca or 0.0)
    return tuple(dict.fromkeys([best[min(best)].name, focus.name]))


def names_of_text(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known names of a text such as "a,b", each once."""
    known = set(known)
    return tuple(dict.fromkeys(name for name in text.split(",") if name in known))


# --- the chart -----------------------------------------------------------------------------------


def chart_of(rows: Sequence[Row], dataset: str, split: str, chosen: Sequence[str]) -> go.Figure:
    """Return the chart of loss against compression ratio; published rows are labelled as such."""
    # A logarithmic axis has no place for a loss of nothing.
    shown = [row for row in rows if (row.loss(split) or 0.0) >= LOSSLESS_MSE]
    lines: dict[tuple, list[Row]] = {(): []}
    for row in shown:
        lines.setdefault(series(row), []).append(row)
    best = {row.name for line in lines.values() for row in best_of_each_size(line, split).values()}

    def dot(row: Row) -> Dot:
        loss, line = row.loss(split) or 0.0, list(lines).index(series(row))
        return Dot(row.name, row.ratio, loss, f"{row.code_size:,}", row.name in best, line)

    ours = [dot(row) for row in shown if not row.published]
    sources = dict.fromkeys(row.published for row in shown if row.published)
    groups = [
        (AS_PUBLISHED, [dot(row) for row in shown if row.published == source]) for source in sources
    ]
    values = shown[0].values if shown else 1
    floor = pca_line([*rows, *PUBLISHED], dataset, split)
    # PCA as far as there is something to compare it with.
    floor = [(values / size, mse) for size, mse in floor if size <= values]
    return ratio_chart(
        ours,
        groups,
        floor,
        _nested(shown, split),
        chosen=chosen,
        loss=f"{'validation' if split == 'validation' else 'test'} loss (MSE)",
        revision=f"{dataset}.{split}",
    )


def _nested(rows: Sequence[Row], split: str) -> list[tuple[float, float]]:
    """The places of the first numbers of the last model whose numbers come in order."""
    ordered = [row for row in rows if row.beginnings and split in ("validation", "test")]
    if not ordered:
        return []
    row = max(ordered, key=lambda row: (row.own, row.created))
    return [
        (row.values / one.numbers, getattr(one, f"{split}_mse"))
        for one in row.beginnings
        if getattr(one, f"{split}_mse") >= LOSSLESS_MSE
    ]


def chart_in_words(rows: Sequence[Row], split: str) -> str:
    """Return what the chart shows in words, for screen readers."""
    losses = {n: row.loss(split) or 0.0 for n, row in best_of_each_size(rows, split).items()}
    parts = [f"{count(n)} {rounded(losses[n])}" for n in sorted(losses, reverse=True)]
    return (
        f"Loss on {SPLITS[split]} against compression ratio, both logarithmic. "
        f"The best of each code size: {'; '.join(parts) or 'none yet'}. "
        "The table beside it has every figure."
    )


# --- pictures ------------------------------------------------------------------------------------


def thumbnail_probe(one: Compared) -> int | None:
    """Return the position of the probe for a model's thumbnail; None without pictures."""
    if one.reconstructions is None or not len(one.reconstructions):
        return None
    labels = one.probe_labels
    wanted = np.zeros(0) if labels is None else np.flatnonzero(labels == THUMBNAIL_LABEL)
    return int(wanted[0]) if len(wanted) else 0


def card(one: Compared, title: str, split: str, theme: str) -> dict[str, object]:
    """Return the card for a dot of the chart: words, and up to ten reconstructions."""
    row = one.row
    loss = row.loss(split)
    lines = [f"{count(row.code_size)}, ratio {_three_figures(row.ratio)}"]
    lines.append(f"loss {rounded(loss)} on {SPLITS[split]}" if loss is not None else "")
    against = versus_pca(row)
    # On what its headline loss is of: to be said where that is not what stands above it.
    lines.append(f"{against} on {SPLITS[row.split]}" if against and row.split != split else against)
    if row.published:
        lines.append("there are no pictures of what was published")
    which = one_of_each(one)
    picture = ""
    if one.reconstructions is not None and len(which):
        drawn = one.reconstructions[which]
        picture = sheet(drawn, one.shape, theme, across=-(-DIGITS // 2), width=56)
    return {"title": title, "lines": [line for line in lines if line], "picture": picture}


# --- the table -----------------------------------------------------------------------------------


def table_of(
    rows: Sequence[Compared],
    names: Mapping[str, str],
    columns: Sequence[str],
    dataset: ImageDataset | None,
    theme: str,
):
    """Return the table as a pandas Styler: figures sort as numbers and read as words.

    Args:
        rows: from top to bottom.
        names: what to call each row.
        columns: names in COLUMNS or PICTURES.
        dataset: for the original pictures.
        theme: "light" or "dark".
    """
    # Imported here: the other pages draw no table.
    import pandas as pd

    data = {name: [_cell(one, name, names, dataset, theme) for one in rows] for name in columns}
    frame = pd.DataFrame(data, columns=list(columns))
    styler = frame.style
    styler.format({name: write for name in columns if (write := _writer(name))}, na_rep=_MISSING)
    if "times_better_than_pca" in columns and len(frame):
        good, bad = _VERDICT_COLOURS[theme]
        styler = styler.map(
            lambda ratio: _verdict_style(ratio, good, bad), subset=["times_better_than_pca"]
        )
    return styler


def _cell(one: Compared, column: str, names: Mapping[str, str], dataset, theme: str):
    row = one.row
    if column in PICTURES:
        return _thumbnail(one, column, dataset, theme)
    if column == "title":
        return short_row_title(row, names[row.name])
    value = getattr(row, column)
    if column == "validation_curve":
        # Losses span powers of ten: on an even scale all curves would be one corner.
        return np.log10(np.maximum(value, LOSSLESS_MSE)).round(3).tolist() if value else None
    return np.nan if value is None else value


def _thumbnail(one: Compared, column: str, dataset: ImageDataset | None, theme: str) -> str | None:
    probe = thumbnail_probe(one)
    pictures = one.reconstructions if column == "rebuilt" else originals_of(one, dataset)
    if probe is None or pictures is None:
        return None if column == "original" else words_uri(_why_empty(one), theme)
    return sheet(pictures[probe : probe + 1], one.shape, theme, across=1, width=84)


def _why_empty(one: Compared) -> str:
    if one.row.published:
        return "figures only"
    return "not kept" if one.row.weights else "no weights"


def _writer(column: str):
    if column in _WRITERS:
        return _WRITERS[column]
    form = COLUMNS[column].format if column in COLUMNS else ""
    if form.endswith("g") and column not in ("noise", "l2"):
        return lambda value: ("−" if value < 0 else "") + short(abs(value))
    return (
        (lambda value: format(int(value) if form.endswith("d") else value, form)) if form else None
    )


def _three_figures(value: float) -> str:
    """7.84, 78.4, 784, and 2,048."""
    return f"{value:.3g}" if value < 999.5 else f"{value:,.0f}"


_WRITERS = {
    "times_better_than_pca": better_or_worse,
    "seconds": duration,
    **dict.fromkeys(("ratio", "ratio_float32"), _three_figures),
}


def _verdict_style(ratio: float, good: str, bad: str) -> str:
    words = "" if ratio != ratio else better_or_worse(ratio)
    colour = good if words.endswith("better") else bad if words.endswith("worse") else ""
    return f"color: {colour}" if colour else ""


# --- the chosen rows -----------------------------------------------------------------------------


def curves_of(chosen: Sequence[Compared]) -> list[list[tuple[Compared, go.Figure]]]:
    """Return the charts of loss curves with their models, in groups of one unit."""
    groups: dict[str, list[tuple[Compared, Curves]]] = {}
    for one in chosen:
        if one.curves is not None:
            groups.setdefault(one.curves.unit, []).append((one, one.curves))
    out = []
    for unit, some in groups.items():
        in_epochs = all(seen.epochs is not None for _, seen in some)
        figures = curves_charts(
            [_panel(seen, in_epochs) for _, seen in some],
            along="epochs" if in_epochs else "steps",
            loss="loss, MSE a pixel" if unit == "MSE" else "loss, nats a picture",
        )
        out.append([(one, figure) for (one, _), figure in zip(some, figures, strict=True)])
    return out


def _panel(seen: Curves, in_epochs: bool) -> Panel:
    x = np.asarray(seen.epochs if in_epochs else seen.steps, dtype=np.float64)
    best = x[np.argmin(np.abs(seen.steps - seen.best_step))]
    return Panel(x, seen.training, seen.validation, float(best))


def overfitting_words(row: Row) -> str:
    """Return when the best weights came and how large the gap to the training loss is then."""
    if row.best_epoch is None or row.validation_mse is None or not row.train_mse:
        return ""
    last = row.steps is not None and row.best_step is not None and row.best_step >= row.steps
    when = f"best at epoch {row.best_epoch:.1f}" + (", its last" if last else "")
    # Of errors that nobody could see, none is worse than the other.
    if row.validation_mse < LEAST_IN_A_TABLE:
        return f"{when}; what it loses is too little to be seen, on new pictures too"
    more = row.validation_mse / row.train_mse
    if more < EQUAL_WITHIN:
        return f"{when}; as good on new pictures as on those it learned from"
    return f"{when}; on new pictures its loss is {times(more)} times as large"


def digits_html(
    chosen: Sequence[Compared],
    names: Mapping[str, str],
    dataset: ImageDataset | None,
    *,
    errors: bool,
) -> str:
    """Return the same pictures as redrawn by each model, the originals on top.

    Args:
        chosen: the models; those without pictures are left out.
        names: what to call each, by the row's name.
        dataset: where the originals are; None where they are not on this machine.
        errors: under each row, how far every pixel is off.

    Returns:
        HTML; "" where none of them has pictures.
    """
    with_pictures = [one for one in chosen if one.reconstructions is not None]
    if not with_pictures:
        return ""
    first, places = with_pictures[0], shared_probes(with_pictures)
    if not len(places[0]):
        return ""
    originals, rows = originals_of(first, dataset), []
    if originals is not None:
        originals = originals[places[0]]
        rows.append(row_html("Original", originals, first.shape, alt="The original pictures"))
    for one, which in zip(with_pictures, places, strict=True):
        if one.reconstructions is None:
            continue
        drawn, name = one.reconstructions[which], names[one.row.name]
        about = "" if one.row.mse is None else f"{one.row.split} loss {rounded(one.row.mse)}"
        alt = f"The same pictures redrawn by {name}"
        rows.append(row_html(name, drawn, one.shape, about=about, alt=alt))
        if errors and originals is not None:
            off = differences(drawn, originals, one.shape)
            rows.append(row_html("", off, one.shape, about="its errors", alt=f"Errors of {name}"))
    return rows_html(rows, "same-digits")
