"""What a trained model is, and the bytes of its `.safetensors` file.

The file holds tensors and a JSON description in its metadata; nothing in it can run. A checksum
over both is kept in the metadata, because the format itself has none and a flipped bit should be
noticed. `reader.py` is the way back.
"""

import json
import math
from dataclasses import asdict, astuple, dataclass, field
from datetime import datetime, tzinfo

import numpy as np
from safetensors.numpy import save

from aeviz.checkpoints.history import HistoryView
from aeviz.coding.rates import Coding
from aeviz.data.picture_shape import PictureShape
from aeviz.errors import UserError
from aeviz.latent.differences import Difference
from aeviz.latent.frames import Frame
from aeviz.latent.test_codes import TestCodes
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.half_precision import fits_half_precision
from aeviz.networks.preset import Preset
from aeviz.storage.tensors import checksum, packed

# 1: without test codes, weights always in float32. 2: without the manifold at every snapshot. 3:
# without the owner's title and note, the optimiser's state and what was continued; always with its
# weights. 4: without colour, convolutions and packed tensors. 5: without the coding. Files of all
# are read, the newest is written.
FORMATS = (1, 2, 3, 4, 5, 6)
# Room for a page of thoughts; a list of models stays quick to read.
LONGEST_NOTE = 2_000
# What of a film is packed: pictures, codes and points, which are much the same from one moment to
# the next.
PACKED_OF_FILM = ("snapshots.reconstructions", "snapshots.codes", "snapshots.map_points")
# Of the test pictures: codes, of which pretrained/ keeps fewer digits, and what goes with each.
PACKED_CODES = ("test.codes", "test.points", "test.errors", "test.labels")
_MISSING = "NaN"


class CheckpointError(UserError):
    """A checkpoint that cannot be used or written, in one sentence."""


@dataclass(frozen=True)
class OptimizerState:
    """What an optimiser remembers, at the step whose weights were kept.

    step: how many steps it has taken, those of earlier runs included where it was carried on; Adam
    corrects its moments by it. slots: float32 arrays of the weights' shapes, for each kernel and
    bias in order: Adam's mean and square, Adadelta's square and move, none of plain SGD.
    """

    step: int
    slots: tuple[np.ndarray, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Checkpoint:
    """A trained autoencoder with all that is known of it.

    autoencoder: the weights with the best validation loss, at step `best_step`; None where the file
    leaves them out, as the widest of the gallery do. history: its losses and snapshots.
    probe_labels: (P,) uint8 or None, the classes of the watched pictures.
    map_labels: (N,) uint8 or None, the classes of the points on the snapshots' maps.
    figures: name -> number, e.g. "test_mse"; every loss in it is per pixel on [0, 1] unless its
    name says otherwise. notice: a sentence if training ended early, else "". test_codes: what it
    makes of the test images; None in files of format 1. fingerprint: in pretrained/, what the model
    was made from (see `aeviz.gallery.build`), else "". given_title: what its owner calls it, "" for
    the recipe's title. note: its owner's, plain text of up to LONGEST_NOTE characters. optimizer:
    its state at `best_step`, None where it was not kept. continued_from: the name of the model
    whose training this went on with, "" for none. steps_before: how many steps its weights had
    seen at this run's step 0. differences: those that its file came with. coding: how its codes
    become bytes; None in files of earlier formats, and where they cannot.
    """

    name: str
    preset: Preset
    dataset: str
    seed: int
    autoencoder: Autoencoder | None
    history: HistoryView
    best_step: int
    created: str
    shape: PictureShape
    probe_indices: np.ndarray = field(repr=False)
    probe_labels: np.ndarray | None = field(default=None, repr=False)
    map_labels: np.ndarray | None = field(default=None, repr=False)
    figures: dict[str, float] = field(default_factory=dict)
    notice: str = ""
    test_codes: TestCodes | None = None
    fingerprint: str = ""
    given_title: str = ""
    note: str = ""
    optimizer: OptimizerState | None = None
    continued_from: str = ""
    steps_before: int = 0
    differences: tuple[Difference, ...] = ()
    coding: Coding | None = None

    @property
    def side(self) -> int:
        """Pixels along an edge of a picture."""
        return self.shape.side

    @property
    def title(self) -> str:
        """A name for people: its owner's, or the recipe and when."""
        if self.given_title:
            return self.given_title
        return f"{self.preset.title}, {self.created[:16].replace('T', ' ')}"

    @property
    def network(self) -> Autoencoder:
        """The autoencoder of a model whose weights are known to be kept."""
        if self.autoencoder is None:
            raise CheckpointError(f"{self.title} is kept without its weights.")
        return self.autoencoder


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """The bytes of a checkpoint's file."""
    tensors, about = tensors_of(checkpoint), description_of(checkpoint)
    about["packed"] = {}
    for name, array in tensors.items():
        if may_be_packed(name) and array.dtype != np.float32:
            tensors[name], about["packed"][name] = packed(array)
    about = json.dumps(about, allow_nan=False)
    return save(tensors, metadata={"aeviz": about, "checksum": checksum(about, tensors)})


def may_be_packed(name: str) -> bool:
    """Whether a tensor of a file may be packed: of its film, codes, and weights in float16."""
    return name in (*PACKED_OF_FILM, *PACKED_CODES) or name.startswith(("encoder.", "decoder."))


def description_of(checkpoint: Checkpoint) -> dict:
    """All that is not a tensor, as plain values for JSON."""
    history, test = checkpoint.history, checkpoint.test_codes
    named = [one.plain() for one in checkpoint.differences]
    more = {"differences": named} if named else {}
    return more | {
        "schema": FORMATS[-1],
        "name": checkpoint.name,
        "preset": checkpoint.preset.to_dict(),
        "dataset": checkpoint.dataset,
        "seed": checkpoint.seed,
        "side": checkpoint.shape.side,
        "channels": checkpoint.shape.channels,
        "best_step": checkpoint.best_step,
        "created": checkpoint.created,
        "figures": {k: _plain(v) for k, v in checkpoint.figures.items()},
        "notice": checkpoint.notice,
        "parts": list(history.part_names),
        "snapshots": len(history.snapshots),
        "snapshot_weights": bool(history.snapshots and history.snapshots[0].weights is not None),
        "film_cells": frames[0].cells if (frames := _film(history)) else None,
        "agreement": None if test is None else [asdict(a) for a in test.agreement],
        "fingerprint": checkpoint.fingerprint,
        "weights": checkpoint.autoencoder is not None,
        "title": checkpoint.given_title,
        "note": checkpoint.note,
        "optimizer_step": None if checkpoint.optimizer is None else checkpoint.optimizer.step,
        "continued_from": checkpoint.continued_from,
        "steps_before": checkpoint.steps_before,
        "coding": None if checkpoint.coding is None else _about_coding(checkpoint.coding),
    }


def _about_coding(coding: Coding) -> dict:
    return {
        "decoder_bytes": coding.decoder_bytes,
        "transform": coding.transform is not None,
        "beginnings": bool(coding.beginnings),
    }


def _film(history: HistoryView) -> list[Frame]:
    """The manifold at every snapshot; empty where that is not known of each."""
    frames = [s.frame for s in history.snapshots if s.frame is not None]
    return frames if len(frames) == len(history.snapshots) else []


def _plain(number: float) -> float | str:
    return float(number) if math.isfinite(number) else _MISSING


def tensors_of(checkpoint: Checkpoint) -> dict[str, np.ndarray]:
    """Every array of the checkpoint under its name in the file, none of them packed yet."""
    history = checkpoint.history
    out = {} if checkpoint.autoencoder is None else _weights(checkpoint.autoencoder)
    out["losses"] = history.losses.rows
    out["probe_indices"] = checkpoint.probe_indices.astype(np.int32)
    if checkpoint.probe_labels is not None:
        out["probe_labels"] = checkpoint.probe_labels
    if checkpoint.map_labels is not None:
        out["map_labels"] = checkpoint.map_labels
    out |= _snapshots(history)
    if checkpoint.test_codes is not None:
        out |= _test_codes(checkpoint.test_codes)
    if checkpoint.optimizer is not None:
        out |= {f"optimizer.{i}": slot for i, slot in enumerate(checkpoint.optimizer.slots)}
    if checkpoint.coding is not None:
        out |= _coding(checkpoint.coding)
    return {k: np.ascontiguousarray(v) for k, v in out.items()}


def _weights(autoencoder: Autoencoder) -> dict[str, np.ndarray]:
    """In two bytes each where that changes none of them, as in pretrained/."""
    kind = np.float16 if fits_half_precision(autoencoder) else np.float32
    out = {}
    for part in ("encoder", "decoder"):
        for i, layer in enumerate(getattr(autoencoder, part)):
            out[f"{part}.{i}.kernel"] = layer.kernel.astype(kind, copy=False)
            out[f"{part}.{i}.bias"] = layer.bias.astype(kind, copy=False)
    return out


def _snapshots(history: HistoryView) -> dict[str, np.ndarray]:
    shots = history.snapshots
    if not shots:
        return {}
    # One row a snapshot: which loss record is its own, its time and error.
    row = {step: i for i, step in enumerate(history.step.tolist())}
    out = {
        "snapshots.record": np.array([row[s.step] for s in shots], dtype=np.int32),
        "snapshots.seconds": np.array([s.seconds for s in shots], dtype=np.float64),
        "snapshots.mse": np.array([s.mse for s in shots], dtype=np.float64),
        "snapshots.reconstructions": np.stack([s.reconstructions for s in shots]),
        "snapshots.codes": np.stack([s.codes for s in shots]).astype(np.float16),
        "snapshots.map_points": np.stack([s.map_points for s in shots]),
    }
    for i, arrays in enumerate(zip(*(s.weights or () for s in shots), strict=True)):
        out[f"snapshots.weights.{i}"] = np.stack(arrays)
    if frames := _film(history):
        pictures = [frame.picture for frame in frames]
        out["film.spans"] = np.array([astuple(frame.span) for frame in frames], dtype=np.float64)
        # All files one after another, and where each ends.
        out["film.pictures"] = np.frombuffer(b"".join(pictures), dtype=np.uint8)
        out["film.ends"] = np.cumsum([len(p) for p in pictures], dtype=np.int64)
    return out


def _test_codes(test: TestCodes) -> dict[str, np.ndarray]:
    out = {
        "test.points": test.points,
        "test.codes": test.codes,
        "test.errors": test.errors,
        "test.labels": test.labels,
        "test.centre": test.plane.centre,
        "test.axes": test.plane.axes,
    }
    return {name: array for name, array in out.items() if array is not None}


def _coding(coding: Coding) -> dict[str, np.ndarray]:
    out = {"coding.points": np.array([astuple(one) for one in coding.points], dtype=np.float64)}
    if coding.beginnings:
        rows = [astuple(one) for one in coding.beginnings]
        out["coding.beginnings"] = np.array(rows, dtype=np.float64)
    if coding.transform is not None:
        parts = ("mean", "forward", "spreads")
        out |= {f"coding.{part}": getattr(coding.transform, part) for part in parts}
    return out


def moment(created: str, zone: tzinfo | None = None) -> datetime | None:
    """A file's own time of day, in a zone or here; None where it gives none that makes sense."""
    try:
        return datetime.fromisoformat(created).astimezone(zone)
    # The first and last days there are cannot be told in every time zone.
    except (ValueError, OverflowError, OSError):
        return None
