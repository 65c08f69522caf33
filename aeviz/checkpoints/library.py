"""The user's own models: given a title or a note, uploaded, listed in the trash.

What comes with aeviz stays as it is. A file is always there as it was or as it was to be: each is
written whole and moved in one step.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from math import prod
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load

from aeviz.checkpoints import store
from aeviz.checkpoints.checkpoint import (
    LONGEST_NOTE,
    Checkpoint,
    CheckpointError,
    to_bytes,
)
from aeviz.checkpoints.reader import assemble
from aeviz.checkpoints.store import MODELS, ListedCheckpoint, listed, load_checkpoint
from aeviz.data.limits import LARGEST_UPLOAD
from aeviz.read_only import check_writable
from aeviz.storage.atomic_write import write_whole
from aeviz.storage.places import home
from aeviz.storage.tensors import NONSENSE, SUFFIX, opened
from aeviz.storage.user_folder import OtherVersion, files_in, free_path
from aeviz.text.names import file_name, plain_name, plain_text, slug

# As all other uploads: room for a network of 17 million weights and the film of its training.
LARGEST_MODEL_FILE = LARGEST_UPLOAD

# A file's table of contents. The longest there are, of eight layers a side with everything kept,
# name 170 tensors in 40 KB.
_LARGEST_HEADER = 1_000_000
_MOST_TENSORS = 500
_MOST_DIMENSIONS = 4
_BYTES = {"U8": 1, "I32": 4, "I64": 8, "F16": 2, "F32": 4, "F64": 8}
# In the name of a model that was brought in: what its file was called, and as much of its checksum
# as no two models share. (Not of its bytes: safetensors writes a description's parts in any order.)
_LONGEST_SLUG, _FINGERPRINT_LETTERS = 60, 16


# --- name and note -------------------------------------------------------------------------------


def rename_model(name: str, title: str) -> None:
    """Give a model another title, "" for its recipe's; the name it is found by stays.

    Raises CheckpointError where that cannot be done, UserError in a public showing.
    """
    check_writable("Renaming models")
    title = plain_name(title)
    _rewrite(name, "renamed", lambda model: replace(model, given_title=title))


def note_model(name: str, note: str) -> None:
    """Replace a model's note: plain text of up to LONGEST_NOTE characters. Raises as above."""
    check_writable("Writing notes on models")
    note = plain_text(note, longest=LONGEST_NOTE)
    _rewrite(name, "given a note", lambda model: replace(model, note=note))


def _rewrite(name: str, what: str, change: Callable[[Checkpoint], Checkpoint]) -> None:
    with MODELS.alone(what):
        path = MODELS.existing(name, what)
        data = to_bytes(change(load_checkpoint(path)))
        # Opened once before it takes the place of the only copy there is.
        write_whole(path, data, load_checkpoint)


# --- bring back ----------------------------------------------------------------------------------


def list_deleted() -> list[ListedCheckpoint]:
    """What can be brought back, the last deleted first. Raises nothing."""
    return [listed(path, own=True) for path in MODELS.deleted()]


# --- bring in ------------------------------------------------------------------------------------


def add_model(name: str, data: bytes) -> str:
    """Keep a model from an uploaded `.safetensors` file and return the name it has here.

    name: the file's. data: its bytes, of which nothing is unpacked before the sizes it declares are
    known to be possible. The same model again has the same name, also one that was here anyhow, as
    long as it is what it was and opens; of one's own that is damaged it takes the place, and the
    damaged file is set aside. No other model is ever replaced. Raises as `rename_model`.
    """
    check_writable("Uploading models")
    shown = file_name(name)
    metadata = _checked_metadata(shown, data)
    _check_opens(shown, metadata, data)
    checksum = metadata["checksum"]
    # Opening takes seconds, in which nobody else need wait: under the lock only what came since.
    opens = {path: store.opens(path) for path in _copies(checksum)}

    def check(part: Path) -> None:
        if part.read_bytes() != data:
            raise CheckpointError(f"{shown} did not arrive on the disk as it is: try again.")

    with MODELS.alone("saved"):
        copies = _copies(checksum)
        for path in copies:
            if opens[path] if path in opens else store.opens(path):
                return path.name.removesuffix(SUFFIX)
        damaged = [path for path in copies if path.parent == home() and MODELS.is_damaged(path)]
        stem = f"{_stem(name)}-{checksum[:_FINGERPRINT_LETTERS]}"
        target = damaged[0] if damaged else free_path(home(), stem)
        if damaged:
            MODELS.put_aside(target)
        write_whole(target, data, check)
        return target.name.removesuffix(SUFFIX)


def _checked_metadata(shown: str, data: bytes) -> dict[str, str]:
    """What a file says of itself; raises CheckpointError unless its table of contents fits it.

    Eight bytes with the table's length, the table as JSON, then the tensors one after another
    (the safetensors format's README).
    """
    if len(data) > LARGEST_MODEL_FILE:
        raise CheckpointError(
            f"{shown} has {len(data) / 1e6:,.0f} MB and at most {LARGEST_MODEL_FILE / 1e6:,.0f} MB "
            "can be brought in: train its recipe here instead."
        )
    length = int.from_bytes(data[:8], "little")
    try:
        if not 2 <= length <= min(_LARGEST_HEADER, len(data) - 8):
            raise ValueError("its length")
        table = json.loads(data[8 : 8 + length], object_pairs_hook=_no_twins)
        metadata = table.pop("__metadata__")
        if len(table) > _MOST_TENSORS:
            raise ValueError("too many tensors")
        position = 0
        for start, end, kind, shape in sorted(map(_entry, table.values())):
            if start != position or end - start != _BYTES[kind] * prod(shape):
                raise ValueError("where its tensors are")
            position = end
        if 8 + length + position != len(data):
            raise ValueError("where its tensors end")
        if not all(type(word) is str for word in (metadata["aeviz"], metadata["checksum"])):
            raise ValueError("what it says of itself")
    except NONSENSE as error:
        raise CheckpointError(
            f"{shown} is not one of aeviz's model files, or part of it is missing: download it "
            "again from where it was trained."
        ) from error
    return metadata


def _no_twins(pairs: list[tuple]) -> dict:
    """Of two values under one key, this reader and another might each take a different one."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("two values under one key")
    return made


def _entry(entry: dict) -> tuple[int, int, str, tuple[int, ...]]:
    (start, end), kind, shape = entry["data_offsets"], entry["dtype"], entry["shape"]
    whole = all(type(n) is int and 0 <= n <= LARGEST_MODEL_FILE for n in (start, end, *shape))
    if not whole or len(shape) > _MOST_DIMENSIONS or type(kind) is not str:
        raise ValueError("a tensor's size")
    return start, end, kind, tuple(shape)


def _check_opens(shown: str, metadata: dict[str, str], data: bytes) -> None:
    try:
        assemble(shown, metadata, load(data))
    except CheckpointError as error:
        if not isinstance(error.__cause__, OtherVersion):
            raise
        raise CheckpointError(
            f"{shown} was written by another version of aeviz: update this one, or have the model "
            "saved again by the other."
        ) from error
    except (SafetensorError, MemoryError) as error:
        raise CheckpointError(
            f"{shown} cannot be opened: download it again from where it was trained."
        ) from error


def _copies(checksum: str) -> list[Path]:
    """The files that declare this checksum, the user's own first; last those uploaded with it."""
    found, named = [], []
    for folder in (home(), store.PRETRAINED):
        for path in files_in(folder):
            if _declared(path) == checksum:
                found.append(path)
            elif folder == home() and path.stem.endswith(f"-{checksum[:_FINGERPRINT_LETTERS]}"):
                named.append(path)
    return found + named


def _declared(path: Path) -> str:
    with suppress(SafetensorError, OSError), opened(path) as file:
        return (file.metadata() or {}).get("checksum", "")
    return ""


def _stem(name: str) -> str:
    stem = name.replace("\\", "/").rpartition("/")[2].removesuffix(SUFFIX)
    return slug(stem, longest=_LONGEST_SLUG, empty="model")
