"""How large a picture is and whether it has colour: what networks, films and pages go by."""

from dataclasses import dataclass

import numpy as np

GREY, COLOUR = 1, 3


@dataclass(frozen=True)
class PictureShape:
    """The shape of a square picture.

    side: pixels along an edge. channels: GREY, one value a pixel, 0 for paper and 255 for full ink;
    or COLOUR, red, green and blue one after another, 255 for full light.
    """

    side: int
    channels: int = GREY

    @property
    def coloured(self) -> bool:
        """Whether it has colour."""
        return self.channels == COLOUR

    @property
    def pixels(self) -> int:
        """Pixels in one picture: side x side."""
        return self.side * self.side

    @property
    def values(self) -> int:
        """Numbers in one picture, of all channels: the length of its row, and its bytes."""
        return self.pixels * self.channels

    @property
    def array(self) -> tuple[int, ...]:
        """Of one picture as an array: (side, side), or (side, side, 3) in colour."""
        return (self.side, self.side, COLOUR) if self.coloured else (self.side, self.side)

    @property
    def words(self) -> str:
        """For people: "28 x 28", or "32 x 32 in colour"."""
        return f"{self.side} x {self.side}{' in colour' if self.coloured else ''}"

    @property
    def size_words(self) -> str:
        """How many numbers it has: "784 pixels", or "3,072 values" in colour."""
        return f"{self.values:,} {'values' if self.coloured else 'pixels'}"

    def pictures(self, rows: np.ndarray) -> np.ndarray:
        """Return rows, (n, values), as (n, side, side), or (n, side, side, 3) in colour."""
        return rows.reshape(len(rows), *self.array)


def shape_of(images: np.ndarray) -> PictureShape | None:
    """The shape of pictures in an array, (n, side, side) or (n, side, side, 3); None for others."""
    square = images.ndim in (3, 4) and images.shape[1] == images.shape[2]
    if not square or images.shape[3:] not in ((), (COLOUR,)):
        return None
    return PictureShape(images.shape[1], *images.shape[3:])
