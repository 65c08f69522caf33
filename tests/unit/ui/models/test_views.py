"""What the page "Models" says of a model: titles, facts, search, the drawing of its layers."""

import base64
import re
from dataclasses import replace
from pathlib import Path

import pytest

from aeviz.checkpoints.store import ListedCheckpoint, list_checkpoints
from aeviz.data.picture_shape import PictureShape
from aeviz.drawing import map_charts
from aeviz.networks.recipes import PRESETS
from aeviz.networks.settings import choice_in_words
from aeviz.ui.models import views as models_views
from aeviz.ui.pictures.network import shape_uri

NASTY = "<img src=x onerror=alert(1)>"


def listed(name="one", **about) -> ListedCheckpoint:
    usual = {
        "path": Path("one.safetensors"),
        "title": "Deep autoencoder, 2 numbers",
        "created": "2026-01-02T03:04:05+00:00",
        "own": True,
        "dataset": "mnist",
        "preset": "deep-2d",
        "layer_sizes": (784, 50, 2, 50, 784),
        "layer_names": ("784", "50", "2", "50", "784"),
        "latent_dim": 2,
    }
    return ListedCheckpoint(name, **{**usual, **about})


@pytest.mark.parametrize(
    "text, there",
    [
        ("", True),
        ("deep", True),
        ("DEEP mnist", True),
        ("784-50-2", True),
        ("remember", True),
        ("own", True),
        ("gallery", False),
        ("fashion", False),
        ("deep fashion", False),
        ("x" * 10_000, False),
    ],
)
def test_search(text, there):
    row = listed(note="to remember")
    assert models_views.found(row, text) is there


@pytest.mark.parametrize("created", ["", "yesterday", "0001-01-01T00:00:00+14:00", "9" * 400])
def test_a_time_that_makes_no_sense_is_no_error(created):
    row = listed(created=created)
    assert models_views.when(row) == ""
    assert "seed" in models_views.facts(row)


def test_steps_of_a_continued_model_are_its_own_and_those_before():
    row = listed(steps=1_500, best_step=1_500)
    assert " · 1,500 steps · " in models_views.facts(row)
    later = replace(row, steps_before=4_000, best_step=900)
    said = " · 1,500 steps, after 4,000 of earlier models, best after 900 · "
    assert said in models_views.facts(later)
    steps = PRESETS["deep-2d"].steps
    for before, expected in (
        (0, f"{steps:,} steps"),
        (7, f"{steps:,} steps, after 7 of earlier models"),
    ):
        assert ("Steps", expected) in models_views.recipe_rows(
            PRESETS["deep-2d"], PictureShape(28), before
        )


def test_names_and_notes_are_text():
    page = models_views.heading_html(NASTY, NASTY, NASTY)
    assert "<img" not in page and page.count("&lt;img") == 3
    preset = replace(PRESETS["deep-2d"], title=NASTY)
    assert "<img" not in models_views.recipe_html(preset, PictureShape(28), 0)


def test_the_drawing_has_a_bar_a_layer_and_marks_the_code():
    uri = shape_uri((784, 2, 50, 2, 784, 784), 2)
    drawing = base64.b64decode(uri.partition(",")[2]).decode()
    bars = re.findall(r'height="([\d.]+)" rx="1" fill="(#\w+)"', drawing)
    assert len(bars) == 6
    blue = [i for i, (_, colour) in enumerate(bars) if colour == map_charts.ONE_COLOUR]
    assert blue in ([1], [3])
    heights = [float(height) for height, _ in bars]
    assert heights[0] == max(heights) and heights[1] == min(heights)
    assert shape_uri((), 0).startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize("name", PRESETS)
def test_every_setting_of_a_recipe_is_said(name):
    preset = PRESETS[name]
    said = " ".join(value for _, value in models_views.recipe_rows(preset, PictureShape(28)))
    for number in (preset.steps, preset.batch_size, preset.parameter_count(PictureShape(28))):
        assert f"{number:,}" in said
    for word in (preset.optimizer, preset.loss, preset.activation, preset.schedule):
        assert choice_in_words(word) in said
    assert f"{preset.learning_rate:g}" in said


def test_the_table_of_the_gallery_reads():
    rows = list_checkpoints()
    table = models_views.table_of(rows)
    assert list(table.data.columns) == list(models_views.COLUMNS)
    assert len(table.data) == len(rows) and table.data["error"].notna().all()
    assert table.data["shape"].str.startswith("data:image/svg").all()
