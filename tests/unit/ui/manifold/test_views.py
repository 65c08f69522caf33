"""A stored model made ready for the grid: its cells, its colours, links to it."""

import base64
import csv
import io
from statistics import NormalDist

import numpy as np
import pytest
from PIL import Image

from aeviz.drawing.ink import THEMES, TINT
from aeviz.drawing.map_charts import DIGIT_COLOURS
from aeviz.latent.grid import FURTHEST, ManifoldError, Span
from aeviz.latent.plane import far_distance
from aeviz.ui.live.map_address import (
    axes_of_text,
    base_of_text,
    text_of_axes,
    text_of_view,
    view_near,
    view_of_text,
)
from aeviz.ui.manifold.choices import OVERLAYS
from aeviz.ui.manifold.views import (
    GridLook,
    cells_of_text,
    csv_of,
    figure_of,
    grid_of,
    png_of,
    votes_of,
)
from aeviz.ui.shell.address import LinkError, some_of

SIDE = 6  # of the models of conftest.py


def colours_of(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def picture_of(model, look, votes):
    return colours_of(png_of(model, look, votes))


def cell_of(picture, n, row, column):
    return picture[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE]


def test_every_cell_is_the_decoders_picture_of_its_place(flat):
    look = GridLook(n=7, range="published")
    picture = picture_of(flat, look, None)
    assert picture.shape == (7 * SIDE, 7 * SIDE, 3)
    across, up = np.linspace(-2, 2, 7), np.linspace(2, -2, 7)
    light = THEMES["light"]
    for row, column in ((0, 0), (0, 6), (3, 1), (6, 6)):
        code = np.array([[across[column], up[row]]], dtype=np.float32)
        ink = flat.checkpoint.autoencoder.decode(code).reshape(SIDE, SIDE, 1)
        expected = light.paper + ink * (np.array(light.ink) - light.paper)
        assert np.abs(cell_of(picture, 7, row, column) - expected).max() <= 1.5


def test_a_view_is_filled_by_the_cells(flat):
    view = Span(-1, 1, 0, 1)
    grid = grid_of(flat, GridLook(n=10, view=view))
    assert [grid.drawn.left, grid.drawn.right] == pytest.approx([-1, 1])
    assert [grid.drawn.bottom, grid.drawn.top] == pytest.approx([0, 1])
    # The first of ten columns is a tenth of the width, and its centre half of that from the edge.
    assert grid.points[0].tolist() == pytest.approx([-0.9, 0.95])


def test_two_numbers_of_a_code_and_the_others_at_their_mean(deep):
    grid = grid_of(deep, GridLook(n=5, range="published", axes=(3, 1)))
    np.testing.assert_allclose(grid.codes[:, [3, 1]], grid.points, atol=1e-6)
    mean = deep.codes.codes.astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(grid.codes[:, [0, 2, 4]], np.tile(mean[[0, 2, 4]], (25, 1)), 1e-4)


def test_the_others_are_those_of_a_pinned_code(deep):
    base = (5.0, 4.0, 3.0, 2.0, 1.0)
    grid = grid_of(deep, GridLook(n=5, range="published", axes=(3, 1), base=base))
    np.testing.assert_allclose(grid.codes[:, [3, 1]], grid.points, atol=1e-6)
    np.testing.assert_array_equal(grid.codes[:, [0, 2, 4]], np.tile([5, 3, 1], (25, 1)))
    for text, pin in (("", None), ("1", 0), ("3", 2)):
        assert base_of_text(text, 3) == pin
    for text in ("0", "4", "x", "-1", "1.0", "9" * 5000):
        with pytest.raises(ManifoldError):
            base_of_text(text, 3)


def test_cells_are_equal_shares_of_a_gaussian(flat):
    grid = grid_of(flat, GridLook(n=10, range="gaussian"))
    places = [NormalDist().inv_cdf((i + 0.5) / 10) for i in range(10)]
    np.testing.assert_allclose(grid.points[:10, 0], places, atol=1e-9)
    np.testing.assert_allclose(grid.points[::10, 1], places[::-1], atol=1e-9)
    drawn = (grid.drawn.left, grid.drawn.right, grid.drawn.bottom, grid.drawn.top)
    assert drawn == pytest.approx((0, 1, 0, 1), abs=1e-12)


def test_a_range_of_its_own_goes_before_that_of_the_codes(flat):
    span = Span(-7, 1, 2, 3)
    assert grid_of(flat, GridLook(n=5, range="codes", span=span)).points[0].tolist() == [-7, 3]


def test_dots_lie_where_the_cells_axes_have_them(flat):
    figure = figure_of(flat, GridLook(n=6, range="gaussian", dots=True), None)
    points = flat.points(None)
    for trace in figure.data:
        shares = [NormalDist().cdf(x) for x in points[trace.customdata, 0].tolist()]
        np.testing.assert_allclose(trace.x, shares, atol=1e-6)


def test_the_plane_of_most_variation(deep):
    grid = grid_of(deep, GridLook(n=5, range="codes"))
    np.testing.assert_allclose(deep.codes.plane.project(grid.codes), grid.points, atol=1e-4)


def test_tint_is_the_colour_of_the_digit_around_a_cell(flat):
    look = GridLook(n=6, range="codes", tint=True)
    picture = picture_of(flat, look, votes_of(flat, look))
    points = flat.points(None).astype(np.float64)
    at = grid_of(flat, look).points[6 * 2 + 3]
    near = np.argsort(np.square(points - at).sum(axis=1), kind="stable")[:10]
    label = np.bincount(flat.codes.labels[near]).argmax()
    colour = np.array([int(DIGIT_COLOURS[label][i : i + 2], 16) for i in (1, 3, 5)])
    ink = flat.checkpoint.autoencoder.decode(at[None].astype(np.float32)).reshape(SIDE, SIDE, 1)
    theme = THEMES["light"]
    under = np.array(theme.paper) + TINT * (colour - theme.paper)
    expected = under + ink * (np.array(theme.ink) - under)
    assert np.abs(cell_of(picture, 6, 2, 3) - expected).max() <= 1.5


def test_cells_far_from_every_code_fade(flat):
    far = far_distance(flat.points(None))
    look = GridLook(n=6, view=Span(-50, 50, -50, 50), dim=True)
    votes = votes_of(flat, look)
    assert (votes.distances > far).any()
    plain, faded = picture_of(flat, look, None), picture_of(flat, look, votes)
    paper = np.array(THEMES["light"].paper)
    for cell, distance in enumerate(votes.distances):
        row, column = divmod(cell, 6)
        before = np.abs(cell_of(plain, 6, row, column) - paper).sum()
        after = np.abs(cell_of(faded, 6, row, column).astype(int) - paper).sum()
        assert (after < 0.4 * before) == bool(distance > far)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("over", [True, False])
def test_the_chart_and_the_file_hold_the_same_picture(flat, theme, over):
    look = GridLook(n=9, range="codes", tint=over, dim=over, theme=theme)
    votes = votes_of(flat, look)
    (image,) = figure_of(flat, look, votes).layout.images
    kind, data = image.source.split(",")
    assert kind == "data:image/png;base64"
    shown, kept = colours_of(base64.b64decode(data)), picture_of(flat, look, votes)
    assert shown.shape == (9 * SIDE, 9 * SIDE, 3)
    np.testing.assert_array_equal(shown, kept)


def test_the_table_has_every_cells_code(deep):
    look = GridLook(n=5, range="codes", axes=(0, 4))
    rows = list(csv.DictReader(io.StringIO(csv_of(deep, look).decode())))
    assert len(rows) == 25
    codes = [[float(row[f"number_{i + 1}"]) for i in range(5)] for row in rows]
    np.testing.assert_allclose(codes, grid_of(deep, look).codes, rtol=1e-6)


def test_dots_are_the_codes_and_without_them_no_click_means_one(flat):
    points = flat.points(None)
    dots = figure_of(flat, GridLook(n=5, dots=True), None).data
    rows = np.concatenate([trace.customdata for trace in dots])
    assert sorted(rows.tolist()) == list(range(len(points)))
    (bare,) = figure_of(flat, GridLook(n=5), None).data
    assert len(bare.customdata) == 0


# --- links ---


@pytest.mark.parametrize(
    "view",
    [
        Span(-2, 2, -2, 2),
        Span(0.123456, 0.123466, -1e-3, 1e-3),
        Span(-9999.5, 9000, 0, 1),
        Span(1.5, 1.5 + 1e-5, 2, 2 + 1e-5),
    ],
)
def test_a_link_reopens_a_view_to_a_pixels_fraction(view):
    back = view_of_text(text_of_view(view), 30)
    size = min(view.right - view.left, view.top - view.bottom)
    for name in ("left", "right", "bottom", "top"):
        assert getattr(back, name) == pytest.approx(getattr(view, name), abs=1e-4 * size)
    assert text_of_view(back) == text_of_view(view)
    assert view_of_text("", 30) is None and text_of_view(None) == ""


@pytest.mark.parametrize(
    "ends",
    [
        (-1e6, 1e6, -1e6, 1e6),
        (0.0, 1e-12, 5.0, 5.0 + 1e-12),
        (9e5, 1e6, -1e6, -9e5),
        (FURTHEST - 1e-9, FURTHEST, 0, 1),
    ],
)
@pytest.mark.parametrize("n", [5, 60])
def test_any_zoom_can_be_drawn(flat, ends, n):
    view = view_of_text(text_of_view(view_near(ends)), n)
    assert picture_of(flat, GridLook(n=n, view=view), None).shape == (n * SIDE, n * SIDE, 3)


@pytest.mark.parametrize("ends", [(-5, 5, -5, 5), (4.9999, 5.1, -1e6, 0), (0, 1e-12, 5, 5)])
@pytest.mark.parametrize("n", [5, 60])
def test_any_zoom_into_a_gaussian_can_be_drawn(flat, ends, n):
    view = view_of_text(text_of_view(view_near(ends, True)), n, True)
    look = GridLook(n=n, range="gaussian", view=view)
    assert np.isfinite(grid_of(flat, look).points).all()
    assert picture_of(flat, look, None).shape == (n * SIDE, n * SIDE, 3)


def test_an_ordinary_zoom_is_taken_as_it_is():
    assert view_near((-1.0, 0.5, 2.0, 3.0)) == Span(-1.0, 0.5, 2.0, 3.0)


def test_axes_count_from_one(deep):
    assert axes_of_text("4,2", deep) == (3, 1) and text_of_axes((3, 1)) == "4,2"
    assert axes_of_text("", deep) is None and text_of_axes(None) == ""


@pytest.mark.parametrize("text", ["0,1", "1,6", "1", "1,2,3", "1.5,2", ",", "-1,2"])
def test_axes_that_are_not_there(deep, text):
    with pytest.raises(ManifoldError):
        axes_of_text(text, deep)


def test_cells_and_overlays_of_a_link():
    assert cells_of_text("17") == 17
    overlays = some_of(OVERLAYS, "an overlay")
    assert overlays("dim,dots,dim") == ("dots", "dim") and overlays("") == ()
    for text in ("", "1e1", "-7", "61", "²", "9" * 5000):
        with pytest.raises(ManifoldError):
            cells_of_text(text)
    with pytest.raises(LinkError):
        overlays("dots,all")
