"""A Dask cluster as an Executor for sweeps: `distributed` is optional and imported here alone."""

from __future__ import annotations

import logging
import os
import queue
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, InvalidStateError

from aeviz.errors import UserError
from aeviz.sweeps.plan import SweepError, SweepModel

ADDRESS_VARIABLE = "AEVIZ_DASK_SCHEDULER"
# A scheduler on the same network answers in milliseconds; a person should not wait longer than this
# to be told that there is none.
CONNECT_SECONDS = 5.0
_COUNT_EVERY = 2.0
_LOST = (
    "The connection to the Dask scheduler broke off: once it is there again, run the sweep again; "
    "what is finished is kept."
)


def scheduler_address() -> str:
    """Return AEVIZ_DASK_SCHEDULER, such as "tcp://127.0.0.1:8786"; "" where it is not set."""
    return os.environ.get(ADDRESS_VARIABLE, "").strip()


def connect(address: str) -> DaskExecutor:
    """Connect to a scheduler; raise SweepError within CONNECT_SECONDS if none answers."""
    try:
        from distributed import Client
    except ImportError as error:
        raise SweepError(
            f"{ADDRESS_VARIABLE} names a Dask scheduler, but Dask is not installed: run "
            'pip install "dask[distributed]", or unset it to train in this program.'
        ) from error
    # What it logs while it tries in vain is said in one sentence below.
    for name in ("distributed.client", "distributed.comm"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    outcome: queue.SimpleQueue[object] = queue.SimpleQueue()
    waiting = threading.Event()
    waiting.set()

    def ask() -> None:
        try:
            client = Client(address, timeout=CONNECT_SECONDS - 1, set_as_default=False)
        except BaseException as error:  # handed over to the waiting thread
            outcome.put(error)
        else:
            outcome.put(client)
            if not waiting.is_set():
                client.close()

    # In a thread of its own, since looking up a name can't be given a time limit.
    threading.Thread(target=ask, name="dask-connect", daemon=True).start()
    try:
        found = outcome.get(timeout=CONNECT_SECONDS)
    except queue.Empty:
        waiting.clear()
        found = None
    if not isinstance(found, Client):
        raise SweepError(
            f"Nobody answers at {address[:80]}, the Dask scheduler that {ADDRESS_VARIABLE} names: "
            "start one with `python -m dask scheduler` in aeviz's folder, or unset that variable "
            "to train in this program."
        ) from (found if isinstance(found, Exception) else None)
    return DaskExecutor(found)


class DaskExecutor(Executor):
    """`client.get_executor()` whose futures also know when a worker has begun them.

    So `Future.running()` and `Future.cancel()` keep their usual meaning: what a worker has begun is
    not cancelled but finished. Models of a worker that died go to another one.
    """

    def __init__(self, client) -> None:
        self._client, self._executor = client, client.get_executor(pure=False)
        self._futures: dict[str, Future] = {}
        self._topic = f"aeviz-{secrets.token_hex(8)}"
        client.subscribe_topic(self._topic, self._begun)
        # How many workers there are now. Asked for in a thread: no page waits for a scheduler.
        self.workers = self._count_workers()
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="dask-workers", daemon=True).start()

    def submit(self, work: Callable[[SweepModel], bytes], model: SweepModel, /) -> Future:
        """Return a future of `work(model)` on a worker."""
        # Its own key each time: a model that failed or was dropped before must not be remembered.
        key = f"{model.key}-{secrets.token_hex(4)}"
        future: Future = Future()
        self._futures[key] = future
        # Dask's own, as for every task it sends.
        from distributed.protocol.pickle import dumps, loads

        packed = dumps(_Call((self._topic, key, work, model)))
        inner = self._executor.submit(loads, packed, key=key)
        inner.add_done_callback(lambda done: _hand_over(done, future))
        future.add_done_callback(lambda done: self._forget(key, done, inner))
        return future

    def _forget(self, key: str, future: Future, inner: Future) -> None:
        del self._futures[key]
        if future.cancelled():
            inner.cancel()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As `concurrent.futures.Executor.shutdown`; closes the connection."""
        if cancel_futures:
            for future in list(self._futures.values()):
                future.cancel()
        self._closed.set()
        self._executor.shutdown(wait=wait)
        self._client.close(timeout=CONNECT_SECONDS)

    def _count_workers(self) -> int:
        return len(self._client.scheduler_info(n_workers=-1).get("workers", {}))

    def _watch(self) -> None:
        while not self._closed.wait(_COUNT_EVERY):
            try:
                self.workers = self._count_workers()
            except Exception:  # no answer: the futures end by themselves and say so
                self.workers = 0

    def _begun(self, event: tuple[float, str]) -> None:
        future = self._futures.get(event[1])
        # A model whose worker died begins a second time.
        if future is not None and not future.running() and not future.done():
            _mark_running(future)


class _Call(tuple):
    """The arguments of `_on_worker`, which is called with them where this is unpickled.

    A worker that reads a task and finds no aeviz ends, without a word to anybody, and the sweep
    waits for ever. Bytes it can always read; that they mean nothing to it is then the task's error.
    """

    def __reduce__(self):
        return _on_worker, tuple(self)


def _on_worker(topic: str, key: str, work: Callable[[SweepModel], bytes], model: SweepModel):
    from distributed import get_worker

    get_worker().log_event(topic, key)
    return work(model)


def _mark_running(future: Future) -> bool:
    try:
        return future.set_running_or_notify_cancel()
    except (InvalidStateError, RuntimeError):  # it was dropped at this very moment
        return False


def _hand_over(inner: Future, future: Future) -> None:
    """From Dask's future to ours."""
    if future.cancelled() or not (future.running() or _mark_running(future)):
        return
    if inner.cancelled():
        return future.set_exception(UserError(_LOST))
    error = inner.exception()
    if error is None:
        future.set_result(inner.result())
    else:
        future.set_exception(_in_words(error))


def _in_words(error: BaseException) -> BaseException:
    if isinstance(error, UserError):
        return error
    kind = type(error).__name__
    if kind == "FutureCancelledError":
        return UserError(_LOST)
    if kind == "KilledWorker":
        return UserError(
            "Several Dask workers died while they trained this model: it may need more memory than "
            "they have."
        )
    if isinstance(error, ImportError):
        return UserError(
            "A Dask worker cannot load aeviz: start it with `python -m dask worker` in aeviz's "
            "folder, with its packages installed."
        )
    return error
