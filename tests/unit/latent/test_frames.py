"""The manifold at one moment: what is drawn where, how true its file is, what is refused."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from aeviz.data.picture_shape import PictureShape
from aeviz.latent.frames import FILM_CELLS, FrameError, frame_picture, manifold_frame
from aeviz.latent.grid import Span
from aeviz.latent.plane import LatentPlane
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.layers import Layer
from aeviz.networks.recipes import PRESETS

SIDE = 14
PLANE = LatentPlane(np.zeros(2), np.eye(2))
SMOOTH, PLAIN = PRESETS["vae-2d"], PRESETS["karpathy-2d"]


def ramp(code):
    """A picture that brightens evenly, from a shade and a slope that the code says."""
    across = np.linspace(-1, 1, SIDE)
    return np.clip(0.5 + 0.1 * code[0] + 0.1 * code[1] * across, 0, 1)[None].repeat(SIDE, axis=0)


@pytest.fixture
def network():
    """Decodes (a, b) to `ramp((a, b))`, by a single linear layer."""
    across = np.tile(np.linspace(-1, 1, SIDE), SIDE)
    kernel = np.stack([np.full(SIDE * SIDE, 0.1), 0.1 * across]).astype(np.float32)
    bias = np.full(SIDE * SIDE, 0.5, np.float32)
    encoder = Layer(np.zeros((SIDE * SIDE, 2), np.float32), np.zeros(2, np.float32))
    return Autoencoder((encoder,), (Layer(kernel, bias),))


def test_every_cell_is_the_decoders_picture_of_its_place(network):
    frame = manifold_frame(network, PictureShape(SIDE), PLANE, np.zeros((5, 2), np.float16), SMOOTH)
    assert frame.span == Span(-2.0, 2.0, -2.0, 2.0) and frame.cells == FILM_CELLS
    ink = frame_picture(frame.picture, PictureShape(FILM_CELLS * SIDE))
    places = np.linspace(-2, 2, FILM_CELLS)
    expected = np.block([[ramp((x, y)) for x in places] for y in places[::-1]])
    # Compression may be off by so many levels of 255.
    assert np.abs(ink - 255 * expected).mean() < 3


def test_a_plain_autoencoder_is_drawn_where_its_codes_are_at_that_moment(network):
    points = np.column_stack([np.linspace(-7, 3, 1001), np.linspace(10, 30, 1001)])
    frame = manifold_frame(network, PictureShape(SIDE), PLANE, points.astype(np.float16), PLAIN)
    # But for one code in a hundred at either end.
    expected = (-6.9, 2.9, 10.2, 29.8)
    assert (frame.span.left, frame.span.right) == pytest.approx(expected[:2], abs=0.02)
    assert (frame.span.bottom, frame.span.top) == pytest.approx(expected[2:], abs=0.02)


@pytest.mark.parametrize("points", [np.zeros((9, 2)), np.full((9, 2), 65_504.0)])
def test_codes_on_one_spot_and_codes_beyond_all_bounds_have_a_frame(network, points):
    frame = manifold_frame(network, PictureShape(SIDE), PLANE, points.astype(np.float16), PLAIN)
    span = frame.span
    assert span.left < span.right and span.bottom < span.top
    assert (
        frame_picture(frame.picture, PictureShape(FILM_CELLS * SIDE)).shape
        == (FILM_CELLS * SIDE,) * 2
    )


def test_weights_that_overflow_are_paper(network):
    huge = replace(network.decoder[0], kernel=np.full((2, SIDE * SIDE), 3e38, np.float32))
    broken = replace(network, decoder=(huge,))
    frame = manifold_frame(broken, PictureShape(SIDE), PLANE, np.zeros((5, 2)), SMOOTH)
    ink = frame_picture(frame.picture, PictureShape(FILM_CELLS * SIDE))
    assert set(np.unique(ink // 128)) <= {0, 1}


def as_file(array, kind="JPEG", **how):
    out = io.BytesIO()
    Image.fromarray(array).save(out, format=kind, **how)
    return out.getvalue()


def many_passes(count):
    """A small progressive JPEG whose last pass is there `count` times more."""
    data = as_file(NOISE, progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + data[-2:]


GREY = np.zeros((32, 32), np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (32, 32), np.uint8)
BASELINE = as_file(NOISE)
BAD = {
    "nothing": b"",
    "no picture": b"no picture at all",
    "another size": as_file(np.zeros((32, 33), np.uint8)),
    "another kind": as_file(GREY, "PNG"),
    "in colour": as_file(np.zeros((32, 32, 3), np.uint8)),
    "cut off": BASELINE[:300],
    "cut off in its tables": BASELINE[:30],
    "progressive": as_file(NOISE, progressive=True),
    "thousands of passes": many_passes(5_000),
    "its pixels twice": BASELINE[:-2] + BASELINE[BASELINE.index(b"\xff\xda") :],
    "with a note": as_file(NOISE, comment=b"x" * 10),
    "with a camera's notes": as_file(NOISE, exif=b"Exif\0\0" + bytes(20)),
    "with a colour profile": as_file(NOISE, icc_profile=bytes(100)),
    "with thousands of tables": BASELINE[:2] + b"\xff\xdb\0\2" * 5_000 + BASELINE[2:],
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_such_picture_is_refused(name):
    assert frame_picture(as_file(GREY), PictureShape(32)).shape == (32, 32)
    with pytest.raises(FrameError):
        frame_picture(BAD[name], PictureShape(32))


def test_its_size_is_looked_at_before_it_is_unpacked(monkeypatch):
    picture = as_file(np.zeros((4000, 4000), np.uint8))
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("unpacked"))
    with pytest.raises(FrameError, match="4000 x 4000"):
        frame_picture(picture, PictureShape(32))


def test_what_is_drawn_over_and_over_is_refused_before_it_is_unpacked(monkeypatch):
    picture = many_passes(5_000)
    monkeypatch.setattr("PIL.Image.open", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(FrameError, match="not a plain JPEG"):
        frame_picture(picture, PictureShape(32))
