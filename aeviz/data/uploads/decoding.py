"""Uploaded pictures before and after they are decoded, and the limits on every upload.

All limits are checked against what a file declares before anything of it is unpacked.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from aeviz.data.array_files import ArrayFileError
from aeviz.data.dataset import DatasetError
from aeviz.data.limits import FEWEST_CLASSES, FEWEST_PICTURES, MOST_CLASSES, MOST_PICTURES
from aeviz.data.picture_shape import COLOUR, GREY, PictureShape

# Bytes that one upload may unpack to: CIFAR-10 as float32 is 737 MB, MNIST as float64 439 MB.
LARGEST_UNPACKED = 1 << 30
# How many times its packed size a file may unpack to. Drawings in black and white reach 100; blank
# ones, and files made to do harm, come near 1,032, the most there is in this format.
TIGHTEST_PACKING = 200
# Below this no packing does harm.
_SMALL = 1_000_000
# A phone's photo has up to this many pixels.
MOST_PIXELS = 50_000_000
# Of all photos together, twenty seconds of decoding at worst: more than a phone's photos of 200 MB.
MOST_PIXELS_TOGETHER = 1_000_000_000

# What is done to pictures that are not square.
PAD, CROP = "pad", "crop"


@dataclass(frozen=True)
class DecodeOptions:
    """How to decode pictures.

    Attributes:
        side: pixels a side, 8 to 64.
        square: PAD or CROP.
        colour: whether in colour; grey pictures then have three equal channels.
        progress: called with the share done, 0 to 1; what it raises ends the work.
    """

    side: int
    square: str = PAD
    colour: bool = False
    progress: Callable[[float], None] = field(default=lambda share: None, repr=False)

    @property
    def shape(self) -> PictureShape:
        """Of each picture, decoded."""
        return PictureShape(self.side, COLOUR if self.colour else GREY)


@dataclass(frozen=True, eq=False)
class DecodedPictures:
    """Decoded pictures.

    Attributes:
        images: (n, side, side) uint8, or (n, side, side, 3).
        kept: (count,) bool, which of the uploaded ones these are, in their order.
        notes: what was done to all of them, phrases for people.
    """

    images: np.ndarray
    kept: np.ndarray
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class UploadedPictures:
    """Pictures in an upload whose sizes are known and that are not decoded yet.

    Attributes:
        sizes: every (width, height) there is.
        side: pixels a side of the square that holds the middle one.
        colour: whether some may be in colour.
        decode: decodes them all.
        labels: (count,) as they were written, numbers or text, or None.
        labels_from: what those are, for people.
        n_test: how many at the end are test pictures.
        n_validation: how many before those are validation pictures.
        left_out: why files were not used, and how many.
        notes: phrases for people.
        readings: where the upload may be read in several ways, each in words; () where in one.
        reading: which of them this is.
    """

    count: int
    sizes: frozenset[tuple[int, int]]
    side: int
    colour: bool
    decode: Callable[[DecodeOptions], DecodedPictures]
    labels: np.ndarray | None = None
    labels_from: str = ""
    n_test: int = 0
    n_validation: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    reading: int = 0

    @property
    def oblong(self) -> bool:
        """Whether some are not square."""
        return any(width != height for width, height in self.sizes)

    def resized(self, side: int) -> bool:
        """Whether pictures of so many pixels a side are not what they were."""
        return self.sizes != {(side, side)}


def check_packing(name: str, packed: int, unpacked: int) -> None:
    """Raise DatasetError where a file declares to unpack to far too much. Sizes in bytes."""
    if unpacked > LARGEST_UNPACKED:
        raise DatasetError(
            f"{name} unpacks to {unpacked / 1e6:,.0f} MB and at most "
            f"{LARGEST_UNPACKED / 1e6:,.0f} MB are possible: make the pictures smaller or leave "
            "some out."
        )
    if is_packed_too_tight(packed, unpacked):
        raise DatasetError(
            f"{name} unpacks to more than {TIGHTEST_PACKING} times its size, as files made to do "
            "harm do: if it is a good one, save it again without compression."
        )


def is_packed_too_tight(packed: int, unpacked: int) -> bool:
    """Whether this looks made to fill a machine. Sizes in bytes."""
    return unpacked > _SMALL and unpacked > TIGHTEST_PACKING * packed


def check_count(count: int, *, fewest: bool = False, besides: str = "") -> None:
    """Raise DatasetError for more pictures than there is room for, or with `fewest` too few.

    besides: what was left out, a phrase.
    """
    if fewest and count < FEWEST_PICTURES:
        pictures = "1 picture is" if count == 1 else f"{count:,} pictures are"
        raise DatasetError(
            f"{pictures} too few to train on some and test with others"
            f"{f' ({besides})' if besides else ''}: add some, {FEWEST_PICTURES} are the least."
        )
    if count > MOST_PICTURES:
        raise DatasetError(
            f"These are {count:,} pictures and at most {MOST_PICTURES:,} are possible: leave some "
            "out."
        )


def no_labels_from(where: str, kinds: int) -> str:
    """A phrase for labels that make too few or too many kinds. where: what they come from."""
    found = f"{kinds:,} kinds" if kinds > 1 else "one kind"
    need = f"{FEWEST_CLASSES} to {MOST_CLASSES}"
    return f"no labels, since {where} would give {found} and {need} can be shown"


@contextmanager
def reading(name: str):
    """Says whatever zipfile, zlib, gzip, NumPy and Pillow raise over a bad file in one sentence."""
    try:
        yield
    except DatasetError:
        raise
    except ArrayFileError as error:
        raise DatasetError(f"{name} {error}: save it again and upload that.") from error
    except MemoryError as error:
        raise DatasetError(
            f"{name} needs more memory than this machine has free: upload fewer or smaller "
            "pictures."
        ) from error
    except Exception as error:
        raise DatasetError(
            f"{name} is damaged or incomplete: make or download it again and upload that."
        ) from error
