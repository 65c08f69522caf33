"""What happened in a training run: losses and snapshots, written by one thread, read by many."""

import threading
from dataclasses import dataclass, field

import numpy as np

from aeviz.latent.frames import Frame

# The first validation images, on which each snapshot is measured and which are the points of its
# map. On all 5,000 of MNIST, 50 snapshots took up to 19 % of a run's time; the mean loss of the
# first 1,000 is within 2 % of it, and always of the same pictures.
SNAPSHOT_IMAGES = 1_000


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


@dataclass(frozen=True)
class HistoryView:
    """An immutable look at a History."""

    losses: tuple[LossRecord, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    latest: Snapshot | None = None

    @property
    def step(self) -> np.ndarray:
        """(R,) int: the steps of the loss records."""
        return np.array([r.step for r in self.losses], dtype=np.int64)

    @property
    def train_loss(self) -> np.ndarray:
        """(R,) float, NaN where not measured."""
        return np.array([r.train_loss for r in self.losses], dtype=np.float64)

    @property
    def val_loss(self) -> np.ndarray:
        """(R,) float, NaN where not measured."""
        return np.array([r.validation_loss for r in self.losses], dtype=np.float64)

    def part(self, name: str) -> np.ndarray:
        """(R,) float: one named part of the validation loss, NaN where not measured."""
        return np.array([dict(r.parts).get(name, np.nan) for r in self.losses], dtype=np.float64)

    @property
    def part_names(self) -> tuple[str, ...]:
        """The names of the parts, in order; empty for a loss of one part."""
        return next((tuple(n for n, _ in r.parts) for r in self.losses if r.parts), ())


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
            self._view = HistoryView(
                losses=(*losses, snapshot.loss),
                snapshots=(*old.snapshots, snapshot) if keep else old.snapshots,
                latest=snapshot,
            )

    def view(self) -> HistoryView:
        """All so far; never changes afterwards."""
        return self._view
