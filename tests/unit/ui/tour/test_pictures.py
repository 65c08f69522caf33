"""The small pictures of the tour's stops: each of the gallery's own models, none left out."""

import base64
import io
import re

import numpy as np
from PIL import Image

from aeviz.checkpoints.checkpoint import CheckpointError
from aeviz.checkpoints.store import load_checkpoint
from aeviz.ui.tour.pictures import TILES, gallery_path, stop_pictures
from aeviz.ui.tour.stops import STOPS


def opened(name):
    return load_checkpoint(gallery_path(name))


def ink(tile: str) -> np.ndarray:
    """(height, width) uint8: what a tile's picture lets through."""
    with Image.open(io.BytesIO(base64.b64decode(tile))) as image:
        return np.array(image.convert("RGBA"))[..., 3]


def test_every_stop_has_a_picture_that_screen_readers_pass_over():
    pictures = stop_pictures(opened)
    assert list(pictures) == list(STOPS)
    for name, html in pictures.items():
        assert 'aria-hidden="true"' in html
        tiles = re.findall(r"url\(data:image/png;base64,([^)]+)\)", html)
        assert len(tiles) in ((4,) if name == "undercomplete" else (0, TILES))
        assert all(ink(tile).max() > 60 for tile in tiles)


def test_the_decoders_tiles_are_what_the_decoder_draws():
    model = opened("karpathy-2d")
    points, labels = model.test_codes.points, model.test_codes.labels
    one, nought = (np.median(points[labels == n].astype(float), axis=0) for n in (1, 0))
    tiles = re.findall(r"base64,([^)]+)\)", stop_pictures(opened)["decoder"])
    for tile, code in zip((tiles[0], tiles[-1]), (one, nought), strict=True):
        drawn = model.autoencoder.decode(code[None].astype(np.float32)).reshape(28, 28)
        expected = np.clip(drawn, 0, 1).repeat(4, axis=0).repeat(4, axis=1)
        np.testing.assert_allclose(ink(tile) / 255, expected, atol=0.01)


def test_a_stop_whose_model_does_not_open_has_none():
    def without_sparse(name):
        if name == "digits-sparse":
            raise CheckpointError("gone")
        return opened(name)

    assert "sparse" not in (pictures := stop_pictures(without_sparse))
    assert len(pictures) == len(STOPS) - 1
