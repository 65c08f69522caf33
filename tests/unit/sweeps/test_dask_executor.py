"""A sweep on a real Dask cluster of this machine: a scheduler and two workers, one killed -9 in the
middle; and every way in which there is no cluster."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aeviz.checkpoints.store import load_checkpoint, save_bytes
from aeviz.storage.places import home
from aeviz.sweeps.dask_executor import CONNECT_SECONDS, DaskExecutor, connect
from aeviz.sweeps.plan import STACKED, Grid, Sweep, SweepError, models_of
from aeviz.sweeps.runs import SweepRegistry, SweepRun, finished
from aeviz.sweeps.work import train_model
from aeviz.training.runs import RunRegistry
from tests.support.sweep_work import make_up_slowly, small_sweep

ROOT = Path(__file__).resolve().parents[3]
SWEEP = small_sweep(1, 2, 3, 4, 5, 6)


def until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


class Cluster:
    """A scheduler and its workers as processes, started as a person would."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address, self.folder = f"tcp://127.0.0.1:{self.port}", folder
        self.processes = []
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", str(self.port))
        self.workers = []

    def start(self, *arguments, cwd=ROOT):
        log = open(self.folder / f"{len(self.processes)}.log", "w")  # noqa: SIM115
        command = [sys.executable, "-m", "dask", *arguments, "--no-dashboard"]
        process = subprocess.Popen(command, cwd=cwd, stdout=log, stderr=log)
        log.close()
        self.processes.append(process)
        return process

    def add_worker(self, cwd=ROOT):
        # Without a nanny, which would start the killed one again.
        options = ["--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder)]
        self.workers.append(self.start("worker", self.address, *options, cwd=cwd))

    def connect(self, workers):
        deadline = time.monotonic() + 60
        while True:
            try:
                executor = connect(self.address)
                break
            except SweepError:
                assert time.monotonic() < deadline, "no scheduler"
        until(lambda: executor.workers == workers)
        return executor

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path)
    yield made
    made.end()


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("AEVIZ_DASK_SCHEDULER", raising=False)


def states(run):
    return [m.state for m in run.status().models]


def rows():
    return sorted(path.name for path in home().glob("*") if path.name != ".lock")


# --- a cluster -----------------------------------------------------------------------------------


def test_a_worker_killed_in_the_middle_loses_and_doubles_no_row(cluster):
    cluster.add_worker()
    cluster.add_worker()
    run = SweepRun(SWEEP, cluster.connect(2), work=make_up_slowly)
    assert run.status().where == "on 2 Dask workers"
    until(lambda: states(run).count("training") == 2)
    assert "queued" in states(run)
    until(lambda: states(run).count("training") == 2 and run.status().done >= 1)
    cluster.workers[0].kill()  # SIGKILL: what it was at is lost with it
    until(lambda: run.status().over)
    assert states(run) == ["finished"] * 6
    assert rows() == sorted(f"{m.key}.safetensors" for m in models_of(SWEEP))
    for model in models_of(SWEEP):
        assert load_checkpoint(model.key).fingerprint == model.fingerprint


def test_networks_are_really_trained_there_and_a_worker_may_die_of_it(cluster, monkeypatch):
    grid = Grid(STACKED, 200, (1, 2, 3, 4), ((12,),))
    sweep = Sweep("Small", (grid,), dataset="digits")
    cluster.add_worker()
    cluster.add_worker()
    cluster.connect(2).shutdown()
    monkeypatch.setenv("AEVIZ_DASK_SCHEDULER", cluster.address)
    registry = SweepRegistry(RunRegistry(), work=train_model)
    run = registry.get(registry.start(sweep))
    until(lambda: run.status().done >= 1)
    cluster.workers[1].kill()
    until(lambda: run.status().over, 120)
    assert states(run) == ["finished"] * 4
    assert len(rows()) == 4
    for model in models_of(sweep):
        kept = load_checkpoint(model.key)
        assert kept.fingerprint == model.fingerprint and kept.figures["steps"] == 200
    # The cluster is not asked again for what is there.
    cluster.end()
    assert registry.get(registry.start(sweep)).status().over


def test_cancel_drops_what_has_not_begun_and_keeps_what_has(cluster):
    cluster.add_worker()
    run = SweepRun(SWEEP, cluster.connect(1), work=make_up_slowly)
    until(lambda: run.status().done == 1 and "training" in states(run))
    run.cancel()
    until(lambda: run.status().over, 10)
    assert run.status().state == "cancelled"
    assert states(run).count("finished") == len(rows()) < 6
    assert set(states(run)) == {"finished", "cancelled"}
    # And a rerun does only the rest.
    kept = finished(models_of(SWEEP))
    again = SweepRun(SWEEP, cluster.connect(1), kept=kept, work=make_up_slowly)
    until(lambda: again.status().over)
    assert states(again).count("kept") == len(kept) and len(rows()) == 6


def test_a_scheduler_that_dies_ends_the_sweep_with_a_sentence(cluster):
    cluster.add_worker()
    run = SweepRun(SWEEP, cluster.connect(1), work=make_up_slowly)
    until(lambda: run.status().done >= 1)
    cluster.scheduler.kill()
    until(lambda: run.status().over, 15)
    failed = [m for m in run.status().models if m.state == "failed"]
    assert failed and all(
        "connection to the Dask scheduler broke off" in m.sentence for m in failed
    )
    assert len(rows()) == run.status().done >= 1


def test_with_no_workers_it_waits_and_says_so_and_can_be_cancelled(cluster):
    run = SweepRun(SWEEP, cluster.connect(0), work=make_up_slowly)
    assert "has no workers" in run.status().where
    assert set(states(run)) == {"queued"}
    cluster.add_worker()  # who comes later is put to work
    until(lambda: run.status().done >= 1)
    run.cancel()
    until(lambda: run.status().over, 10)


def test_a_scheduler_need_not_load_aeviz(cluster, tmp_path):
    cluster.scheduler.kill()
    cluster.scheduler.wait()
    cluster.start("scheduler", "--host", "127.0.0.1", "--port", str(cluster.port), cwd=tmp_path)
    cluster.add_worker()
    run = SweepRun(small_sweep(1), cluster.connect(1), work=make_up_slowly)
    until(lambda: run.status().over, 20)
    assert [model.state for model in run.status().models] == ["finished"]


def test_a_worker_that_cannot_load_aeviz_gets_a_sentence(cluster, tmp_path):
    cluster.add_worker(cwd=tmp_path)
    run = SweepRun(small_sweep(1), cluster.connect(1), work=make_up_slowly)
    until(lambda: run.status().over, 20)
    (status,) = run.status().models
    assert status.state == "failed" and "cannot load aeviz" in status.sentence


def test_futures_on_a_cluster_keep_the_usual_promises(cluster):
    cluster.add_worker()
    executor = cluster.connect(1)
    assert isinstance(executor, DaskExecutor)
    first, *others, last = (executor.submit(make_up_slowly, m) for m in models_of(SWEEP))
    until(first.running)
    assert not first.cancel() and last.cancel() and last.cancelled()
    (model, *_) = models_of(SWEEP)
    path = save_bytes(model.key, first.result(20), model.fingerprint)
    assert load_checkpoint(path).preset == model.preset
    executor.shutdown(wait=False, cancel_futures=True)
    until(lambda: all(f.done() for f in others), 10)


# --- no cluster ----------------------------------------------------------------------------------


@pytest.fixture
def deaf():
    """A port that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    "address",
    ["tcp://127.0.0.1:9", "127.0.0.1:9", "nonsense", "tcp://", "http://x", "tcp://no.invalid:1"],
)
def test_an_address_nobody_answers_gets_a_sentence_within_seconds(monkeypatch, address):
    refused(monkeypatch, address)


def test_a_server_that_says_nothing_is_nobody(monkeypatch, deaf):
    refused(monkeypatch, deaf)


def refused(monkeypatch, address):
    monkeypatch.setenv("AEVIZ_DASK_SCHEDULER", address)
    registry = SweepRegistry(RunRegistry())
    before = time.monotonic()
    with pytest.raises(SweepError) as caught:
        registry.start(SWEEP)
    assert time.monotonic() - before < CONNECT_SECONDS + 2
    said = str(caught.value)
    assert address in said and "Nobody answers" in said and "\n" not in said
    assert registry.current() is None
    assert not os.path.exists(home())


def test_without_dask_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SweepError, match=r"pip install \"dask\[distributed\]\""):
        connect("tcp://127.0.0.1:8786")
