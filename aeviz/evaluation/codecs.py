"""Image codecs, as Pillow writes them: pictures to bytes and back, tiled into one file or alone."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from PIL import Image

from aeviz.coding.rates import ALONE, RatePoint, point
from aeviz.data.picture_shape import PictureShape
from aeviz.drawing.ink import tile_images

# Of a quality that says nothing is lost, which is none.
LOSSLESS = 100


@dataclass(frozen=True)
class Codec:
    """A way of writing pictures as bytes.

    title: for people. kind: Pillow's name for it. options: for a quality, what Pillow is told of
    grey pictures or of pictures in colour. qualities: from small files to large ones; LOSSLESS
    alone for a codec that loses nothing.
    """

    name: str
    title: str
    kind: str
    options: Callable[[int, bool], dict]
    qualities: tuple[int, ...]

    @property
    def lossless(self) -> bool:
        """Whether what comes back is what went in."""
        return self.qualities == (LOSSLESS,)

    def write(self, picture: np.ndarray, quality: int) -> bytes:
        """Return the file of a (height, width) or (height, width, 3) uint8 picture."""
        out = io.BytesIO()
        coloured = picture.ndim == 3
        Image.fromarray(picture).save(out, self.kind, **self.options(quality, coloured))
        return out.getvalue()


def read(file: bytes, like: np.ndarray) -> np.ndarray:
    """Return the picture of a file that a codec wrote, of the shape of `like`."""
    with Image.open(io.BytesIO(file)) as picture:
        return np.asarray(picture.convert("RGB" if like.ndim == 3 else "L"))


def _jpeg(quality: int, coloured: bool) -> dict:
    return {"quality": quality, "optimize": True}


def _webp(quality: int, coloured: bool) -> dict:
    return {"quality": quality, "method": 6}


def _avif(quality: int, coloured: bool) -> dict:
    # Grey pictures without the channels of colour, which JPEG leaves out as well.
    return {"quality": quality} | ({} if coloured else {"subsampling": "4:0:0"})


def _jpeg_xl(quality: int, coloured: bool) -> dict:
    return {"quality": quality, "effort": 7}


_KNOWN = (
    Codec("jpeg", "JPEG", "JPEG", _jpeg, (2, 5, 10, 20, 40, 65, 85, 95)),
    Codec("webp", "WebP", "WEBP", _webp, (0, 5, 20, 45, 70, 85, 95)),
    Codec("avif", "AVIF", "AVIF", _avif, (1, 5, 15, 30, 45, 60, 75, 90)),
    Codec("jxl", "JPEG XL", "JXL", _jpeg_xl, (5, 15, 30, 50, 70, 85, 93)),
    Codec("png", "PNG", "PNG", lambda quality, coloured: {"optimize": True}, (LOSSLESS,)),
    Codec(
        "webp-lossless",
        "WebP, lossless",
        "WEBP",
        lambda quality, coloured: {"lossless": True, "method": 6, "quality": 100},
        (LOSSLESS,),
    ),
)


def codecs() -> dict[str, Codec]:
    """Return the codecs that this machine has, by name: JPEG XL where its plug-in is installed."""
    if find_spec("pillow_jxl"):
        import pillow_jxl  # noqa: F401 - Pillow knows the format from then on

    Image.init()
    return {codec.name: codec for codec in _KNOWN if codec.kind in Image.SAVE}


def tiled(images: np.ndarray, shape: PictureShape) -> np.ndarray:
    """Return (n, values) uint8 pictures as one, edge to edge, about as wide as high."""
    columns = int(np.ceil(np.sqrt(len(images))))
    return tile_images(images, shape, columns)[..., : shape.channels if shape.coloured else None]


def taken_apart(sheet: np.ndarray, count: int, shape: PictureShape) -> np.ndarray:
    """Return the first (count, values) pictures of a sheet that `tiled` made."""
    side = shape.side
    rows, columns = sheet.shape[0] // side, sheet.shape[1] // side
    cells = sheet.reshape(rows, side, columns, side, shape.channels).swapaxes(1, 2)
    return cells.reshape(rows * columns, shape.values)[:count]


def through(
    codec: Codec, quality: int, images: np.ndarray, shape: PictureShape
) -> tuple[int, np.ndarray]:
    """Return the bytes that (n, values) uint8 pictures take tiled, and what comes back of them."""
    sheet = tiled(images, shape)
    file = codec.write(sheet, quality)
    return len(file), taken_apart(read(file, sheet), len(images), shape)


def through_alone(
    codec: Codec, quality: int, images: np.ndarray, shape: PictureShape
) -> tuple[int, np.ndarray]:
    """The same of pictures in files of their own."""
    taken = [through(codec, quality, image[None], shape) for image in images]
    return sum(size for size, _ in taken), np.concatenate([drawn for _, drawn in taken])


def codec_points(codec: Codec, images: np.ndarray, shape: PictureShape) -> Iterator[RatePoint]:
    """Yield a point for each of a codec's qualities, of (n, values) uint8 pictures in one file."""
    for quality in codec.qualities:
        taken, drawn = through(codec, quality, images, shape)
        yield point(quality, taken / len(images), drawn, images, shape)


def codec_points_alone(
    codec: Codec, images: np.ndarray, shape: PictureShape
) -> Iterator[RatePoint]:
    """Yield the same of up to ALONE pictures in files of their own."""
    images = images[:ALONE]
    for quality in codec.qualities:
        taken, drawn = through_alone(codec, quality, images, shape)
        yield point(quality, taken / len(images), drawn, images, shape)
