"""Arrays to images: ink on paper, tiles, PNG and GIF files."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image


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


# How much of a cell's colour its paper takes on: its ink still reads, on white and on near-black.
TINT = 0.38
# What is left of a faint cell: its picture can be made out, and is plainly not to be trusted.
FAINT = 0.22


def inked_cells(
    ink: np.ndarray,
    theme: Theme,
    n: int,
    *,
    tints: np.ndarray | None = None,
    faint: np.ndarray | None = None,
) -> np.ndarray:
    """Turn a square of n x n cells of ink, (height, height) uint8, into (..., 3) uint8 colours.

    tints: (n*n, 3) uint8, the colour of each cell's paper. faint: (n*n,) bool, the cells that fade
    into the page. Both row by row from the top left.
    """
    paper, full = np.array(theme.paper, np.float32), np.array(theme.ink, np.float32)
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
    side = len(ink) // n
    places = (256 * kind).reshape(n, 1, n, 1) + ink.reshape(n, side, n, side)
    out = np.empty((*ink.shape, 3), dtype=np.uint8)
    for channel in range(3):
        out[..., channel] = table[:, channel].take(places).reshape(ink.shape)
    return out


def tile_images(images: np.ndarray, side: int, columns: int, gap: int = 0) -> np.ndarray:
    """Lay (n, side*side) uint8 images out in rows; gaps of `gap` pixels and missing ones are blank.

    Returns one (rows*(side+gap)-gap, columns*(side+gap)-gap) uint8 picture.
    """
    rows = -(-len(images) // columns)
    pitch = side + gap
    sheet = np.zeros((rows * pitch - gap, columns * pitch - gap), dtype=np.uint8)
    for i, image in enumerate(images):
        y, x = divmod(i, columns)
        sheet[y * pitch : y * pitch + side, x * pitch : x * pitch + side] = image.reshape(
            side, side
        )
    return sheet


def enlarged(picture: np.ndarray, factor: int) -> np.ndarray:
    """Repeat every pixel as a factor x factor square, which stays sharp."""
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def png(colours: np.ndarray, *, quick: bool = False) -> bytes:
    """Write (height, width, 3) uint8 as a PNG file; quick: sooner, and larger."""
    return _saved(Image.fromarray(colours), "PNG", **_squeezed(quick))


def ink_png(ink: np.ndarray, theme: Theme, *, quick: bool = False) -> bytes:
    """Write (height, width) uint8 ink as a PNG file with a palette from paper to ink.

    A third of the bytes of `png` go through the compressor. quick: as there.
    """
    return _saved(_with_palette(ink, _palette(theme)), "PNG", **_squeezed(quick))


def ink_clear_png(ink: np.ndarray, theme: Theme) -> bytes:
    """Write (height, width) uint8 ink as a PNG file of ink on nothing: any paper will do."""
    image = _with_palette(ink, list(theme.ink) * 256)
    return _saved(image, "PNG", transparency=bytes(range(256)), **_squeezed(True))


def _palette(theme: Theme) -> list[int]:
    return inked(np.arange(256, dtype=np.uint8), theme).reshape(-1).tolist()


def _with_palette(ink: np.ndarray, palette: list[int]) -> Image.Image:
    image = Image.fromarray(ink, mode="P")
    image.putpalette(palette)
    return image


def _squeezed(quick: bool) -> dict:
    return {"compress_level": 1} if quick else {"optimize": True}


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, format=kind, **options)
    return out.getvalue()


def gif(frames: list[np.ndarray], theme: Theme, seconds: list[float]) -> bytes:
    """Write frames of ink, (height, width) uint8 each, as a GIF that plays for ever.

    seconds: how long each frame stays, one per frame.
    """
    # One palette of 256 steps from paper to ink for all frames: exact, small, no dithering.
    palette = _palette(theme)
    pictures = [_with_palette(frame, palette) for frame in frames]
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
