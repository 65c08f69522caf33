"""A sweep over any executor: what is missing is done once, what comes back is kept, every end in
words. No training here: see test_sweep_training.py and test_dask_executor.py."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest

from aeviz.checkpoints.history import LossRecord, Snapshot
from aeviz.checkpoints.library import note_model, rename_model
from aeviz.checkpoints.store import load_checkpoint
from aeviz.errors import UserError
from aeviz.storage.atomic_write import write_whole
from aeviz.storage.places import home
from aeviz.sweeps import runs as sweeps_runs
from aeviz.sweeps.plan import SweepError, models_of
from aeviz.sweeps.runs import SweepRegistry, SweepRun, finished
from aeviz.training.runs import RunRegistry
from tests.support.sweep_work import make_up, small_sweep

SWEEP = small_sweep(1, 2, 3, 5, 8)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path))
    monkeypatch.delenv("AEVIZ_DASK_SCHEDULER", raising=False)


def until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def run_to_the_end(sweep, work=make_up, **options):
    with ThreadPoolExecutor(2) as pool:
        run = SweepRun(sweep, pool, work=work, **options)
        until(lambda: run.status().over)
    return run.status()


def states(status):
    return [m.state for m in status.models]


def paths():
    """All that is in the user's folder, but for its lock."""
    return [path for path in home().iterdir() if path.name != ".lock"]


def files():
    return {path.name: path.read_bytes() for path in paths()}


class Recorded:
    """Work that notes which models it was asked for, and may fail at some."""

    def __init__(self, failures=()):
        self.asked, self.failures = [], dict(failures)

    def __call__(self, model, **_):
        self.asked.append(model.preset.latent_dim)
        if model.preset.latent_dim in self.failures:
            raise self.failures[model.preset.latent_dim]
        return make_up(model)


# --- what is kept --------------------------------------------------------------------------------


def test_every_model_comes_to_the_users_folder_once():
    status = run_to_the_end(SWEEP)
    assert (status.state, status.done, status.total, status.failed) == ("finished", 5, 5, 0)
    assert status.share == 1 and status.seconds_left is None
    assert status.sentence == "5 of 5 models are there."
    assert set(files()) == {f"{m.key}.safetensors" for m in models_of(SWEEP)}
    for done, model in zip(status.models, models_of(SWEEP), strict=True):
        kept = load_checkpoint(done.name)
        assert (kept.preset, kept.seed) == (model.preset, model.seed)
        assert kept.fingerprint == model.fingerprint


def test_a_rerun_does_nothing_and_changes_nothing():
    run_to_the_end(SWEEP)
    before, work = files(), Recorded()
    kept = finished(models_of(SWEEP), thorough=True)
    status = run_to_the_end(SWEEP, work, kept=kept)
    assert work.asked == [] and files() == before
    assert set(states(status)) == {"kept"} and status.share == 1


def test_a_rerun_does_only_what_is_missing():
    run_to_the_end(small_sweep(2, 5))
    work = Recorded()
    status = run_to_the_end(SWEEP, work, kept=finished(models_of(SWEEP)))
    assert sorted(work.asked) == [1, 3, 8]
    assert states(status) == ["finished", "kept", "finished", "kept", "finished"]
    assert len(files()) == 5


def test_what_is_there_is_found_by_fingerprint_not_by_name():
    run_to_the_end(small_sweep(2))
    (path,) = paths()
    path.rename(home() / "my-favourite.safetensors")
    (model,) = models_of(small_sweep(2))
    assert finished((model,)) == {model.fingerprint: "my-favourite"}
    assert finished(models_of(small_sweep(2, seeds=(1,)))) == {}


def test_a_damaged_file_is_trained_again():
    run_to_the_end(small_sweep(2))
    (path,) = paths()
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert finished(models_of(small_sweep(2)), thorough=True) == {}
    run_to_the_end(small_sweep(2))
    assert len(finished(models_of(small_sweep(2)), thorough=True)) == 1
    assert paths() == [path]


def test_rows_finished_before_a_crash_survive_it():
    """The process ends in the middle: what had come back is on disk, whole, and nothing else."""
    begun, never = threading.Event(), threading.Event()

    def work(model, **_):
        if model.preset.latent_dim == 3:
            begun.set()
            never.wait(10)
        return make_up(model)

    with ThreadPoolExecutor(1) as pool:
        run = SweepRun(SWEEP, pool, work=work)
        assert begun.wait(5)
        until(lambda: run.status().done == 2)
        assert states(run.status()) == ["finished", "finished", "training", "queued", "queued"]
        assert len(finished(models_of(SWEEP), thorough=True)) == len(files()) == 2
        assert 0 < run.status().share < 1
        run.cancel()
        never.set()
        until(lambda: run.status().over)


def test_a_model_that_two_sweeps_finish_at_once_is_one_row():
    with ThreadPoolExecutor(4) as pool:
        runs = [SweepRun(SWEEP, pool, work=make_up) for _ in range(3)]
        until(lambda: all(run.status().over for run in runs))
    assert len(files()) == 5
    assert [run.status().done for run in runs] == [5, 5, 5]


def named(model):
    """Its owner renames a finished model and writes a note; what the file then holds."""
    rename_model(model.key, "My favourite")
    note_model(model.key, "Keep this one.")
    return (home() / f"{model.key}.safetensors").read_bytes()


def test_a_model_that_another_sweep_has_finished_meanwhile_is_not_trained_again():
    gate, work = threading.Event(), Recorded()

    def wait_first(model, **handed):
        assert gate.wait(5)
        return work(model, **handed)

    with ThreadPoolExecutor(1) as pool:
        later = SweepRun(small_sweep(1, 2, 3), pool, work=wait_first)  # waits in 1
        assert run_to_the_end(small_sweep(2, 5)).done == 2
        _, shared, _ = models_of(small_sweep(1, 2, 3))
        before = named(shared)
        gate.set()
        until(lambda: later.status().over)
    assert work.asked == [1, 3]
    assert states(later.status()) == ["finished", "kept", "finished"]
    assert later.status().sentence == "3 of 3 models are there."
    assert files()[f"{shared.key}.safetensors"] == before
    assert load_checkpoint(shared.key).given_title == "My favourite"


def test_nor_is_it_written_again_by_one_that_was_training_it_already():
    begun, gate = threading.Event(), threading.Event()

    def work(model, **_):
        begun.set()
        assert gate.wait(5)
        return make_up(model)

    with ThreadPoolExecutor(1) as pool:
        later = SweepRun(small_sweep(2), pool, work=work)
        assert begun.wait(5)
        run_to_the_end(small_sweep(2))
        (shared,) = models_of(small_sweep(2))
        before = named(shared)
        gate.set()
        until(lambda: later.status().over)
    assert states(later.status()) == ["finished"]
    assert files() == {f"{shared.key}.safetensors": before}


def test_another_model_of_the_name_stays_as_well():
    (model,) = models_of(small_sweep(2))
    (other,) = models_of(small_sweep(2, seeds=(1,)))
    run_to_the_end(small_sweep(2, seeds=(1,)))
    (home() / f"{other.key}.safetensors").rename(home() / f"{model.key}.safetensors")
    before = files()
    status = run_to_the_end(small_sweep(2))
    assert status.models[0].name != model.key and len(files()) == 2
    assert before.items() <= files().items()
    assert load_checkpoint(status.models[0].name).fingerprint == model.fingerprint


# --- what goes wrong -----------------------------------------------------------------------------


def test_one_that_fails_says_why_and_the_others_go_on(caplog):
    work = Recorded({2: UserError("The loss exploded near step 3."), 5: KeyError("a bug")})
    status = run_to_the_end(SWEEP, work)
    assert states(status) == ["finished", "failed", "finished", "failed", "finished"]
    assert status.models[1].sentence == "The loss exploded near step 3."
    assert "fault in the program" in status.models[3].sentence
    assert "a bug" in caplog.text
    assert status.sentence == "3 of 5 models are there, 2 failed."
    assert status.state == "finished" and len(files()) == 3


@pytest.mark.parametrize("sent", [b"", b"nonsense", bytes(10_000), None], ids=["0", "8", "k", "-"])
def test_what_is_no_model_is_not_kept(sent):
    status = run_to_the_end(small_sweep(2), lambda model, **_: sent)
    assert states(status) == ["failed"] and status.models[0].sentence
    assert files() == {}


def test_another_model_than_was_asked_for_is_not_kept():
    other, _ = models_of(small_sweep(3, 2))
    status = run_to_the_end(small_sweep(2), lambda model, **_: make_up(other))
    assert "not the model" in status.models[0].sentence
    assert files() == {}


def test_a_folder_that_cannot_be_written_gets_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path / "file" / "below"))
    status = run_to_the_end(small_sweep(2))
    assert "could not be saved" in status.models[0].sentence


@pytest.fixture
def full(monkeypatch):
    """A disk that has no room while there is anything in this list."""
    reasons = []

    def write(*arguments):
        if reasons:
            raise OSError(28, "No space left on device")
        return write_whole(*arguments)

    monkeypatch.setattr("aeviz.storage.user_folder.write_whole", write)
    return reasons


def test_a_full_disk_trains_no_more_and_the_next_start_saves_first(full):
    made = []

    def work(model, *, control, **_):
        control.next_chunk(1)
        made.append(model.preset.latent_dim)
        if made == [1, 2]:
            until(files)  # the first is saved while the second trains
            full.append("full")
        elif model.preset.latent_dim == 3 and full:  # begun while the second was being saved
            while control.next_chunk(1):
                time.sleep(0.01)
        return make_up(model)

    registry = SweepRegistry(RunRegistry(), work=work)
    run = registry.get(registry.start(SWEEP))
    until(lambda: run.status().over)
    assert states(run.status()) == ["finished", "failed"] + ["cancelled"] * 3
    said = run.status().models[1].sentence
    assert "No space left" in said and "kept in memory" in said and said.endswith(".")
    assert "5 models are there, 1 failed, 3 cancelled" in run.status().sentence
    assert run.unsaved and len(files()) == 1
    trained = list(made)
    with pytest.raises(SweepError, match="No space left"):
        registry.start(SWEEP)
    assert made == trained
    full.clear()
    again = registry.get(registry.start(SWEEP))
    until(lambda: again.status().over)
    assert states(again.status()) == ["kept", "kept"] + ["finished"] * 3
    assert made[len(trained) :] == [3, 5, 8] and len(files()) == 5
    assert states(run.status())[1] == "finished" and not run.unsaved


def test_a_sweep_that_could_not_be_saved_is_not_forgotten(registry, training, full):
    training.gate.set()
    full.append("full")
    first = registry.start(small_sweep(1))
    until(lambda: registry.current() is None)
    full.clear()
    for seed in range(1, 12):
        registry.start(small_sweep(1, seeds=(seed,)))
        until(lambda: registry.current() is None)
    assert registry.get(first).unsaved
    registry.start(small_sweep(1))
    assert not registry.get(first) or not registry.get(first).unsaved
    assert len(files()) == 12


# --- cancel --------------------------------------------------------------------------------------


def test_cancel_drops_what_has_not_begun_and_keeps_what_ends():
    gate = threading.Event()

    def work(model, **_):
        gate.wait(10)
        return make_up(model)

    with ThreadPoolExecutor(1) as pool:
        run = SweepRun(SWEEP, pool, work=work)
        until(lambda: states(run.status())[0] == "training")
        run.cancel()
        assert run.status().state == "cancelling"
        gate.set()
        until(lambda: run.status().over)
    status = run.status()
    assert (status.state, states(status)) == ("cancelled", ["finished"] + ["cancelled"] * 4)
    assert "1 of 5 models are there, 4 cancelled: run the sweep again" in status.sentence
    assert len(files()) == 1


# --- in this process -----------------------------------------------------------------------------


class Training:
    """Work that moves like a training: a step a chunk, a snapshot now and then, until let go."""

    def __init__(self):
        self.gate, self.begun = threading.Event(), []

    def __call__(self, model, *, control, history, progress):
        self.begun.append(model.preset.latent_dim)
        for step in range(1, 40):
            control.next_chunk(1)
            none = [[]] * 3
            history.add(Snapshot(step, 0.0, LossRecord(step, 1 / step, 1 / step), *none, mse=0.1))
        while not self.gate.wait(0.01):
            control.next_chunk(1)
        return make_up(model)


@pytest.fixture
def training():
    made = Training()
    yield made
    made.gate.set()


@pytest.fixture
def registry(training):
    return SweepRegistry(RunRegistry(), work=training)


def test_here_progress_is_live(registry, training):
    run = registry.get(registry.start(SWEEP))
    until(lambda: run.status().models[0].step > 39)
    status = run.status()
    assert states(status) == ["training"] + ["queued"] * 4
    assert (status.where, status.state) == ("on this computer", "running")
    assert status.models[0].total == 50
    assert 0.1 < status.share < 0.3 and status.seconds_left > 0
    assert registry.current() is run
    training.gate.set()
    until(lambda: run.status().over)
    assert run.status().done == 5 and registry.current() is None
    assert training.begun == [1, 2, 3, 5, 8]


def test_two_sweeps_of_this_process_train_what_both_have_once(registry, training):
    sweeps = [registry.get(registry.start(small_sweep(*sizes))) for sizes in ((1, 2, 3), (2, 3, 5))]
    training.gate.set()
    until(lambda: all(run.status().over for run in sweeps))
    assert sorted(training.begun) == [1, 2, 3, 5]
    assert [run.status().done for run in sweeps] == [3, 3]


def test_here_cancel_stops_within_a_second_and_a_rerun_goes_on(registry, training):
    run = registry.get(registry.start(SWEEP))
    until(lambda: run.status().models[0].step > 39)
    before = time.monotonic()
    run.cancel()
    until(lambda: run.status().over)
    assert time.monotonic() - before < 1
    assert states(run.status()) == ["cancelled"] * 5
    assert files() == {} and training.begun == [1]
    training.gate.set()
    again = registry.get(registry.start(SWEEP))
    until(lambda: again.status().over)
    assert again.status().done == 5


def test_only_the_one_who_started_a_sweep_may_cancel_it(registry, training):
    run = registry.get(registry.start(SWEEP, owner="anna"))
    assert registry.start(SWEEP, owner="ben") == run.id and run.owner == "anna"
    for other in ("ben", ""):
        with pytest.raises(UserError):
            run.cancel(other)
    assert run.status().state == "running"
    run.cancel("anna")
    until(lambda: run.status().over)
    assert run.status().state == "cancelled"


def test_two_visitors_sweeps_take_turns_and_each_knows_its_place(registry, training):
    first = registry.get(registry.start(SWEEP, owner="anna"))
    until(lambda: training.begun == [1])
    second = registry.get(registry.start(small_sweep(4, 6), owner="ben"))
    assert first.status().place == 0 and second.status().place == 1
    assert states(second.status()) == ["queued", "queued"]
    assert registry.current("anna") is first and registry.current("ben") is second
    assert registry.current("carl") is second
    training.gate.set()
    until(lambda: registry.current() is None)
    assert training.begun[:4] == [1, 4, 2, 6] and sorted(training.begun) == [1, 2, 3, 4, 5, 6, 8]
    assert first.status().done == 5 and second.status().done == 2
    assert second.status().place == 0


def test_a_sweep_that_waits_is_cancelled_by_its_owner_and_the_other_goes_on(registry, training):
    first = registry.get(registry.start(SWEEP, owner="anna"))
    until(lambda: training.begun == [1])
    second = registry.get(registry.start(small_sweep(4, 6), owner="ben"))
    with pytest.raises(UserError):
        second.cancel("anna")
    second.cancel("ben")
    until(lambda: second.status().over)
    assert states(second.status()) == ["cancelled"] * 2
    training.gate.set()
    until(lambda: first.status().over)
    assert first.status().done == 5 and 4 not in training.begun


def test_one_visitor_has_one_sweep_under_way(registry, training):
    first = registry.start(SWEEP, owner="anna")
    with pytest.raises(SweepError, match=r"^Another sweep of yours is under way.*\.$"):
        registry.start(small_sweep(4), owner="anna")
    assert registry.start(SWEEP, owner="anna") == first
    registry.get(first).cancel("anna")
    assert registry.start(small_sweep(4), owner="anna") != first
    training.gate.set()
    until(lambda: registry.current() is None)


def test_a_public_showing_sweeps_nothing(registry, training, monkeypatch):
    monkeypatch.setenv("AEVIZ_READ_ONLY", "1")
    with pytest.raises(UserError, match=r"^Training is switched off.*\.$"):
        registry.start(SWEEP)
    assert registry.current() is None and training.begun == [] and files() == {}


def test_what_comes_back_to_what_is_a_public_showing_by_now_is_said(monkeypatch):
    def closing(model, **_):
        monkeypatch.setenv("AEVIZ_READ_ONLY", "1")
        return make_up(model)

    status = run_to_the_end(small_sweep(1), work=closing)
    assert "public showing" in status.models[0].sentence and files() == {}


def test_the_same_sweep_twice_is_one(registry, training):
    first = registry.start(SWEEP)
    assert registry.start(small_sweep(1, 2, 3, 5, 8)) == first
    assert registry.start(small_sweep(4)) != first
    training.gate.set()
    until(lambda: registry.current() is None)
    assert registry.start(SWEEP) != first


def test_a_sweep_begun_again_right_after_cancel_is_a_new_one(registry, training):
    first = registry.get(registry.start(SWEEP))
    until(lambda: training.begun)
    first.cancel()
    second = registry.get(registry.start(SWEEP))
    assert second is not first
    training.gate.set()
    until(lambda: first.status().over and second.status().over)
    assert first.status().state == "cancelled" and second.status().done == 5


def test_finished_sweeps_are_forgotten_after_a_while(registry, training):
    training.gate.set()
    ids = []
    for seed in range(12):
        ids.append(registry.start(small_sweep(1, seeds=(seed,))))
        until(lambda: registry.current() is None)
    assert registry.get(ids[0]) is None and registry.get(ids[-1])
    assert registry.get("no-such-sweep") is None


def test_a_bad_sweep_starts_nothing(registry, training):
    with pytest.raises(SweepError, match="64 pixels"):
        registry.start(small_sweep(65))
    with pytest.raises(SweepError, match="twice"):
        registry.start(small_sweep(3, 3))
    with pytest.raises(SweepError, match="days"):
        sweep = small_sweep(3, seeds=tuple(range(100)))
        long = replace(sweep.grids[0], steps=5_000_000, encoders=((1_000,),))
        registry.start(replace(sweep, grids=(long,)))
    assert registry.current() is None and training.begun == []


def test_what_is_all_there_needs_no_cluster(registry, training, monkeypatch):
    run_to_the_end(SWEEP)
    monkeypatch.setenv("AEVIZ_DASK_SCHEDULER", "tcp://127.0.0.1:9")
    monkeypatch.setattr(sweeps_runs, "connect", None)
    status = registry.get(registry.start(SWEEP)).status()
    assert status.over and set(states(status)) == {"kept"}


# --- elsewhere -----------------------------------------------------------------------------------


class Elsewhere:
    """An executor that only takes what is submitted; the test plays the workers."""

    def __init__(self):
        self.futures, self.closed, self.workers = {}, False, 2

    def submit(self, work, model):
        self.futures[model.preset.latent_dim] = future = Future()
        return future

    def shutdown(self, wait=True):
        self.closed = True


def test_elsewhere_progress_is_queued_running_done_in_any_order():
    executor = Elsewhere()
    run = SweepRun(SWEEP, executor)
    status = run.status()
    assert set(states(status)) == {"queued"} and status.share == 0
    by_size = {m.preset.latent_dim: m for m in models_of(SWEEP)}
    for size in (8, 3):
        executor.futures[size].set_running_or_notify_cancel()
    assert states(run.status()) == ["queued", "queued", "training", "queued", "training"]
    executor.futures[8].set_result(make_up(by_size[8]))
    until(lambda: run.status().done == 1)
    assert states(run.status()) == ["queued", "queued", "training", "queued", "finished"]
    assert not executor.closed
    for size in (1, 2, 5):
        executor.futures[size].set_running_or_notify_cancel()
    for size in (1, 2, 3, 5):
        executor.futures[size].set_result(make_up(by_size[size]))
    until(lambda: run.status().over)
    until(lambda: executor.closed)
    assert run.status().done == 5
