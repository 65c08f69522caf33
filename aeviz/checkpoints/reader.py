"""From a file's metadata and tensors to a Checkpoint: every tensor is checked before it is used."""

import json
from dataclasses import replace

import numpy as np

from aeviz.checkpoints.checkpoint import (
    FORMATS,
    LONGEST_NOTE,
    PACKED_CODES,
    PACKED_OF_FILM,
    Checkpoint,
    CheckpointError,
    OptimizerState,
    may_be_packed,
)
from aeviz.checkpoints.codes_reader import coding_of, test_codes_of
from aeviz.checkpoints.description import (
    figures_of,
    format_4_fields,
    recipe_of,
    shape_of,
    shared_fields,
)
from aeviz.checkpoints.file_arrays import array_of, labels_of
from aeviz.checkpoints.history import MOST_RECORDS, HistoryView, Losses, Snapshot
from aeviz.checkpoints.view_bytes import MOST_FILM_BYTES, SHOWN, film_bytes
from aeviz.data.picture_shape import PictureShape
from aeviz.latent.differences import differences_of_plain
from aeviz.latent.frames import Frame, FrameError, frame_picture
from aeviz.latent.grid import ManifoldError, checked_cells, checked_span
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.limits import MOST_WEIGHTS, PresetError, check_recipe, check_shape
from aeviz.networks.preset import Preset
from aeviz.networks.settings import LONGEST_RUN, OPTIMIZER_SLOTS
from aeviz.storage.tensors import NONSENSE, SUFFIX, checksum, unpacked, unpacked_bytes
from aeviz.storage.user_folder import OtherVersion, TooLarge
from aeviz.text.names import plain_name, plain_text

# A run keeps about forty moments; unpacking the film of a file that claims a million of them must
# not keep a page waiting, nor one whose frames are huge: forty of 64 pixels a side are 45 million.
_MOST_SNAPSHOTS = 500
_MOST_FILM_PIXELS = 250_000_000
# Of one frame, of which a page sends as many as it has room for. Our own have at most 560,000, of
# noise in 16 x 16 cells of 64 pixels a side.
_LARGEST_FRAME = 1_000_000
_FILM = ("film.spans", "film.ends", "film.pictures")
_MOST_PARTS = 8
# What is packed of a film, once unpacked. Forty-five moments of 51 colour pictures of 64 pixels a
# side, with codes of 2,000 numbers, have 37 MB.
_MOST_UNPACKED = 80_000_000
# Fifty pictures are watched and a thousand points mapped; more would only slow a page down.
_MOST_PROBES, _MOST_POINTS = 1_000, 20_000
# What a variational network's loss is made of; the sentences about it name both.
_VARIATIONAL_PARTS = ("reconstruction", "KL")
# In a sentence; a model's name has at most 100 letters.
_LONGEST_FILE_NAME = 120


def assemble(
    file: str, metadata: dict, tensors: dict[str, np.ndarray], *, film: bool = True
) -> Checkpoint:
    """The checkpoint in a file's metadata and tensors, read-only; takes what it uses of `tensors`.

    file: the file's name, for the sentence and the model's own name. film: False leaves out the
    manifold at every snapshot, whose pictures are two thirds of the time. Raises CheckpointError
    with one sentence for anything that is not right.
    """
    shown = plain_name(file, longest=_LONGEST_FILE_NAME)
    try:
        checkpoint = _assemble(shown, metadata, tensors, film)
    except CheckpointError:
        raise
    except NONSENSE as error:
        # Its words may be the file's own.
        what = plain_name(str(error), longest=100)
        raise CheckpointError(
            f"{shown} does not describe a model this program knows ({what})."
        ) from error
    return replace(checkpoint, name=file.removesuffix(SUFFIX))


def _assemble(file: str, metadata: dict, tensors: dict[str, np.ndarray], film: bool) -> Checkpoint:
    if "aeviz" not in metadata:
        raise CheckpointError(f"{file} is a tensor file, but not one of aeviz's models.")
    about = json.loads(metadata["aeviz"])
    if about.get("schema") not in FORMATS:
        version = plain_name(str(about.get("schema")), longest=20)
        raise CheckpointError(
            f"{file} was written by another version of aeviz (format {version})."
        ) from OtherVersion()
    if checksum(metadata["aeviz"], tensors) != metadata.get("checksum"):
        raise CheckpointError(
            f"{file} is damaged: its checksum does not match. Train it again or fetch a fresh copy."
        )
    if not film:
        about["film_cells"] = None
        for name in _FILM:
            tensors.pop(name, None)
    _unpack(file, about, tensors)
    preset, shape = recipe_of(about), shape_of(about)
    try:
        check_recipe(preset)
        check_shape(preset, shape)
    except PresetError as error:
        what = plain_name(str(error), longest=100)
        raise CheckpointError(f"{file} has an impossible recipe ({what}).") from error
    own = format_4_fields(about)
    _check_weights(file, preset.parameter_count(shape) if own["weights"] else 0)
    for name, array in tensors.items():
        if array.dtype.kind == "f" and not name.startswith(("losses", "snapshots.mse")):
            if not np.isfinite(array).all():
                where = plain_name(name, longest=40)
                raise CheckpointError(f"{file} holds numbers that are not finite (in {where}).")
    checkpoint = Checkpoint(
        name=file.removesuffix(SUFFIX),
        preset=preset,
        autoencoder=_autoencoder(file, preset, shape, tensors) if own["weights"] else None,
        history=_history(file, about, preset, shape, tensors),
        shape=shape,
        probe_indices=array_of(file, tensors, "probe_indices", (None,), "i"),
        probe_labels=labels_of(file, tensors, "probe_labels", None),
        map_labels=labels_of(file, tensors, "map_labels", None),
        figures=figures_of(about, preset),
        notice=plain_text(str(about["notice"]), longest=LONGEST_NOTE),
        test_codes=None if about["schema"] == 1 else test_codes_of(file, about, preset, tensors),
        fingerprint="" if about["schema"] == 1 else str(about["fingerprint"]),
        optimizer=_optimizer(file, own["optimizer_step"], preset, shape, tensors),
        differences=differences_of_plain(about.get("differences", [])),
        coding=coding_of(file, about, preset, tensors) if about["schema"] >= 6 else None,
        **shared_fields(about),
    )
    if tensors:
        extra = plain_name(min(tensors), longest=40)
        raise CheckpointError(f"{file} holds more than its recipe asks for ({extra}).")
    _check_counts(file, checkpoint)
    _check_labels(file, checkpoint)
    return checkpoint


def _unpack(file: str, about: dict, tensors: dict[str, np.ndarray]) -> None:
    """Put what is packed in a file in its place among its tensors."""
    kinds = about["packed"] if about["schema"] >= 5 else {}
    if not all(map(may_be_packed, kinds)):
        raise ValueError("what is packed in it")
    said = {name: unpacked_bytes(*kind) for name, kind in kinds.items()}
    of_film = sum(said.get(name, 0) for name in (*PACKED_OF_FILM, *PACKED_CODES))
    if of_film > _MOST_UNPACKED:
        what = f"a film of {of_film / 1e6:,.0f} MB, and at most {_MOST_UNPACKED / 1e6:.0f} MB"
        raise CheckpointError(f"{file} has {what} {SHOWN}") from TooLarge()
    _check_weights(file, (sum(said.values()) - of_film) // np.dtype(np.float16).itemsize)
    for name, kind in kinds.items():
        tensors[name] = unpacked(array_of(file, tensors, name, (None,), "u1"), *kind)


def _check_weights(file: str, weights: int) -> None:
    if weights > MOST_WEIGHTS:
        what = f"{weights / 1e6:,.0f} million weights, and at most {MOST_WEIGHTS / 1e6:.0f} million"
        raise CheckpointError(
            f"{file} has {what} can be shown: train its recipe with narrower layers."
        ) from TooLarge()


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
    few = min(probes, default=0) <= _MOST_PROBES and min(points, default=0) <= _MOST_POINTS
    if not probes or (shots and not points) or (indices < 0).any() or not few:
        raise CheckpointError(f"{file} does not have a label and a code for every picture in it.")


def _check_labels(file: str, checkpoint: Checkpoint) -> None:
    """Raise CheckpointError unless a network that is told labels has them, and knows them all."""
    kinds, codes = checkpoint.preset.labels, checkpoint.test_codes
    of_codes = codes.labels if codes else None
    kept = [checkpoint.probe_labels, checkpoint.map_labels, of_codes]
    known = all(labels.max(initial=0) < kinds for labels in kept if labels is not None)
    if kinds and not (known and (codes is None or codes.labels is not None)):
        raise CheckpointError(f"{file} does not say what its pictures show, which it has to.")


# --- the network -----------------------------------------------------------------------------


def _autoencoder(file: str, preset: Preset, shape: PictureShape, tensors: dict) -> Autoencoder:
    stacks = []
    for part, plans in zip(("encoder", "decoder"), preset.layers(shape), strict=True):
        stack = []
        for i, plan in enumerate(plans):
            kernel = _weights(file, tensors, f"{part}.{i}.kernel", plan.kernel_shape)
            bias = _weights(file, tensors, f"{part}.{i}.bias", (plan.units,))
            stack.append(plan.with_weights(kernel, bias))
        stacks.append(tuple(stack))
    return Autoencoder(*stacks, variational=preset.variational)


def _weights(file: str, tensors: dict, name: str, shape: tuple) -> np.ndarray:
    """float32, however it is stored; a copy only where it has to be, since these are large."""
    array = array_of(file, tensors, name, shape, "f2 f4").astype(np.float32, copy=False)
    array.flags.writeable = False
    return array


def _optimizer(
    file: str, step: int | None, preset: Preset, shape: PictureShape, tensors: dict
) -> OptimizerState | None:
    if step is None:
        return None
    slots_each = range(OPTIMIZER_SLOTS[preset.optimizer])
    shapes = [shape for shape in _weight_shapes(preset, shape) for _ in slots_each]
    slots = (array_of(file, tensors, f"optimizer.{i}", s, "f4") for i, s in enumerate(shapes))
    return OptimizerState(step, tuple(slots))


def _weight_shapes(preset: Preset, shape: PictureShape) -> list[tuple[int, ...]]:
    """The shapes of kernel, bias, kernel, ... from input to output."""
    plans = [plan for part in preset.layers(shape) for plan in part]
    return [array for plan in plans for array in (plan.kernel_shape, (plan.units,))]


# --- the history -----------------------------------------------------------------------------


def _history(
    file: str, about: dict, preset: Preset, shape: PictureShape, tensors: dict
) -> HistoryView:
    losses = _losses(file, about, preset, tensors)
    if not about["snapshots"]:
        return HistoryView(losses=losses)
    snapshots = _snapshots(file, about, preset, shape, losses, tensors)
    return HistoryView(losses=losses, snapshots=snapshots, latest=snapshots[-1])


def _losses(file: str, about: dict, preset: Preset, tensors: dict) -> Losses:
    parts = tuple(plain_name(str(p)) for p in about["parts"])
    rows = array_of(file, tensors, "losses", (None, 3 + len(parts)), "f")
    if len(parts) > _MOST_PARTS:
        raise CheckpointError(f"{file} has a history longer than any run's.")
    if len(rows) > MOST_RECORDS:
        what = f"{len(rows):,} measured losses, and at most {MOST_RECORDS:,}"
        raise CheckpointError(f"{file} has {what} {SHOWN}") from TooLarge()
    if preset.variational and parts and parts != _VARIATIONAL_PARTS:
        raise CheckpointError(f"{file} does not say what its losses are made of.")
    rows = rows.astype(np.float64)
    steps, measured = rows[:, 0], rows[:, 3:]
    if not ((steps >= 0) & (steps <= LONGEST_RUN)).all():
        raise CheckpointError(f"{file} does not say at which steps its losses were measured.")
    np.floor(steps, out=steps)
    measured[~np.isfinite(measured)] = np.nan
    if np.isnan(measured).all():
        rows, parts = rows[:, :3], ()
    rows.flags.writeable = False
    return Losses(rows, parts)


def _snapshots(
    file: str,
    about: dict,
    preset: Preset,
    shape: PictureShape,
    losses: Losses,
    tensors: dict,
) -> tuple[Snapshot, ...]:
    count = about["snapshots"]
    if count > _MOST_SNAPSHOTS:
        raise CheckpointError(f"{file} has a history longer than any run's.")
    record = array_of(file, tensors, "snapshots.record", (count,), "i")
    seconds = array_of(file, tensors, "snapshots.seconds", (count,), "f")
    mse = array_of(file, tensors, "snapshots.mse", (count,), "f")
    pictures = array_of(
        file, tensors, "snapshots.reconstructions", (count, None, shape.values), "u1"
    )
    codes = array_of(file, tensors, "snapshots.codes", (count, None, preset.latent_dim), "f")
    points = array_of(file, tensors, "snapshots.map_points", (count, None, 2), "f")
    most = MOST_FILM_BYTES
    film = film_bytes(shape, latent_dim=preset.latent_dim, points=points.shape[1])
    if count * film > most:
        what = f"a film of {count * film / 1e6:.1f} MB, and at most {most / 1e6:.0f} MB"
        raise CheckpointError(f"{file} has {what} {SHOWN}") from TooLarge()
    if (record < 0).any():
        raise CheckpointError(f"{file} does not say when its snapshots were taken.")
    if preset.variational:
        at = [losses[i] for i in record[np.isfinite(mse)]]
        if not all(loss.parts for loss in at):
            raise CheckpointError(f"{file} does not say what its losses are made of.")
    weights = None
    if about["snapshot_weights"]:
        weights = [
            array_of(file, tensors, f"snapshots.weights.{i}", (count, *array), "f")
            for i, array in enumerate(_weight_shapes(preset, shape))
        ]
    cells = about["film_cells"] if about["schema"] >= 3 else None
    film = None if cells is None else _film(file, cells, count, shape, tensors)
    return tuple(
        Snapshot(
            step=losses[record[i]].step,
            seconds=float(seconds[i]),
            loss=losses[record[i]],
            reconstructions=pictures[i],
            codes=codes[i],
            map_points=points[i],
            mse=float(mse[i]),
            weights=None if weights is None else tuple(w[i] for w in weights),
            frame=None if film is None else film[i],
        )
        for i in range(count)
    )


# --- the film --------------------------------------------------------------------------------


def _film(file: str, cells: int, count: int, shape: PictureShape, tensors: dict) -> list[Frame]:
    """The manifold at every snapshot; every picture is unpacked once, to see that it can be."""
    shapes = zip(_FILM, ((count, 4), (count,), (None,)), ("f8", "i8", "u1"), strict=True)
    spans, ends, packed = (array_of(file, tensors, *about) for about in shapes)
    starts = np.concatenate([[0], ends[:-1]])
    if (ends <= starts).any() or ends[-1] != len(packed):
        raise CheckpointError(f"{file} does not say where the pictures of its film begin and end.")
    film = []
    try:
        cells = checked_cells(cells)
        if count * cells**2 * shape.pixels > _MOST_FILM_PIXELS:
            raise FrameError("too many pixels")
        if (ends - starts).max() > _LARGEST_FRAME:
            raise FrameError("a picture of more bytes than can be shown")
        for span, start, end in zip(spans.tolist(), starts, ends, strict=True):
            frame = Frame(checked_span(*span), cells, packed[start:end].tobytes())
            frame_picture(frame.picture, replace(shape, side=cells * shape.side))
            film.append(frame)
    except (ManifoldError, FrameError) as error:
        what = str(error).rstrip(".")
        raise CheckpointError(f"{file} has a film that cannot be shown ({what}).") from error
    return film
