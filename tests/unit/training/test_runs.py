"""Runs in line: one at a time, in order, and every end in words."""

import logging
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints.checkpoint import CheckpointError
from aeviz.checkpoints.history import LossRecord, Snapshot
from aeviz.checkpoints.store import load_checkpoint, save_checkpoint
from aeviz.data.dataset import DatasetError, DatasetMissing
from aeviz.errors import UserError
from aeviz.networks.limits import PresetError
from aeviz.networks.recipes import PRESETS
from aeviz.storage.places import home
from aeviz.training import runs as training_runs
from aeviz.training.remote_control import ABSENT_SECONDS
from aeviz.training.runs import NAMELESS, RunRegistry, TrainingRun
from aeviz.training.trainer import TrainingDiverged
from tests.support.made_up_models import made_up_dataset, made_up_model

PRESET = PRESETS["karpathy-2d"]


def wait_until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)


class Work:
    """Stands in for training: each run takes until `finish` is called for it."""

    def __init__(self):
        self.begun, self.at_once, self.most_at_once = [], 0, 0
        self._gates = {}
        self._lock = threading.Lock()

    def __call__(self, run):
        with self._lock:
            self.begun.append(run.id)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        run.state = "starting"
        self._gate(run.id).wait(10)
        with self._lock:
            self.at_once -= 1
        run.state = "finished"

    def _gate(self, run_id):
        with self._lock:
            return self._gates.setdefault(run_id, threading.Event())

    def finish(self, *run_ids):
        for run_id in run_ids:
            self._gate(run_id).set()


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def registry(work):
    registry = RunRegistry(work=work)
    yield registry
    work.finish(*list(registry._runs))


def places(registry, run_ids):
    return [registry.status(registry.get(run_id)).place for run_id in run_ids]


def test_one_at_a_time_in_the_order_they_came(registry, work):
    ids = [registry.start("mnist", PRESET, seed) for seed in range(5)]
    for i, run_id in enumerate(ids):
        wait_until(lambda i=i: len(work.begun) == i + 1)
        assert registry.current() is registry.get(run_id)
        work.finish(run_id)
    wait_until(lambda: registry.current() is None)
    assert work.begun == ids
    assert work.most_at_once == 1
    assert [registry.get(run_id).seed for run_id in ids] == list(range(5))


def test_each_in_line_knows_its_place(registry, work):
    ids = [registry.start("mnist", PRESET) for _ in range(4)]
    wait_until(lambda: work.begun == ids[:1])
    assert places(registry, ids) == [0, 1, 2, 3]
    assert [registry.status(registry.get(i)).state for i in ids] == ["starting"] + ["queued"] * 3
    work.finish(ids[0])
    wait_until(lambda: work.begun == ids[:2])
    assert places(registry, ids) == [0, 0, 1, 2]


def test_what_is_under_way_is_all_that_is_not_over(registry, work):
    ids = [registry.start("mnist", PRESET) for _ in range(4)]
    wait_until(lambda: work.begun == ids[:1])
    assert [run.id for run in registry.under_way()] == ids
    registry.stop(registry.get(ids[2]))
    registry.get(ids[0])._end("finished", "")
    assert [run.id for run in registry.under_way()] == [ids[1], ids[3]]


def test_who_leaves_the_line_is_never_begun_and_others_move_up(registry, work):
    ids = [registry.start("mnist", PRESET) for _ in range(4)]
    wait_until(lambda: work.begun == ids[:1])
    registry.stop(registry.get(ids[1]))
    status = registry.status(registry.get(ids[1]))
    assert (status.state, status.over, status.sentence) == (
        "stopped",
        True,
        "Cancelled before it began.",
    )
    assert places(registry, ids) == [0, 0, 1, 2]
    work.finish(ids[0])
    wait_until(lambda: work.begun == [ids[0], ids[2]])
    work.finish(ids[2], ids[3])
    wait_until(lambda: registry.current() is None)
    assert work.begun == [ids[0], ids[2], ids[3]]


def test_stopping_the_one_that_trains_reaches_its_control(registry, work):
    run = registry.get(registry.start("mnist", PRESET))
    wait_until(lambda: work.begun == [run.id])
    assert not run.control.stopped
    registry.stop(run)
    assert run.control.stopped
    assert run.state == "starting"  # it ends by itself, with what it has


def test_a_registry_at_rest_begins_again(registry, work):
    for _ in range(3):
        run_id = registry.start("mnist", PRESET)
        work.finish(run_id)
        wait_until(lambda run_id=run_id: registry.get(run_id).state == "finished")
        wait_until(lambda: registry.current() is None)


def test_many_visitors_press_train_at_once(registry, work):
    ids, barrier = [], threading.Barrier(12)

    def visitor():
        barrier.wait()
        ids.append(registry.start("mnist", PRESET))

    threads = [threading.Thread(target=visitor) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert len(set(ids)) == 12
    assert sorted(places(registry, ids))[-1] == 11
    work.finish(*ids)
    wait_until(lambda: len(work.begun) == 12 and registry.current() is None)
    assert work.most_at_once == 1


def test_an_impossible_recipe_never_gets_in_line(registry):
    with pytest.raises(PresetError, match="code of 0"):
        registry.start("mnist", replace(PRESET, latent_dim=0))
    with pytest.raises(PresetError, match="1,297"):
        registry.start("digits", replace(PRESET, batch_size=1_298))
    assert registry.current() is None
    assert registry._runs == {}


def test_only_the_one_who_started_a_run_may_stop_it(registry, work):
    ids = [registry.start("mnist", PRESET, owner="anna") for _ in range(2)]
    wait_until(lambda: work.begun == ids[:1])
    for run in map(registry.get, ids):
        assert run.owner == "anna"
        for other in ("ben", ""):
            with pytest.raises(UserError, match=r"^Somebody else started this training.*\.$"):
                registry.stop(run, other)
        assert not run.control.stopped
    assert places(registry, ids) == [0, 1]
    registry.stop(registry.get(ids[1]), "anna")
    assert registry.get(ids[1]).state == "stopped"
    registry.stop(registry.get(ids[0]), "anna")
    assert registry.get(ids[0]).control.stopped


def test_a_run_whose_owner_has_left_anybody_may_stop(registry, work, monkeypatch):
    """Or the one who pauses and closes the page would hold up the line for ever."""
    now = [1_000.0]
    monkeypatch.setattr("aeviz.training.remote_control.time.monotonic", lambda: now[0])
    paused, waiting = (
        registry.get(registry.start("mnist", PRESET, owner="anna")) for _ in range(2)
    )
    wait_until(lambda: work.begun == [paused.id])
    paused.control.pause()
    now[0] += ABSENT_SECONDS - 1
    waiting.control.look(owner=True)
    now[0] += 2
    paused.control.look()  # only somebody else's
    with pytest.raises(UserError):
        registry.stop(waiting, "ben")
    registry.stop(paused, "ben")
    assert paused.control.stopped and not waiting.control.stopped
    assert paused.control.next_chunk(1) == 0
    work.finish(paused.id)
    wait_until(lambda: registry.current() is waiting)


def test_three_of_one_visitor_may_wait_and_others_still_come(registry, work):
    ids = [registry.start("mnist", PRESET, owner="anna") for _ in range(4)]
    with pytest.raises(PresetError, match=r"^3 trainings of yours wait in line already.*\.$"):
        registry.start("mnist", PRESET, owner="anna")
    wait_until(lambda: work.begun == ids[:1])
    assert len(registry._runs) == 4 and places(registry, ids) == [0, 1, 2, 3]
    registry.start("mnist", PRESET, owner="ben")
    for _ in range(5):
        registry.start("mnist", PRESET)
    registry.stop(registry.get(ids[2]), "anna")
    registry.start("mnist", PRESET, owner="anna")


def test_browsers_without_cookies_have_three_places_together(registry, work):
    """Each page such a browser opens is somebody new: twenty of them filled the line."""
    for number in range(4):
        registry.start("mnist", PRESET, owner=f"{NAMELESS}{number}")
    with pytest.raises(PresetError, match=r"^3 trainings of browsers without cookies wait in line"):
        registry.start("mnist", PRESET, owner=f"{NAMELESS}new")
    registry.start("mnist", PRESET, owner="anna")
    with pytest.raises(UserError, match="Somebody else"):
        registry.stop(registry.current(), f"{NAMELESS}1")


def test_what_nobody_owns_anybody_may_stop(registry, work):
    runs_ = [registry.get(registry.start("mnist", PRESET)) for _ in range(2)]
    registry.stop(runs_[0])
    registry.stop(runs_[1], "ben")
    assert all(run.control.stopped for run in runs_)


def test_a_public_showing_trains_nothing(registry, work, monkeypatch):
    monkeypatch.setenv("AEVIZ_READ_ONLY", "1")
    with pytest.raises(UserError, match=r"^Training is switched off.*\.$"):
        registry.start("mnist", PRESET)
    assert registry._runs == {} and work.begun == []


# --- going on with a model -------------------------------------------------------------------


@pytest.fixture
def before(tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path))
    made = made_up_model("before", made_up_dataset(8, name="digits"), codes=False)
    save_checkpoint(made)
    return made


def test_a_run_goes_on_with_a_stored_model(before, registry, monkeypatch, saved):
    run = registry.get(registry.start("digits", before.preset, continue_from="before"))
    handed_over = []

    def train(*_, continued, **__):
        handed_over.append(continued)
        return Trained()

    monkeypatch.setattr(training_runs, "train", train)
    TrainingRun.run(run)
    assert [c.name for c in handed_over] == ["before"]
    np.testing.assert_array_equal(
        handed_over[0].autoencoder.encoder[0].kernel, before.autoencoder.encoder[0].kernel
    )


def test_what_cannot_be_gone_on_with_never_gets_in_line(before, registry):
    with pytest.raises(CheckpointError, match="no model called"):
        registry.start("digits", before.preset, continue_from="gone")
    with pytest.raises(CheckpointError, match="other layers"):
        registry.start("digits", replace(before.preset, latent_dim=3), continue_from="before")
    with pytest.raises(CheckpointError, match="8 x 8 pixels"):
        registry.start("mnist", before.preset, continue_from="before")
    assert registry._runs == {}


def test_a_model_deleted_while_its_run_waits_is_said(before, registry, monkeypatch, saved):
    run = registry.get(registry.start("digits", before.preset, continue_from="before"))
    (home() / "before.safetensors").unlink()
    monkeypatch.setattr(training_runs, "train", raising(AssertionError("trained all the same")))
    TrainingRun.run(run)
    assert (run.state, run.sentence) == ("failed", "There is no model called before.")


def test_finished_runs_are_forgotten_after_a_while_and_waiting_ones_never(registry, work):
    done = [registry.start("mnist", PRESET) for _ in range(20)]
    work.finish(*done)
    wait_until(lambda: all(r.state == "finished" for r in registry._runs.values()))
    wait_until(lambda: registry.current() is None)
    waiting = [registry.start("mnist", PRESET) for _ in range(12)]
    assert all(registry.get(run_id) for run_id in waiting)
    assert registry.get(done[-1]) and not registry.get(done[0])
    assert sum(registry.get(run_id) is not None for run_id in done) == 8


def test_no_more_finished_runs_are_remembered_than_bytes_allow(work, monkeypatch):
    monkeypatch.setattr(training_runs, "_REMEMBERED_BYTES", 2_500_000)
    registry = RunRegistry(work=work)

    def trained(megabytes):
        run = registry.get(registry.start("mnist", PRESET))
        run.checkpoint = np.zeros(megabytes * 1_000_000, np.uint8)
        work.finish(run.id)
        wait_until(lambda: run.state == "finished")
        return run.id

    ids = [trained(1) for _ in range(3)]
    large = trained(9)
    assert [registry.get(run_id) is not None for run_id in ids] == [False, True, True]
    waiting = registry.start("mnist", PRESET)
    assert [k for k in (*ids, large, waiting) if registry.get(k)] == [large, waiting]
    work.finish(waiting)


def test_an_unknown_run_is_none(registry):
    assert registry.get("no-such-run") is None


# ---------------------------------------------------------------------------------------------
# Progress


def moment(step):
    none = np.zeros((0, 0))
    return Snapshot(step, 0.0, LossRecord(step, 1.0), none, none, none)


@pytest.fixture
def clock(monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr("aeviz.training.runs.time.monotonic", lambda: now[0])
    return now


def test_progress_is_steps_over_time(clock):
    run = TrainingRun("mnist", replace(PRESET, steps=1_000), 0)
    assert (run.status().state, run.status().step, run.status().total) == ("queued", 0, 1_000)
    run.state = "starting"
    for second in range(9):
        clock[0] = 1_000.0 + second
        run.history.add(moment(50 * second), keep=False)
        status = run.status()
    assert status.state == "training"
    assert status.step == 400
    assert status.steps_per_second == pytest.approx(50)
    assert status.seconds_left == pytest.approx(600 / 50)


def test_no_time_left_is_told_before_the_pace_is_known(clock):
    run = TrainingRun("mnist", replace(PRESET, steps=8_000), 0)
    run.status()
    run.state = "starting"
    for second in range(30):  # TensorFlow is imported, the network compiled
        if second == 20:
            run.history.add(moment(0), keep=False)
        assert run.status().seconds_left is None
        clock[0] += 1
    step, told = 0, {}
    for quarter in range(1, 17):
        run.history.add(moment(step), keep=False)
        told[quarter] = run.status().seconds_left
        clock[0] += 0.25
        step += 40  # 160 steps a second
    assert set(list(told.values())[:8]) == {None}
    for quarter in (13, 15, 16):
        assert told[quarter] == pytest.approx((8_000 - 40 * (quarter - 1)) / 160)


def test_a_pause_and_a_change_of_speed_begin_the_pace_anew(clock):
    run = TrainingRun("mnist", replace(PRESET, steps=8_000), 0)
    run.state, step = "starting", 0

    def go(seconds, rate):
        nonlocal step
        for _ in range(4 * seconds):
            clock[0] += 0.25
            step += rate // 4
            run.history.add(moment(step), keep=False)
            status = run.status()
        return status

    assert go(4, 100).seconds_left == pytest.approx((8_000 - step) / 100)
    run.control.pause()
    run.status()
    clock[0] += 60
    run.control.resume()
    assert go(1, 100).seconds_left is None
    assert go(3, 100).seconds_left == pytest.approx((8_000 - step) / 100)
    run.control.speed = 8
    assert go(1, 8).seconds_left is None
    assert go(3, 8).seconds_left == pytest.approx((8_000 - step) / 8)


@pytest.mark.parametrize("steps", [100, PRESET.steps])
def test_a_run_that_is_stopped_or_through_is_ending_until_it_is_saved(steps):
    run = TrainingRun("mnist", PRESET, 0)
    run.state = "starting"
    run.history.add(moment(steps))
    if steps < PRESET.steps:
        assert run.status().state == "training"
        run.control.stop()
    status = run.status()
    assert (status.state, status.over, status.seconds_left) == ("ending", False, None)
    run.state = "stopped"
    assert run.status().over


def test_a_change_of_pace_shows_within_seconds(clock):
    run = TrainingRun("mnist", PRESET, 0)
    run.state, step = "starting", 0
    for quarter in range(60):
        clock[0] += 0.25
        step += 100 if quarter < 30 else 1
        run.history.add(moment(step), keep=False)
        status = run.status()
    assert status.steps_per_second == pytest.approx(4)


def test_a_paused_run_says_so_and_promises_no_end(clock):
    run = TrainingRun("mnist", PRESET, 0)
    run.state = "starting"
    for _ in range(3):
        clock[0] += 1
        run.history.add(moment(int(clock[0])), keep=False)
        run.status()
    run.control.pause()
    # Not before its last steps are over: until then the step it will stand at is not known.
    assert (run.status().state, run.status().seconds_left) == ("training", None)
    loop = threading.Thread(target=run.control.next_chunk, args=(1,))
    loop.start()
    while not run.control.holding:
        time.sleep(0.005)
    status = run.status()
    assert (status.state, status.seconds_left, status.over) == ("paused", None, False)
    run.control.stop()
    loop.join()


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_a_run_that_is_over_is_over(state):
    run = TrainingRun("mnist", PRESET, 0)
    run.history.add(moment(10))
    run.state = state
    status = run.status()
    assert status.over and status.state == state and status.seconds_left is None


def test_two_visitors_may_ask_at_the_same_time():
    run, errors = TrainingRun("mnist", PRESET, 0), []
    run.state = "starting"

    def ask():
        try:
            for step in range(3_000):
                run.history.add(moment(step), keep=False) if step % 300 == 0 else None
                run.status()
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    finally:
        sys.setswitchinterval(interval)
    assert errors == []


# ---------------------------------------------------------------------------------------------
# How a run ends


class Trained:
    """Stands in for a checkpoint."""

    def __init__(self, notice=""):
        self.notice = notice


@pytest.fixture
def saved(monkeypatch):
    kept = []
    monkeypatch.setattr(training_runs, "save_checkpoint", kept.append)
    monkeypatch.setattr(
        training_runs, "cached_dataset", lambda name, progress: f"the pictures of {name}"
    )
    return kept


def raising(error):
    def train(*_, **__):
        raise error

    return train


@pytest.mark.parametrize(
    "error",
    [
        DatasetMissing("MNIST is not on this machine: connect it once to the network."),
        DatasetError("mnist.npz is damaged: fetch a fresh copy."),
    ],
)
def test_a_data_set_that_cannot_be_had_fails_with_its_sentence(monkeypatch, error):
    monkeypatch.setattr(training_runs, "cached_dataset", raising(error))
    run = TrainingRun("mnist", PRESET, 0)
    run.run()
    status = run.status()
    assert (status.state, status.sentence, status.over) == ("failed", str(error), True)
    assert run.checkpoint is None


def test_a_data_set_nobody_knows_fails_with_a_sentence():
    run = TrainingRun("no-such-data", PRESET, 0)
    run.run()
    assert run.state == "failed"
    assert "no-such-data" in run.sentence and "\n" not in run.sentence


def test_a_run_hands_over_what_train_asks_for(monkeypatch, saved):
    calls = []

    def train(preset, dataset, **options):
        calls.append((preset, dataset, options))
        return Trained()

    monkeypatch.setattr(training_runs, "train", train)
    run = TrainingRun("mnist", PRESET, 7)
    run.run()
    options = {"seed": 7, "control": run.control, "history": run.history, "continued": None}
    assert calls == [(PRESET, "the pictures of mnist", options)]
    assert (run.state, run.sentence) == ("finished", "")
    assert run.outcome == "Training has finished. The model is saved: every page can show it."
    assert saved == [run.checkpoint]


def test_an_early_end_is_told(monkeypatch, saved):
    notice = "Stopped at step 900: validation loss had not improved for 300 steps."
    monkeypatch.setattr(training_runs, "train", lambda *_, **__: Trained(notice))
    run = TrainingRun("mnist", PRESET, 0)
    run.run()
    assert (run.state, run.sentence) == ("finished", notice)


def test_a_stop_by_hand_keeps_the_model(monkeypatch, saved):
    run = TrainingRun("mnist", PRESET, 0)

    def train(*_, control, **__):
        control.stop()
        return Trained("Stopped by hand at step 5 of 40.")

    monkeypatch.setattr(training_runs, "train", train)
    run.run()
    assert (run.state, run.sentence) == ("stopped", "Stopped by hand at step 5 of 40.")
    assert run.outcome.startswith("Stopped by hand at step 5 of 40. The model is saved")
    assert saved == [run.checkpoint]


def test_a_loss_that_diverged_fails_with_its_sentence_and_keeps_what_came_before(
    monkeypatch, saved
):
    before = Trained()
    sentence = "The loss exploded near step 3: a learning rate of 2 is too high."
    monkeypatch.setattr(training_runs, "train", raising(TrainingDiverged(sentence, before)))
    run = TrainingRun("mnist", PRESET, 0)
    run.run()
    assert (run.state, run.sentence) == ("failed", sentence)
    assert run.checkpoint is before
    assert saved == [before]


def test_a_model_that_cannot_be_saved_is_still_there_to_look_at(monkeypatch, saved):
    def full(checkpoint):
        raise CheckpointError("The model could not be saved in models: free some space.")

    monkeypatch.setattr(training_runs, "save_checkpoint", full)
    monkeypatch.setattr(training_runs, "train", lambda *_, **__: Trained("Stopped early."))
    run = TrainingRun("mnist", PRESET, 0)
    run.run()
    assert run.state == "finished" and run.checkpoint
    assert run.sentence == (
        "Stopped early. The model could not be saved in models: free some space."
    )


def test_a_model_that_could_not_be_saved_is_saved_later(monkeypatch, tmp_path):
    (tmp_path / "models").write_text("A file where the folder should be.")
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path / "models"))
    monkeypatch.setattr(training_runs, "cached_dataset", lambda name, progress: "pictures")
    made = replace(made_up_model("made", made_up_dataset(8, name="digits")), notice="Early.")
    monkeypatch.setattr(training_runs, "train", lambda *_, **__: made)
    run = TrainingRun("digits", PRESET, 0)
    run.run()
    for _ in range(2):
        assert (run.state, run.unsaved, run.checkpoint) == ("finished", True, made)
        assert run.sentence.startswith("Early. The model could not be saved in")
        run.save()
    (tmp_path / "models").unlink()
    run.save()
    assert (run.state, run.sentence, run.unsaved) == ("finished", "Early.", False)
    kept = load_checkpoint("made").autoencoder.encoder[0].kernel
    np.testing.assert_array_equal(kept, made.autoencoder.encoder[0].kernel)


def test_a_run_that_could_not_be_saved_is_not_forgotten(registry, work):
    first = registry.get(registry.start("mnist", PRESET))
    first.unsaved = True
    assert registry.unsaved() == []  # not while it trains
    done = [first.id] + [registry.start("mnist", PRESET) for _ in range(20)]
    work.finish(*done)
    wait_until(lambda: all(r.state == "finished" for r in registry._runs.values()))
    registry.start("mnist", PRESET)
    assert registry.get(first.id) is first and registry.unsaved() == [first]
    assert registry.get(done[1]) is None
    first.unsaved = False
    registry.start("mnist", PRESET)
    assert registry.get(first.id) is None


def test_an_impossible_recipe_fails_with_its_sentence(monkeypatch, saved):
    monkeypatch.setattr(
        training_runs, "train", raising(PresetError("A code of 0 is not possible."))
    )
    run = TrainingRun("mnist", PRESET, 0)
    run.run()
    assert (run.state, run.sentence) == ("failed", "A code of 0 is not possible.")


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("a bug"),
        ValueError("operands could not be broadcast together with shapes (3,) (4,)"),
        KeyError("x"),
        ImportError("No module named 'tensorflow'"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_fault_in_the_program_is_logged_and_said_plainly(monkeypatch, saved, caplog, error):
    monkeypatch.setattr(training_runs, "train", raising(error))
    run = TrainingRun("mnist", PRESET, 0)
    with caplog.at_level(logging.ERROR, logger="aeviz.training.runs"):
        run.run()
    assert run.state == "failed"
    assert "fault in the program" in run.sentence
    assert str(error) not in run.sentence
    assert caplog.records[0].exc_info[1] is error


@pytest.mark.parametrize(
    "error", [MemoryError(), MemoryError("Unable to allocate 64.0 GiB for an array with shape")]
)
def test_too_little_memory_is_said_in_words(monkeypatch, saved, error):
    monkeypatch.setattr(training_runs, "train", raising(error))
    run = TrainingRun("mnist", PRESET, 0)
    run.run()
    assert run.state == "failed"
    assert run.sentence.startswith("There was not enough memory")
    assert "GiB" not in run.sentence


def test_a_stop_before_the_start_loads_nothing(monkeypatch):
    monkeypatch.setattr(
        training_runs, "cached_dataset", raising(AssertionError("loaded all the same"))
    )
    run = TrainingRun("mnist", PRESET, 0)
    run.control.stop()
    run.run()
    assert (run.state, run.sentence) == ("stopped", "Cancelled before it began.")


def test_a_stop_ends_the_download_at_once(monkeypatch, saved):
    run, went_on = TrainingRun("cifar10", PRESET, 0), []

    def load(name, progress):
        progress(0.1)
        assert run.status().fetched == 0.1
        run.control.stop()
        progress(0.2)
        went_on.append(name)

    monkeypatch.setattr(training_runs, "cached_dataset", load)
    run.run()
    assert not went_on
    assert (run.state, run.sentence) == ("stopped", "Cancelled before it began.")


def test_a_stop_while_pictures_are_fetched_trains_and_saves_nothing(monkeypatch, saved):
    run = TrainingRun("mnist", PRESET, 0)
    sentences = []

    def load(name, progress):
        progress(0.42)
        sentences.append(run.status().sentence)
        run.control.stop()
        return "pictures"

    monkeypatch.setattr(training_runs, "cached_dataset", load)
    monkeypatch.setattr(training_runs, "train", raising(AssertionError("trained all the same")))
    run.run()
    assert sentences == ["Fetching the pictures: 42%."]
    assert (run.state, run.sentence) == ("stopped", "Cancelled before it began.")
    assert saved == []


def test_a_failed_run_does_not_hold_up_the_line(monkeypatch):
    monkeypatch.setattr(training_runs, "cached_dataset", raising(DatasetError("No pictures.")))
    registry = RunRegistry()
    ids = [registry.start("mnist", PRESET) for _ in range(3)]
    wait_until(lambda: all(registry.get(i).state == "failed" for i in ids))
    wait_until(lambda: registry.current() is None)
