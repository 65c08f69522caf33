"""Sweeps under way: models that are missing go to an Executor, what comes back goes to disk."""

import queue
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aeviz.checkpoints import store
from aeviz.checkpoints.checkpoint import CheckpointError
from aeviz.checkpoints.store import save_bytes
from aeviz.networks.costs import estimated_seconds
from aeviz.read_only import check_writable
from aeviz.storage.tensors import SUFFIX
from aeviz.sweeps.dask_executor import DaskExecutor, connect, scheduler_address
from aeviz.sweeps.line_executor import LineExecutor, RunFuture
from aeviz.sweeps.plan import Sweep, SweepError, SweepModel, check_sweep, models_of
from aeviz.sweeps.work import train_model
from aeviz.training.remote_control import TrainingCancelled
from aeviz.training.runs import RunRegistry, check_owner, why_it_failed

# A sweep for a cluster whose size is not yet known is refused only if this many would not do.
_MOST_WORKERS = 1_000
# Finished sweeps stay in memory for whoever still looks at them; their models are on disk.
_REMEMBERED = 8
# Before so much is done, the time left is what was estimated; from then on, what was measured.
_SHARE_THAT_TELLS = 0.05
# What becomes of a model that could not be saved, and of those after it.
_KEPT = (
    "Until aeviz ends it is kept in memory, and what had not begun is cancelled: run the sweep "
    "again to save it and to train the others."
)


@dataclass(frozen=True)
class ModelStatus:
    """The progress of one model of a sweep."""

    model: SweepModel
    state: str  # "kept" from before, "queued", "training", "finished", "cancelled" or "failed"
    name: str = ""  # of its checkpoint, once that is there
    step: int = 0  # 0 while it trains elsewhere
    steps_per_second: float = 0.0
    sentence: str = ""  # what to know, or ""

    @property
    def total(self) -> int:
        """Steps it takes in all."""
        return self.model.preset.steps

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in ("queued", "training")


@dataclass(frozen=True)
class SweepStatus:
    """The progress of a sweep."""

    state: str  # "running", "cancelling", "finished" (also if some failed) or "cancelled"
    models: tuple[ModelStatus, ...]
    share: float  # of the work that was missing, 0 to 1, by estimated time
    seconds_left: float | None  # None once it is over
    where: str  # "on this computer" or the like
    place: int = 0  # how many trainings of others are before its next model

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("finished", "cancelled")

    @property
    def done(self) -> int:
        """How many models are there."""
        return sum(bool(m.name) for m in self.models)

    @property
    def failed(self) -> int:
        """How many could not be trained or kept."""
        return sum(m.state == "failed" for m in self.models)

    @property
    def total(self) -> int:
        """How many models it has."""
        return len(self.models)

    @property
    def sentence(self) -> str:
        """For people: "3 of 5 models are there." and what became of the others."""
        words = [f"{self.done} of {self.total} models are there"]
        if self.failed:
            words.append(f"{self.failed} failed")
        dropped = sum(m.state == "cancelled" for m in self.models)
        if dropped:
            words.append(f"{dropped} cancelled: run the sweep again to train what is missing")
        return ", ".join(words) + "."


def finished(
    models: tuple[SweepModel, ...], folder: Path | None = None, *, thorough: bool = False
) -> dict[str, str]:
    """Return fingerprint -> checkpoint name of models that are in `folder`, or the user's.

    thorough: open each, and leave out those that are damaged.
    """
    return store.finished({model.fingerprint for model in models}, folder, thorough=thorough)


class SweepRun:
    """One sweep, from its first model to its last."""

    def __init__(
        self,
        sweep: Sweep,
        executor: Executor,
        *,
        kept: dict[str, str] | None = None,
        folder: Path | None = None,
        work: Callable[..., bytes] = train_model,
        owner: str = "",
    ) -> None:
        """Begin at once with all models but those in `kept`, as `finished` gives them.

        folder: where checkpoints go, by default the user's. work: see `train_model`. owner: the
        visitor who may cancel it, "" for anybody.
        """
        self.owner = owner
        self.id, self.sweep = secrets.token_hex(4), sweep
        self._models, self._executor, self._folder = models_of(sweep), executor, folder
        self._started, self._cancelled = time.monotonic(), False
        self._where = _where(executor)
        self._ended = {
            m.fingerprint: ModelStatus(m, "kept", kept[m.fingerprint])
            for m in self._models
            if kept and m.fingerprint in kept
        }
        missing = [m for m in self._models if m.fingerprint not in self._ended]
        self._seconds = {m.fingerprint: estimated_seconds(m.preset, m.shape) for m in missing}
        self._over: queue.SimpleQueue[tuple[SweepModel, Future, threading.Event]]
        self._over = queue.SimpleQueue()
        self._futures: dict[str, Future] = {}
        self._unsaved: dict[str, bytes] = {}
        collecting = threading.Thread(
            target=self._collect, args=(len(missing),), name="sweep", daemon=True
        )
        collecting.start()
        # Workers of a cluster do not see the folder.
        once = work if isinstance(executor, DaskExecutor) else partial(self._unless_there, work)
        for model in missing:
            self._futures[model.fingerprint] = future = executor.submit(once, model)
            future.add_done_callback(partial(self._hand_over, model))

    def _unless_there(
        self, work: Callable[..., bytes], model: SweepModel, **handed: object
    ) -> bytes | str:
        """Do the work, unless another sweep has done it since this one began: then its name."""
        there = finished((model,), self._folder, thorough=True)
        return there.get(model.fingerprint) or work(model, **handed)

    def _hand_over(self, model: SweepModel, done: Future) -> None:
        kept = threading.Event()
        self._over.put((model, done, kept))
        # What trains next may be the same model, of another sweep: it looks whether this is there.
        if not done.cancelled() and done.exception() is None:
            kept.wait()

    def cancel(self, owner: str = "") -> None:
        """Drop what has not begun; end what trains in this process, let others finish theirs.

        owner: who asks. Raises UserError where somebody else started it.
        """
        check_owner(owner, self.owner)
        self._drop()

    def _drop(self) -> None:
        self._cancelled = True
        # The last ones first, so that none begins because the one before it was dropped.
        for future in reversed(list(self._futures.values())):
            future.stop() if isinstance(future, RunFuture) else future.cancel()

    @property
    def unsaved(self) -> bool:
        """Whether a model that came back is in memory only, because it could not be saved."""
        return bool(self._unsaved)

    def save_again(self) -> None:
        """Save what could not be saved before. Raises CheckpointError where it still cannot be."""
        for model in self._models:
            data = self._unsaved.get(model.fingerprint)
            if data is not None:
                path = save_bytes(model.key, data, model.fingerprint, self._folder)
                self._ended[model.fingerprint] = _saved(model, path)
                del self._unsaved[model.fingerprint]

    def status(self) -> SweepStatus:
        """Return its progress."""
        models = tuple(self._status_of(model) for model in self._models)
        if all(m.over for m in models):
            state = "cancelled" if any(m.state == "cancelled" for m in models) else "finished"
        else:
            state = "cancelling" if self._cancelled else "running"
        share = self._share(models)
        left = None if state in ("finished", "cancelled") else self._seconds_left(share)
        line = self._executor if isinstance(self._executor, LineExecutor) else None
        place = line.place() if line and state == "running" else 0
        if state in ("running", "cancelling"):
            self._where = _where(self._executor)
        return SweepStatus(state, models, share, left, self._where, place)

    def _status_of(self, model: SweepModel) -> ModelStatus:
        future = self._futures.get(model.fingerprint)
        if future is None:
            return self._ended[model.fingerprint]
        if future.cancelled():
            return ModelStatus(model, "cancelled")
        # One that is done but not yet on disk counts as under way.
        state = "training" if future.running() or future.done() else "queued"
        if not isinstance(future, RunFuture) or state == "queued":
            return ModelStatus(model, state)
        run = future.run.status()
        return ModelStatus(
            model,
            state,
            step=run.step,
            steps_per_second=run.steps_per_second,
            sentence="" if run.step else run.sentence,
        )

    def _share(self, models: tuple[ModelStatus, ...]) -> float:
        whole, done = sum(self._seconds.values()), 0.0
        for status in models:
            part = 1.0 if status.over else status.step / status.total
            done += part * self._seconds.get(status.model.fingerprint, 0.0)
        return done / whole if whole else 1.0

    def _seconds_left(self, share: float) -> float:
        if share < _SHARE_THAT_TELLS:
            return sum(self._seconds.values()) * (1 - share) / self._at_once()
        return (time.monotonic() - self._started) * (1 - share) / share

    def _at_once(self) -> int:
        return max(1, self._executor.workers) if isinstance(self._executor, DaskExecutor) else 1

    def _collect(self, missing: int) -> None:
        for _ in range(missing):
            model, future, kept = self._over.get()
            self._ended[model.fingerprint] = self._outcome(model, future)
            kept.set()
            # Its megabytes are on disk now.
            del self._futures[model.fingerprint]
            del future
        self._executor.shutdown(wait=False)

    def _outcome(self, model: SweepModel, future: Future) -> ModelStatus:
        try:
            made = future.result()
            if isinstance(made, str):
                return ModelStatus(model, "kept", made)
            return self._save(model, made)
        except (CancelledError, TrainingCancelled):
            return ModelStatus(model, "cancelled")
        except BaseException as error:  # whatever a worker may have raised
            return ModelStatus(model, "failed", sentence=why_it_failed(error))

    def _save(self, model: SweepModel, data: bytes) -> ModelStatus:
        try:
            path = save_bytes(model.key, data, model.fingerprint, self._folder)
        except CheckpointError as error:
            if not isinstance(error.__cause__, OSError):
                raise
            # A good model that there is no room for; nor will there be for those after it.
            self._unsaved[model.fingerprint] = data
            self._drop()
            return ModelStatus(model, "failed", sentence=f"{error} {_KEPT}")
        return _saved(model, path)


def _saved(model: SweepModel, path: Path) -> ModelStatus:
    return ModelStatus(model, "finished", path.name.removesuffix(SUFFIX), model.preset.steps)


def _where(executor: Executor) -> str:
    if not isinstance(executor, DaskExecutor):
        return "on this computer"
    if executor.workers == 0:
        return "on a Dask cluster that has no workers: start one with `python -m dask worker`"
    return (
        "on one Dask worker" if executor.workers == 1 else f"on {executor.workers:,} Dask workers"
    )


class SweepRegistry:
    """All sweeps of this process, by id."""

    def __init__(self, runs: RunRegistry, *, work: Callable[..., bytes] = train_model) -> None:
        self._runs, self._work = runs, work
        self._sweeps: OrderedDict[str, SweepRun] = OrderedDict()
        self._starting = threading.Lock()

    def start(self, sweep: Sweep, *, owner: str = "") -> str:
        """Begin a sweep, or join the same one that is under way, and return its id.

        owner: who alone may cancel it, "" for anybody; whoever joins does not become one.

        Raises:
            SweepError: the sweep makes no sense, the owner has another under way, a model of it
                still cannot be saved, or the Dask scheduler does not answer within seconds.
            UserError: in a public showing.
        """
        check_writable("Training")
        check_sweep(sweep, workers=_MOST_WORKERS if scheduler_address() else 1)
        with self._starting:
            running = [run for run in self._sweeps.values() if run.status().state == "running"]
            for run in running:
                if run.sweep == sweep:
                    return run.id
            if owner and any(run.owner == owner for run in running):
                raise SweepError(
                    "Another sweep of yours is under way: let it end or cancel it first."
                )
            self._save_again(sweep)
            kept = finished(models_of(sweep), thorough=True)
            executor = self._executor(len(kept) < len(models_of(sweep)))
            try:
                check_sweep(sweep, workers=max(1, getattr(executor, "workers", 1)))
            except SweepError:
                executor.shutdown(wait=False)
                raise
            run = SweepRun(sweep, executor, kept=kept, work=self._work, owner=owner)
            self._sweeps[run.id] = run
            self._forget_old()
        return run.id

    def _save_again(self, sweep: Sweep) -> None:
        for run in self._sweeps.values():
            if run.sweep == sweep:
                try:
                    run.save_again()
                except CheckpointError as error:
                    raise SweepError(str(error)) from error

    def get(self, sweep_id: str) -> SweepRun | None:
        """Return the sweep with this id, or None if there is none (any more)."""
        return self._sweeps.get(sweep_id)

    def current(self, owner: str = "") -> SweepRun | None:
        """Return the newest that is not over, of `owner` where there is one."""
        under_way = [run for run in list(self._sweeps.values()) if not run.status().over]
        own = [run for run in under_way if run.owner == owner]
        return next(reversed(own or under_way), None)

    def _executor(self, needed: bool) -> Executor:
        address = scheduler_address()
        return connect(address) if address and needed else LineExecutor(self._runs)

    def _forget_old(self) -> None:
        # What could not be saved is nowhere else.
        over = [k for k, run in self._sweeps.items() if run.status().over and not run.unsaved]
        for key in over[: max(0, len(over) - _REMEMBERED)]:
            del self._sweeps[key]
