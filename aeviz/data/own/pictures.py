"""A person's own pictures: from an upload to a preview, and from there to a data set."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from aeviz.data import limits
from aeviz.data.dataset import DatasetError, ImageDataset
from aeviz.data.own.paper import are_line_drawings, on_light_ground
from aeviz.data.uploads import decoding
from aeviz.data.uploads.formats import Upload, find_pictures
from aeviz.read_only import check_writable
from aeviz.text.names import plain_name

# Of all pictures; MNIST's are 7 and 14 %. Below this many, an average of theirs says little.
_VALIDATION_SHARE, _TEST_SHARE, _FEWEST_IN_A_PART = 0.08, 0.15, 4
# Pictures come folder by folder, so they are shuffled before they are split: always the same way.
_SHUFFLE_SEED = 20_061
# A pixel has colour where its channels are more than this apart, of 255; a grey photo saved as a
# JPEG in colour has them a few apart. A picture has colour where more than one pixel in a hundred
# has some.
_NOT_GREY, _FEW_PIXELS = 24, 0.01
_AT_ONCE = 1_000
# What helps where pictures lie on their side or are mirrored, as many an array's are: what it is
# called, and the same for (n, side, side) pictures, or (n, side, side, 3).
TURNS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "left": ("turned to the left", lambda images: np.rot90(images, 1, (1, 2))),
    "right": ("turned to the right", lambda images: np.rot90(images, -1, (1, 2))),
    "over": ("turned upside down", lambda images: images[:, ::-1, ::-1]),
    "mirror": ("mirrored", lambda images: images[:, :, ::-1]),
    "transpose": ("rows and columns exchanged", lambda images: images.swapaxes(1, 2)),
}


@dataclass(frozen=True)
class Wishes:
    """What a person decides about their pictures.

    side: pixels a side, 8 to 64; None for 28, in colour 32, or for what they have if that is less.
    grey: whether colour is left out. square: PAD keeps all of a picture that is not square, CROP
    cuts out its middle. inverted: whether dark and light change places, so that 0 is paper and 255
    full ink as in MNIST; None does so for drawings on light paper, and leaves photos as they are,
    and all in colour. reading: where an upload may be read in several ways, which of them; None for
    the most likely. turn: one of TURNS, or "" for none.
    """

    side: int | None = None
    square: str = decoding.PAD
    inverted: bool | None = None
    reading: int | None = None
    turn: str = ""
    grey: bool = False


@dataclass(frozen=True, eq=False)
class OwnPictures:
    """Uploaded pictures, drawn as they will be used, in the order they came in.

    images: (n, side, side) uint8, read-only, 0 paper and 255 full ink, or (n, side, side, 3), red,
    green and blue. labels: (n,) uint8,
    read-only, or None. class_names: what label 0, 1, ... is called, () without labels. n_test: how
    many at the end came as test pictures; 0 where some are to be chosen. n_validation: how many
    before those came as validation pictures, likewise. inverted: whether dark and light changed
    places. light_ground: whether their edges were light before that, so that a person may see it
    either way. line_drawings: whether they are mostly paper and ink, which decides it unless told
    otherwise; only known on light ground. said: what was done to them, a sentence. left_out: files
    not used. readings, reading: where they may be read in several ways, each in words, and which of
    them this is.
    """

    images: np.ndarray = field(repr=False)
    labels: np.ndarray | None = field(repr=False)
    class_names: tuple[str, ...]
    n_test: int
    inverted: bool
    said: str
    left_out: int
    n_validation: int = 0
    light_ground: bool = False
    line_drawings: bool = False
    readings: tuple[str, ...] = ()
    reading: int = 0

    @property
    def side(self) -> int:
        """Pixels a side."""
        return self.images.shape[1]

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many are for training, validation and testing."""
        return split_counts(len(self.images), self.n_test, self.n_validation)

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hex, of pictures, labels and split: the same pictures have the same one."""
        digest = hashlib.sha256(f"{self.images.shape} {self.counts}".encode())
        digest.update(self.images.data)
        if self.labels is not None:
            digest.update(self.labels.data)
            digest.update(repr(self.class_names).encode())
        return digest.hexdigest()

    def dataset(self, name: str, title: str) -> ImageDataset:
        """A data set of them, always shuffled the same way; parts that came as parts stay so."""
        came = self.n_validation + self.n_test
        order = np.random.default_rng(_SHUFFLE_SEED).permutation(len(self.images) - came)
        if self.n_validation and not self.n_test:
            # What is for testing is chosen from those for training, and stands last.
            to_test = self.counts[2]
            order = np.concatenate(
                [order[to_test:], np.arange(len(order), len(self.images)), order[:to_test]]
            )
        else:
            order = np.concatenate([order, np.arange(len(order), len(self.images))])
        labels = None if self.labels is None else self.labels[order]
        return ImageDataset(name, title, self.images[order], labels, *self.counts)


def renamed(pictures: OwnPictures, names: tuple[str, ...]) -> OwnPictures:
    """The same pictures with other names for their kinds; kinds of one name become one.

    names: one for each of `class_names`; an empty one stands for the name as it is. All of one name
    would be no kinds, and are left as they are.
    """
    if pictures.labels is None or names == pictures.class_names:
        return pictures
    new = [_class_name(name) if name.strip() else old
           for name, old in zip(names, pictures.class_names, strict=True)]  # fmt: skip
    present = [new[label] for label in np.unique(pictures.labels)]
    if len(set(present)) < limits.FEWEST_CLASSES:
        return pictures
    if len(set(present)) == len(present):
        return replace(pictures, class_names=tuple(new))
    kinds = list(dict.fromkeys(present))
    # What a kind that no picture has becomes does not matter.
    place = np.array([kinds.index(name) if name in kinds else 0 for name in new], np.uint8)
    labels = place[pictures.labels]
    labels.flags.writeable = False
    return replace(pictures, labels=labels, class_names=tuple(kinds))


def split_counts(count: int, n_test: int = 0, n_validation: int = 0) -> tuple[int, int, int]:
    """How many of so many pictures are for training, validation and testing: about 77, 8 and 15 %.

    n_test, n_validation: how many came as such, 0 for none; with test pictures, 8 % of the others
    are for validation.
    """
    test = n_test or max(_FEWEST_IN_A_PART, round(_TEST_SHARE * (count - n_validation)))
    share = _VALIDATION_SHARE * (count - n_test if n_test else count)
    validation = n_validation or max(_FEWEST_IN_A_PART, round(share))
    return count - validation - test, validation, test


def read_pictures(
    uploads: list[Upload],
    wishes: Wishes | None = None,
    *,
    progress: Callable[[float], None] = lambda share: None,
) -> OwnPictures:
    """Look at uploaded files and draw the pictures in them, square and all of one size.

    They stay in colour where any has some, unless that is not wished for.

    progress: called with the share done, 0 to 1; what it raises comes through. Raises DatasetError
    with one sentence for anything that is not right, and UserError in a public showing.
    """
    wishes = wishes or Wishes()
    check_writable("Uploading pictures")
    _check_wishes(wishes)
    found = find_pictures(uploads, wishes.reading)
    decoding.check_count(found.count)
    try:
        drawn = None
        if found.colour and not wishes.grey:
            drawn = found.decode(_options(found, wishes, progress, colour=True))
        if drawn is None or not _have_colour(drawn.images):
            drawn = found.decode(_options(found, wishes, progress, colour=False))
        return _own_pictures(found, drawn, wishes)
    except MemoryError as error:
        raise DatasetError(
            "These pictures need more memory than this machine has free: upload fewer or smaller "
            "ones."
        ) from error


def _options(
    found: decoding.UploadedPictures,
    wishes: Wishes,
    progress: Callable[[float], None],
    *,
    colour: bool,
) -> decoding.DecodeOptions:
    usual = limits.USUAL_COLOUR_SIDE if colour else limits.USUAL_SIDE
    side = wishes.side or max(min(usual, found.side), limits.SMALLEST_SIDE)
    options = decoding.DecodeOptions(side, wishes.square, colour, progress)
    if found.count * options.shape.values > limits.MOST_VALUES:
        raise DatasetError(
            f"{found.count:,} pictures of {options.shape.words} are more than there is room for: "
            "choose fewer pixels, grey, or fewer pictures."
        )
    return options


def _have_colour(images: np.ndarray) -> bool:
    """Whether any of (n, side, side, 3) pictures has more colour than a grey photo's JPEG."""
    for start in range(0, len(images), _AT_ONCE):
        some = images[start : start + _AT_ONCE]
        colourful = some.max(axis=-1) - some.min(axis=-1) > _NOT_GREY
        if (colourful.mean(axis=(1, 2)) > _FEW_PIXELS).any():
            return True
    return False


def _check_wishes(wishes: Wishes) -> None:
    if wishes.side is not None and not limits.SMALLEST_SIDE <= wishes.side <= limits.LARGEST_SIDE:
        raise DatasetError(
            f"{wishes.side:,} pixels a side are not possible: choose {limits.SMALLEST_SIDE} up to "
            f"{limits.LARGEST_SIDE}."
        )
    if wishes.square not in (decoding.PAD, decoding.CROP):
        raise DatasetError(
            f"Pictures are made square by {decoding.PAD} or {decoding.CROP}: choose one of them."
        )
    if wishes.turn and wishes.turn not in TURNS:
        raise DatasetError(f"Pictures are turned by {', '.join(TURNS)}: choose one of them.")


def _own_pictures(
    found: decoding.UploadedPictures, drawn: decoding.DecodedPictures, wishes: Wishes
) -> OwnPictures:
    images = drawn.images
    if wishes.turn:
        images = np.ascontiguousarray(TURNS[wishes.turn][1](images))
    damaged = found.count - len(images)
    left_out = found.left_out + Counter({"damaged": damaged} if damaged else {})
    if len(images) < limits.FEWEST_PICTURES:
        decoding.check_count(len(images), fewest=True, besides=_left_out(left_out))
    colour = images.ndim == 4
    pixels = images.reshape(-1, images.shape[3] if colour else 1)
    if (pixels.min(axis=0) == pixels.max(axis=0)).all():
        raise DatasetError("All these pictures are the same single grey: upload some that differ.")
    labels, names, label_note = None, (), ""
    if found.labels is not None:
        labels, names, label_note = classes(found.labels[drawn.kept], found.labels_from)
    light = not colour and on_light_ground(images)
    drawings = light and are_line_drawings(images)
    # In colour nothing is paper or ink.
    inverted = not colour and (drawings if wishes.inverted is None else wishes.inverted)
    if inverted:
        np.subtract(255, images, out=images)
    said = [_size_note(found, images), *drawn.notes, *found.notes]
    if found.oblong:
        said.append(
            "their middle cut out to a square"
            if wishes.square == decoding.CROP
            else "filled up to squares"
        )
    if wishes.turn:
        said.append(TURNS[wishes.turn][0])
    if inverted:
        said.append("their light parts taken for empty paper and their dark parts for ink")
    elif light and not drawings and wishes.inverted is None:
        said.append("dark and light left as they are, since they look like photos")
    said += filter(None, (label_note, _left_out(left_out)))
    # Test pictures are the last, validation pictures before them; some may have been damaged.
    ends = np.cumsum([found.count - found.n_test - found.n_validation, found.n_validation])
    n_validation, n_test = (int(part.sum()) for part in np.split(drawn.kept, ends)[1:])
    if split_counts(len(images), n_test, n_validation)[0] < 1:
        kept = f"{n_validation:,} are for validation and {n_test:,} for testing"
        raise DatasetError(f"No pictures are left to learn from, {kept}: add some for training.")
    images.flags.writeable = False
    if labels is not None:
        labels.flags.writeable = False
    return OwnPictures(
        images=images,
        labels=labels,
        class_names=names,
        n_test=n_test,
        n_validation=n_validation,
        readings=found.readings,
        reading=found.reading,
        inverted=inverted,
        light_ground=light,
        line_drawings=drawings,
        said="; ".join(said) + ".",
        left_out=left_out.total(),
    )


def _size_note(found: decoding.UploadedPictures, images: np.ndarray) -> str:
    side, colour = images.shape[1], images.ndim == 4
    done = (["grey"] if found.colour and not colour else []) + (
        [f"{side} x {side}"] if found.resized(side) else []
    )
    count = f"{len(images):,} pictures{' in colour' if colour else ''}"
    if done:
        return f"{count}, made {' and '.join(done)}"
    return f"{count} of {side} x {side} pixels"


def _left_out(left_out: Counter[str]) -> str:
    """Such as "4 files left out: not pictures"; "" for none."""
    total = left_out.total()
    if not total:
        return ""
    files = f"{total:,} file{'s' if total > 1 else ''} left out"
    if len(left_out) == 1:
        return f"{files}: {next(iter(left_out))}"
    return f"{files}: " + ", ".join(f"{n:,} {why}" for why, n in left_out.most_common())


def classes(written: np.ndarray, where: str) -> tuple[np.ndarray | None, tuple[str, ...], str]:
    """Number the classes. Whole numbers from 0 to 9 stay; all else is numbered in its order.

    Args:
        written: (n,) labels as they were written, numbers or text.
        where: what they come from, for the phrase.

    Returns:
        (n,) uint8 labels or None, the name of each class, and a phrase for people.
    """
    written = _as_numbers(written)
    if written.dtype.kind == "f" and not np.isfinite(written).all():
        return None, (), f"no labels, since some of {where} are missing"
    found, labels = np.unique(written, return_inverse=True)
    if not limits.FEWEST_CLASSES <= len(found) <= limits.MOST_CLASSES:
        return None, (), decoding.no_labels_from(where, len(found))
    if found.dtype.kind != "U" and found.min() >= 0 and found.max() < limits.MOST_CLASSES:
        if np.array_equal(found, np.round(found)):
            names = tuple(map(str, range(int(found.max()) + 1)))
            return written.astype(np.uint8), names, f"labels from {where}"
    names = tuple(_class_name(value) for value in found.tolist())
    said = ", ".join(f"{i} {plain_name(name, longest=20)}" for i, name in enumerate(names))
    return labels.astype(np.uint8), names, f"labels from {where}: {said}"


def _as_numbers(written: np.ndarray) -> np.ndarray:
    """Text that says whole numbers, as numbers; all else as it is."""
    if written.dtype.kind != "U":
        return written
    found, places = np.unique(written, return_inverse=True)
    # At most four digits, and none of the digits of other scripts that int() takes.
    if not all(re.fullmatch(r"-?[0-9]{1,4}(\.0*)?", text) for text in found.tolist()):
        return written
    return np.array([int(float(text)) for text in found.tolist()])[places]


def _class_name(value: str | float) -> str:
    text = value if isinstance(value, str) else f"{value:g}"
    return plain_name(text, longest=40) or "no name"
