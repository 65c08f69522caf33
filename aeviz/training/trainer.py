"""Drives one run: when to take a snapshot, which weights are best, when to end.

Knows nothing of TensorFlow: it drives a loop that trains some steps, evaluates some images and
copies its weights.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint, OptimizerState
from aeviz.checkpoints.history import SNAPSHOT_IMAGES, History, LossRecord, Snapshot
from aeviz.checkpoints.store import new_name
from aeviz.coding.rates import coding_of
from aeviz.data.dataset import ImageDataset
from aeviz.errors import UserError
from aeviz.evaluation.baselines import measure_baselines
from aeviz.evaluation.losses import measure
from aeviz.evaluation.probes import choose_probes, probe_images, probe_inputs
from aeviz.latent.frames import Frame, manifold_frame
from aeviz.latent.plane import LatentPlane, latent_plane
from aeviz.latent.test_codes import test_codes
from aeviz.networks.autoencoder import as_autoencoder
from aeviz.networks.costs import keeps_snapshot_weights, note_duration, snapshot_steps
from aeviz.networks.half_precision import half
from aeviz.networks.limits import check_preset
from aeviz.networks.preset import Preset
from aeviz.storage.places import now
from aeviz.training.loop_pool import loop_for
from aeviz.training.remote_control import RemoteControl
from aeviz.training.resume import ResumePoint, keeps_optimizer, resume_point
from aeviz.training.told import told_rows

if TYPE_CHECKING:
    from aeviz.training.loop import TrainingLoop

# A live glance four times a second is the promise; the rest is for drawing it.
GLANCE_SECONDS = 0.23
# Points on the map of a live glance: fewer than a kept one's, since it is drawn while training.
GLANCE_POINTS = 200
# A loss this many times the first one is an explosion, not a bump.
_EXPLODED = 1e3


class TrainingDiverged(UserError):
    """The loss exploded or is no number any more; `checkpoint` holds what came before."""

    def __init__(self, sentence: str, checkpoint: Checkpoint) -> None:
        super().__init__(sentence)
        self.checkpoint = checkpoint


def train(
    preset: Preset,
    dataset: ImageDataset,
    *,
    seed: int = 0,
    on_snapshot: Callable[[Snapshot], None] | None = None,
    control: RemoteControl | None = None,
    history: History | None = None,
    continued: Checkpoint | None = None,
) -> Checkpoint:
    """Train a model; the same recipe, data and seed give the same curve on the same machine.

    Args:
        preset: the recipe.
        dataset: the images.
        seed: of the initial weights and all random numbers.
        on_snapshot: called with every kept snapshot, in this thread.
        control: pauses, slows or stops it while it runs.
        history: where snapshots and live glances go, for whoever watches.
        continued: a model to go on from, as `aeviz.training.resume` says.

    Raises:
        PresetError: the recipe is impossible; nothing was started.
        CheckpointError: the recipe does not fit `continued`.
        TrainingDiverged: the loss exploded or stopped being a number; holds the model so far.
        MemoryError: the network is too large for this machine.
    """
    kinds = 0 if dataset.labels is None else int(dataset.labels.max()) + 1
    check_preset(preset, dataset.shape, images=dataset.n_train, kinds=kinds)
    resumed = resume_point(continued, preset, dataset.shape) if continued else None
    images = told_rows(dataset.train_images, dataset.train_labels, preset.labels)
    shape = dataset.shape
    with loop_for(preset, shape, images, seed=seed, resumed=resumed) as loop:
        trainer = Trainer(
            loop, preset, dataset, seed=seed, control=control, history=history, resumed=resumed
        )
        return trainer.run(on_snapshot)


class Trainer:
    """One run from its first step to its checkpoint; see `train` for its parameters."""

    def __init__(
        self,
        loop: TrainingLoop,
        preset: Preset,
        dataset: ImageDataset,
        *,
        seed: int = 0,
        control: RemoteControl | None = None,
        history: History | None = None,
        resumed: ResumePoint | None = None,
    ) -> None:
        self.loop, self.preset, self.dataset, self.seed = loop, preset, dataset, seed
        self.control = control or RemoteControl()
        self.history = history or History()
        self.probes = choose_probes(dataset)
        originals = probe_images(dataset, self.probes.indices, self.probes.with_source_2)
        watched = probe_inputs(originals, dataset.shape, preset.noise)
        watched = told_rows(watched, self.probes.labels, preset.labels)
        # The watched pictures and the map's go through the network together: two calls took half
        # as long again.
        names = dataset.validation_labels
        validation = told_rows(dataset.validation_images, names, preset.labels)[:SNAPSHOT_IMAGES]
        self._watched = len(watched)
        self._snapshot_inputs = np.concatenate([watched, validation])
        self._glance_inputs = np.concatenate([watched, validation[:GLANCE_POINTS]])
        self.best_loss, self.best_step, self.best = float("inf"), 0, self.loop.copy_weights()
        self.resumed, self.optimizer = resumed, None
        self.keep_optimizer = keeps_optimizer(preset, dataset.shape)
        self.plane: LatentPlane | None = None
        self.keep_weights = keeps_snapshot_weights(preset, dataset.shape)
        self.started = time.perf_counter()
        self.notice = ""

    def run(self, on_snapshot: Callable[[Snapshot], None] | None = None) -> Checkpoint:
        """Train to the end, or until stopped.

        Raises:
            TrainingDiverged: the loss exploded or stopped being a number.
        """
        self.on_snapshot = on_snapshot or (lambda snapshot: None)
        self._train()
        return self._checkpoint()

    def _train(self) -> None:
        loop, preset, control = self.loop, self.preset, self.control
        marks = iter(snapshot_steps(preset.steps)[1:])
        self._snapshot(LossRecord(0, float("nan")))
        mark = next(marks)
        last_glance, since, sums, first_loss = time.monotonic(), 0, np.zeros(3), None
        seconds_a_step = 0.0
        while loop.step < preset.steps:
            wanted = min(loop.longest_chunk, mark - loop.step)
            if control.watched and seconds_a_step:  # A chunk that ends when a glance is due.
                left = last_glance + GLANCE_SECONDS - time.monotonic()
                wanted = max(1, min(wanted, math.ceil(left / seconds_a_step)))
            steps = control.next_chunk(wanted)
            if not steps:
                self.notice = f"Stopped by hand at step {loop.step:,} of {preset.steps:,}."
                break
            rate, started = self._rate, time.monotonic()
            losses = np.array(loop.train(steps, rate))
            seconds_a_step = (time.monotonic() - started) / steps
            first_loss = losses[0] if first_loss is None else first_loss
            self._check(losses[0], first_loss, rate)
            sums, since = sums + losses * steps, since + steps
            at_mark = loop.step == mark
            slow = control.paused or control.speed is not None
            # A chunk meant to end when a glance is due may end a little early: not worth another,
            # of a step or two, whose weights would be copied in and out for it.
            due = time.monotonic() - last_glance >= 0.9 * GLANCE_SECONDS
            if not at_mark and not (control.watched and (due or slow)):
                continue
            record = LossRecord(loop.step, self._comparable(sums / since))
            if at_mark:
                self._snapshot(record)
                mark = next(marks, preset.steps)
                if self._out_of_patience():
                    break
            else:
                self._glance(record)
            last_glance, since, sums = time.monotonic(), 0, np.zeros(3)
        if loop.step > self.history.view().snapshots[-1].step:
            # The losses since the last look, or that look's own if it was at this very step.
            before = self.history.view().losses[-1].train_loss
            mean = self._comparable(sums / since) if since else before
            self._snapshot(LossRecord(loop.step, mean))

    def _comparable(self, losses: np.ndarray) -> float:
        # Without the penalties on weights and code, as validation is measured: else a curve with a
        # penalty could not be laid beside one without.
        return float(losses[1] + self.preset.kl_weight * losses[2])

    def _check(self, loss: float, first: float, rate: float) -> None:
        if np.isfinite(loss) and loss < _EXPLODED * max(first, 1e-3):
            return
        what = "exploded" if np.isfinite(loss) else "stopped being a number"
        raise self._diverged(f"The loss {what}", rate)

    def _diverged(self, what: str, rate: float) -> TrainingDiverged:
        cause = likely_cause(self.preset, rate)
        self.notice = f"{what} near step {self.loop.step:,}: {cause} What came before is kept."
        return TrainingDiverged(self.notice, self._checkpoint())

    @property
    def _rate(self) -> float:
        return self.control.learning_rate or self.preset.learning_rate

    def _snapshot(self, record: LossRecord) -> None:
        """Evaluate on validation images, keep the moment, remember the best weights."""
        codes, pictures, losses = self.loop.evaluate(self._snapshot_inputs, self._watched)
        drawn, kl, mse = losses[self._watched :].mean(axis=0).tolist()
        validation = drawn + self.preset.kl_weight * kl
        parts = (("reconstruction", drawn), ("KL", kl)) if self.preset.variational else ()
        self._check(validation, float("inf"), self._rate)
        record = LossRecord(record.step, record.train_loss, validation, parts)
        weights = self.loop.copy_weights()
        if validation < self.best_loss:
            self.best_loss, self.best_step, self.best = validation, self.loop.step, weights
            self.optimizer = self._optimizer()
        self._hand_out(record, codes, pictures, mse=mse, weights=weights)

    def _optimizer(self) -> OptimizerState | None:
        if not self.keep_optimizer:
            return None
        state = self.loop.copy_optimizer()
        # Squares may overflow where the weights don't, and no file holds what is not finite.
        return state if all(np.isfinite(slot).all() for slot in state.slots) else None

    def _glance(self, record: LossRecord) -> None:
        """A live picture: the watched images and a small map, no validation loss."""
        codes, pictures = self.loop.glance(self._glance_inputs, self._watched)
        self._hand_out(record, codes, pictures)

    def _hand_out(self, record, codes, pictures, *, mse=float("nan"), weights=None):
        if not np.isfinite(codes).all():
            raise self._diverged("The codes stopped being numbers", self._rate)
        watched, codes = codes[: self._watched], codes[self._watched :]
        plane = self.plane
        if weights or plane is None:  # A glance is drawn on the plane of the snapshot before it.
            plane = self.plane = latent_plane(codes, like=plane)
        points = half(plane.project(codes))
        snapshot = Snapshot(
            step=self.loop.step,
            seconds=time.perf_counter() - self.started,
            loss=record,
            reconstructions=pictures,
            codes=half(watched),
            map_points=points,
            mse=mse,
            weights=tuple(half(w) for w in weights) if weights and self.keep_weights else None,
            frame=self._frame(weights, plane, points) if weights else None,
        )
        self.history.add(snapshot, keep=bool(weights))
        if weights:
            self.on_snapshot(snapshot)

    def _frame(self, weights: list[np.ndarray], plane: LatentPlane, points: np.ndarray) -> Frame:
        autoencoder = as_autoencoder(self.preset, self.dataset.shape, weights)
        return manifold_frame(autoencoder, self.dataset.shape, plane, points, self.preset)

    def _out_of_patience(self) -> bool:
        waited = self.loop.step - self.best_step
        if not self.preset.patience or waited < self.preset.patience:
            return False
        self.notice = (
            f"Stopped at step {self.loop.step:,}: validation loss had not improved for "
            f"{waited:,} steps."
        )
        return True

    def _checkpoint(self) -> Checkpoint:
        dataset, preset = self.dataset, self.preset
        autoencoder = as_autoencoder(preset, dataset.shape, self.best)
        seconds = time.perf_counter() - self.started
        if self.control.undisturbed:
            note_duration(replace(preset, steps=self.loop.step), dataset.shape, seconds)
        figures = measure(autoencoder, preset, dataset)
        figures |= measure_baselines(dataset, preset.numbers_kept)
        figures |= {"seconds": seconds, "steps": float(self.loop.step)}
        labels, codes = dataset.validation_labels, None
        # A run that diverged keeps what it has, with no map.
        with suppress(FloatingPointError):
            codes = test_codes(autoencoder, dataset)
        resumed = self.resumed
        notices = [resumed.notice if resumed else "", self.notice]
        return Checkpoint(
            name=new_name(preset),
            preset=preset,
            dataset=dataset.name,
            seed=self.seed,
            autoencoder=autoencoder,
            history=self.history.view(),
            best_step=self.best_step,
            created=now(),
            shape=dataset.shape,
            probe_indices=self.probes.indices,
            probe_labels=self.probes.labels,
            map_labels=None if labels is None else labels[:SNAPSHOT_IMAGES].copy(),
            figures=figures,
            notice=" ".join(filter(None, notices)),
            test_codes=codes,
            coding=coding_of(autoencoder, dataset, in_order=preset.ordered),
            optimizer=self.optimizer,
            continued_from=resumed.name if resumed else "",
            steps_before=resumed.steps if resumed else 0,
        )


def likely_cause(preset: Preset, rate: float | None = None) -> str:
    """Say which setting made a training diverge, in a sentence. rate: other than the recipe's."""
    # The bounds are where each starts to overwhelm the rest.
    rate = rate or preset.learning_rate
    usual = {"adam": 1e-2, "sgd": 0.5, "adadelta": 1.0}[preset.optimizer]
    if preset.l2 > 0.01 and rate <= usual:
        return f"an L2 penalty of {preset.l2:g} is very strong; try {preset.l2 / 100:g}."
    if preset.code_l1 > 1 and rate <= usual:
        return f"an L1 penalty of {preset.code_l1:g} is very strong; try {preset.code_l1 / 100:g}."
    return f"a learning rate of {rate:g} is too high for this network; try {rate / 10:g}."
