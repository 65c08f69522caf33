"""Models in files: where they are kept, saved, found, listed and opened.

What is in such a file is `checkpoint.py`, how it is checked `reader.py`.
"""

import json
import math
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from safetensors import SafetensorError

from aeviz.checkpoints import description
from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError, to_bytes
from aeviz.checkpoints.reader import assemble
from aeviz.data.picture_shape import PictureShape
from aeviz.networks.preset import Preset
from aeviz.networks.recipes import PRESETS, variant_of
from aeviz.read_only import check_writable
from aeviz.storage.atomic_write import Check
from aeviz.storage.places import home
from aeviz.storage.tensors import NONSENSE, SUFFIX, opened
from aeviz.storage.user_folder import TRASH_DAYS, UserFolder, file_in, files_in, free_path
from aeviz.text.names import plain_name

# In a sentence; a model's name has at most 100 letters.
_LONGEST_SHOWN = 120
PRETRAINED = Path(__file__).resolve().parents[2] / "pretrained"


@dataclass(frozen=True)
class ListedCheckpoint:
    """A file in a folder of checkpoints; `problem` is a sentence when it cannot be opened.

    title: its owner's, else its recipe's. given_title, note, continued_from, steps_before: see
    `Checkpoint`.
    steps: how many its run took, best_step: after which of them its weights were best.
    stopped_early: whether it ended before its last step, and not because it got no better.
    layer_sizes, layer_names: from input to output. seconds: what its run took, NaN where not known.
    shape: of its pictures. bytes: of its file. has_weights, optimizer_kept: whether they are in it.
    """

    name: str
    path: Path
    title: str
    created: str
    own: bool
    preset: str = ""
    variant: str = ""
    dataset: str = ""
    test_mse: float = float("nan")
    fingerprint: str = ""
    problem: str = ""
    given_title: str = ""
    note: str = ""
    has_weights: bool = True
    latent_dim: int = 0
    seed: int = 0
    steps: int = 0
    best_step: int = 0
    stopped_early: bool = False
    layer_sizes: tuple[int, ...] = ()
    layer_names: tuple[str, ...] = ()
    seconds: float = float("nan")
    shape: PictureShape = PictureShape(0)
    bytes: int = 0
    optimizer_kept: bool = False
    continued_from: str = ""
    steps_before: int = 0


def new_name(preset: Preset) -> str:
    """A file name that no other run has: recipe, time, four random letters."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return f"{preset.name}-{stamp}-{secrets.token_hex(2)}"


def save_checkpoint(checkpoint: Checkpoint, folder: Path | None = None) -> Path:
    """Write `<folder>/<name>.safetensors` and return its path; folder defaults to `home()`.

    Written beside its place and moved there whole, so that a crash leaves no half file. Raises
    CheckpointError when the folder cannot be written, UserError in a public showing.
    """
    return _write(checkpoint.name, to_bytes(checkpoint), folder)


def save_bytes(name: str, data: bytes, fingerprint: str, folder: Path | None = None) -> Path:
    """As `save_checkpoint`, for a model that comes as the bytes of its file, from another machine.

    Where one with this fingerprint is there and opens, that stays as it is, with its owner's name
    and note, and its path is returned. Raises CheckpointError as well when the file cannot be
    opened or has another fingerprint.
    """
    folder = home() if folder is None else Path(folder)

    def check(part: Path) -> None:
        try:
            fits = load_checkpoint(part).fingerprint == fingerprint
        except CheckpointError:  # which would name a file that nobody knows
            fits = False
        if not fits:
            raise CheckpointError("What came back is not the model that was asked for: try again.")

    check_writable("Saving a model")
    with MODELS.alone("saved"):
        there = finished({fingerprint}, folder, thorough=True).get(fingerprint)
        if there:
            return folder / f"{there}{SUFFIX}"
        place = file_in(folder, name)
        if place and not MODELS.is_damaged(place):  # another model, of the same name
            name = free_path(folder, name).name.removesuffix(SUFFIX)
        return _write(name, data, folder, check)


def finished(
    fingerprints: Collection[str], folder: Path | None = None, *, thorough: bool = False
) -> dict[str, str]:
    """Return fingerprint -> name of the models that are in `folder`, or the user's.

    thorough: open each, and leave out those that are damaged.
    """
    return {
        row.fingerprint: row.name
        for row in list_checkpoints(folder or home())
        if row.fingerprint in fingerprints and not row.problem and (not thorough or opens(row.path))
    }


def opens(path: Path) -> bool:
    """Return whether a file is what it says: its name and the checksum it names prove nothing."""
    try:
        load_checkpoint(path)
    except CheckpointError:
        return False
    return True


def _write(
    name: str,
    data: bytes,
    folder: Path | None,
    check: Check = lambda part: None,
) -> Path:
    check_writable("Saving a model")
    folder = home() if folder is None else Path(folder)
    if not description.NAME.fullmatch(name):
        raise CheckpointError("A model's name may hold small letters, digits, dots and dashes.")
    return MODELS.write(folder / f"{name}{SUFFIX}", data, check)


def load_checkpoint(path: str | Path, *, film: bool = True) -> Checkpoint:
    """Open a checkpoint file, checked: checksum, names, shapes, dtypes, finite values, fit.

    `path` is a file, or the bare name of a model in the user's folder or in `pretrained/`. film:
    False leaves out the manifold at every snapshot, which takes most of the time. Raises
    CheckpointError with one sentence for anything that is not right.
    """
    path = find_checkpoint(path)
    try:
        with opened(path) as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise CheckpointError(f"There is no model file {_shown(path)}.") from error
    except MemoryError as error:
        raise CheckpointError(
            f"There is not enough memory to open {_shown(path)}: close other programs and try "
            "again."
        ) from error
    except (SafetensorError, OSError, *NONSENSE) as error:
        raise CheckpointError(
            f"{_shown(path)} is not a readable model file, or part of it is missing: train it "
            "again or fetch a fresh copy."
        ) from error
    return assemble(path.name, metadata, tensors, film=film)


def _shown(path: Path) -> str:
    """A file's name for a sentence."""
    return plain_name(path.name, longest=_LONGEST_SHOWN)


def _gone(name: str, what: str) -> str:
    if file_in(PRETRAINED, name):
        return (
            f"{name} comes with aeviz and cannot be {what}: train its recipe for one of your own."
        )
    return "This model is no longer here: somebody may have deleted it."


MODELS = UserFolder(
    kind="models",
    subject="The model",
    error=CheckpointError,
    open=lambda path: load_checkpoint(path),
    gone=_gone,
    not_in_trash="This model is no longer in the trash: somebody may have brought it back, or it "
    f"was deleted more than {TRASH_DAYS} days ago.",
    set_aside_words=lambda path: (
        f"{plain_name(path.name)} is damaged and was set aside, all other "
        "models open: train or upload it again."
    ),
)


def is_name(text: str) -> bool:
    """Whether a model may be found by that: a bare name, no path."""
    return bool(description.FOUND_NAME.fullmatch(text)) and not text.endswith(SUFFIX)


def find_checkpoint(path: str | Path) -> Path:
    """The file for a path or a bare name. Raises CheckpointError when there is none."""
    if isinstance(path, str) and is_name(path):
        for folder in (home(), PRETRAINED):
            candidate = folder / f"{path}{SUFFIX}"
            if candidate.is_file():
                return candidate
        raise CheckpointError(f"There is no model called {_shown(Path(path))}.")
    return Path(path)


def list_checkpoints(folder: Path | None = None) -> list[ListedCheckpoint]:
    """The models in the user's folder and in `pretrained/` (or only in `folder`), newest first.

    Reads descriptions only, no weights; a file that cannot be read is listed with its problem, and
    after one's own so are those that were set aside because they cannot be opened.
    """
    folders = [Path(folder)] if folder is not None else [home(), PRETRAINED]
    found = []
    for place in folders:
        own = place != PRETRAINED
        rows = [listed(path, own) for path in files_in(place)]
        # One's own: the newest first. The gallery: MNIST first, since that is what people know, and
        # the recipes people know before a sweep's; by name, so that a tuned recipe comes before the
        # published one.
        rows.sort(key=_in_the_gallery)
        found += sorted(rows, key=lambda row: row.created, reverse=True) if own else rows
        if folder is None and own:
            found += map(_set_aside, files_in(MODELS.aside))
    return found


def _set_aside(path: Path) -> ListedCheckpoint:
    return _unusable(
        path,
        True,
        "could not be opened and was set aside: delete it, and train or upload it again.",
    )


def _unusable(path: Path, own: bool, why: str) -> ListedCheckpoint:
    name = path.name.removesuffix(SUFFIX)
    problem = f"{_shown(path)} {why}"
    return ListedCheckpoint(name, path, plain_name(name), "", own, problem=problem)


def _in_the_gallery(row: ListedCheckpoint) -> tuple:
    # Numbers count as such: sweep-2 before sweep-10.
    name = [int(part) if part.isdigit() else part for part in re.split(r"([0-9]+)", row.name)]
    return row.dataset != "mnist", row.preset not in PRESETS, name


def listed(path: Path, own: bool) -> ListedCheckpoint:
    """A file by its description. Raises nothing; own: whether it is not of the gallery."""
    name = path.name.removesuffix(SUFFIX)
    if not is_name(name):  # by which every page and every link finds it
        return _unusable(
            path,
            own,
            "cannot be opened by this name: rename the file with letters, digits, dots and dashes "
            "only, at most 100 of them.",
        )
    try:
        with opened(path) as file:
            about = json.loads((file.metadata() or {})["aeviz"])
        preset, own_said = description.recipe_of(about), description.format_4_fields(about)
        shape, figures = description.shape_of(about), description.figures_of(about, preset)
        said = figures.get("steps", math.nan)
        steps = preset.steps if math.isnan(said) else int(said)
        shared = description.shared_fields(about)
        waited = preset.patience and steps - shared["best_step"] >= preset.patience
        return ListedCheckpoint(
            name=name,
            path=path,
            title=own_said["title"] or preset.title,
            own=own,
            preset=preset.name,
            variant=variant_of(preset),
            test_mse=figures.get("test_mse", math.nan),
            fingerprint=str(about.get("fingerprint", "")),
            has_weights=own_said["weights"],
            latent_dim=preset.latent_dim,
            steps=steps,
            stopped_early=steps < preset.steps and not waited,
            layer_sizes=preset.layer_sizes(shape),
            layer_names=preset.layer_names(shape),
            seconds=figures.get("seconds", math.nan),
            shape=shape,
            bytes=path.stat().st_size,
            optimizer_kept=own_said["optimizer_step"] is not None,
            **shared,
        )
    except (SafetensorError, OSError, *NONSENSE):
        return _unusable(path, own, "cannot be read.")
