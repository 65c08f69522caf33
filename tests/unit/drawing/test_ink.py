"""Pictures as Pillow reads them back."""

import io

import numpy as np
import pytest
from PIL import Image

from aeviz.data.dataset import to_bytes
from aeviz.data.picture_shape import PictureShape
from aeviz.drawing.ink import (
    FAINT,
    THEMES,
    TINT,
    enlarged,
    gif,
    inked,
    marked_cells,
    on_paper,
    png,
    tile_images,
)

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)
# 10 ms is the GIF format's unit of time.
TICK = 0.010


def mixed(ink, theme):
    """The colour for one amount of ink, by the rule: a straight line from paper to ink."""
    line = [p + (i - p) * ink / 255 for p, i in zip(theme.paper, theme.ink, strict=True)]
    return [int(np.floor(value + 0.5)) for value in line]


def read_gif(data):
    """RGB frames and their seconds."""
    image, frames, seconds = Image.open(io.BytesIO(data)), [], []
    for i in range(image.n_frames):
        image.seek(i)
        frames.append(np.asarray(image.convert("RGB")))
        seconds.append(image.info["duration"] / 1000)
    return frames, seconds, image


def test_floats_to_ink():
    pixels = np.array([[0.0, 1.0, 0.5, -3.0, 7.0, 1 / 255, 0.4 / 255, 0.6 / 255]])
    assert to_bytes(pixels).tolist() == [[0, 255, 128, 0, 255, 1, 0, 1]]
    assert to_bytes(pixels).dtype == np.uint8


def test_every_grey_level_of_a_data_set_survives_the_trip_through_floats():
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(to_bytes(levels.astype(np.float32) / 255), levels)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_ink_on_paper(theme):
    colours = inked(RAMP, theme)
    assert colours.shape == (16, 16, 3) and colours.dtype == np.uint8
    assert tuple(colours[0, 0]) == theme.paper
    assert tuple(colours[15, 15]) == theme.ink
    expected = [mixed(ink, theme) for ink in range(256)]
    # Half-way cases may round either way in float32.
    assert np.abs(colours.reshape(-1, 3).astype(int) - expected).max() <= 1
    assert (colours.reshape(-1, 3) != expected).mean() < 0.01


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("tinted", [False, True])
@pytest.mark.parametrize("fading", [False, True])
def test_cells_are_tinted_and_fade_each_for_itself(theme, tinted, fading):
    n, side, random = 3, 4, np.random.default_rng(0)
    ink = random.integers(0, 256, (n * side, n * side), dtype=np.uint8)
    tints = random.integers(0, 256, (n * n, 3), dtype=np.uint8) if tinted else None
    faint = random.random(n * n) < 0.5 if fading else None
    colours = marked_cells(ink, theme, n, tints=tints, faint=faint)
    for y, x in np.ndindex(ink.shape):
        cell = n * (y // side) + x // side
        left = FAINT if fading and faint[cell] else 1.0
        for channel, (paper, full) in enumerate(zip(theme.paper, theme.ink, strict=True)):
            under = paper + TINT * (float(tints[cell, channel]) - paper) if tinted else paper
            mixed_in = under + ink[y, x] / 255 * (full - under)
            expected = paper + left * (mixed_in - paper)
            assert abs(colours[y, x, channel] - expected) <= 0.51


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("quick", [False, True])
def test_ink_as_a_file_with_a_palette(theme, quick):
    image = Image.open(io.BytesIO(png(RAMP[:, :9], theme, quick=quick)))
    assert (image.format, image.mode, image.size) == ("PNG", "P", (9, 16))
    np.testing.assert_array_equal(np.asarray(image.convert("RGB")), inked(RAMP[:, :9], theme))


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_png_reads_back_exactly(theme):
    picture = inked(RAMP[:, :9], theme)
    image = Image.open(io.BytesIO(png(picture, theme)))
    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (9, 16))
    np.testing.assert_array_equal(np.asarray(image), picture)
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(png(picture, theme, quick=True)))), picture
    )


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_gif_reads_back_with_exact_colours(theme):
    frames = [RAMP, RAMP[::-1].copy(), RAMP.T.copy()]
    read, seconds, image = read_gif(gif(frames, theme, [0.5, 0.1, 1.0]))
    assert (image.format, image.size, len(read)) == ("GIF", (16, 16), 3)
    for frame, colours in zip(frames, read, strict=True):
        np.testing.assert_array_equal(colours, inked(frame, theme))
    assert seconds == pytest.approx([0.5, 0.1, 1.0], abs=TICK)
    assert image.info["loop"] == 0  # for ever


def test_gif_of_wide_frames_has_the_frames_size():
    data = gif(
        [np.zeros((10, 30), np.uint8), np.full((10, 30), 9, np.uint8)], THEMES["light"], [1, 1]
    )
    assert Image.open(io.BytesIO(data)).size == (30, 10)


def test_frames_that_change_in_one_place_only():
    # Writers of GIF store only what changed; the rest has to show through unchanged.
    frames = []
    for i in range(8):
        frame = np.full((12, 12), 200, np.uint8)
        frame[i, i] = 10 * i
        frames.append(frame)
    read, _, _ = read_gif(gif(frames, THEMES["dark"], [0.1] * 8))
    assert len(read) == 8
    for frame, colours in zip(frames, read, strict=True):
        np.testing.assert_array_equal(colours, inked(frame, THEMES["dark"]))


def test_frames_that_repeat_take_their_time_all_the_same():
    frames = [RAMP, RAMP, RAMP, RAMP.T.copy()]
    read, seconds, _ = read_gif(gif(frames, THEMES["light"], [0.2, 0.3, 0.1, 0.4]))
    assert sum(seconds) == pytest.approx(1.0, abs=4 * TICK)
    np.testing.assert_array_equal(read[0], inked(frames[0], THEMES["light"]))
    np.testing.assert_array_equal(read[-1], inked(frames[-1], THEMES["light"]))


def test_one_frame_makes_a_gif_too():
    read, _, _ = read_gif(gif([RAMP], THEMES["light"], [1.0]))
    assert len(read) == 1
    np.testing.assert_array_equal(read[0], inked(RAMP, THEMES["light"]))


def test_no_frame_is_too_short_to_be_shown():
    # Browsers slow frames of 10 ms and less down to 100.
    _, seconds, _ = read_gif(gif([RAMP, RAMP.T.copy()], THEMES["light"], [0.0, 0.001]))
    assert min(seconds) >= 0.02


def test_tiles_lie_row_by_row():
    images = np.arange(1, 6, dtype=np.uint8)[:, None] * np.ones((5, 9), np.uint8)
    sheet = tile_images(images, PictureShape(3), columns=2, gap=1)
    assert sheet.shape == (3 * 4 - 1, 2 * 4 - 1)
    for i, (top, left) in enumerate([(0, 0), (0, 4), (4, 0), (4, 4), (8, 0)]):
        assert (sheet[top : top + 3, left : left + 3] == i + 1).all()
    assert (sheet[[3, 7]] == 0).all() and (sheet[:, 3] == 0).all()  # gaps
    assert (sheet[8:, 4:] == 0).all()  # the missing sixth tile
    assert sheet.sum() == 9 * (1 + 2 + 3 + 4 + 5)


def test_tiles_keep_each_picture_the_right_way_up():
    picture = np.arange(9, dtype=np.uint8)
    sheet = tile_images(np.stack([picture, picture[::-1]]), PictureShape(3), columns=2)
    np.testing.assert_array_equal(sheet[:, :3], [[0, 1, 2], [3, 4, 5], [6, 7, 8]])
    np.testing.assert_array_equal(sheet[:, 3:], [[8, 7, 6], [5, 4, 3], [2, 1, 0]])


def test_fewer_tiles_than_columns_leave_blank_places():
    sheet = tile_images(np.ones((1, 4), np.uint8), PictureShape(2), columns=3)
    np.testing.assert_array_equal(sheet, [[1, 1, 0, 0, 0, 0]] * 2)


def test_enlarged_pixels_are_squares():
    np.testing.assert_array_equal(
        enlarged(np.array([[1, 2]], np.uint8), 2), [[1, 1, 2, 2], [1, 1, 2, 2]]
    )
    assert enlarged(np.zeros((28, 28, 3), np.uint8), 10).shape == (280, 280, 3)


# --- colour ----------------------------------------------------------------------------------


def test_colour_tiles_are_clear_where_there_is_no_picture():
    shape = PictureShape(3, 3)
    images = np.random.default_rng(0).integers(0, 256, (3, shape.values), dtype=np.uint8)
    sheet = tile_images(images, shape, columns=2, gap=1, edge=2)
    assert sheet.shape == (2 * 4 - 1 + 4, 2 * 4 - 1 + 4, 4)
    for image, (top, left) in zip(images, [(2, 2), (2, 6), (6, 2)], strict=True):
        place = sheet[top : top + 3, left : left + 3]
        np.testing.assert_array_equal(place[..., :3], image.reshape(3, 3, 3))
        assert (place[..., 3] == 255).all()
    assert (sheet[..., 3] == 255).sum() == 3 * 9


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_what_is_clear_shows_the_paper(theme):
    sheet = np.zeros((1, 3, 4), np.uint8)
    sheet[0, 1] = (10, 20, 30, 255)
    sheet[0, 2] = (10, 20, 30, 51)
    shown = on_paper(sheet, theme)
    assert tuple(shown[0, 0]) == theme.paper and tuple(shown[0, 1]) == (10, 20, 30)
    faint = [p + 0.2 * (c - p) for p, c in zip(theme.paper, (10, 20, 30), strict=True)]
    assert np.abs(shown[0, 2] - np.array(faint)).max() <= 0.51


def test_colours_are_in_a_file_as_they_are():
    colours = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    for theme in THEMES.values():
        image = Image.open(io.BytesIO(png(colours, theme)))
        np.testing.assert_array_equal(np.asarray(image), colours)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_colour_cells_fade_into_the_page(theme):
    colours = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    faint = np.array([True, False, False, True])
    shown = marked_cells(colours, theme, 2, faint=faint)
    np.testing.assert_array_equal(shown[:4, 4:], colours[:4, 4:])
    expected = theme.paper + FAINT * (colours[:4, :4] - np.array(theme.paper, float))
    assert np.abs(shown[:4, :4] - expected).max() <= 0.51
    np.testing.assert_array_equal(marked_cells(colours, theme, 2), colours)


def test_a_gif_in_colour_keeps_its_colours_and_does_not_flicker():
    random = np.random.default_rng(0)
    # A gradient of more colours than a GIF has, and a corner that never changes.
    ramp = np.stack(np.meshgrid(np.arange(64), np.arange(64)), axis=2) * 4
    frames = []
    for i in range(20):
        frame = np.dstack([ramp, np.full((64, 64), 12 * i)]).astype(np.uint8)
        frame[:8, :8] = (200, 30, 90)
        frames.append(frame)
    read, _, _ = read_gif(gif(frames, THEMES["light"], [0.1] * 20))
    off = [np.abs(a.astype(int) - b).mean() for a, b in zip(read, frames, strict=True)]
    assert max(off) < 12
    assert len({frame[:8, :8].tobytes() for frame in read}) == 1
    few = random.integers(0, 256, (100, 3), dtype=np.uint8)[random.integers(0, 100, (9, 9))]
    (same,), _, _ = read_gif(gif([few], THEMES["light"], [1.0]))
    np.testing.assert_array_equal(same, few)
