"""Arrays to images: ink on paper and colour, tiles, PNG and GIF files.

A picture is (height, width) uint8 ink, drawn in the theme's own; (height, width, 3) uint8 colours,
drawn as they are; or (height, width, 4), colours and how much of the page they cover.
"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from aeviz.data.picture_shape import PictureShape


@dataclass(frozen=True)
class Theme:
    """Paper and ink as RGB, 0 to 255."""

    paper: tuple[int, int, int]
    ink: tuple[int, int, int]


# The page's own colours (.streamlit/config.toml), so that a saved picture sits well on a slide.
THEMES = {
    "light": Theme((255, 255, 255), (20, 22, 28)),
    "dark": Theme((24, 25, 30), (238, 240, 232)),
}


def inked(ink: np.ndarray, theme: Theme) -> np.ndarray:
    """Turn (...) uint8 amounts of ink into (..., 3) uint8 colours between paper and ink."""
    share = ink[..., None].astype(np.float32) / 255.0
    paper, full = np.array(theme.paper, np.float32), np.array(theme.ink, np.float32)
    return (paper + share * (full - paper) + 0.5).astype(np.uint8)


def on_paper(picture: np.ndarray, theme: Theme) -> np.ndarray:
    """Turn any picture into (height, width, 3) uint8 colours, on the theme's paper where clear."""
    if picture.ndim == 2:
        return inked(picture, theme)
    if picture.shape[2] == 3:
        return picture
    share, paper = picture[..., 3:].astype(np.float32) / 255.0, np.array(theme.paper, np.float32)
    return (paper + share * (picture[..., :3] - paper) + 0.5).astype(np.uint8)


# How much of a cell's colour its paper takes on: its ink still reads, on white and on near-black.
TINT = 0.38
# What is left of a faint cell: its picture can be made out, and is plainly not to be trusted.
FAINT = 0.22


def marked_cells(
    picture: np.ndarray,
    theme: Theme,
    n: int,
    *,
    tints: np.ndarray | None = None,
    faint: np.ndarray | None = None,
) -> np.ndarray:
    """Turn a square of n x n cells of ink or colours into (height, height, 3) uint8 colours.

    tints: (n*n, 3) uint8, the colour of each cell's paper; colour pictures have none. faint: (n*n,)
    bool, the cells that fade into the page. Both row by row from the top left.
    """
    paper, full = np.array(theme.paper, np.float32), np.array(theme.ink, np.float32)
    side = len(picture) // n
    if picture.ndim == 3:
        if faint is None:
            return picture
        left = np.where(faint, np.float32(FAINT), np.float32(1.0)).reshape(n, n)
        left = left.repeat(side, axis=0).repeat(side, axis=1)[..., None]
        return (paper + left * (picture - paper) + 0.5).astype(np.uint8)
    cell = np.broadcast_to(paper, (n * n, 3))
    if tints is not None:
        cell = paper + TINT * (tints - paper)
    left = np.ones((n * n, 1), np.float32)
    if faint is not None:
        left = np.where(faint, np.float32(FAINT), np.float32(1.0))[:, None]
    looks, kind = np.unique(np.hstack([cell, left]), axis=0, return_inverse=True)
    # Few cells look different: every colour there is, once, and then only looked up.
    share = np.arange(256, dtype=np.float32)[:, None] / 255.0
    colours = looks[:, None, :3] + share * (full - looks[:, None, :3])
    colours = paper + looks[:, None, 3:] * (colours - paper)
    table = (colours + 0.5).astype(np.uint8).reshape(-1, 3)
    places = (256 * kind).reshape(n, 1, n, 1) + picture.reshape(n, side, n, side)
    out = np.empty((*picture.shape, 3), dtype=np.uint8)
    for channel in range(3):
        out[..., channel] = table[:, channel].take(places).reshape(picture.shape)
    return out


def tile_images(
    images: np.ndarray, shape: PictureShape, columns: int, gap: int = 0, *, edge: int = 0
) -> np.ndarray:
    """Lay (n, values) uint8 images out in rows; gaps, edges and missing ones are blank.

    gap: pixels between two. edge: pixels around all of them.

    Returns one uint8 picture, of ink, or in colour and clear where it is blank, of so many rows and
    columns of side + gap pixels, less one gap, and two edges.
    """
    rows, side = -(-len(images) // columns), shape.side
    pitch = side + gap
    size = (rows * pitch - gap + 2 * edge, columns * pitch - gap + 2 * edge)
    sheet = np.zeros((*size, 4) if shape.coloured else size, dtype=np.uint8)
    for i, image in enumerate(shape.pictures(images)):
        y, x = (edge + place * pitch for place in divmod(i, columns))
        if shape.coloured:
            sheet[y : y + side, x : x + side, :3] = image
            sheet[y : y + side, x : x + side, 3] = 255
        else:
            sheet[y : y + side, x : x + side] = image
    return sheet


def enlarged(picture: np.ndarray, factor: int) -> np.ndarray:
    """Repeat every pixel as a factor x factor square, which stays sharp."""
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def png(picture: np.ndarray, theme: Theme, *, quick: bool = False) -> bytes:
    """Write a picture as a PNG file; quick: sooner, and larger.

    Ink comes with a palette from paper to ink: a third of the bytes go through the compressor.
    """
    ink = picture.ndim == 2
    image = _with_palette(picture, _palette(theme)) if ink else Image.fromarray(picture)
    return _saved(image, "PNG", **_squeezed(quick))


def clear_png(picture: np.ndarray, theme: Theme) -> bytes:
    """Write a picture as a PNG file, ink on nothing, so that any paper will do."""
    if picture.ndim == 3:
        return png(picture, theme, quick=True)
    image = _with_palette(picture, list(theme.ink) * 256)
    return _saved(image, "PNG", transparency=bytes(range(256)), **_squeezed(True))


def _palette(theme: Theme) -> list[int]:
    return inked(np.arange(256, dtype=np.uint8), theme).reshape(-1).tolist()


def _with_palette(ink: np.ndarray, palette: list[int]) -> Image.Image:
    image = Image.fromarray(ink, mode="P")
    image.putpalette(palette)
    return image


# Frames that a film's palette is chosen from: they are most of what it costs.
_PALETTE_FRAMES = 12


def _squeezed(quick: bool) -> dict:
    return {"compress_level": 1} if quick else {"optimize": True}


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, format=kind, **options)
    return out.getvalue()


def gif(frames: list[np.ndarray], theme: Theme, seconds: list[float]) -> bytes:
    """Write frames, pictures of one kind and size, as a GIF that plays for ever.

    seconds: how long each frame stays, one per frame.
    """
    if frames[0].ndim == 2:
        # One palette of 256 steps from paper to ink for all frames: exact, small, no dithering.
        palette = _palette(theme)
        pictures = [_with_palette(frame, palette) for frame in frames]
    else:
        pictures = _in_few_colours([Image.fromarray(on_paper(frame, theme)) for frame in frames])
    return _saved(
        pictures[0],
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=[max(20, round(s * 1000)) for s in seconds],
        loop=0,
        optimize=False,
        disposal=1,
    )


def _in_few_colours(frames: list[Image.Image]) -> list[Image.Image]:
    """The frames in one palette of the 256 colours that suit all of them best.

    It is chosen from frames all over the film. One for each would make the colours flicker, and
    dithering would make every frame differ from the one before.
    """
    some = frames[:: max(1, len(frames) // _PALETTE_FRAMES)]
    width, height = some[0].size
    sample = Image.new("RGB", (width, height * len(some)))
    for i, frame in enumerate(some):
        sample.paste(frame, (0, i * height))
    palette = sample.quantize(256, Image.Quantize.MEDIANCUT, kmeans=1)
    return [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
