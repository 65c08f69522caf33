"""The manifold against plain loops, the normal distribution and scikit-learn's neighbours."""

import csv
import io
import warnings
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from aeviz.data.picture_shape import PictureShape
from aeviz.latent.grid import (
    FURTHEST,
    GAUSSIAN_FURTHEST,
    LARGEST,
    NARROWEST,
    RANGES,
    SMALLEST,
    ManifoldError,
    Span,
    axis_pair,
    cell_votes,
    centres,
    checked_cells,
    checked_span,
    default_range,
    from_picture,
    grid_csv,
    grid_points,
    in_picture,
    inner,
    manifold_image,
    outer,
    shared,
    to_picture,
)
from aeviz.latent.plane import latent_plane
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.layers import Layer
from aeviz.networks.recipes import PRESETS

NORMAL = NormalDist()
SQUARE, OBLONG = Span(-2.0, 2.0, -2.0, 2.0), Span(-1.0, 5.0, 0.5, 1.0)


def network(latent_dim=2, side=6, activation="sigmoid", scale=1.0) -> Autoencoder:
    random = np.random.default_rng(0)

    def layer(inputs, units, activation):
        kernel = random.normal(0, scale, (inputs, units)).astype(np.float32)
        return Layer(kernel, random.normal(0, 0.5, units).astype(np.float32), activation)

    return Autoencoder((), (layer(latent_dim, 12, "tanh"), layer(12, side * side, activation)))


def refused(*words):
    """One sentence with these words in it."""
    return pytest.raises(ManifoldError, match=r"^[A-Z][^.]*" + ".*".join(words) + r".*\.$")


# --- what is let in ---


@pytest.mark.parametrize(
    "ends",
    [(-2, 2, -2, 2), ("-2", "2.0", " -2", "2e0"), (np.float32(-2), 2, -2.0, np.int64(2))],
    ids=str,
)
def test_a_range_is_let_in_as_numbers_or_as_their_text(ends):
    span = checked_span(*ends)
    assert span == SQUARE and all(type(v) is float for v in vars(span).values())


def test_the_largest_and_the_smallest_range_are_let_in():
    assert checked_span(-FURTHEST, FURTHEST, -FURTHEST, FURTHEST).right == 1e4
    assert checked_span(0, 2 * NARROWEST, 0, 1).right == 2e-6
    assert checked_span(-5, 5, -5, 5, gaussian=True).top == GAUSSIAN_FURTHEST


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(
    "bad", [float("nan"), float("inf"), -float("inf"), "two", "", None, [1], 10**400, "1e999"]
)
def test_an_end_that_is_no_number_is_refused(place, bad):
    ends = [-2, 2, -2, 2]
    ends[place] = bad
    with refused("number"):
        checked_span(*ends)


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((2, -2, -2, 2), ("left", "right")),
        ((1, 1, -2, 2), ("left", "right")),
        ((-2, 2, 3, 2), ("lower", "upper")),
        ((-2, 2, 2, 2), ("lower", "upper")),
        ((-2, 1.0001e4, -2, 2), ("-10,000", "10,000")),
        ((-2, 2, -1e300, 2), ("-10,000", "10,000")),
        ((0, NARROWEST / 2, 0, 1), ("0.000001",)),
        ((0, 1, 0, NARROWEST / 2), ("0.000001",)),
    ],
    ids=str,
)
def test_a_range_that_cannot_be_drawn_is_refused(ends, words):
    with refused(*words):
        checked_span(*ends)


def test_gaussian_spacing_ends_where_probability_is_too_coarse():
    with refused("-5 and 5 with Gaussian"):
        checked_span(-2, 5.1, -2, 2, gaussian=True)


@pytest.mark.parametrize("n", [SMALLEST, 30, LARGEST, np.int64(7)])
def test_a_number_of_cells_within_the_limits_is_let_in(n):
    assert checked_cells(n) == n and type(checked_cells(n)) is int


@pytest.mark.parametrize("n", [4, 61, 0, -5, 30.0, 7.5, True, None, "30", float("nan")])
def test_any_other_number_of_cells_is_refused(n):
    with refused("whole number from 5 to 60"):
        checked_cells(n)


@pytest.mark.parametrize("axes", [(0, 3), (-1, 0), (0, 1.0), (True, 0), (None, 1), ("0", 1)])
def test_an_axis_the_code_does_not_have_is_refused(axes):
    with refused("from 1 to 3"):
        axis_pair(*axes, np.zeros(3))


def test_the_same_axis_twice_is_refused():
    with refused("different"):
        axis_pair(1, 1, np.zeros(3))


# --- ranges ---


@pytest.mark.parametrize("n", [SMALLEST, 30, LARGEST])
def test_the_published_range_has_the_points_of_source_3(n):
    points = grid_points(RANGES["published"].span(np.zeros((1, 2)), n), n)
    grid_x, grid_y = np.linspace(-2, 2, n), np.linspace(-2, 2, n)[::-1]
    as_printed = [[xi, yi] for yi in grid_y for xi in grid_x]
    np.testing.assert_allclose(points, as_printed, rtol=0, atol=1e-15)


@pytest.mark.parametrize("n", [SMALLEST, 30, LARGEST])
def test_gaussian_cells_share_the_probability_equally(n):
    way = RANGES["gaussian"]
    points = grid_points(way.span(np.zeros((1, 2)), n), n, way.gaussian)
    quantiles = [NORMAL.inv_cdf((i + 0.5) / n) for i in range(n)]
    np.testing.assert_allclose(points[:n, 0], quantiles, atol=1e-12)
    np.testing.assert_allclose(points[::n, 1], quantiles[::-1], atol=1e-12)
    # So the drawn picture is the whole unit square.
    edges = outer(way.span(np.zeros((1, 2)), n), n, True)
    np.testing.assert_allclose(list(vars(edges).values()), [0, 1, 0, 1], atol=1e-12)


def test_the_codes_range_leaves_out_one_in_a_hundred_at_either_end():
    random = np.random.default_rng(1)
    points = (random.normal(size=(10_000, 2)) * [3, 0.2] + [10, -1]).astype(np.float16)
    span = RANGES["codes"].span(points, 30)
    inside = (points > [span.left, span.bottom]) & (points < [span.right, span.top])
    np.testing.assert_allclose(inside.mean(axis=0), 0.98, atol=0.002)
    for end, (middle, spread, share) in {
        span.left: (10, 3, 0.01),
        span.right: (10, 3, 0.99),
        span.bottom: (-1, 0.2, 0.01),
        span.top: (-1, 0.2, 0.99),
    }.items():
        assert end == pytest.approx(NormalDist(middle, spread).inv_cdf(share), abs=0.1 * spread)


def test_a_stray_code_does_not_stretch_the_range():
    points = np.concatenate([np.random.default_rng(0).random((500, 2)), [[900, -900]]])
    assert RANGES["codes"].span(points, 30).right < 1


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([[3, 4]] * 50, (2.5, 3.5, 3.5, 4.5)),
        ([[0, 7], [8, 7]] * 50, (0, 8, 3, 11)),
        ([[7, 0], [7, 8]] * 50, (3, 11, 0, 8)),
        ([[6e4, -6e4]] * 50, (9999, 1e4, -1e4, -9999)),
        ([[-6e4, 0], [6e4, 0]] * 50, (-1e4, 1e4, -1e4, 1e4)),
    ],
    ids=["one point", "a level line", "an upright line", "far out", "a long line"],
)
def test_codes_that_collapsed_or_ran_away_still_have_a_range(points, expected):
    span = RANGES["codes"].span(np.array(points, np.float16), 30)
    np.testing.assert_allclose(list(vars(span).values()), expected)
    assert checked_span(*vars(span).values()) == span


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("n", [SMALLEST, LARGEST])
def test_every_range_is_one_that_is_let_in(name, n):
    way = RANGES[name]
    span = way.span(np.random.default_rng(0).normal(size=(100, 2)), n)
    assert checked_span(*vars(span).values(), gaussian=way.gaussian) == span


def test_the_range_shown_first_suits_the_codes():
    for preset in PRESETS.values():
        # Only a variational one has codes that are kept in a round cloud of a known size.
        assert default_range(preset) == ("published" if preset.variational else "codes")
    assert default_range(replace(PRESETS["vae-2d"], kl_weight=0.0)) == "codes"


# --- places ---


@pytest.mark.parametrize("gaussian", [False, True])
@pytest.mark.parametrize("n", [SMALLEST, LARGEST])
def test_points_run_from_the_top_left_and_y_grows_upward(n, gaussian):
    span = Span(-1.0, 3.0, -2.0, -0.5)
    points = grid_points(span, n, gaussian).reshape(n, n, 2)
    x, y = centres(span, n, gaussian)
    for i in range(n):
        for j in range(n):
            assert points[i, j].tolist() == [x[j], y[i]]
    assert (np.diff(x) > 0).all() and (np.diff(y) < 0).all()
    corners = [points[0, 0], points[0, -1], points[-1, 0], points[-1, -1]]
    np.testing.assert_allclose(corners, [[-1, -0.5], [3, -0.5], [-1, -2], [3, -2]], atol=1e-9)


def test_gaussian_steps_are_equally_likely_over_any_range():
    x, y = centres(Span(-5.0, 0.5, 1.0, 5.0), 20, gaussian=True)
    for values in (x, y):
        steps = np.diff([NORMAL.cdf(v) for v in values])
        np.testing.assert_allclose(steps, steps.mean(), rtol=1e-9)


@pytest.mark.parametrize("gaussian", [False, True])
@pytest.mark.parametrize("n", [SMALLEST, 30, LARGEST])
def test_the_middle_of_each_drawn_cell_is_its_centre(n, gaussian):
    # What a pointer over the drawn picture needs: from places in it to the map.
    span = Span(-2.0, 1.0, 0.25, 3.0)
    drawn, (x, y) = outer(span, n, gaussian), centres(span, n, gaussian)
    middles = (np.arange(n) + 0.5) / n
    across = drawn.left + middles * (drawn.right - drawn.left)
    down = drawn.top - middles * (drawn.top - drawn.bottom)
    np.testing.assert_allclose(from_picture(across, gaussian), x, atol=1e-9)
    np.testing.assert_allclose(from_picture(down, gaussian), y, atol=1e-9)
    np.testing.assert_allclose(to_picture(x, gaussian), across, atol=1e-9)


def test_the_published_picture_reaches_half_a_cell_beyond_its_points():
    half = 4 / 29 / 2
    assert list(vars(outer(SQUARE, 30)).values()) == pytest.approx(
        [-2 - half, 2 + half, -2 - half, 2 + half]
    )


@pytest.mark.parametrize("n", [SMALLEST, 30, LARGEST])
def test_a_picture_can_be_made_to_cover_a_part_of_the_map(n):
    part = Span(-0.5, 3.0, 10.0, 10.25)
    span = inner(part, n)
    assert list(vars(outer(span, n)).values()) == pytest.approx(list(vars(part).values()))
    # n cells side by side: from one centre to the next is one n-th of the way.
    assert span.right - span.left == pytest.approx(3.5 * (n - 1) / n)


@pytest.mark.parametrize("n", [SMALLEST, 30, LARGEST])
def test_a_gaussian_picture_can_be_made_to_cover_a_part_of_the_map(n):
    part = Span(-0.5, 3.0, 1.0, 1.25)
    span = inner(in_picture(part, True), n, True)
    shares = [NORMAL.cdf(end) for end in (-0.5, 3.0, 1.0, 1.25)]
    assert list(vars(outer(span, n, True)).values()) == pytest.approx(shares, abs=1e-12)
    # The outermost centres lie half a cell's share inside.
    half = (shares[1] - shares[0]) / n / 2
    assert NORMAL.cdf(span.left) == pytest.approx(shares[0] + half, abs=1e-12)


def test_a_range_for_two_is_what_both_have_or_where_they_lie_apart_all_of_both():
    assert shared([Span(-1, 2, 0, 1), Span(-3, 1, 0.5, 4)]) == Span(-1, 1, 0.5, 1)
    assert shared([Span(-1, 2, 0, 1), Span(3, 4, 0.5, 4)]) == Span(-1, 4, 0, 4)
    assert shared([OBLONG]) == OBLONG


def test_the_edge_of_a_gaussian_picture_is_a_place_all_the_same():
    places = np.array([[-0.1, 0.0, 0.5], [0.975, 1.0, 1.1]])
    values = from_picture(places, gaussian=True)
    np.testing.assert_allclose(values, [[-5, -5, 0], [1.959964, 5, 5]], atol=1e-6)


# --- codes ---


def test_two_numbers_of_the_code_move_and_the_others_stay():
    base = np.array([10, 20, 30, 40, 50], np.float32)
    codes = axis_pair(3, 1, base).lift(grid_points(OBLONG, 5))
    for code, (x, y) in zip(codes, grid_points(OBLONG, 5), strict=True):
        np.testing.assert_allclose(code, [10, y, 30, x, 50], rtol=1e-6)
    assert codes.dtype == np.float32
    np.testing.assert_array_equal(base, [10, 20, 30, 40, 50])


def test_lifted_points_are_where_they_were():
    random = np.random.default_rng(2)
    codes = random.normal(size=(300, 7)).astype(np.float32)
    points = grid_points(OBLONG, 9)
    for view in (axis_pair(6, 0, codes.mean(axis=0)), latent_plane(codes)):
        np.testing.assert_allclose(view.project(view.lift(points)), points, atol=1e-5)
        assert view.lift(points).shape == (81, 7) and view.lift(points).dtype == np.float32
        assert view.project(codes.astype(np.float16)).dtype == np.float32


# --- the picture ---


def cell_by_cell(model, view, span, n, side):
    """The picture the way source 3 makes it: a point, a decode, a tile; y from the top down."""
    figure = np.zeros((n * side, n * side))
    for i, y in enumerate(np.linspace(span.bottom, span.top, n)[::-1]):
        for j, x in enumerate(np.linspace(span.left, span.right, n)):
            picture = model.decode(view.lift(np.array([[x, y]])))[0]
            figure[i * side : (i + 1) * side, j * side : (j + 1) * side] = picture.reshape(
                side, side
            )
    return figure


@pytest.mark.parametrize("span", [SQUARE, OBLONG], ids=str)
@pytest.mark.parametrize("n", [SMALLEST, 17, LARGEST])
@pytest.mark.parametrize("latent_dim", [1, 2, 5])
def test_the_picture_is_the_one_decoded_cell_by_cell(latent_dim, n, span):
    model = network(latent_dim)
    view = latent_plane(np.random.default_rng(3).normal(size=(50, latent_dim)))
    image = manifold_image(model, view.lift(grid_points(span, n)), n, PictureShape(6))
    assert image.shape == (n * 6, n * 6) and image.dtype == np.uint8
    # A level of ink is 1 / 255; rounding may fall either way where it is a tie.
    assert np.abs(image - 255 * cell_by_cell(model, view, span, n, 6)).max() <= 0.501


def test_two_numbers_of_a_longer_code_are_drawn_cell_by_cell_too():
    model = network(5)
    view = axis_pair(4, 2, np.linspace(-1, 1, 5))
    image = manifold_image(model, view.lift(grid_points(OBLONG, 8)), 8, PictureShape(6))
    assert np.abs(image - 255 * cell_by_cell(model, view, OBLONG, 8, 6)).max() <= 0.501


def test_ink_grows_to_the_right_and_upward_where_the_decoder_says_so():
    # One pixel a cell: its ink is the sum of the code's numbers.
    adds = Autoencoder((), (Layer(np.ones((2, 1), np.float32), np.zeros(1, np.float32)),))
    image = manifold_image(
        adds, grid_points(Span(0, 0.5, 0, 0.5), 5).astype(np.float32), 5, PictureShape(1)
    )
    assert (np.diff(image.astype(int), axis=1) > 0).all()
    assert (np.diff(image.astype(int), axis=0) < 0).all()
    assert image[0, -1] == 255 and image[-1, 0] == 0


def test_pixels_beyond_paper_and_ink_are_clipped():
    model = network(activation="linear", scale=3)
    points = grid_points(SQUARE, 7)
    drawn = cell_by_cell(model, latent_plane(points), SQUARE, 7, 6)
    assert drawn.min() < 0 and drawn.max() > 1
    image = manifold_image(model, points.astype(np.float32), 7, PictureShape(6))
    assert np.abs(image - 255 * np.clip(drawn, 0, 1)).max() <= 0.51


def test_numbers_that_overflow_become_paper_or_ink_without_a_warning():
    far = Layer(np.full((2, 1), 1e30, np.float32), np.zeros(1, np.float32))
    out = Layer(np.array([[1, -1, 0, 2]], np.float32), np.zeros(4, np.float32))
    model = Autoencoder((), (far, out))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = manifold_image(model, np.full((25, 2), 1e30, np.float32), 5, PictureShape(2))
    # Infinitely much ink and little, infinity times nothing (no number at all), and much.
    np.testing.assert_array_equal(image[:2, :2], [[255, 0], [0, 255]])


@pytest.mark.parametrize(
    ("shape", "side"), [((24, 2), 6), ((26, 2), 6), ((25, 3), 6), ((25, 2), 5)], ids=str
)
def test_shapes_that_do_not_fit_are_refused(shape, side):
    with pytest.raises(ValueError, match="5 x 5"):
        manifold_image(network(), np.zeros(shape, np.float32), 5, PictureShape(side))


def test_the_codes_are_left_alone():
    codes = grid_points(SQUARE, 5).astype(np.float32)
    before = codes.copy()
    manifold_image(network(activation="linear"), codes, 5, PictureShape(6))
    np.testing.assert_array_equal(codes, before)


# --- votes ---


@pytest.mark.parametrize(("count", "k"), [(3, 1), (40, 10), (199, 10), (5_003, 10), (5_003, 1)])
@pytest.mark.parametrize("n", [SMALLEST, LARGEST])
def test_votes_are_those_of_scikit_learns_neighbours(n, count, k):
    random = np.random.default_rng(count)
    codes = random.normal(size=(count, 2)).astype(np.float32)
    labels = random.integers(0, 10, count).astype(np.uint8)
    points = grid_points(OBLONG, n)
    votes = cell_votes(points, codes, labels, k)
    oracle = KNeighborsClassifier(k, algorithm="kd_tree").fit(codes.astype(np.float64), labels)
    # float32 may put two codes the other way round that are equally far to seven digits.
    assert (votes.labels == oracle.predict(points)).mean() > 0.999
    nearest = oracle.kneighbors(points, 1)[0][:, 0]
    np.testing.assert_allclose(votes.distances, nearest, rtol=1e-4, atol=1e-6)
    assert votes.labels.dtype == np.uint8 and votes.distances.dtype == np.float32


def test_sorted_codes_get_the_same_votes():
    # Codes that come class by class, and one class on one spot.
    random = np.random.default_rng(4)
    labels = np.repeat(np.arange(4, dtype=np.uint8), 500)
    codes = (random.normal(0, 0.3, (2_000, 2)) + labels[:, None]).astype(np.float32)
    codes[labels == 2] = 2
    points = grid_points(Span(-1, 4, -1, 4.3), 12)
    oracle = KNeighborsClassifier(10).fit(codes, labels)
    np.testing.assert_array_equal(cell_votes(points, codes, labels).labels, oracle.predict(points))


def test_of_two_equally_common_labels_the_smaller_one_counts():
    codes = np.array([[0, 0], [1, 0], [2, 0], [9, 9]], np.float16)
    votes = cell_votes(np.array([[0.9, 0.0]]), codes, np.array([7, 3, 7, 1], np.uint8), 2)
    assert votes.labels.tolist() == [3]
    assert votes.distances[0] == pytest.approx(0.1, abs=1e-6)


def test_of_equally_far_codes_the_earlier_ones_count():
    # More of them than a group holds, all on one spot.
    labels = np.array([5] * 10 + [1] * 990, np.uint8)
    assert cell_votes(np.ones((1, 2)), np.zeros((1_000, 2)), labels).labels.tolist() == [5]


def test_fewer_codes_than_neighbours_all_count():
    codes, labels = np.array([[0, 0], [5, 5], [6, 6]]), np.array([4, 9, 9], np.uint8)
    assert cell_votes(np.zeros((2, 2)), codes, labels).labels.tolist() == [9, 9]


def test_without_labels_there_are_distances_only():
    votes = cell_votes(np.array([[3.0, 4.0]]), np.zeros((1, 2)), None)
    assert votes.labels is None and votes.distances.tolist() == [5.0]


# --- the table ---


def test_the_table_names_every_cell_by_row_and_column():
    view = axis_pair(2, 0, np.array([0.1, -7, 3], np.float32))
    points = grid_points(OBLONG, 5)
    codes = view.lift(points)
    text = grid_csv(points, codes, 5).decode()
    assert text.endswith("\n") and "\r" not in text
    head, *rows = csv.reader(io.StringIO(text))
    assert head == ["row", "column", "x", "y", "number_1", "number_2", "number_3"]
    assert [row[:2] for row in rows] == [
        [f"{i + 1}", f"{j + 1}"] for i in range(5) for j in range(5)
    ]
    values = np.array([row[2:] for row in rows], np.float64)
    # Every float32 comes back as it was.
    np.testing.assert_array_equal(values[:, 2:].astype(np.float32), codes)
    np.testing.assert_allclose(values[:, :2], points, rtol=1e-6)
    assert rows[0][2:] == ["-1.0", "1.0", "1.0", "-7.0", "-1.0"]
