"""Tones of picture files, with what all pictures of an upload decide about each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

# Sixteen bits; and numbers of any size, of which whole ones are mostly sixteen bits all the same.
_WIDE = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")
_CLEAR = ("LA", "La", "PA", "RGBA", "RGBa")
# What is white where numbers may be of any size: the least of these that none exceeds.
_WHITES = (1.0, 255.0, 65_535.0)
# Pictures of which none is brighter than this, of white, use a small part of the range.
_BRIGHT_ENOUGH = 128 / 255
# Ink on a clear ground that is lighter than this, of 255, would be lost on white.
_LIGHT_INK = 127


@dataclass(frozen=True)
class Tones:
    """How pictures are drawn.

    ground: what is put behind what is clear, 0 to 255. white: white among numbers of any size.
    brightest: what is drawn white, as a share of white.
    """

    ground: int = 255
    white: float = 65_535.0
    brightest: float = 1.0


@dataclass(frozen=True)
class Seen:
    """What a picture is like.

    high: its greatest number. white: the number that is white in files like it, None where numbers
    may be of any size. ink: how light it is where it is not clear, 0 to 255; None without clear
    places.
    """

    high: float
    white: float | None = 255.0
    ink: float | None = None


AS_IS = Tones()


def tones_of(seen: Sequence[Seen]) -> tuple[Tones, tuple[str, ...]]:
    """How pictures that are like this are best drawn, and phrases for people."""
    notes = []
    white = AS_IS.white
    if any(one.white is None for one in seen):
        high = max(one.high for one in seen if one.white is None)
        white = min((one for one in _WHITES if one >= high), default=high)
    inks = [one.ink for one in seen if one.ink is not None]
    ground = 0 if inks and float(np.median(inks)) > _LIGHT_INK else 255
    if not ground:
        notes.append("what is clear in them taken for black, since their ink is light")
    high = max((one.high / (one.white or white) for one in seen), default=1.0)
    if inks or not 0 < high < _BRIGHT_ENOUGH:
        return Tones(ground, white), tuple(notes)
    whites = {one.white or white for one in seen}
    greatest = high * (whites.pop() if len(whites) == 1 else 255)
    notes.append(f"brightness stretched from 0 up to {greatest:g}")
    return Tones(ground, white, high), tuple(notes)


def drawn_in(mode: str, picture: Image.Image, tones: Tones) -> tuple[Image.Image, Seen]:
    """A picture in mode "L" or "RGB", and what it was like. Raises ValueError for no number."""
    if picture.mode in _WIDE:
        values = np.asarray(picture).astype(np.float32)
        if not np.isfinite(values).all():
            raise ValueError("It holds something that is no number.")
        white = None if picture.mode == "F" or values.max() > 65_535 else 65_535.0
        scale = 255 / ((white or tones.white) * tones.brightest)
        drawn = np.rint(np.clip(values * scale, 0, 255)).astype(np.uint8)
        return Image.fromarray(drawn).convert(mode), Seen(float(values.max()), white)
    drawn = picture
    if picture.mode in _CLEAR or "transparency" in picture.info:
        drawn = picture.convert("RGBA")
        alpha = drawn.getchannel("A")
        if np.asarray(alpha).min() < 255:
            paper = Image.new("L", drawn.size, tones.ground).convert(mode)
            paper.paste(drawn.convert(mode), mask=alpha)
            counts = np.array(drawn.convert("L").histogram(alpha))  # of pixels that are not clear
            light = counts @ np.arange(256) / counts.sum() if counts.any() else None
            return paper, Seen(255.0, ink=light)
    drawn = drawn.convert(mode)
    high = float(np.asarray(drawn).max())
    if tones.brightest < 1:
        brighter = [min(255, round(i / tones.brightest)) for i in range(256)]
        drawn = drawn.point(brighter * len(drawn.getbands()))
    return drawn, Seen(high)
