"""The process's own line as an Executor: the usual promises of one, and its turns with others."""

import threading
import time
from concurrent.futures import CancelledError, Executor, wait

import pytest

from aeviz.checkpoints.history import History
from aeviz.errors import UserError
from aeviz.sweeps.line_executor import LineExecutor
from aeviz.sweeps.plan import models_of
from aeviz.training.remote_control import RemoteControl, TrainingCancelled
from aeviz.training.runs import RunRegistry
from tests.support.sweep_work import BASE, small_sweep

MODELS = models_of(small_sweep(1, 2, 3, 4))


class Gate:
    """Work that waits to be let through, asking its control as a training does."""

    def __init__(self):
        self.begun, self.handed, self.open = [], [], threading.Semaphore(0)

    def __call__(self, model, **handed):
        self.begun.append(model)
        self.handed.append(handed)
        while not self.open.acquire(timeout=0.005):
            handed["control"].next_chunk(1)
        return model.key.encode()


@pytest.fixture
def gate():
    made = Gate()
    yield made
    made.open.release(100)


@pytest.fixture
def singles():
    """What single runs in the same line have done."""
    return []


@pytest.fixture
def registry(singles):
    def work(run):
        if type(run).__name__ == "TrainingRun":
            singles.append(run.id)
            run.state = "finished"
        else:
            run.run()

    return RunRegistry(work=work)


def until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)


def test_it_is_an_executor_whose_futures_keep_the_usual_promises(registry, gate):
    executor = LineExecutor(registry)
    assert isinstance(executor, Executor)
    futures = [executor.submit(gate, model) for model in MODELS]
    until(lambda: futures[0].running())
    assert [f.running() for f in futures] == [True, False, False, False]
    assert not futures[0].cancel()
    assert futures[2].cancel() and futures[2].cancelled()
    gate.open.release(3)
    assert [f.result(5) for f in futures if f is not futures[2]] == [
        MODELS[i].key.encode() for i in (0, 1, 3)
    ]
    done, pending = wait(futures, 5)
    assert len(done) == 4 and not pending
    with pytest.raises(CancelledError):
        futures[2].result()
    assert gate.begun == [MODELS[0], MODELS[1], MODELS[3]]


def test_work_gets_the_knobs_and_the_history_of_its_run(registry, gate):
    future = LineExecutor(registry).submit(gate, MODELS[0])
    until(lambda: gate.handed)
    assert isinstance(gate.handed[0]["control"], RemoteControl)
    assert isinstance(gate.handed[0]["history"], History)
    assert gate.handed[0]["control"] is future.run.control
    gate.handed[0]["progress"](0.5)
    assert future.run.status().sentence == "Fetching the pictures: 50%."


def test_who_presses_train_waits_for_one_model_only(registry, singles, gate):
    executor = LineExecutor(registry)
    futures = [executor.submit(gate, model) for model in MODELS]
    until(lambda: len(gate.begun) == 1)
    mine = registry.start("digits", BASE)
    assert registry.status(registry.get(mine)).place == 1
    gate.open.release(1)
    until(lambda: len(gate.begun) == 2)
    assert singles == [mine] and not futures[1].done()


def test_two_sweeps_take_turns(registry, gate):
    first, second = LineExecutor(registry), LineExecutor(registry)
    [first.submit(gate, model) for model in MODELS[:2]]
    until(lambda: len(gate.begun) == 1)
    [second.submit(gate, model) for model in MODELS[2:]]
    gate.open.release(4)
    until(lambda: len(gate.begun) == 4)
    assert gate.begun == [MODELS[i] for i in (0, 2, 1, 3)]


def test_a_visitor_of_another_page_does_not_meet_a_sweeps_runs(registry, gate):
    future = LineExecutor(registry).submit(gate, MODELS[0])
    until(lambda: gate.begun)
    assert registry.current() is None
    assert registry.get(future.run.id) is None


def test_steps_are_counted_as_they_are_handed_out(registry, gate):
    future = LineExecutor(registry).submit(gate, MODELS[0])
    until(lambda: future.run.status().step > 3)
    assert future.run.status().total == 50


def test_a_stop_while_it_trains_ends_it_within_a_second_with_nothing_kept(registry, gate):
    future = LineExecutor(registry).submit(gate, MODELS[0])
    until(lambda: gate.begun)
    before = time.monotonic()
    future.stop()
    assert isinstance(future.exception(5), TrainingCancelled)
    assert time.monotonic() - before < 1
    assert future.run.state == "stopped"


def test_a_stop_before_it_begins_drops_it(registry, gate):
    executor = LineExecutor(registry)
    futures = [executor.submit(gate, model) for model in MODELS[:3]]
    until(lambda: gate.begun)
    for future in reversed(futures):
        future.stop()
    wait(futures, 5)
    assert gate.begun == [MODELS[0]]
    assert [f.cancelled() for f in futures] == [False, True, True]
    until(lambda: futures[1].run.state == "stopped")


def test_one_cancelled_in_the_line_lets_the_next_one_in(registry, gate):
    blocking, executor = LineExecutor(registry), LineExecutor(registry)
    blocking.submit(gate, MODELS[0])
    until(lambda: gate.begun)
    futures = [executor.submit(gate, model) for model in MODELS[1:]]
    assert futures[0].cancel()  # it stands in the line, the others behind it
    gate.open.release(4)
    wait(futures, 5)
    assert gate.begun == [MODELS[0], MODELS[2], MODELS[3]]


@pytest.mark.parametrize("error", [UserError("No."), RuntimeError("a bug"), SystemExit(3)])
def test_an_error_ends_its_own_future_only(registry, error):
    def fail(model, **_):
        if model is MODELS[0]:
            raise error
        return b"done"

    executor = LineExecutor(registry)
    bad, good = (executor.submit(fail, model) for model in MODELS[:2])
    assert bad.exception(5) is error
    assert good.result(5) == b"done"
    assert bad.run.state == "failed"


def test_after_shutdown_nothing_more_is_taken(registry, gate):
    executor = LineExecutor(registry)
    futures = [executor.submit(gate, model) for model in MODELS]
    until(lambda: gate.begun)
    gate.open.release(4)
    executor.shutdown(cancel_futures=True)
    assert all(f.done() for f in futures) and futures[0].result() == MODELS[0].key.encode()
    with pytest.raises(RuntimeError):
        executor.submit(gate, MODELS[0])


def test_cancelling_and_beginning_at_the_same_moment(registry):
    ends = set()
    for turn in range(300):
        future = LineExecutor(registry).submit(lambda model, **_: b"done", MODELS[0])
        if turn % 2:
            time.sleep(turn * 1e-6)
        future.cancel()
        assert wait([future], 5).done
        assert future.cancelled() or future.result() == b"done"
        ends.add(future.cancelled())
    assert ends == {True, False}
