"""The map of codes: every dot where its code is, in its colour, once."""

import re
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

import numpy as np
import plotly.io
import pytest

from aeviz.drawing.map_charts import (
    DIGIT_COLOURS,
    LAYERS,
    ONE_COLOUR,
    apart,
    latent_map,
    manifold_figure,
    map_view,
)
from aeviz.drawing.map_scales import ERROR_COLOURS, attribute_scale, contours, error_scale
from aeviz.latent.attributes import ATTRIBUTES
from aeviz.latent.grid import Span

UI = Path(__file__).resolve().parents[3] / "aeviz" / "ui"
# The backgrounds in .streamlit/config.toml.
PAPERS = ("#ffffff", "#16181d")


@pytest.fixture
def codes():
    random = np.random.default_rng(0)
    labels = random.integers(0, 10, 1_000).astype(np.uint8)
    return random.normal(size=(1_000, 2)).astype(np.float32) + labels[:, None] % 3, labels


def names():
    return tuple(str(n) for n in range(10))


def test_python_and_the_browser_have_the_same_ten_colours():
    script = (UI / "shell" / "colours.js").read_text("utf-8")
    listed = re.search(r"DIGIT_COLOURS = \[(.*?)\]", script, re.S)[1]
    assert tuple(re.findall(r"#[0-9a-f]{6}", listed)) == DIGIT_COLOURS


# What colour-blind eyes make of linear red, green and blue: Machado, Oliveira and Fernandes 2009,
# "A Physiologically-based Model for Simulation of Color Vision Deficiency", severity 1.0.
EYES = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colours):
    """sRGB as "#rrggbb", undone to linear light, (n, 3)."""
    share = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


TO_XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]


def cielab(light):
    """CIE 1976 L*a*b* of linear sRGB, white D65."""
    share = light @ np.array(TO_XYZ).T / [0.95047, 1.0, 1.08883]
    bent = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = bent.T
    return np.column_stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_reference_knows_a_colour_by_heart():
    # Bruce Lindbloom's calculator: sRGB red, D65.
    assert cielab(linear(["#ff0000"]))[0] == pytest.approx([53.24, 80.09, 67.20], abs=0.02)


@pytest.mark.parametrize(
    "eye, least", [("normal", 34.4), ("protan", 18.9), ("deutan", 18.9), ("tritan", 20.2)]
)
def test_any_two_of_the_ten_colours_are_told_apart(eye, least):
    seen = cielab(np.clip(linear(DIGIT_COLOURS) @ np.array(EYES[eye]).T, 0, 1))
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=-1)
    assert apart[np.triu_indices(10, 1)].min() >= least


@pytest.mark.parametrize("paper", PAPERS)
def test_the_ten_colours_stand_out_from_the_page(paper):
    assert min(contrast(colour, paper) for colour in DIGIT_COLOURS) >= 3


def test_every_dot_is_drawn_once_where_its_code_is_and_in_its_colour(codes):
    points, labels = codes
    seen = []
    for trace in latent_map(points, labels, names=names()).data:
        rows = np.asarray(trace.customdata)
        np.testing.assert_array_equal(np.column_stack([trace.x, trace.y]), points[rows])
        assert {trace.marker.color} == {DIGIT_COLOURS[k] for k in labels[rows]}
        assert {trace.name} == {str(k) for k in labels[rows]}
        seen.extend(rows.tolist())
    assert sorted(seen) == list(range(1_000))


def test_no_class_covers_the_others(codes):
    points, labels = codes
    order = np.concatenate([t.customdata for t in latent_map(points, labels, names=names()).data])
    drawn_last = labels[order[-len(order) // LAYERS :]]
    # Of two turns, half of each class is in the half that is drawn last.
    share = np.bincount(drawn_last) / np.bincount(labels)
    assert (abs(share - 1 / LAYERS) < 0.05).all()


def test_the_legend_switches_each_class_once_and_wholly(codes):
    points, labels = codes
    figure = latent_map(points, labels, names=names())
    listed = [trace.name for trace in figure.data if trace.showlegend]
    assert listed == list(names())
    for name in names():
        assert {t.name for t in figure.data if t.legendgroup == name} == {name}


def test_each_class_is_named_at_the_median_of_its_codes(codes):
    points, labels = codes
    points = points + 10 * labels[:, None]  # far enough from one another to stay
    for label, note in enumerate(latent_map(points, labels, names=names()).layout.annotations):
        assert note.text == f"<b>{label}</b>"
        middle = np.median(points[labels == label].astype(np.float64), axis=0)
        np.testing.assert_allclose([note.x, note.y], middle)


def test_a_label_without_a_name_stands_for_itself():
    figure = latent_map(np.eye(2), np.array([0, 11], np.uint8), names=("boot",))
    assert [note.text for note in figure.layout.annotations] == ["<b>boot</b>", "<b>11</b>"]


def test_without_labels_all_have_one_colour_and_there_is_no_legend(codes):
    figure = latent_map(codes[0])
    assert [trace.marker.color for trace in figure.data] == [ONE_COLOUR]
    assert not figure.layout.showlegend and not figure.layout.annotations
    np.testing.assert_array_equal(figure.data[0].customdata, np.arange(1_000))


def test_errors_colour_all_dots_on_one_scale(codes):
    points, labels = codes
    errors = np.linspace(0, 1, 1_000, dtype=np.float16)
    figure = latent_map(points, labels, names=names(), scale=error_scale(errors))
    (trace,) = figure.data
    np.testing.assert_array_equal(trace.marker.color, errors.astype(np.float32))
    assert (trace.marker.cmin, trace.marker.cmax) == (0, pytest.approx(0.99, abs=1e-3))
    assert not figure.layout.showlegend and len(figure.layout.annotations) == 10


def test_errors_of_nothing_still_have_a_scale(codes):
    (trace,) = latent_map(codes[0], scale=error_scale(np.zeros(1_000))).data
    assert trace.marker.cmax > 0


def test_an_attribute_colours_all_dots_with_lines_under_them(codes):
    points, labels = codes
    values = np.linspace(-1, 3, 1_000)
    values[7] = np.nan
    scale = attribute_scale(ATTRIBUTES["thickness"], values)
    grid = np.arange(9.0).reshape(3, 3)
    lines = contours(Span(-1, 1, 0, 4), grid, scale)
    figure = latent_map(points, labels, names=names(), scale=scale, lines=lines)
    under, dots = figure.data
    np.testing.assert_array_equal(under.z, grid)
    assert list(under.x) == [-1, 0, 1] and list(under.y) == [0, 2, 4]
    assert under.customdata is None and len(dots.customdata) == 1_000  # no line is a dot
    assert (dots.marker.cmin, dots.marker.cmax) == pytest.approx((-0.92, 2.92), abs=0.02)
    assert dots.marker.color[7] == pytest.approx(1, abs=0.01)
    assert dots.marker.colorbar.title.text == "thickness, pixels"


def test_hues_are_drawn_as_what_they_are():
    scale = attribute_scale(ATTRIBUTES["hue"], np.linspace(0, 240, 500))
    first, last = scale.colours[0][1], scale.colours[-1][1]
    red, blue = (tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (first, last))
    assert red[0] > 200 and max(red[1:]) < 70 and blue[2] > 200 and blue[0] < 70


@pytest.mark.parametrize("values", [np.full(20, 2.5), np.full(20, np.nan)])
def test_an_attribute_that_does_not_vary_still_has_a_scale(values):
    scale = attribute_scale(ATTRIBUTES["ink"], values)
    assert scale.high > scale.low and np.isfinite(scale.values).all()


@pytest.mark.parametrize("paper", PAPERS)
def test_the_scale_of_an_attribute_is_seen_on_both_papers(paper):
    scale = attribute_scale(ATTRIBUTES["ink"], np.arange(10.0))
    assert all(contrast(colour, paper) >= 3 for _, colour in scale.colours)


def test_the_pointer_belongs_to_the_decoder(codes):
    layout = latent_map(*codes, names=names()).layout
    assert layout.hovermode is False and layout.clickanywhere and layout.dragmode == "pan"


def test_the_same_codes_give_the_same_figure(codes):
    one, other = (
        plotly.io.to_json(latent_map(*codes, names=names(), revision="a")) for _ in range(2)
    )
    assert one == other


def test_the_view_leaves_out_strays_only():
    random = np.random.default_rng(2)
    points = np.concatenate([random.normal(size=(10_000, 2)), [[1e4, 0], [0, -1e4]]])
    view = map_view(points)
    x, y = points.T
    inside = (x > view.left) & (x < view.right) & (y > view.bottom) & (y < view.top)
    # At most 0.3 % at each of the four ends.
    assert inside.mean() > 1 - 4 * 0.003 - 1e-9
    assert max(view.width, view.height) < 10


@pytest.mark.parametrize("points", [np.zeros((3, 2)), [[0, 5], [4, 5]], [[1e4, -1e4]]])
def test_codes_that_all_fall_together_have_a_view(points):
    view = map_view(np.array(points))
    assert view.width > 0 and view.height > 0
    assert view.left <= np.min(np.array(points)[:, 0]) <= view.right


def test_units_are_equally_long_unless_one_axis_would_be_a_line():
    assert latent_map(np.eye(2), view=Span(0, 2, 0, 1)).layout.yaxis.scaleanchor == "x"
    assert latent_map(np.eye(2), view=Span(0, 20, 0, 1)).layout.yaxis.scaleanchor is None


def luminance(colour):
    """Relative luminance of sRGB, WCAG 2.2."""
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(a, b):
    dark, light = sorted([luminance(a), luminance(b)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("paper", PAPERS)
def test_one_colour_is_seen_on_both_papers(paper):
    assert contrast(ONE_COLOUR, paper) >= 3
    assert contrast(ERROR_COLOURS[-1][1], paper) >= 3


def test_larger_errors_are_darker():
    falling = [luminance(colour) for _, colour in ERROR_COLOURS]
    assert falling == sorted(falling, reverse=True)


# --- the grid of pictures ---


def test_the_picture_lies_on_its_part_of_the_map_and_stays_square():
    layout = manifold_figure("data:,", Span(-2, 6, 1, 3)).layout
    (image,) = layout.images
    assert (image.x, image.y, image.sizex, image.sizey) == (-2, 3, 8, 2)
    assert (image.xref, image.yref, image.layer, image.sizing) == ("x", "y", "below", "stretch")
    assert layout.xaxis.range == (-2, 6) and layout.yaxis.range == (1, 3)
    # A unit upwards is drawn four times as long as one across.
    assert layout.yaxis.scaleanchor == "x" and layout.yaxis.scaleratio == 4
    assert layout.dragmode == "zoom" and layout.clickanywhere and layout.hovermode is False


@pytest.mark.parametrize(("width", "decimals"), [(400, 1), (4, 1), (0.4, 2), (0.004, 4)])
def test_numbers_along_the_sides_tell_neighbours_apart(width, decimals):
    view = Span(0, width, 0, width)
    assert manifold_figure("data:,", view).layout.xaxis.tickformat == f".{decimals}f"


@pytest.mark.parametrize("ends", [(0.0, 1.0), (0.3, 0.7), (0.9, 0.99), (0.4, 0.401), (0.0, 0.001)])
def test_numbers_along_an_axis_of_shares_are_the_maps_own(ends):
    view = Span(*ends, *ends)
    axis = manifold_figure("data:,", view, gaussian=True).layout.xaxis
    values = [float(text.replace("−", "-")) for text in axis.ticktext]
    assert len(set(axis.ticktext)) == len(values) >= 4
    places = [NormalDist().cdf(value) for value in values]
    np.testing.assert_allclose(axis.tickvals, places, rtol=1e-6)
    assert all(b > a for a, b in pairwise(places))
    # Rounding may push a number over the edge, but no further.
    room = 0.03 * (ends[1] - ends[0])
    assert ends[0] - room < places[0] and places[-1] < ends[1] + room
    assert (axis.minallowed, axis.maxallowed, axis.range) == (0, 1, ends)


def test_dots_over_the_pictures_have_their_classes_colours(codes):
    points, labels = codes
    figure = manifold_figure("data:,", Span(0, 1, 0, 1), points, labels, names=names())
    for trace in figure.data:
        assert {trace.marker.color} == {DIGIT_COLOURS[k] for k in labels[trace.customdata]}
    assert figure.layout.showlegend


def test_names_that_would_cover_each_other_move_apart():
    places = np.array([[0.0, 0.0], [0.1, 0.0], [0.1, 0.0], [5.0, 5.0]])
    room = np.array([1.0, 2.0])
    moved = apart(places, room)
    for i in range(len(moved)):
        for j in range(i):
            assert np.hypot(*((moved[i] - moved[j]) / room)) > 0.98
    np.testing.assert_array_equal(moved[3], places[3])
    np.testing.assert_allclose(moved[:3].mean(axis=0), places[:3].mean(axis=0), atol=1e-12)
    assert np.abs(moved - places).max() < 1.5
