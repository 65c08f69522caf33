"""Own pictures in colour: every kind of file, and every way colour comes in one."""

import io

import numpy as np
import pytest
from PIL import Image

from aeviz.data.dataset import DatasetError
from aeviz.data.limits import MOST_VALUES
from aeviz.data.own.pictures import Wishes, read_pictures
from aeviz.data.own.store import load_pictures, save_pictures
from aeviz.data.shapes import draw, properties
from aeviz.data.uploads.formats import Upload
from tests.support.dataset_files import assert_sentence
from tests.support.uploads import idx_bytes, npz_bytes, upload

COUNT = 60
# Thirty-two pixels a side, shapes of many hues.
PICTURES = draw(properties(COUNT))


def files(pictures, *, ending="png", **options):
    """One file a picture: Pillow images, or arrays."""
    uploads = []
    for i, picture in enumerate(pictures):
        if isinstance(picture, np.ndarray):
            picture = Image.fromarray(picture)
        out = io.BytesIO()
        picture.save(out, {"jpg": "JPEG", "tif": "TIFF"}.get(ending, ending.upper()), **options)
        uploads.append(Upload(f"{i}.{ending}", out.getvalue()))
    return uploads


def npz(**arrays):
    return upload("p.npz", npz_bytes(**arrays))


def npy(array):
    out = io.BytesIO()
    np.save(out, array)
    return upload("p.npy", out.getvalue())


def csv(rows):
    return upload("p.csv", "\n".join(",".join(map(str, row)) for row in rows.tolist()).encode())


def idx(array):
    return upload("p-idx4-ubyte.gz", idx_bytes(array, gzipped=True))


ROWS = PICTURES.reshape(COUNT, -1)
PLANES = np.ascontiguousarray(PICTURES.transpose(0, 3, 1, 2))
KINDS = np.arange(COUNT) % 4
EXACT = {
    "png": lambda: files(PICTURES),
    "bmp": lambda: files(PICTURES, ending="bmp"),
    "tiff": lambda: files(PICTURES, ending="tif"),
    "lossless webp": lambda: files(PICTURES, ending="webp", lossless=True),
    "npz, channels last": lambda: npz(x_train=PICTURES),
    "npz, channels first": lambda: npz(x_train=PLANES),
    "npz, pictures last": lambda: npz(x_train=np.ascontiguousarray(np.moveaxis(PICTURES, 0, -1))),
    "npy, floats up to 1": lambda: npy(PICTURES.astype(np.float32) / 255),
    "npy, floats up to 255": lambda: npy(PICTURES.astype(np.float64)),
    "npy, floats from -1": lambda: npy(PICTURES.astype(np.float32) / 127.5 - 1),
    "npy, rows": lambda: npy(ROWS),
    "npy, rows of planes as in CIFAR-10": lambda: npy(PLANES.reshape(COUNT, -1)),
    "csv": lambda: csv(ROWS),
    "csv, labels first": lambda: csv(np.column_stack([KINDS, ROWS])),
    "csv of planes": lambda: csv(PLANES.reshape(COUNT, -1)),
    "idx": lambda: idx(PICTURES),
    "idx, channels first": lambda: idx(PLANES),
    "opaque alpha": lambda: files(Image.fromarray(p).convert("RGBA") for p in PICTURES),
}


@pytest.mark.parametrize("kind", EXACT)
def test_colour_is_kept_in_every_kind_of_file(kind):
    found = read_pictures(EXACT[kind]())
    assert found.images.shape == (COUNT, 32, 32, 3)
    assert np.abs(found.images.astype(int) - PICTURES).max() <= 1
    assert found.said.startswith("60 pictures in colour of 32 x 32 pixels")
    assert not (found.inverted or found.light_ground)
    if "labels" in kind:
        np.testing.assert_array_equal(found.labels, KINDS)


def cmyk():
    return files((Image.fromarray(p).convert("CMYK") for p in PICTURES), ending="jpg", quality=95)


def palettes():
    return files(Image.fromarray(p).quantize(256) for p in PICTURES)


def animated():
    uploads = []
    for i, picture in enumerate(PICTURES):
        first, second = Image.fromarray(picture), Image.fromarray(255 - picture)
        out = io.BytesIO()
        first.save(out, "GIF", save_all=True, append_images=[second])
        uploads.append(Upload(f"{i}.gif", out.getvalue()))
    return uploads


@pytest.mark.parametrize(
    ("make", "off"),
    [
        (lambda: files(PICTURES, ending="jpg", quality=95, subsampling=0), 4),
        (cmyk, 6),
        (palettes, 4),
        (animated, 4),
    ],
    ids=["JPEG", "CMYK", "palettes", "animated"],
)
def test_colours_of_files_that_lose_some_are_near(make, off):
    found = read_pictures(make())
    assert found.images.shape == PICTURES.shape
    assert np.abs(found.images.astype(int) - PICTURES).mean() < off


def test_colour_on_a_clear_ground_is_drawn_on_white():
    pictures = []
    for picture in PICTURES:
        alpha = np.where((picture == picture[0, 0]).all(axis=-1), 0, 255).astype(np.uint8)
        pictures.append(np.dstack([picture // 3, alpha]))
    found = read_pictures(files(pictures))
    for drawn, picture in zip(found.images, pictures, strict=True):
        clear = picture[..., 3] == 0
        assert (drawn[clear] == 255).all()
        np.testing.assert_array_equal(drawn[~clear], picture[~clear][:, :3])


def test_grey_pictures_among_those_in_colour_stay_grey():
    mixed = [Image.fromarray(p) for p in PICTURES]
    deep = (PICTURES[1, ..., 0].astype(np.uint16) << 8) + 255
    mixed[:3] = [mixed[0].convert("L"), Image.fromarray(deep), mixed[2].convert("LA")]
    found = read_pictures(files(mixed))
    assert found.images.shape == PICTURES.shape
    assert (found.images[:3] == found.images[:3, ..., :1]).all()
    np.testing.assert_array_equal(found.images[3:], PICTURES[3:])
    np.testing.assert_array_equal(found.images[0, ..., 0], np.asarray(mixed[0]))


def test_files_in_colour_that_show_none_are_grey():
    """A grey photo, as phones and scanners save it, also through JPEG."""
    greys = [Image.fromarray(p).convert("L").convert("RGB") for p in PICTURES]
    oracle = np.stack([np.asarray(g.convert("L")) for g in greys])
    found = read_pictures(files(greys))
    assert found.images.shape == (COUNT, 28, 28)  # as before there was colour
    found = read_pictures(files(greys), Wishes(side=32))
    np.testing.assert_array_equal(found.images, oracle)
    assert read_pictures(files(greys, ending="jpg", quality=60)).images.ndim == 3


def test_colour_can_be_left_out():
    found = read_pictures(npz(x=PICTURES), Wishes(grey=True, side=32))
    oracle = np.stack([np.asarray(Image.fromarray(p).convert("L")) for p in PICTURES])
    assert np.abs(found.images.astype(int) - oracle).max() <= 1
    assert "made grey" in found.said


def test_oblong_pictures_are_filled_up_with_their_own_edge():
    wide = np.concatenate([PICTURES, np.full_like(PICTURES, (200, 30, 30))], axis=2)
    wide[:, [0, -1]] = wide[:, :, [0, -1]] = (40, 60, 220)
    found = read_pictures(files(wide), Wishes(side=64))
    assert (np.abs(found.images[:, :10].astype(int) - (40, 60, 220)) <= 1).all()
    cut = read_pictures(files(wide), Wishes(side=32, square="crop"))
    np.testing.assert_array_equal(cut.images, wide[:, :, 16:48])


@pytest.mark.parametrize("turn", ["left", "right", "over", "mirror", "transpose"])
def test_colours_turn_with_their_pictures(turn):
    found = read_pictures(files(PICTURES), Wishes(turn=turn))
    channels = [
        read_pictures(npz(x=np.ascontiguousarray(PICTURES[..., c])), Wishes(32, turn=turn)).images
        for c in range(3)
    ]
    np.testing.assert_array_equal(found.images, np.stack(channels, axis=-1))


def test_they_are_kept_and_opened_in_colour():
    kept = save_pictures(read_pictures(npz(x=PICTURES, y=KINDS)), "Shapes of mine")
    assert kept.shape.words == "32 x 32 in colour"
    data = load_pictures(kept.name)
    assert data.shape == kept.shape
    known = {p.tobytes() for p in PICTURES}
    assert {p.tobytes() for p in data.images} == known


def test_more_values_than_there_is_room_for_are_refused():
    count = MOST_VALUES // (64 * 64 * 3) + 1
    many = np.zeros((count, 8, 8, 3), np.uint8)
    many[:, :4, :, 0] = 255
    with pytest.raises(
        DatasetError, match="64 x 64 in colour are more than there is room"
    ) as error:
        read_pictures(npy(many), Wishes(side=64))
    assert_sentence(error.value)


def test_numbers_that_are_no_colours_are_refused():
    for shape in ((60, 16, 16, 4), (60, 16, 16, 2), (60, 5, 16, 16)):
        with pytest.raises(DatasetError, match="1 or 3 colour channels") as error:
            read_pictures(npy(np.arange(np.prod(shape)).reshape(shape) % 255))
        assert_sentence(error.value)
