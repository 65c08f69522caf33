"""The queue of training runs of this process as an Executor, for sweeps."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures import wait as wait_for

from aeviz.sweeps.plan import SweepModel
from aeviz.training.remote_control import RemoteControl, TrainingCancelled
from aeviz.training.runs import RunRegistry, TrainingRun


class LineExecutor(Executor):
    """Calls `work(model, control=..., history=..., progress=...)` in a registry's thread.

    It stands in that line with one model at a time: whoever presses Train meanwhile waits for one
    model, not for the whole sweep, and two sweeps take turns. A future's `run` shows its progress
    and can stop it.
    """

    def __init__(self, registry: RunRegistry) -> None:
        self._registry = registry
        self._waiting: deque[RunFuture] = deque()
        self._in_line: RunFuture | None = None
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, work: Callable[..., bytes], model: SweepModel, /) -> RunFuture:
        """Return a future of `work(model)`, in its turn."""
        with self._lock:
            if self._closed:
                raise RuntimeError("This executor takes no more work.")
            future = RunFuture(self._registry, work, model)
            self._waiting.append(future)
        future.add_done_callback(self._next)
        self._next()
        return future

    def place(self) -> int:
        """Return how many trainings are before its next model; 0 if that trains."""
        with self._lock:
            future = self._in_line
        return self._registry.status(future.run).place if future else 0

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work; as `concurrent.futures.Executor.shutdown`."""
        with self._lock:
            self._closed = True
            pending = [*self._waiting, *([self._in_line] if self._in_line else [])]
        if cancel_futures:
            for future in pending:
                future.cancel()
        if wait:
            wait_for(pending)

    def _next(self, over: Future | None = None) -> None:
        """Put the next one in line if none of ours is there."""
        with self._lock:
            if over is not None and over is self._in_line:
                self._in_line = None
            if isinstance(over, RunFuture) and over in self._waiting:
                self._waiting.remove(over)
            if self._in_line is not None or not self._waiting:
                return
            self._in_line = future = self._waiting.popleft()
        self._registry.join(future.run)


class RunFuture(Future):
    """A future with the training run that makes it in `run`."""

    def __init__(self, registry: RunRegistry, work: Callable[..., bytes], model: SweepModel):
        super().__init__()
        self._registry, self._beginning = registry, threading.Lock()
        self.run = _Turn(self, work, model)

    def cancel(self) -> bool:
        """Drop it if it has not begun, and leave the line."""
        with self._beginning:
            already = self.cancelled()
            cancelled = super().cancel()
            if cancelled and not already:
                self.set_running_or_notify_cancel()  # for whoever waits for it
        if cancelled:
            self._registry.stop(self.run)
            self.run.leave_line()  # also where others of ours stand before it
        return cancelled

    def stop(self) -> None:
        """End it even when it trains; nothing of it is kept."""
        if not self.cancel():
            self._registry.stop(self.run)

    def begin(self) -> bool:
        """Mark it as running when its turn comes; False if it was cancelled."""
        with self._beginning:
            return not self.cancelled() and self.set_running_or_notify_cancel()


class _Turn(TrainingRun):
    """A run of the line that hands its outcome to a future instead of saving it."""

    def __init__(self, future: RunFuture, work: Callable[..., bytes], model: SweepModel) -> None:
        super().__init__(model.dataset, model.preset, model.seed)
        self.control: _Discarding = _Discarding()
        self._future, self._work, self._model = future, work, model

    def run(self) -> None:
        """Do the work; never raises."""
        if not self._future.begin():
            return self.leave_line()
        self.state = "starting"
        try:
            result = self._work(
                self._model,
                control=self.control,
                history=self.history,
                progress=self._downloaded,
            )
        except BaseException as error:
            stopped = isinstance(error, TrainingCancelled)
            self._end("stopped" if stopped else "failed", "")
            self._future.set_exception(error)
        else:
            self._end("finished", "")
            self._future.set_result(result)

    def steps_taken(self) -> int:
        """Return the control's count, which is newer than the history's."""
        return self.control.taken


class _Discarding(RemoteControl):
    """A control whose stop throws the training away: half-trained, it would pass for finished."""

    def __init__(self) -> None:
        super().__init__()
        self._handed_out = self.taken = 0

    def next_chunk(self, wanted: int) -> int:
        """As RemoteControl's, but raises TrainingCancelled instead of returning 0."""
        self.taken = self._handed_out
        steps = super().next_chunk(wanted)
        if not steps:
            raise TrainingCancelled("Cancelled.")
        self._handed_out += steps
        return steps
