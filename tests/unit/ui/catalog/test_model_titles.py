"""What a model is called: the same name wherever it is named, and two never alike in a list."""

from dataclasses import replace
from pathlib import Path

import pytest

from aeviz.checkpoints.store import PRETRAINED, ListedCheckpoint, list_checkpoints, load_checkpoint
from aeviz.evaluation.compression import row_of
from aeviz.ui.catalog import model_titles
from aeviz.ui.compression import views as compression_views
from aeviz.ui.pictures import watched
from tests.support.made_up_models import made_up_dataset, made_up_model

DEEP = "Deep autoencoder, 2 numbers"
# Letters that the narrow column of the list on the page "Models" shows.
_COLUMN_LETTERS = 30


def listed(name="one", **about) -> ListedCheckpoint:
    title = about.get("given_title") or about.pop("title", DEEP)
    usual = {
        "created": "2026-01-02T03:04:05+00:00",
        "own": True,
        "dataset": "mnist",
        "preset": "deep-2d",
        "latent_dim": 2,
        "variant": "tuned",
        "test_mse": 0.031,
    }
    return ListedCheckpoint(name, Path("one.safetensors"), title, **{**usual, **about})


def every_title(row: ListedCheckpoint) -> list[str]:
    named = (
        model_titles.title_of,
        model_titles.short_title,
        model_titles.picker_title,
        model_titles.run_title,
    )
    return [title_of(row) for title_of in named] + [model_titles.run_title(row, recipe=True)]


def test_a_name_that_a_person_gave_is_what_it_is_called_everywhere():
    row = listed(given_title="Mine, 2 numbers", variant="as published")
    assert model_titles.title_of(row) == model_titles.short_title(row) == "Mine, 2 numbers"
    for title in every_title(row):
        assert title.startswith("Mine, 2 numbers") and "Deep" not in title
    model = replace(made_up_model("m", made_up_dataset()), given_title="Mine, 2 numbers")
    assert model_titles.opened_title(model) == "Mine, 2 numbers"
    shown = watched.compared(model)
    assert compression_views.titles([shown]) == {"m": "Mine, 2 numbers"}
    assert model_titles.short_row_title(shown.row, "Mine, 2 numbers") == "Mine, 2 numbers"
    assert shown.row.title == "Mine, 2 numbers"
    # It is still one of its kind, for those who choose by that.
    assert compression_views.family(shown.row) == model.preset.title.split(", ")[0]


def test_without_one_it_is_its_recipe_and_what_tells_it_from_others():
    published = listed(variant="as published")
    assert model_titles.title_of(published) == f"{DEEP}, as published"
    assert model_titles.short_title(published) == "Deep, as published"
    assert model_titles.short_title(listed()) == "Deep autoencoder"
    changed = listed(variant="changed", dataset="fashion_mnist")
    assert model_titles.picker_title(changed).startswith(f"{DEEP}, changed, Fashion-MNIST, ")
    assert model_titles.run_title(listed(own=False)) == "tuned, came with aeviz, test error 0.031"
    assert model_titles.run_title(listed(created="")) == "tuned, test error 0.031"
    assert model_titles.title_of(listed("x", problem="Bad.")) == "x (cannot be read)"


@pytest.mark.parametrize(
    ("title", "size", "expected"),
    [
        (DEEP, 2, "Deep autoencoder"),
        ("Karpathy's 2-number autoencoder", 2, "Karpathy's autoencoder"),
        ("Made to size, one number", 1, "Made to size"),
        ("Made to size, 1,000 numbers", 1_000, "Made to size"),
        ("Stacked, 200 numbers", 2, "Stacked, 200 numbers"),
    ],
)
def test_the_size_of_the_code_is_left_out_where_it_stands_beside(title, size, expected):
    assert model_titles.without_code_size(title, size) == expected


def test_no_two_in_a_list_read_alike():
    rows = [listed(name) for name in "ab"] + [listed("c", given_title="Mine")]
    rows.append(listed("d", given_title="Mine"))
    for titles in (
        model_titles.picker_titles(rows),
        model_titles.run_titles(rows),
        model_titles.run_titles(rows, recipe=True),
    ):
        assert list(titles) == list("abcd") and len(set(titles.values())) == 4
    models = [replace(made_up_model(n, made_up_dataset()), given_title="Mine") for n in "ab"]
    titles = compression_views.titles(map(watched.compared, models))
    assert len(set(titles.values())) == 2


def test_the_gallerys_tuned_and_published_ones_differ_in_what_a_narrow_column_shows():
    rows = [row for row in list_checkpoints() if not row.own and row.dataset == "mnist"]
    seen = {row.name: model_titles.short_title(row)[:_COLUMN_LETTERS] for row in rows}
    assert len({(seen[row.name], row.latent_dim) for row in rows}) == len(rows) > 10
    published = {row.name for row in rows if row.variant == "as published"}
    assert published == {name for name, title in seen.items() if "as published" in title} != set()


def test_a_row_of_figures_is_called_as_its_file_says():
    model = made_up_model("m", made_up_dataset())
    assert row_of(model).title == model.preset.title == row_of(model).recipe_title


def test_what_comes_with_aeviz_was_changed_by_nobody():
    row = listed(name="digits-sparse", variant="changed", own=False)
    assert model_titles.run_title(row).startswith("tuned, came with aeviz")
    assert model_titles.run_title(replace(row, own=True)).startswith("changed")
    model = load_checkpoint(PRETRAINED / "digits-sparse.safetensors")
    assert model_titles.opened_title(model) == "Sparse autoencoder, tuned"
    changed = replace(model, name="mine")
    assert model_titles.opened_title(changed) == "Sparse autoencoder, changed"


def test_a_run_that_was_stopped_early_says_so_wherever_it_is_listed():
    row = listed(stopped_early=True, title="Karpathy's 2-number autoencoder")
    assert model_titles.short_title(row) == "Karpathy's, stopped early"
    assert len(model_titles.short_title(row)) <= _COLUMN_LETTERS
    for title in every_title(row)[1:]:
        assert "stopped early" in title
    assert "stopped early" not in "".join(every_title(listed()))
