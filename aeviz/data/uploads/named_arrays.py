"""Named arrays in an upload, of `.npz`, `.npy` and IDX files: which are pictures, which labels."""

import gzip
import io
import re
import zipfile
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from aeviz.data import array_files
from aeviz.data.dataset import DatasetError
from aeviz.data.uploads import axes, decoding
from aeviz.data.uploads.arrays import ImageArray, NamedArray, found_in_arrays, image_array
from aeviz.text.names import file_name, plain_name

# A label written as text; longer ones are no names of classes.
_LONGEST_LABEL = 256
# What says in the name of an array or a file which part it is: x_test, t10k-images, val_labels.
# Not within a word: "latest" and "values" are neither.
_PARTS = {
    "test": re.compile(r"(?<![a-z])[xy]?(test|t10k)"),
    "validation": re.compile(r"(?<![a-z])[xy]?(val|valid|validation|dev)(?![a-z])"),
}
# What is left of an array's name without its part: Keras's x and y, MedMNIST's images and labels,
# and what people call theirs.
_PART_WORDS = re.compile(r"train(ing)?|test(ing)?|t10k|valid(ation)?|val|dev")
_IMAGES = ("x", "images", "image", "imgs", "img", "pictures", "data", "pixels", "arr_0", "")
_LABELS = ("y", "labels", "label", "target", "targets", "class", "classes", "lbl", "arr_1")
_ORDER = ("train", "validation", "test")


def arrays_in_npz(name: str, archive: zipfile.ZipFile) -> list[NamedArray]:
    """The arrays of an `.npz` file, by what their headers say. Raises DatasetError."""
    found = []
    for info in archive.infolist():
        if info.filename.endswith(".npy"):
            key = info.filename.removesuffix(".npy")
            words = f"The array {plain_name(key)} in {name}"
            check_member(words, info)
            found.append(_npy(words, key, lambda info=info: archive.open(info)))
    return found


def array_in_npy(name: str, data: bytes) -> NamedArray:
    """The array of an `.npy` file. Raises DatasetError."""
    return _npy(name, name, lambda: io.BytesIO(data))


def _npy(words: str, key: str, open_stream) -> NamedArray:
    @contextmanager
    def open_values():
        with open_stream() as stream:
            array_files.npy_header(stream, "it")
            yield stream

    with decoding.reading(words), open_stream() as stream:
        header = array_files.npy_header(stream, "its values")
    return NamedArray(words, key.lower(), header, open_values)


def array_in_idx(name: str, data: bytes) -> NamedArray:
    """The array of an IDX file, its header checked against its size. Raises DatasetError."""
    zipped = data[:2] == b"\x1f\x8b"

    def open_stream() -> gzip.GzipFile | io.BytesIO:
        stream = io.BytesIO(data)
        return gzip.GzipFile(fileobj=stream) if zipped else stream

    @contextmanager
    def open_values():
        with open_stream() as stream:
            array_files.idx_header(stream)
            yield stream

    with decoding.reading(name), open_stream() as stream:
        header = array_files.idx_header(stream)
        decoding.check_packing(name, len(data) if zipped else header.bytes, header.bytes)
    return NamedArray(name, name.lower(), header, open_values)


def check_member(name: str, info: zipfile.ZipInfo) -> None:
    """Raise DatasetError for a member of a zip that is not to be unpacked."""
    if info.flag_bits & 1:
        raise DatasetError(f"{name} is locked with a password: save it without one.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DatasetError(f"{name} is packed in an unusual way: save it as an ordinary zip.")
    decoding.check_packing(name, info.compress_size, info.file_size)


def find_in_arrays(
    files: Sequence[tuple[str, Sequence[NamedArray]]], way: int | None = None
) -> decoding.UploadedPictures:
    """The pictures among arrays, each with its labels, each part where its name says it belongs.

    Args:
        files: each file's name and the arrays in it.
        way: which of the possible readings is wanted; None for the most likely.

    Raises:
        DatasetError: with one sentence.
    """
    images, labels = _pictures_and_labels(files)
    parts = [part for part in _ORDER if part in images]
    chosen = [image_array(images[part]) for part in parts]
    chosen, readings, reading = _read_alike(chosen, way)
    found, labels_from, notes = _labels_of(parts, chosen, labels)
    counts = dict(zip(parts, (one.count for one in chosen), strict=True))
    n_train = counts.pop("train", 0)
    uploaded = found_in_arrays(
        chosen,
        found,
        # Alone, a file for testing is as good as any.
        n_validation=counts.get("validation", 0) if n_train else 0,
        n_test=counts.get("test", 0) if n_train else 0,
        labels_from=labels_from,
        notes=((chosen[0].axes.words,) if readings or chosen[0].axes.order[0] else ()) + notes,
    )
    return replace(uploaded, readings=readings, reading=reading)


def _pictures_and_labels(
    files: Sequence[tuple[str, Sequence[NamedArray]]],
) -> tuple[dict[str, NamedArray], dict[str, list[NamedArray]]]:
    """The array of pictures of each part, and those of labels that there are for it."""
    several = len(files) > 1
    # Files of their own, in a zip perhaps, are no weights; arrays of an .npz may be.
    separate = several or not files[0][0].lower().endswith(".npz")
    images: dict[str, list[tuple[int, NamedArray]]] = {}
    labels: dict[str, list[NamedArray]] = {}
    for file, arrays in files:
        for one in arrays:
            # A single file's own name says nothing of which part is in it.
            key = f"{file_name(file).lower()} {one.key}" if several else one.key
            part = next((name for name, words in _PARTS.items() if words.search(key)), "train")
            word = _PART_WORDS.sub("", one.key).strip("_- .")
            if _are_labels(one, word):
                labels.setdefault(part, []).append(one)
            elif separate:
                images.setdefault(part, []).append((0, one))
            elif word in _IMAGES:
                images.setdefault(part, []).append((_IMAGES.index(word), one))
    if not images:
        for one in (one for found in labels.values() for one in found):
            with decoding.reading(one.name):
                array_files.check_no_objects(one.header, "its values")
        if labels and all(len(arrays) == 1 for _, arrays in files):
            raise DatasetError(
                f"{files[0][0]} holds labels only: upload the file of pictures together with it."
            )
        raise DatasetError(
            f"{files[0][0]} has no array called x_train: save the pictures with "
            "np.savez(file, x_train=pictures)."
        )
    if separate and any(len(found) > 1 for found in images.values()):
        raise DatasetError(
            "These are several files of pictures: upload one, or several of which each has train, "
            "val or test in its name."
        )
    if "train" not in images and "test" in images:
        images.setdefault("train", images.pop("test"))
        labels["train"] = labels.get("train", []) + labels.pop("test", [])
    best = {part: min(found, key=lambda pair: pair[0])[1] for part, found in images.items()}
    return best, labels


def _are_labels(one: NamedArray, word: str) -> bool:
    shape = one.header.shape
    return len(shape) == 1 or (len(shape) == 2 and (shape[1] == 1 or word in _LABELS))


def _read_alike(
    chosen: list[ImageArray], way: int | None
) -> tuple[list[ImageArray], tuple[str, ...], int]:
    """All parts with their axes read in the same way, the ways there are, and which it is."""
    ways = chosen[0].ways
    if len(ways) == 1 or any(len(one.ways) != len(ways) for one in chosen):
        return chosen, (), 0
    best, sure = axes.smoothest(list(ways), chosen[0].whole())
    if way is None or not 0 <= way < len(ways):
        way = best
    readings = () if sure and way == best == 0 else tuple(one.words for one in ways)
    return [replace(one, way=way) for one in chosen], readings, way


# --- labels --------------------------------------------------------------------------------------


def _labels_of(
    parts: list[str], images: list[ImageArray], labels: dict[str, list[NamedArray]]
) -> tuple[np.ndarray | None, str, tuple[str, ...]]:
    """One label for each picture or none at all, what they are from, and phrases for people."""
    found, missing, source = [], [], ""
    for part, one in zip(parts, images, strict=True):
        fitting = [a for a in labels.get(part, []) if a.header.shape[:1] == (one.count,)]
        if len(fitting) != 1:
            missing.append(part)
            continue
        values = read_labels(fitting[0], one.count)
        if values is None:
            why = "does not hold one name or number for each picture"
            if fitting[0].header.dtype.hasobject:
                why = "holds Python objects, which are not safe to open: save it with astype(str)"
            return None, "", (f"no labels, since {_called(fitting[0])} {why}",)
        found.append(values)
        source = source or _called(fitting[0])
    if not found or missing:
        if not any(labels.values()):
            return None, "", ()
        return None, "", ("no labels, since there is not one for each picture",)
    if len({values.dtype.kind == "U" for values in found}) > 1:
        return None, "", ("no labels, since some are text and some are numbers",)
    return np.concatenate(found), source, ()


def _called(one: NamedArray) -> str:
    return f"the array {plain_name(one.key)}" if one.name != one.key else f"the file {one.name}"


def read_labels(one: NamedArray, count: int) -> np.ndarray | None:
    """(count,) numbers or text; None where the header declares something else."""
    shape, kind, size = one.header.shape, one.header.dtype.kind, one.header.dtype.itemsize
    one_hot = len(shape) == 2 and 1 < shape[1] <= _LONGEST_LABEL and kind in "buif"
    if not (shape in ((count,), (count, 1)) or one_hot) or kind not in "buifSU":
        return None
    if not 0 < size <= (_LONGEST_LABEL if kind in "SU" else 8):
        return None
    with decoding.reading(one.name), one.open() as stream:
        labels = array_files.read_whole(stream, one.header)
    if one_hot:
        # One of each row is 1 and all others are 0: the place of the 1 is the label.
        fits = ((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all()
        return labels.argmax(axis=1) if fits else None
    labels = labels.reshape(-1)
    if kind == "S":
        return np.strings.decode(labels, "utf-8", "replace")
    if kind == "U":
        # Four bytes a character, and not every four bytes are one.
        return labels if labels.view(f"{labels.dtype.str[0]}u4").max() < 0x110000 else None
    return labels
