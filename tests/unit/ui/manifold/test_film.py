"""The film of a stored model's manifold: from its frames or its weights, with words and a GIF."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from aeviz.checkpoints.history import HistoryView
from aeviz.checkpoints.store import load_checkpoint
from aeviz.data.picture_shape import PictureShape
from aeviz.latent.frames import Frame, frame_picture
from aeviz.latent.grid import Span
from aeviz.ui.film.mosaic import encoded
from aeviz.ui.manifold.film import film_of, mosaic_gif
from aeviz.ui.shell.packed import packed
from tests.support.server import ROOT

CHECKPOINTS = ROOT / "tests" / "unit" / "checkpoints"
# Written by earlier versions: six moments with their weights, 8 x 8 digits, vae-2d in small.
OLD = [CHECKPOINTS / f"format-{n}.safetensors" for n in (1, 2)]


def with_snapshots(checkpoint, change):
    view = checkpoint.history
    shots = tuple(replace(s, **change(i)) for i, s in enumerate(view.snapshots))
    return replace(checkpoint, history=HistoryView(view.losses, shots, shots[-1]))


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_of_an_earlier_format_the_frames_come_from_the_weights(path):
    checkpoint = load_checkpoint(path)
    film = film_of(checkpoint)
    assert film.steps.tolist() == [0, 1, 2, 3, 4, 5] and film.total_steps == 5
    # A variational code: 16 cells from -2 to 2, and half a cell more.
    np.testing.assert_allclose(film.drawn, 6 * [[-2 - 2 / 15, 2 + 2 / 15] * 2])
    weights = [w.astype(np.float64) for w in checkpoint.history.snapshots[3].weights[4:]]
    places = np.linspace(-2, 2, 16)
    codes = np.column_stack([np.tile(places, 16), np.repeat(places[::-1], 16)])
    hidden = codes @ weights[0] + weights[1]
    hidden = np.where(hidden > 0, hidden, np.expm1(hidden))
    drawn = 1 / (1 + np.exp(-(hidden @ weights[2] + weights[3])))
    expected = drawn.reshape(16, 16, 8, 8).transpose(0, 2, 1, 3).reshape(128, 128)
    ink = frame_picture(film.pictures[3], PictureShape(128))
    # Compression may be off by so many levels of 255, on pictures that are still all noise.
    assert np.abs(ink - 255 * expected).mean() < 5


def test_without_frames_and_without_weights_there_is_none():
    checkpoint = load_checkpoint(OLD[1])
    assert film_of(with_snapshots(checkpoint, lambda i: {"weights": None})) is None
    assert film_of(replace(checkpoint, history=HistoryView())) is None


@pytest.fixture
def kept():
    """A model with frames of its own: all paper, a little darker at each moment."""

    def frame(i):
        out = io.BytesIO()
        Image.fromarray(np.full((128, 128), 40 * i, np.uint8)).save(out, format="JPEG")
        span = Span(-1.0 - i, 1.0 + i, 0.0, 15.0)
        return {"frame": Frame(span, 16, out.getvalue()), "weights": None}

    return with_snapshots(load_checkpoint(OLD[1]), frame)


def test_kept_frames_are_shown_as_they_are(kept):
    film = film_of(kept)
    assert film.pictures == tuple(s.frame.picture for s in kept.history.snapshots)
    assert film.shape == PictureShape(128)
    np.testing.assert_allclose(film.drawn[2], [-3.2, 3.2, -0.5, 15.5])
    assert len(film.sentences) == 6 and film.sentences[-1].startswith("**Loss ")
    assert encoded(film)["drawn"][2] == pytest.approx([-3.2, 3.2, -0.5, 15.5])
    assert encoded(film)["steps"] == [0, 1, 2, 3, 4, 5]


def test_of_a_film_of_many_megabytes_a_page_sends_five(kept):
    """As of a film whose moments are all noise, in pictures of 64 pixels a side."""
    shots = kept.history.snapshots
    frames = [replace(s.frame, picture=s.frame.picture + bytes(900_000)) for s in shots]
    film = film_of(with_snapshots(kept, lambda i: {"frame": frames[i]}))
    assert len(packed(encoded(film))) < 5_100_000
    assert film.steps.tolist() == [0, 2, 4, 5] and len(film.sentences) == len(film.drawn) == 4


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_gif_shows_every_frame_and_names_its_moment(kept, theme):
    image = Image.open(io.BytesIO(mosaic_gif(film_of(kept), theme)))
    assert image.format == "GIF" and image.n_frames == 6 and image.info["loop"] == 0
    # Pictures of 128 pixels four times as large, and a line below them.
    assert image.size == (512, 542)
    seconds, shades = 0, []
    for i in range(6):
        image.seek(i)
        seconds += image.info["duration"] / 1000
        colours = np.asarray(image.convert("L")).astype(float)
        shades.append(colours[:512].mean())
        assert colours[512:, :200].std() > 5  # words
    assert seconds == pytest.approx(7, abs=0.2)
    darker = [-1, 1][theme == "dark"]
    assert all(darker * step > 20 for step in np.diff(shades))


def test_parts_that_do_not_fit_are_refused(kept):
    from aeviz.ui.film.mosaic import mosaic

    with pytest.raises(ValueError, match="a step, a range and a sentence"):
        mosaic(replace(film_of(kept), sentences=()), key="film")
