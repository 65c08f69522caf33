"""The knobs of a run, turned from one thread while another trains."""

import threading
import time

import pytest

from aeviz.training.remote_control import ABSENT_SECONDS, WATCHED_SECONDS, RemoteControl


class Trainer(threading.Thread):
    """Asks for chunks as a training loop does, and counts the steps it was allowed."""

    def __init__(self, control, *, wanted=10, seconds_per_chunk=0.001):
        super().__init__(daemon=True)
        self.control, self.wanted, self.seconds = control, wanted, seconds_per_chunk
        self.steps, self.chunks = 0, []

    def run(self):
        while taken := self.control.next_chunk(self.wanted):
            time.sleep(self.seconds)
            self.chunks.append(taken)
            self.steps += taken


@pytest.fixture
def trainer():
    started = []

    def start(control, **options):
        thread = Trainer(control, **options)
        started.append(thread)
        thread.start()
        return thread

    yield start
    for thread in started:
        thread.control.stop()
        thread.join(5)
        assert not thread.is_alive()


def wait_until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def holds_still(trainer, seconds=0.25):
    """The step it stands at, once the chunk under way is done and nothing more comes."""
    time.sleep(0.05)
    steps = trainer.steps
    time.sleep(seconds)
    return trainer.steps == steps


def test_a_run_left_alone_gets_all_it_wants(trainer):
    thread = trainer(RemoteControl())
    wait_until(lambda: thread.steps > 200)
    assert set(thread.chunks) == {10}


def test_pause_holds_and_resume_goes_on(trainer):
    control = RemoteControl()
    thread = trainer(control)
    wait_until(lambda: thread.steps > 50)
    control.pause()
    assert control.paused
    wait_until(lambda: control.holding)
    held = thread.steps
    assert holds_still(thread) and thread.steps == held
    control.resume()
    assert not control.paused and not control.holding
    wait_until(lambda: thread.steps > held + 50)


def test_single_steps_are_counted_exactly(trainer):
    control = RemoteControl()
    control.pause()
    thread = trainer(control)
    assert holds_still(thread) and thread.steps == 0
    control.single_step()
    wait_until(lambda: thread.steps == 1)
    assert holds_still(thread) and thread.steps == 1
    control.single_step(25)
    wait_until(lambda: thread.steps == 26)
    assert holds_still(thread) and thread.steps == 26
    assert thread.chunks == [1, 10, 10, 5]
    assert control.holding
    assert control.paused


def test_it_holds_only_when_the_chunk_under_way_is_over(trainer):
    """Whoever reads the step any earlier reads one that is about to change."""
    control = RemoteControl()
    thread = trainer(control, seconds_per_chunk=0.5)
    wait_until(lambda: thread.chunks)
    control.pause()
    assert not control.holding
    wait_until(lambda: control.holding)
    held = thread.steps
    control.single_step()
    assert not control.holding
    wait_until(lambda: control.holding)
    assert thread.steps == held + 1


def test_presses_in_quick_succession_add_up(trainer):
    control = RemoteControl()
    control.pause()
    thread = trainer(control, seconds_per_chunk=0.02)
    for _ in range(7):
        control.single_step()
    wait_until(lambda: thread.steps == 7)
    assert holds_still(thread) and thread.steps == 7


def test_a_single_step_pauses_a_running_run_first(trainer):
    control = RemoteControl()
    thread = trainer(control)
    wait_until(lambda: thread.steps > 50)
    control.single_step()
    assert control.paused
    assert holds_still(thread)
    assert thread.chunks[-1] == 1
    assert thread.chunks.count(1) == 1


def test_steps_not_taken_are_forgotten_on_resume(trainer):
    control = RemoteControl()
    control.single_step(1_000_000)
    control.resume()
    control.pause()
    thread = trainer(control)
    assert holds_still(thread) and thread.steps == 0


@pytest.mark.parametrize("before", ["running", "paused", "slow", "stepping"])
def test_stop_ends_a_run_promptly_in_every_state(trainer, before):
    control = RemoteControl(steps_per_second=0.01 if before == "slow" else None)
    if before in ("paused", "stepping"):
        control.pause()
    thread = trainer(control)
    if before == "stepping":
        control.single_step(3)
    time.sleep(0.1)
    control.stop()
    thread.join(1.0)
    assert not thread.is_alive()
    assert control.stopped
    assert control.next_chunk(10) == 0
    control.resume()
    assert control.next_chunk(10) == 0  # a stop is for good


def test_stop_before_the_start():
    control = RemoteControl()
    control.stop()
    assert control.next_chunk(10) == 0


@pytest.mark.parametrize("speed", [20.0, 200.0])
def test_speed_is_kept(trainer, speed):
    control = RemoteControl(steps_per_second=speed)
    thread = trainer(control, wanted=256)
    wait_until(lambda: thread.steps > 0)
    start, before = time.monotonic(), thread.steps
    time.sleep(1.5)
    measured = (thread.steps - before) / (time.monotonic() - start)
    # One chunk more or less falls inside the window: a quarter of a second's steps.
    assert measured == pytest.approx(speed, rel=0.35)
    assert max(thread.chunks) <= speed / 4


def test_slow_motion_goes_one_step_at_a_time(trainer):
    control = RemoteControl(steps_per_second=2)
    thread = trainer(control)
    time.sleep(1.2)
    assert thread.chunks in ([1, 1], [1, 1, 1])


def test_speed_can_be_changed_while_it_waits(trainer):
    control = RemoteControl(steps_per_second=0.01)  # the next step is due in 100 seconds
    thread = trainer(control)
    wait_until(lambda: thread.steps == 1)
    assert control.speed == 0.01
    control.speed = None
    wait_until(lambda: thread.steps > 100, seconds=2)


def test_a_slow_run_can_be_paused_and_stepped_while_it_waits(trainer):
    control = RemoteControl(steps_per_second=0.01)
    thread = trainer(control)
    wait_until(lambda: thread.steps == 1)
    control.single_step(2)
    wait_until(lambda: thread.steps == 3, seconds=2)


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_of_nothing_is_refused(speed):
    with pytest.raises(ValueError, match="speed"):
        RemoteControl(steps_per_second=speed)
    control = RemoteControl()
    with pytest.raises(ValueError, match="speed"):
        control.speed = speed
    assert control.next_chunk(10) == 10


def test_learning_rate_is_untouched_until_set():
    control = RemoteControl()
    assert control.learning_rate is None
    control.learning_rate = 3e-4
    assert control.learning_rate == 3e-4


def test_watched_for_a_while_after_a_look(monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr("aeviz.training.remote_control.time.monotonic", lambda: now[0])
    control = RemoteControl()
    assert not control.watched
    control.look()
    assert control.watched
    now[0] += WATCHED_SECONDS - 0.01
    assert control.watched
    now[0] += 0.02
    assert not control.watched


def test_the_owner_has_left_when_only_others_look(monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr("aeviz.training.remote_control.time.monotonic", lambda: now[0])
    control = RemoteControl()
    assert not control.owner_left  # who has just started it is there
    now[0] += ABSENT_SECONDS - 0.01
    control.look()
    assert not control.owner_left and control.watched
    now[0] += 0.02
    assert control.owner_left
    control.look(owner=True)
    assert not control.owner_left and control.watched
