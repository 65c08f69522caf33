"""The table, facts, pictures and recipe of models as text, HTML or a pandas table.

Titles, notes and names come from users and from strangers' files: they are escaped in HTML.
"""

import html
from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.checkpoints.store import ListedCheckpoint
from aeviz.data.dataset import ImageDataset
from aeviz.data.picture_shape import PictureShape
from aeviz.evaluation.probes import probe_inputs
from aeviz.networks.preset import Preset
from aeviz.networks.settings import described
from aeviz.text.numbers import count, duration, short
from aeviz.ui.catalog.dataset_titles import dataset_words
from aeviz.ui.catalog.model_titles import STOPPED_EARLY, short_title, title_of
from aeviz.ui.pictures import watched
from aeviz.ui.pictures.network import shape_uri
from aeviz.ui.pictures.rows import row_html, rows_html
from aeviz.ui.shell.visitor import clock_time

# The table's columns, in its order, and how each is headed: what tells models of one recipe apart
# comes first, so that it is seen where the table is narrow.
COLUMNS = {
    "shape": "Network",
    "title": "Model",
    "code": "Code",
    "error": "Error",
    "when": "Trained",
    "pictures": "Pictures",
    "layers": "Layers",
    "note": "Note",
}
# A search of so many words is enough; a longer text is not one.
_LONGEST_SEARCH = 100
_FOLDER_WORDS = {True: "own mine", False: "gallery came with aeviz"}


# --- the list ------------------------------------------------------------------------------------


def when(row: ListedCheckpoint) -> str:
    """Return when a model was trained, in short; "with aeviz" for one of the gallery."""
    if not row.own:
        return "with aeviz"
    there = clock_time(row.created)
    if there is None:
        return ""
    this_year = there.year == datetime.now().year
    return f"{there:%d %b %H:%M}" if this_year else f"{there:%d %b %Y}"


def found(row: ListedCheckpoint, text: str) -> bool:
    """Return whether every word of a search is in what the table says of a model."""
    pictures, layers = dataset_words(row.dataset), "-".join(row.layer_names)
    said = f"{title_of(row)} {row.name} {row.preset} {pictures} {layers} {row.note} {when(row)} "
    said += f"{_FOLDER_WORDS[row.own]} {row.problem}"
    return all(word in said.casefold() for word in text[:_LONGEST_SEARCH].casefold().split())


def table_of(rows: Sequence[ListedCheckpoint]):
    """Return the list as a pandas Styler: numbers sort as numbers and read rounded."""
    # Imported here: the other pages draw no table.
    import pandas as pd

    lines = [
        {
            "shape": None if row.problem else shape_uri(row.layer_sizes, row.latent_dim),
            "title": short_title(row),
            "pictures": "" if row.problem else dataset_words(row.dataset),
            "code": None if row.problem else row.latent_dim,
            "error": np.nan if row.problem else row.test_mse,
            "when": when(row),
            "layers": "-".join(row.layer_names),
            "note": row.problem or " ".join(row.note.split()),
        }
        for row in rows
    ]
    frame = pd.DataFrame(lines, columns=list(COLUMNS))
    frame["code"] = frame["code"].astype("Int64")
    return frame.style.format({"error": short, "code": "{:,d}"}, na_rep="—")


# --- one model -----------------------------------------------------------------------------------


def facts(row: ListedCheckpoint) -> str:
    """Return data set, time, steps and seed in one line."""
    there = clock_time(row.created)
    trained = f"trained {there:%d %b %Y, %H:%M}" if there else "trained at an unknown time"
    if row.seconds == row.seconds and row.seconds:
        trained += f", in {duration(row.seconds)}"
    steps = _steps(row.steps, row.steps_before) if row.steps else ""
    if row.stopped_early:
        steps += f", {STOPPED_EARLY}"
    if row.steps and row.best_step < row.steps:
        # Gone on with, a network that was at its best gets no better.
        steps += f", best after {row.best_step:,}" if row.best_step else ", best at its start"
    said = [dataset_words(row.dataset), trained, steps, f"seed\xa0{row.seed}"]
    return " · ".join(part for part in said if part)


def _steps(steps: int, before: int) -> str:
    more = f", after {before:,} of earlier models" if before else ""
    return f"{steps:,} steps{more}"


def heading_html(title: str, line: str, note: str) -> str:
    """Return title, facts and note of a model as HTML; all three are escaped."""
    lines = f'<p class="model-note" tabindex="0">{html.escape(note)}</p>' if note.strip() else ""
    return (
        f'<div class="model-head"><h2>{html.escape(title)}</h2>'
        f"<p>{html.escape(line)}</p>{lines}</div>"
    )


def strip_html(checkpoint: Checkpoint, dataset: ImageDataset | None) -> str:
    """Return ten of the model's probes as it redraws them, under the originals where known.

    They come from its best snapshot, so no weights are needed; "" where it has no snapshot.
    """
    one = watched.compared(checkpoint)
    which = watched.one_of_each(one)
    if one.reconstructions is None or not len(which):
        return ""
    rows = []
    originals, noise = watched.originals_of(one, dataset), checkpoint.preset.noise
    if originals is not None:
        rows.append(row_html("Original", originals[which], one.shape))
        if noise:
            seen = probe_inputs(originals, one.shape, noise)[which]
            rows.append(row_html("As it saw it", seen, one.shape))
    about = "from noisy ones" if originals is None and noise else ""
    rows.append(row_html("Redrawn", one.reconstructions[which], one.shape, about=about))
    return rows_html(rows)


# --- its recipe ----------------------------------------------------------------------------------


def recipe_rows(
    preset: Preset, shape: PictureShape, steps_before: int = 0
) -> list[tuple[str, str]]:
    """Every setting of a recipe in words, for a table of two columns.

    Args:
        preset: The recipe.
        shape: Of a picture.
        steps_before: How many steps its weights had seen when they began.
    """
    said = described(preset)
    said["Penalties"] = said["Penalties"].removeprefix("; ") or "none"
    said["Steps"] = _steps(preset.steps, steps_before)
    rows = [
        ("Recipe", preset.title),
        ("Layers", "-".join(preset.layer_names(shape))),
        ("Weights and biases", f"{preset.parameter_count(shape):,}"),
        ("Code", count(preset.latent_dim) + (", variational" if preset.variational else "")),
        *((row, words) for row, words in said.items() if words),
    ]
    if preset.source:
        rows.append(("From", f"source {preset.source}"))
    return rows


def recipe_html(preset: Preset, shape: PictureShape, seed: int, steps_before: int = 0) -> str:
    """Return the exact recipe as an HTML table."""
    rows = [*recipe_rows(preset, shape, steps_before), ("Seed", str(seed))]
    return facts_html((name, html.escape(value)) for name, value in rows)


def facts_html(rows: Iterable[tuple[str, ...]], head: str = "") -> str:
    """Return an HTML table; each row is a name, escaped here, and cells of HTML."""
    lines = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th>'
        f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        for name, *cells in rows
    )
    return f'<table class="facts">{head}<tbody>{lines}</tbody></table>'
