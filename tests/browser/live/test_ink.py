"""Drawn ink becomes a picture as MNIST's were made: against NumPy and Pillow."""

import numpy as np
import pytest
from PIL import Image

from tests.support.live_panels import STROKES, drawn_by_pillow, encoded, in_browser, linear_model


def made_by_numpy(ink, side, box):
    """As MNIST's authors describe it: fitted into box x box pixels, then moved by whole pixels
    until the centre of mass is at the middle."""
    rows, columns = (np.nonzero((ink > 0.3).any(axis=1 - a))[0] for a in (0, 1))
    (top, bottom), (left, right) = ((a[0], a[-1] + 1) for a in (rows, columns))
    cell = max(bottom - top, right - left) / box
    size = [int(np.ceil(n / cell - 1e-6)) for n in (right - left, bottom - top)]
    margin = 200  # whole cells around a narrow digit may reach beyond the sheet
    sheet = Image.fromarray(np.pad(ink, margin).astype(np.float32))
    middles = ((left + right) / 2 + margin, (top + bottom) / 2 + margin)
    start = [m - n * cell / 2 for m, n in zip(middles, size, strict=True)]
    end = [m + n * cell / 2 for m, n in zip(middles, size, strict=True)]
    digit = np.asarray(sheet.resize(size, Image.Resampling.BOX, box=(*start, *end)))
    y, x = (np.average(np.arange(n), weights=digit.sum(1 - a)) for a, n in enumerate(digit.shape))
    picture = np.zeros((2 * side, 2 * side))
    top, left = round(side - y), round(side - x)
    picture[top : top + size[1], left : left + size[0]] = digit
    return picture[side // 2 : -side // 2, side // 2 : -side // 2]


def test_areas_are_averaged_exactly(blank_page):
    ink = np.random.default_rng(3).random((23, 31))
    x, y, cell, columns, rows = 2.3, -1.7, 2.6, 9, 8  # begins above the sheet
    made = in_browser(blank_page(), "areaAverage", ink, x, y, cell, columns, rows)
    # The integral of the ink from the corner to any place, so that an area is four look-ups.
    sums = np.pad(ink.cumsum(0).cumsum(1), ((1, 0), (1, 0)))

    def integral(v, u):
        v, u = np.clip(v, 0, 23), np.clip(u, 0, 31)
        along = np.stack([np.interp(u, np.arange(32), line) for line in sums])
        return np.stack([np.interp(v, np.arange(24), column) for column in along.T], axis=1)

    edges = integral(y + cell * np.arange(rows + 1), x + cell * np.arange(columns + 1))
    expected = np.diff(np.diff(edges, axis=0), axis=1) / cell**2
    assert np.abs(made.reshape(rows, columns) - expected).max() < 1e-6


@pytest.mark.parametrize("digit", STROKES)
def test_strokes_become_a_picture_as_mnist_was_made(blank_page, digit):
    ink = drawn_by_pillow(STROKES[digit])
    made = in_browser(blank_page(), "centredInk", ink, 28).reshape(28, 28)
    rows, columns = (np.nonzero((made > 0.02).any(axis=1 - a))[0] for a in (0, 1))
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    assert abs(longer - 20) <= 1
    assert min(rows[0], columns[0]) >= 0 and max(rows[-1], columns[-1]) <= 27
    for axis in (0, 1):
        mass = np.average(np.arange(28), weights=made.sum(axis=1 - axis))
        assert abs(mass - 14) <= 0.5
    expected = made_by_numpy(ink, 28, 20)
    assert made.mean() == pytest.approx(expected.mean(), rel=0.03)
    # Where the centre of mass is half-way between two pixels, either is right.
    moves = [np.roll(expected, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    assert min(np.abs(made - moved).mean() for moved in moves) < 0.01


def test_the_middle_is_where_mnist_has_it(mnist):
    """The premise: 28 / 2, counting pixels from 0, within half a pixel in every test picture."""
    images = mnist.test_images.reshape(-1, 28, 28).astype(np.float64)
    for axis in (1, 2):
        weights = images.sum(axis=3 - axis)
        mass = (weights * np.arange(28)).sum(1) / weights.sum(1)
        assert np.abs(mass - 14).max() <= 0.5 + 1e-3


def test_eight_by_eight_digits_fill_their_picture(blank_page, small_digits):
    images, labels = small_digits
    heights = (images.reshape(-1, 8, 8).max(axis=2) > 0).sum(axis=1)
    assert (heights == 8).all()  # the premise
    model = linear_model(images, labels, 10)
    codes = np.reshape(model["codes"], (-1, 10))
    usual = np.median(np.linalg.norm(codes[:150] - codes[150:], axis=1))
    page, away = blank_page(), []
    for row in range(20):
        large = Image.fromarray(images[row].reshape(8, 8)).resize((80, 80), Image.Resampling.BOX)
        sheet = np.zeros((200, 160))
        sheet[30:110, 50:130] = np.asarray(large) / 255
        made = in_browser(page, "centredInk", sheet, 8)
        assert (made.reshape(8, 8).max(axis=1) > 0).all()
        away.append(np.linalg.norm(encoded(model, made) - codes[row]) / usual)
    assert np.median(away) < 0.45  # its box is whole pixels, its place is not


def test_no_ink_makes_no_picture(blank_page):
    assert in_browser(blank_page(), "centredInk", np.zeros((40, 50)), 28) is None


def test_uncentred_ink_is_only_shrunk(blank_page):
    ink = drawn_by_pillow(STROKES["small 2"])
    page = blank_page()
    page.evaluate("() => (window.shrunk = (ink, size, _, side) => shrunkInk(ink, size, side))")
    made = in_browser(page, "shrunk", ink, 28)
    expected = ink.reshape(28, 12, 28, 12).mean(axis=(1, 3)).ravel()
    assert np.abs(made - expected).max() < 1e-6
