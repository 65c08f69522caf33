"""What a page sends of a model: a file that would have it send more is refused."""

from collections.abc import Sequence

from aeviz.data.picture_shape import PictureShape

# A second or two over the radio of a full room, whose other visitors wait for the same server.
VIEW_BYTES = 5_000_000
# Pictures of a film: ten fill a row at the size they can be seen from the back of a room.
FILM_PICTURES = 10
# A file may have so many bytes of such a film: what is sent of it is at least every second moment.
# A run of our own has at most 5.9 million, with colour pictures of 64 pixels a side.
MOST_FILM_BYTES = 2 * VIEW_BYTES
# Cells that the picture of a code has at most; longer codes are averaged down to so many (20 x 20).
CODE_CELLS = 400
# Ends the sentence about a file that would have a page send more.
SHOWN = "can be shown: train its recipe here, which keeps less."


def film_bytes(shape: PictureShape, *, latent_dim: int, points: int) -> int:
    """Return the bytes of one moment of a training's film, two of which may be on a page.

    Args:
        shape: of each of FILM_PICTURES pictures, a byte a value.
        latent_dim: numbers in a code, each a cell of the code's picture, a byte each.
        points: on the map of each moment, four bytes each.
    """
    return FILM_PICTURES * (shape.values + min(latent_dim, CODE_CELLS)) + 4 * points


def moments_sent(sizes: Sequence[int]) -> list[int]:
    """Return which moments of a film to send so that they stay within VIEW_BYTES.

    All of them, or as many, evenly and with both ends, as have room: the manifolds of a run of our
    own with pictures of 64 pixels a side may take 24 MB.

    Args:
        sizes: the bytes of each.
    """
    every, sent = 1, list(range(len(sizes)))
    while len(sent) > 2 and sum(sizes[i] for i in sent) > VIEW_BYTES:
        every += 1
        sent = sorted({*range(0, len(sizes), every), len(sizes) - 1})
    return sent
