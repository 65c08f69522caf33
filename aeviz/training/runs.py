"""Training runs in a thread of their own: one at a time, the others wait in a queue."""

import logging
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.checkpoints.history import History
from aeviz.checkpoints.store import load_checkpoint, save_checkpoint
from aeviz.data.catalog import find_source
from aeviz.data.dataset import ImageDataset
from aeviz.data.dataset_cache import cached_dataset
from aeviz.data.download import Fetching
from aeviz.data.sources import DATASETS
from aeviz.errors import UserError
from aeviz.memory_cache import held_bytes
from aeviz.networks.limits import PresetError, check_preset
from aeviz.networks.preset import Preset
from aeviz.read_only import check_writable
from aeviz.training.lost import RunNote, lost_runs, note_of
from aeviz.training.remote_control import RemoteControl, TrainingCancelled
from aeviz.training.resume import resume_point
from aeviz.training.trainer import TrainingDiverged, train

log = logging.getLogger(__name__)

# Finished runs stay in memory for whoever still looks at them; their models are on disk.
_REMEMBERED = 8
# And no more of them than fit in so many bytes, but the last: with its film one of MNIST's recipes
# takes some 20 MB, the widest that are allowed a hundred times that.
_REMEMBERED_BYTES = 200_000_000
# So many of one visitor may wait in line, so that nobody fills it: an evening's worth of recipes.
_MOST_WAITING = 3
# Owners whose names begin so have no cookie: each has a name of its own for as long as a page is
# open, and can have as many as they like. In the line they are one visitor.
NAMELESS = "tab-"
# Steps a second are taken over this many seconds: steady to read, quick to follow a slow-down.
_RATE_WINDOW = 4.0
# No time left is told before the pace is known for so many seconds, from this share of the run on
# or from this step: before it lie most of the snapshots, and a wait for a compiler. Told from the
# first step, it was a hundred times too long.
_PACE_TELLS, _TELLS_FROM_SHARE, _TELLS_FROM_STEP = 2.0, 0.02, 500


@dataclass(frozen=True)
class RunStatus:
    """The progress of a run."""

    # "queued", "starting", "training", "paused", "ending" (its model is measured and saved), then
    # "finished", "stopped" or "failed".
    state: str
    place: int  # how many runs are before it in the line
    step: int
    total: int
    steps_per_second: float
    seconds_left: float | None
    sentence: str
    fetched: float | None = None  # the share of its pictures that is here, while they are fetched

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("finished", "stopped", "failed")


def check_owner(owner: str, whose: str) -> None:
    """Raise UserError unless `owner` is `whose`; what is nobody's ("") anybody may end."""
    if whose and owner != whose:
        raise UserError("Somebody else started this training: only they can end it.")


class TrainingRun:
    """One request to train and all that came of it.

    owner: who alone may stop it while they look at it, "" for anybody. continue_from: the name of a
    model whose training goes on, "" for none. checkpoint: its model, once it is trained. unsaved:
    whether that is in memory only, because it could not be saved.
    """

    def __init__(
        self,
        dataset: str,
        preset: Preset,
        seed: int,
        *,
        owner: str = "",
        continue_from: str = "",
    ) -> None:
        self.id, self.owner, self.continue_from = secrets.token_hex(4), owner, continue_from
        self.dataset, self.preset, self.seed = dataset, preset, seed
        self.control, self.history = RemoteControl(), History()
        self.data: ImageDataset | None = None
        self.checkpoint: Checkpoint | None = None
        self.unsaved = False
        self.note = note_of(self.id, owner, preset.title)
        self.state, self.sentence, self._notice = "queued", "", ""
        self.fetched: float | None = None
        self._fetching: Fetching | None = None
        self._pace: deque[tuple[float, int]] = deque(maxlen=64)
        self._pace_at: float | None = None  # the speed that was set while it was measured

    def run(self) -> None:
        """Load, train, save; never raises."""
        try:
            self._run()
        except Exception as error:
            self._end("failed", why_it_failed(error))

    def _run(self) -> None:
        if self.control.stopped:
            return self.leave_line()
        self.state = "starting"
        try:
            self.data = cached_dataset(self.dataset, progress=self._downloaded)
        except TrainingCancelled:
            return self.leave_line()
        self.sentence, self.fetched = "", None
        if self.control.stopped:  # just now: no untrained model is kept
            return self.leave_line()
        # Only now, so that those who wait in line hold no weights.
        before = load_checkpoint(self.continue_from) if self.continue_from else None
        try:
            checkpoint = train(
                self.preset,
                self.data,
                seed=self.seed,
                control=self.control,
                history=self.history,
                continued=before,
            )
            state, self._notice = "finished", checkpoint.notice
        except TrainingDiverged as error:
            checkpoint, state, self._notice = error.checkpoint, "failed", str(error)
        if self.control.stopped and state == "finished":
            state = "stopped"
        self.checkpoint, self.unsaved = checkpoint, True
        self.save()
        self._end(state, self.sentence)

    def save(self) -> None:
        """Write its model to the user's folder.

        Where that fails it stays `unsaved`, and `sentence` says why.
        """
        try:
            if self.checkpoint:
                save_checkpoint(self.checkpoint)
        except UserError as error:
            self.sentence = f"{self._notice} {error}".strip()
        else:
            self.sentence, self.unsaved = self._notice, False

    @property
    def outcome(self) -> str:
        """For people: how it ended, and whether its model is kept."""
        kept = self.checkpoint is not None and not self.unsaved
        said = self.sentence or "Training has finished."
        return f"{said} The model is saved: every page can show it." if kept else said

    def leave_line(self) -> None:
        """End a run before anything was trained."""
        self._end("stopped", "Cancelled before it began.")

    def _downloaded(self, share: float) -> None:
        if self.control.stopped:
            raise TrainingCancelled
        self._fetching = self._fetching or Fetching()
        self.fetched, self.sentence = share, self._fetching.words(share)

    def _end(self, state: str, sentence: str) -> None:
        self.sentence, self.state = sentence, state
        self.data = None  # hundreds of megabytes, if they are one's own

    def status(self, place: int = 0) -> RunStatus:
        """Return its progress; `place` in the line comes from the registry."""
        step, total = self.steps_taken(), self.preset.steps
        state, control = self.state, self.control
        if state == "starting":
            if control.stopped or step >= total:
                state = "ending"
            elif self.history.view().latest:
                state = "paused" if control.holding else "training"
        rate, left = 0.0, None
        if state == "training" and not control.paused:
            rate, tells = self._steps_per_second(step)
            left = (total - step) / rate if rate and tells else None
        else:
            self._pace.clear()
        return RunStatus(state, place, step, total, rate, left, self.sentence, self.fetched)

    def steps_taken(self) -> int:
        """Return the step of the latest snapshot or glance."""
        latest = self.history.view().latest
        return latest.step if latest else 0

    def _steps_per_second(self, step: int) -> tuple[float, bool]:
        """Return its pace of late, and whether that tells how long the rest takes."""
        now = time.monotonic()
        if self._pace_at != self.control.speed:
            self._pace_at = self.control.speed
            self._pace.clear()
        self._pace.append((now, step))
        pace = tuple(self._pace) or ((now, step),)  # other visitors ask at the same time
        recent = [p for p in pace if p[0] >= now - _RATE_WINDOW]
        begins = min(_TELLS_FROM_STEP, _TELLS_FROM_SHARE * self.preset.steps)
        settled = [p for p in recent if p[1] >= begins]
        tells = bool(settled) and now - settled[0][0] >= _PACE_TELLS
        then, before = (settled if tells else recent)[0]
        return ((step - before) / (now - then) if now > then else 0.0), tells


def why_it_failed(error: BaseException) -> str:
    """Return a sentence for what ended a training; log a fault of the program."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There was not enough memory for this network: choose a smaller one."
    log.error("A training run failed", exc_info=error)
    return (
        "Training stopped because of a fault in the program; the terminal has the details. "
        "Try again, or start over."
    )


class RunRegistry:
    """All runs of this process, by id, and the thread that trains them in turn."""

    def __init__(self, *, work: Callable[[TrainingRun], None] = lambda run: run.run()) -> None:
        self._work = work
        self._runs: OrderedDict[str, TrainingRun] = OrderedDict()
        self._waiting: deque[TrainingRun] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._current: TrainingRun | None = None
        self._lost = lost_runs()

    def start(
        self,
        dataset: str,
        preset: Preset,
        seed: int = 0,
        *,
        owner: str = "",
        continue_from: str = "",
    ) -> str:
        """Put a run in line and return its id; see `TrainingRun`.

        Raises:
            PresetError: the recipe is impossible, or enough runs of this owner wait already.
            CheckpointError: the training of `continue_from` cannot go on.
            UserError: in a public showing.
        """
        check_writable("Training")
        # A name nobody knows fails in its turn, with the reader's own sentence.
        known = find_source(dataset) or DATASETS["mnist"]
        check_preset(preset, known.shape, images=known.n_train, kinds=known.n_classes)
        if continue_from:
            resume_point(load_checkpoint(continue_from), preset, known.shape)
        run = TrainingRun(dataset, preset, seed, owner=owner, continue_from=continue_from)
        with self._changed:  # which is reentrant: nobody comes between the count and the line
            self._check_waiting(owner)
            self._runs[run.id] = run
            run.note.leave()
            self._forget_old()
            self.join(run)
        return run.id

    def _check_waiting(self, owner: str) -> None:
        # Where none trains, the first in line begins at once and does not wait.
        waiting = list(self._waiting)[self._current is None :]
        nameless = owner.startswith(NAMELESS)
        theirs = [
            r for r in waiting if (r.owner.startswith(NAMELESS) if nameless else r.owner == owner)
        ]
        if owner and len(theirs) >= _MOST_WAITING:
            whose = "of browsers without cookies" if nameless else "of yours"
            raise PresetError(
                f"{_MOST_WAITING} trainings {whose} wait in line already: let one begin or take "
                "it out of the line first."
            )

    def join(self, run: TrainingRun) -> None:
        """Put a run in line that its caller keeps: `get` and `current` don't know it."""
        with self._changed:
            self._waiting.append(run)
            # A daemon, so that ending the server does not wait for an hour of training.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="training", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def get(self, run_id: str) -> TrainingRun | None:
        """Return the run with this id, or None if there is none (any more)."""
        return self._runs.get(run_id)

    def current(self) -> TrainingRun | None:
        """Return the run that trains now, for a visitor who returns."""
        run = self._current
        return run if run is not None and run.id in self._runs else None

    def under_way(self) -> list[TrainingRun]:
        """Return the runs that are not over, in the order in which they were asked for."""
        return [run for run in list(self._runs.values()) if not run.status().over]

    def unsaved(self) -> list[TrainingRun]:
        """Return the runs that are over and whose models could not be saved, oldest first."""
        return [run for run in list(self._runs.values()) if run.unsaved and run.status().over]

    def lost(self, owner: str) -> list[RunNote]:
        """Return the notes of this owner's runs, and nobody's, that ended with the last program."""
        return [note for note in self._lost if note.owner in ("", owner)]

    def forget_lost(self, note: RunNote) -> None:
        """Its owner has been told."""
        self._lost.remove(note)
        note.remove()

    def status(self, run: TrainingRun) -> RunStatus:
        """Return a run's progress, its place in the line included."""
        with self._changed:
            waiting = list(self._waiting)
            place = waiting.index(run) + (self._current is not None) if run in waiting else 0
        return run.status(place)

    def stop(self, run: TrainingRun, owner: str = "") -> None:
        """End a run; one that still waits leaves the line at once.

        owner: who asks. Raises UserError where somebody else started it and is still there:
        whoever pauses a run and leaves must not hold up the line for ever.
        """
        if not run.control.owner_left:
            check_owner(owner, run.owner)
        run.control.stop()
        with self._changed:
            if run in self._waiting:
                self._waiting.remove(run)
                run.leave_line()
                run.note.remove()

    def _serve(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._current = None
                    self._changed.wait()
                self._current = self._waiting.popleft()
            self._work(self._current)
            self._current.note.remove()

    def _forget_old(self) -> None:
        # What could not be saved is nowhere else.
        over = [r for r in self._runs.values() if r.status().over and not r.unsaved]
        while len(over) > _REMEMBERED or len(over) > 1 and _held(over) > _REMEMBERED_BYTES:
            del self._runs[over.pop(0).id]


def _held(runs: list[TrainingRun]) -> int:
    return held_bytes(*((run.checkpoint, run.history.view()) for run in runs))
