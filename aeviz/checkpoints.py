"""One trained model, one `.safetensors` file: weights, history, and where they came from.

The file holds tensors and a JSON description in its metadata; nothing in it can run. A checksum
over both is kept in the metadata, because the format itself has none and a flipped bit should be
noticed.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import secrets
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import platformdirs
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from aeviz.autoencoder import ACTIVATIONS, Autoencoder, Layer
from aeviz.history import HistoryView, LossRecord, Snapshot
from aeviz.presets import Preset, variant_of

SCHEMA_VERSION = 1
SUFFIX = ".safetensors"
PRETRAINED = Path(__file__).resolve().parent.parent / "pretrained"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_MISSING = "NaN"
# What reading a description raises that isn't one of ours: wrong types, missing keys, a number or a
# nesting beyond all bounds.
_NONSENSE = (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


class CheckpointError(ValueError):
    """A checkpoint that cannot be used or written, in one sentence."""


@dataclass(frozen=True)
class Checkpoint:
    """A trained autoencoder with all that is known of it.

    autoencoder: the weights with the best validation loss, at step `best_step`. history: its losses
    and snapshots. probe_labels: (P,) uint8 or None, the classes of the watched pictures.
    map_labels: (N,) uint8 or None, the classes of the points on the snapshots' maps.
    figures: name -> number, e.g. "test_mse"; every loss in it is per pixel on [0, 1] unless its
    name says otherwise. notice: a sentence if training ended early, else "".
    """

    name: str
    preset: Preset
    dataset: str
    seed: int
    autoencoder: Autoencoder
    history: HistoryView
    best_step: int
    created: str
    side: int
    probe_indices: np.ndarray = field(repr=False)
    probe_labels: np.ndarray | None = field(default=None, repr=False)
    map_labels: np.ndarray | None = field(default=None, repr=False)
    figures: dict[str, float] = field(default_factory=dict)
    notice: str = ""

    @property
    def title(self) -> str:
        """A name for people: the recipe and when."""
        return f"{self.preset.title}, {self.created[:16].replace('T', ' ')}"


@dataclass(frozen=True)
class ListedCheckpoint:
    """A file in a folder of checkpoints; `problem` is a sentence when it cannot be opened."""

    name: str
    path: Path
    title: str
    created: str
    own: bool
    preset: str = ""
    variant: str = ""
    dataset: str = ""
    test_mse: float = float("nan")
    problem: str = ""


def home() -> Path:
    """The folder for a user's own models: `$AEVIZ_HOME`, or the platform's user data folder."""
    return Path(os.environ.get("AEVIZ_HOME") or platformdirs.user_data_dir("aeviz", False))


def now() -> str:
    """This moment in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def new_name(preset: Preset) -> str:
    """A file name that no other run has: recipe, time, four random letters."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return f"{preset.name}-{stamp}-{secrets.token_hex(2)}"


# --- writing ---------------------------------------------------------------------------------


def save_checkpoint(checkpoint: Checkpoint, folder: Path | None = None) -> Path:
    """Write `<folder>/<name>.safetensors` and return its path; folder defaults to `home()`.

    Written beside its place and moved there whole, so that a crash leaves no half file. Raises
    CheckpointError when the folder cannot be written.
    """
    folder = home() if folder is None else Path(folder)
    if not _NAME.fullmatch(checkpoint.name):
        raise CheckpointError("A model's name may hold small letters, digits, dots and dashes.")
    data = to_bytes(checkpoint)
    target = folder / f"{checkpoint.name}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=folder, prefix=".saving-", suffix=".part", delete=False
        ) as part:
            try:
                part.write(data)
                part.flush()
                os.fsync(part.fileno())
                part.close()
                os.replace(part.name, target)
            except BaseException:
                part.close()
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise CheckpointError(
            f"The model could not be saved in {folder} ({error.strerror or error}): free some "
            "space or choose another folder with AEVIZ_HOME."
        ) from error
    return target


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """The bytes of a checkpoint's file."""
    tensors = _tensors(checkpoint)
    about = json.dumps(_description(checkpoint), allow_nan=False)
    metadata = {"aeviz": about, "checksum": _checksum(about, tensors)}
    return save(tensors, metadata=metadata)


def _description(checkpoint: Checkpoint) -> dict:
    history = checkpoint.history
    return {
        "schema": SCHEMA_VERSION,
        "name": checkpoint.name,
        "preset": checkpoint.preset.to_dict(),
        "dataset": checkpoint.dataset,
        "seed": checkpoint.seed,
        "side": checkpoint.side,
        "best_step": checkpoint.best_step,
        "created": checkpoint.created,
        "figures": {k: _plain(v) for k, v in checkpoint.figures.items()},
        "notice": checkpoint.notice,
        "parts": list(history.part_names),
        "snapshots": len(history.snapshots),
        "snapshot_weights": bool(history.snapshots and history.snapshots[0].weights is not None),
    }


def _plain(number: float) -> float | str:
    return float(number) if math.isfinite(number) else _MISSING


def _tensors(checkpoint: Checkpoint) -> dict[str, np.ndarray]:
    history, out = checkpoint.history, {}
    for part in ("encoder", "decoder"):
        for i, layer in enumerate(getattr(checkpoint.autoencoder, part)):
            out[f"{part}.{i}.kernel"] = layer.kernel
            out[f"{part}.{i}.bias"] = layer.bias
    parts = [history.part(n) for n in history.part_names]
    out["losses"] = np.column_stack([history.step, history.train_loss, history.val_loss, *parts])
    out["probe_indices"] = checkpoint.probe_indices.astype(np.int32)
    if checkpoint.probe_labels is not None:
        out["probe_labels"] = checkpoint.probe_labels
    if checkpoint.map_labels is not None:
        out["map_labels"] = checkpoint.map_labels
    shots = history.snapshots
    if shots:
        # One row a snapshot: which loss record is its own, its time and error.
        row = {r.step: i for i, r in enumerate(history.losses)}
        out["snapshots.record"] = np.array([row[s.step] for s in shots], dtype=np.int32)
        out["snapshots.seconds"] = np.array([s.seconds for s in shots], dtype=np.float64)
        out["snapshots.mse"] = np.array([s.mse for s in shots], dtype=np.float64)
        out["snapshots.reconstructions"] = np.stack([s.reconstructions for s in shots])
        out["snapshots.codes"] = np.stack([s.codes for s in shots]).astype(np.float16)
        out["snapshots.map_points"] = np.stack([s.map_points for s in shots])
        if shots[0].weights is not None:
            for i in range(len(shots[0].weights)):
                out[f"snapshots.weights.{i}"] = np.stack([s.weights[i] for s in shots])
    return {k: np.ascontiguousarray(v) for k, v in out.items()}


def _checksum(about: str, tensors: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256(about.encode())
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.data if array.size else b"")
    return digest.hexdigest()


# --- reading ---------------------------------------------------------------------------------


def load_checkpoint(path: str | Path) -> Checkpoint:
    """Open a checkpoint file, checked: checksum, names, shapes, dtypes, finite values, fit.

    `path` is a file, or the bare name of a model in the user's folder or in `pretrained/`. Raises
    CheckpointError with one sentence for anything that is not right.
    """
    path = find_checkpoint(path)
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise CheckpointError(f"There is no model file {path.name[:100]}.") from error
    except (SafetensorError, OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(
            f"{path.name} is not a readable model file, or part of it is missing: "
            "train it again or fetch a fresh copy."
        ) from error
    try:
        return _assemble(path.name, metadata, tensors)
    except CheckpointError:
        raise
    except _NONSENSE as error:
        raise CheckpointError(
            f"{path.name} does not describe a model this program knows ({str(error)[:100]})."
        ) from error


def find_checkpoint(path: str | Path) -> Path:
    """The file for a path or a bare name. Raises CheckpointError when there is none."""
    if isinstance(path, str) and _NAME.fullmatch(path) and not path.endswith(SUFFIX):
        for folder in (home(), PRETRAINED):
            candidate = folder / f"{path}{SUFFIX}"
            if candidate.is_file():
                return candidate
        raise CheckpointError(f"There is no model called {path}.")
    return Path(path)


def _assemble(file: str, metadata: dict, tensors: dict[str, np.ndarray]) -> Checkpoint:
    if "aeviz" not in metadata:
        raise CheckpointError(f"{file} is a tensor file, but not one of aeviz's models.")
    about = json.loads(metadata["aeviz"])
    if about.get("schema") != SCHEMA_VERSION:
        version = str(about.get("schema"))[:20]
        raise CheckpointError(f"{file} was written by another version of aeviz (format {version}).")
    if _checksum(metadata["aeviz"], tensors) != metadata.get("checksum"):
        raise CheckpointError(
            f"{file} is damaged: its checksum does not match. Train it again or fetch a fresh copy."
        )
    preset = Preset.from_dict(about["preset"])
    side = about["side"]
    if type(side) is not int or side < 1:
        raise CheckpointError(f"{file} does not say how large its pictures are.")
    pixels = side * side
    for name, array in tensors.items():
        if array.dtype.kind == "f" and not name.startswith(("losses", "snapshots.mse")):
            if not np.isfinite(array).all():
                raise CheckpointError(f"{file} holds numbers that are not finite (in {name}).")
    autoencoder = _autoencoder(file, preset, pixels, tensors)
    checkpoint = Checkpoint(
        name=file.removesuffix(SUFFIX),
        preset=preset,
        dataset=str(about["dataset"]),
        seed=int(about["seed"]),
        autoencoder=autoencoder,
        history=_history(file, about, preset, pixels, tensors),
        best_step=int(about["best_step"]),
        created=str(about["created"]),
        side=side,
        probe_indices=_array(file, tensors, "probe_indices", (None,), "i"),
        probe_labels=_optional(file, tensors, "probe_labels"),
        map_labels=_optional(file, tensors, "map_labels"),
        figures={k: float(v) for k, v in about["figures"].items()},
        notice=str(about["notice"]),
    )
    if tensors:
        raise CheckpointError(f"{file} holds more than its recipe asks for ({min(tensors)[:40]}).")
    _check_counts(file, checkpoint)
    return checkpoint


def _check_counts(file: str, checkpoint: Checkpoint) -> None:
    """Raise CheckpointError unless there is a label and a code for every picture and point."""
    indices, shots = checkpoint.probe_indices, checkpoint.history.snapshots
    # Source 2's own picture is not among the validation images: one more picture than indices.
    probes = {len(indices), len(indices) + 1}
    points = {len(s.map_points) for s in shots}
    for snapshot in shots:
        probes &= {len(snapshot.reconstructions)} & {len(snapshot.codes)}
    if checkpoint.probe_labels is not None:
        probes &= {len(checkpoint.probe_labels)}
    if checkpoint.map_labels is not None and shots:
        points &= {len(checkpoint.map_labels)}
    if not probes or (shots and not points) or (indices < 0).any():
        raise CheckpointError(f"{file} does not have a label and a code for every picture in it.")


def _optional(file: str, tensors: dict[str, np.ndarray], name: str) -> np.ndarray | None:
    return _array(file, tensors, name, (None,), "u") if name in tensors else None


def _array(file: str, tensors: dict, name: str, shape: tuple, kind: str) -> np.ndarray:
    if name not in tensors:
        raise CheckpointError(f"{file} lacks {name}.")
    array = tensors.pop(name)
    fits = len(array.shape) == len(shape) and all(
        want is None or have == want for have, want in zip(array.shape, shape, strict=True)
    )
    if not fits or array.dtype.kind != kind:
        raise CheckpointError(
            f"{file} does not fit its own recipe: {name} is {array.dtype} {array.shape}."
        )
    array.flags.writeable = False
    return array


def _autoencoder(file: str, preset: Preset, pixels: int, tensors: dict) -> Autoencoder:
    stacks = []
    width = pixels
    if preset.latent_dim < 1:
        raise CheckpointError(f"{file} describes a network with a code of no numbers.")
    for part, layers in zip(("encoder", "decoder"), preset.dense_layers(pixels), strict=True):
        stack = []
        for i, (units, activation) in enumerate(layers):
            if activation not in ACTIVATIONS:
                raise CheckpointError(f"{file} has an activation unknown here: {activation[:40]}.")
            kernel = _array(file, tensors, f"{part}.{i}.kernel", (width, units), "f")
            bias = _array(file, tensors, f"{part}.{i}.bias", (units,), "f")
            # No copies: they would be writable, and large.
            kernel, bias = (w.astype(np.float32, copy=False) for w in (kernel, bias))
            stack.append(Layer(kernel, bias, activation))
            width = units
        stacks.append(tuple(stack))
        width = preset.latent_dim
    return Autoencoder(*stacks, variational=preset.variational)


def _history(file: str, about: dict, preset: Preset, pixels: int, tensors: dict) -> HistoryView:
    parts = [str(p) for p in about["parts"]]
    rows = _array(file, tensors, "losses", (None, 3 + len(parts)), "f")
    losses = tuple(
        LossRecord(
            step=int(row[0]),
            train_loss=float(row[1]),
            validation_loss=float(row[2]),
            parts=tuple(
                (p, float(v)) for p, v in zip(parts, row[3:], strict=True) if math.isfinite(v)
            ),
        )
        for row in rows
    )
    count = about["snapshots"]
    if not count:
        return HistoryView(losses=losses)
    record = _array(file, tensors, "snapshots.record", (count,), "i")
    seconds = _array(file, tensors, "snapshots.seconds", (count,), "f")
    mse = _array(file, tensors, "snapshots.mse", (count,), "f")
    pictures = _array(file, tensors, "snapshots.reconstructions", (count, None, pixels), "u")
    codes = _array(file, tensors, "snapshots.codes", (count, None, preset.latent_dim), "f")
    points = _array(file, tensors, "snapshots.map_points", (count, None, 2), "f")
    if (record < 0).any():
        raise CheckpointError(f"{file} does not say when its snapshots were taken.")
    weights = None
    if about["snapshot_weights"]:
        weights = []
        for i, (inputs, units) in enumerate(_layer_shapes(preset, pixels)):
            for j, shape in ((2 * i, (inputs, units)), (2 * i + 1, (units,))):
                name = f"snapshots.weights.{j}"
                weights.append(_array(file, tensors, name, (count, *shape), "f"))
    snapshots = tuple(
        Snapshot(
            step=losses[record[i]].step,
            seconds=float(seconds[i]),
            loss=losses[record[i]],
            reconstructions=pictures[i],
            codes=codes[i],
            map_points=points[i],
            mse=float(mse[i]),
            weights=None if weights is None else tuple(w[i] for w in weights),
        )
        for i in range(count)
    )
    return HistoryView(losses=losses, snapshots=snapshots, latest=snapshots[-1])


def _layer_shapes(preset: Preset, pixels: int) -> list[tuple[int, int]]:
    shapes, width = [], pixels
    for layers in preset.dense_layers(pixels):
        for units, _ in layers:
            shapes.append((width, units))
            width = units
        width = preset.latent_dim
    return shapes


def list_checkpoints(folder: Path | None = None) -> list[ListedCheckpoint]:
    """The models in the user's folder and in `pretrained/` (or only in `folder`), newest first.

    Reads descriptions only, no weights; a file that cannot be read is listed with its problem.
    """
    folders = [Path(folder)] if folder is not None else [home(), PRETRAINED]
    found = []
    for place in folders:
        own = place != PRETRAINED
        try:
            files = sorted(place.glob(f"*{SUFFIX}"))
        except OSError:
            continue
        rows = [_listed(path, own) for path in files]
        # One's own: the newest first. The gallery: by name, so that a tuned recipe comes first.
        rows.sort(key=lambda row: row.name)
        found += sorted(rows, key=lambda row: row.created, reverse=True) if own else rows
    return found


def _listed(path: Path, own: bool) -> ListedCheckpoint:
    name = path.name.removesuffix(SUFFIX)
    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads((file.metadata() or {})["aeviz"])
        preset, created = Preset.from_dict(about["preset"]), str(about["created"])
        return ListedCheckpoint(
            name=name,
            path=path,
            title=preset.title,
            created=created,
            own=own,
            preset=preset.name,
            variant=variant_of(preset),
            dataset=str(about["dataset"]),
            test_mse=float(about["figures"].get("test_mse", "nan")),
        )
    except (SafetensorError, OSError, *_NONSENSE):
        problem = f"{path.name} cannot be read."
        return ListedCheckpoint(name, path, name, "", own, problem=problem)
