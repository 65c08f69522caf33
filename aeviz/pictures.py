"""Arrays to pictures: ink on paper, tiles, PNG and GIF files."""

from __future__ import annotations

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


def to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Float pixels, 0 for paper and 1 for full ink, to uint8; values outside are clipped."""
    return (np.clip(pixels, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def inked(ink: np.ndarray, theme: Theme) -> np.ndarray:
    """(..., ) uint8 amounts of ink -> (..., 3) uint8 colours between paper and ink."""
    share = ink[..., None].astype(np.float32) / 255.0
    paper, full = np.array(theme.paper, np.float32), np.array(theme.ink, np.float32)
    return (paper + share * (full - paper) + 0.5).astype(np.uint8)


def tile_images(images: np.ndarray, side: int, columns: int, gap: int = 0) -> np.ndarray:
    """(n, side*side) uint8 -> one (rows*(side+gap)-gap, columns*(side+gap)-gap) uint8 picture.

    Row by row from the top left; gaps and missing tiles are blank.
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
    """Every pixel as a factor x factor square: pixels stay square and sharp."""
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def png(colours: np.ndarray) -> bytes:
    """(height, width, 3) uint8 -> the bytes of a PNG file."""
    out = io.BytesIO()
    Image.fromarray(colours).save(out, format="PNG", optimize=True)
    return out.getvalue()


def gif(frames: list[np.ndarray], theme: Theme, seconds: list[float]) -> bytes:
    """Frames of ink, (height, width) uint8 each, to the bytes of a GIF that plays for ever.

    seconds: how long each frame stays, one per frame.
    """
    # One palette of 256 steps from paper to ink for all frames: exact, small, no dithering.
    palette = inked(np.arange(256, dtype=np.uint8), theme).reshape(-1).tolist()
    pictures = []
    for frame in frames:
        picture = Image.fromarray(frame, mode="P")
        picture.putpalette(palette)
        pictures.append(picture)
    out = io.BytesIO()
    pictures[0].save(
        out,
        format="GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=[max(20, round(s * 1000)) for s in seconds],
        loop=0,
        optimize=False,
        disposal=1,
    )
    return out.getvalue()
