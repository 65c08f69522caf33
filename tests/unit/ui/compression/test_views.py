"""The page "Compression": rows, names, cards, table and digits, without Streamlit."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from aeviz.data.picture_shape import PictureShape
from aeviz.drawing.ink import THEMES
from aeviz.evaluation.compression import Row
from aeviz.evaluation.published import PUBLISHED
from aeviz.ui.catalog.model_titles import short_row_title
from aeviz.ui.compression import views as compression_views
from aeviz.ui.pictures import sheets, watched
from tests.support.made_up_models import made_up_dataset, made_up_model


def row(name="a", code=100, loss=0.003, **about) -> Row:
    about = {"validation_mse": loss, "pca_validation_mse": 0.006, **about}
    title = f"Stacked autoencoder, {code} numbers"
    return Row(name, title, "mnist", "stacked", f"784-{code}-784", code, 784, **about)


def model(name="m", **about) -> watched.Compared:
    return watched.compared(made_up_model(name, made_up_dataset(), snapshots=True, **about))


def decoded(address: str) -> np.ndarray:
    head, _, data = address.partition(",")
    assert head == "data:image/png;base64"
    return np.array(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))


def test_ours_go_first_and_large_codes_before_small_ones():
    rows = [row("small", 2), row("worse", 100, 0.004), row("big", 784), row("good", 100, 0.003)]
    rows.append(replace(row("printed", 784), published="source 5"))
    order = [one.row.name for one in compression_views.in_order(map(watched.Compared, rows))]
    assert order == ["big", "good", "worse", "small", "printed"]


def test_names_are_all_different_and_no_longer_than_they_must_be():
    rows = [
        watched.Compared(row("a", 10)),
        watched.Compared(row("b", 100), "as published"),
        watched.Compared(row("c", 100)),
        watched.Compared(replace(row("d", 100), layers="784-9-784", l2=1e-6)),
        watched.Compared(replace(row("e", 100), layers="784-9-784", noise=0.4, seed=1)),
        *map(watched.Compared, PUBLISHED),
    ]
    names = compression_views.titles(rows)
    assert len(set(names.values())) == len(rows)
    assert names["a"] == "Stacked autoencoder, 10 numbers"
    assert names["b"].endswith("100 numbers, as published")
    assert names["d"].endswith("784-9-784, L2 1e-06")
    assert names["e"].endswith("784-9-784, 40 % noise, seed 1")
    assert names["source-5-100"] == "Source 5 as published, 100 numbers, 1,000 wide"
    assert short_row_title(rows[0].row, names["a"]) == "Stacked autoencoder"


def test_what_is_chosen_at_first_has_the_best_of_ours_against_pca_in_focus():
    rows = [row("a", 100, 0.003), row("b", 10, 0.001), row("c", 2, 0.005), row("x", 2, 0.004)]
    rows.append(replace(row("printed", 2, 0.0001), published="source 5"))
    assert compression_views.first_chosen(rows, "validation") == ("x", "b")
    assert compression_views.first_chosen([row("only")], "validation") == ("only",)
    assert compression_views.first_chosen([], "validation") == ()


def test_names_from_an_address():
    assert compression_views.names_of_text("b,a,b,zz,", ["a", "b"]) == ("b", "a")
    assert compression_views.names_of_text("none", ["a"]) == ()


def test_the_chart_leaves_out_what_was_not_measured_and_what_loses_nothing():
    rows = [row("a"), row("nothing", 784, 1e-9), row("unknown", 10, None), *PUBLISHED]
    figure = compression_views.chart_of(rows, "mnist", "validation", ("a",))
    keys = [key for trace in figure.data for key in trace.customdata or ()]
    printed = {one.name for one in PUBLISHED if one.validation_mse is not None}
    assert set(keys) == {"a"} | printed
    assert {note.text for note in figure.layout.annotations} == {"PCA", "as published"}
    on_test = compression_views.chart_of(rows, "mnist", "test", ())
    keys = [key for trace in on_test.data for key in trace.customdata or ()]
    assert "source-4-784-10" in keys and not printed & set(keys)


def lines(figure):
    """The solid lines of a chart as (x, y) places, with the colour each is drawn in."""
    solid = [t for t in figure.data if t.mode == "lines" and t.line.dash == "solid"]
    return [(list(zip(t.x, t.y, strict=True)), t.line.color) for t in solid if len(t.x)]


def test_a_sweep_of_ones_own_is_a_line_of_its_own_and_leaves_the_gallerys_as_it_was():
    gallery = [row("g100", 100, 0.003), row("g10", 10, 0.011)]
    about = {"own": True, "recipe_title": "Stacked autoencoder, 10 numbers", "steps": 400}
    mine = [
        row("m100", 100, 0.001, **about),
        row("m32", 32, 0.004, **about),
        row("m32 again", 32, 0.005, seed=1, **about),
        # Other settings: no part of that series.
        row("noisy", 32, 0.009, noise=0.4, **about),
    ]
    ((alone, blue),) = lines(compression_views.chart_of(gallery, "mnist", "validation", ()))
    figure = compression_views.chart_of([*gallery, *mine], "mnist", "validation", ())
    (first, colour), (own, other), _ = lines(figure)
    assert (first, colour) == (alone, blue) and other != blue
    assert own == [(7.84, 0.001), (784 / 32, 0.004)]
    outlines = {t.marker.line.color for t in figure.data if "m32" in (t.customdata or ())}
    assert outlines == {other}
    assert "your sweep" in {note.text for note in figure.layout.annotations}


def test_a_picture_cell_that_is_empty_says_why():
    bare = replace(model(), reconstructions=None)
    bare = replace(bare, row=replace(bare.row, weights=False))
    some = [bare, watched.Compared(PUBLISHED[0])]
    names = compression_views.titles(some)
    cells = compression_views.table_of(some, names, ("rebuilt",), None, "light").data["rebuilt"]
    said = [base64.b64decode(cell.partition(",")[2]).decode() for cell in cells]
    assert ">no<" in said[0] and ">weights<" in said[0] and ">figures<" in said[1]


@pytest.mark.parametrize("theme", THEMES)
def test_a_sheet_is_ink_on_nothing_with_square_pixels(theme):
    pictures = np.array([[0, 255, 128, 0]] * 3, dtype=np.uint8)
    seen = decoded(sheets.sheet(pictures, PictureShape(2), theme, across=2, width=6))
    assert seen.shape == (3 * 5, 3 * 5, 4)  # two by two of them, a pixel apart, three times larger
    alpha = seen[:6, :6, 3]
    np.testing.assert_array_equal(alpha, np.kron([[0, 255], [128, 0]], np.ones((3, 3))))
    assert (seen[0, 3, :3] == THEMES[theme].ink).all()


def test_a_card_says_what_the_row_says_and_shows_its_pictures():
    one = model()
    one = replace(one, row=replace(one.row, validation_mse=0.02, pca_validation_mse=0.06))
    card = compression_views.card(one, "Title", "validation", "light")
    assert card["title"] == "Title"
    assert card["lines"] == [
        "2 numbers, ratio 392",
        "loss 0.020 on validation images",
        "3 times better than PCA",
    ]
    assert decoded(card["picture"]).shape[2] == 4
    both = replace(one, row=replace(one.row, test_mse=0.03, pca_test_mse=0.06))
    lines = compression_views.card(both, "Title", "validation", "light")["lines"]
    assert lines[1:] == [
        "loss 0.020 on validation images",
        "2 times better than PCA on test images",
    ]
    printed = compression_views.card(
        watched.Compared(PUBLISHED[0]), "Printed", "validation", "dark"
    )
    assert printed["picture"] == "" and "no pictures" in printed["lines"][-1]


def test_the_table_sorts_by_figures_and_reads_in_words():
    some = [
        watched.Compared(row("a", 100, 0.003, validation_curve=(0.1, 0.01), seconds=75.0)),
        watched.Compared(row("b", 500, 0.012)),
        watched.Compared(row("c", 784, 0.0001, pca_validation_mse=0.0)),
    ]
    names = compression_views.titles(some)
    columns = ("title", "code_size", "validation_mse", "times_better_than_pca", "seconds")
    styler = compression_views.table_of(some, names, (*columns, "validation_curve"), None, "light")
    assert styler.data["times_better_than_pca"][:2].tolist() == pytest.approx([2.0, 0.5])
    assert styler.data["validation_mse"].dtype == np.float64
    assert styler.data["validation_curve"][0] == [-1, -2]
    written = styler.to_html()
    for words in ("2× better", "2× worse", "0.0030", "75 s", "—", "Stacked autoencoder<"):
        assert words in written


def test_original_and_rebuilt_are_pictures_where_there_are_any():
    dataset, one = made_up_dataset(), model()
    # The made-up model watches five pictures and its data set has two to validate with.
    one = replace(
        one,
        probe_indices=np.array([0, 1], np.int32),
        probe_labels=np.array([5, 3], np.uint8),
        reconstructions=one.reconstructions[:2],
    )
    some = [one, watched.Compared(PUBLISHED[0])]
    names = compression_views.titles(some)
    data = compression_views.table_of(some, names, ("original", "rebuilt"), dataset, "light").data
    seen = decoded(data["original"][0])[..., 3]
    np.testing.assert_array_equal(seen[::3, ::3].ravel(), dataset.validation_images[0])
    assert not decoded(data["rebuilt"][0])[..., 3].any()
    assert data["original"][1] is None or data["original"][1] != data["original"][1]
    without = compression_views.table_of(some, names, ("original",), None, "light").data
    assert without["original"].isna().all()


def test_curves_of_different_units_do_not_share_an_axis():
    plain, nats = model("a"), model("b", variational=True)
    assert plain.curves.unit == "MSE" and nats.curves.unit == "nats"
    some = [plain, nats, watched.Compared(PUBLISHED[0])]
    found = compression_views.curves_of(some)
    assert [[one.row.name for one, _ in group] for group in found] == [["a"], ["b"]]
    of_a, of_b = (figure.layout.yaxis.title.text for ((_, figure),) in found)
    assert "MSE" in of_a and "nats" in of_b


def test_when_it_was_best_and_what_new_pictures_cost():
    best = {"best_step": 100, "best_epoch": 2.5, "steps": 100, "train_mse": 0.002}
    words = compression_views.overfitting_words(row(**best))
    assert words == "best at epoch 2.5, its last; on new pictures its loss is 1.5 times as large"
    assert compression_views.overfitting_words(row()) == ""
    unseen = {**best, "train_mse": 6e-8, "validation_mse": 1.9e-7}
    assert "times as large" not in compression_views.overfitting_words(row(**unseen))
    assert "as good" in compression_views.overfitting_words(
        row(**{**best, "train_mse": 0.003, "steps": 200})
    )


def test_the_same_digits_by_each_model_and_their_errors():
    dataset = made_up_dataset()
    about = {
        "probe_indices": np.array([0, 1], np.int32),
        "probe_labels": np.array([5, 3], np.uint8),
    }
    some = [replace(model(n), reconstructions=np.zeros((2, 784), np.uint8), **about) for n in "ab"]
    names = {one.row.name: f"Model <{one.row.name}>" for one in some}
    plain = compression_views.digits_html(some, names, dataset, errors=False)
    assert plain.count('role="img"') == 3
    assert "Model &lt;a&gt;" in plain and "<a>" not in plain
    for some_dataset, rows in ((dataset, 5), (None, 2)):
        page = compression_views.digits_html(some, names, some_dataset, errors=True)
        assert page.count('role="img"') == rows
    published = [watched.Compared(PUBLISHED[0])]
    assert compression_views.digits_html(published, {}, dataset, errors=False) == ""
