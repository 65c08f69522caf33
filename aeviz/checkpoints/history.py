"""What happened in a training run: losses and snapshots, written by one thread, read by many."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from aeviz.latent.frames import Frame

# The first validation images, on which each snapshot is measured and which are the points of its
# map. On all 5,000 of MNIST, 50 snapshots took up to 19 % of a run's time; the mean loss of the
# first 1,000 is within 2 % of it, and always of the same pictures.
SNAPSHOT_IMAGES = 1_000
# Records of losses: seven hours of watching, four a second. With five numbers of eight bytes each
# they are 4 MB, within what a page may send of a model (`view_bytes.py`).
MOST_RECORDS = 100_000


@dataclass(frozen=True)
class LossRecord:
    """Losses at one step. NaN where not measured; the unit is that of the preset's loss.

    train_loss is the mean over the steps since the last record, validation_loss over the
    first SNAPSHOT_IMAGES validation images. `parts` names what a sum is made of, e.g.
    {"reconstruction": 138.1, "KL": 5.9}.
    """

    step: int
    train_loss: float
    validation_loss: float = float("nan")
    parts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """One moment of training: what the network made of the watched pictures, and its weights.

    reconstructions: (P, pixels) uint8. codes: (P, latent_dim) float16. map_points: (N, 2) float16,
    the codes of N validation images on the latent plane of that moment. weights: flat float16
    arrays (kernel, bias, kernel, ...) or None where the network is too large to keep them.
    mse: mean squared error per pixel on the same images (NaN in a live glance). frame: the manifold
    at that moment; None in a live glance and in files of an earlier format.
    """

    step: int
    seconds: float
    loss: LossRecord
    reconstructions: np.ndarray
    codes: np.ndarray
    map_points: np.ndarray
    mse: float = float("nan")
    weights: tuple[np.ndarray, ...] | None = None
    frame: Frame | None = None


@dataclass(frozen=True, eq=False)
class Losses(Sequence[LossRecord]):
    """The loss records of a run, in one array.

    rows: (R, 3 + K) float64, one a record: step, training loss, validation loss and K parts of it,
    NaN where not measured. part_names: of the K parts.
    """

    rows: np.ndarray = field(default_factory=lambda: np.empty((0, 3)))
    part_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place):
        if isinstance(place, slice):
            return Losses(self.rows[place], self.part_names)
        step, training, validation, *parts = self.rows[place].tolist()
        measured = any(value == value for value in parts)
        named = tuple(zip(self.part_names, parts, strict=True)) if measured else ()
        return LossRecord(int(step), training, validation, named)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Losses)
            and self.part_names == other.part_names
            and np.array_equal(self.rows, other.rows, equal_nan=True)
        )

    def followed_by(self, record: LossRecord) -> "Losses":
        """Return these and one more."""
        names = tuple(dict.fromkeys((*self.part_names, *dict(record.parts))))
        rows = np.full((len(self) + 1, 3 + len(names)), np.nan)
        rows[:-1, : self.rows.shape[1]] = self.rows
        rows[-1, :3] = record.step, record.train_loss, record.validation_loss
        for name, value in record.parts:
            rows[-1, 3 + names.index(name)] = value
        return Losses(rows, names)

    def without_every_second(self, but: Collection[int]) -> "Losses":
        """Return these without every second record, but for those of the given steps."""
        spare = np.flatnonzero(~np.isin(self.rows[:, 0], list(but)))
        return Losses(np.delete(self.rows, spare[::2], axis=0), self.part_names)


@dataclass(frozen=True)
class HistoryView:
    """An immutable look at a History."""

    losses: Losses = field(default_factory=Losses)
    snapshots: tuple[Snapshot, ...] = ()
    latest: Snapshot | None = None

    @property
    def step(self) -> np.ndarray:
        """(R,) int: the steps of the loss records."""
        return self.losses.rows[:, 0].astype(np.int64)

    @property
    def train_loss(self) -> np.ndarray:
        """(R,) float, NaN where not measured."""
        return self.losses.rows[:, 1].copy()

    @property
    def val_loss(self) -> np.ndarray:
        """(R,) float, NaN where not measured."""
        return self.losses.rows[:, 2].copy()

    def part(self, name: str) -> np.ndarray:
        """(R,) float: one named part of the validation loss, NaN where not measured."""
        if name not in self.part_names:
            return np.full(len(self.losses), np.nan)
        return self.losses.rows[:, 3 + self.part_names.index(name)].copy()

    @property
    def part_names(self) -> tuple[str, ...]:
        """The names of the parts, in order; empty for a loss of one part."""
        return self.losses.part_names


@dataclass
class History:
    """Append-only. The only thing a training thread and a page share."""

    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _view: HistoryView = field(default_factory=HistoryView, repr=False)

    def add(self, snapshot: Snapshot, *, keep: bool = True) -> None:
        """Record a snapshot and its losses; `keep=False` for a live glance, soon replaced."""
        with self._lock:
            old, losses = self._view, self._view.losses
            if losses and losses[-1].step == snapshot.step:
                losses = losses[:-1]  # a glance and then a kept look at the same step
            snapshots = (*old.snapshots, snapshot) if keep else old.snapshots
            losses = losses.followed_by(snapshot.loss)
            if len(losses) > MOST_RECORDS:
                losses = losses.without_every_second(but={s.step for s in (*snapshots, snapshot)})
            self._view = HistoryView(losses, snapshots, snapshot)

    def view(self) -> HistoryView:
        """All so far; never changes afterwards."""
        return self._view
