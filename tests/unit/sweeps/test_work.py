"""A sweep that really trains, on the small digits, in this process's own line."""

import os

from aeviz.errors import UserError

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pickle
import time
from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints.store import load_checkpoint
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import DatasetMissing
from aeviz.evaluation.compression import row_of
from aeviz.storage.places import home
from aeviz.sweeps import work as sweeps_work
from aeviz.sweeps.plan import STACKED, Grid, Sweep, models_of
from aeviz.sweeps.runs import SweepRegistry
from aeviz.sweeps.work import train_model
from aeviz.training.runs import RunRegistry

SWEEP = Sweep(
    "Small", (Grid(STACKED, 60, (2, 4), ((12,),), l2=(0.0, 1e-5)),), dataset="digits", seeds=(3,)
)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path))
    monkeypatch.delenv("AEVIZ_DASK_SCHEDULER", raising=False)


def until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def test_rows_come_as_they_are_finished_and_are_what_training_alone_gives():
    from aeviz.training.trainer import train

    registry = SweepRegistry(RunRegistry())
    run, seen = registry.get(registry.start(SWEEP)), set()

    def watch():
        status = run.status()
        seen.add(status.done)
        return status.over

    until(watch)
    assert run.status().done == 4 and {1, 2, 3} <= seen
    digits = load_dataset("digits")
    for status in run.status().models:
        kept, model = load_checkpoint(status.name), status.model
        alone = train(model.preset, digits, seed=3)
        for ours, theirs in zip(kept.autoencoder.decoder, alone.autoencoder.decoder, strict=True):
            np.testing.assert_array_equal(ours.kernel, theirs.kernel)
        row = row_of(kept)
        assert row.test_mse == pytest.approx(alone.figures["test_mse"], rel=1e-6)
        assert row.coded_bytes > 0 and row.pca_test_mse > 0
        assert (row.code_size, row.l2, row.seed) == (
            model.preset.latent_dim,
            model.preset.l2,
            3,
        )
        assert len(row.validation_curve) >= 40


def test_cancel_stops_a_training_within_a_second():
    long = replace(SWEEP.grids[0], steps=2_000_000)
    registry = SweepRegistry(RunRegistry())
    run = registry.get(registry.start(replace(SWEEP, grids=(long,))))
    until(lambda: run.status().models[0].step > 500)
    first = run.status().models[0]
    assert first.state == "training" and first.steps_per_second > 0
    before = time.monotonic()
    run.cancel()
    until(lambda: run.status().over)
    assert time.monotonic() - before < 1
    assert run.status().state == "cancelled" and list(home().iterdir()) == []


def test_a_model_that_diverges_fails_with_its_sentence():
    wild = replace(STACKED, learning_rate=2.0)
    (model,) = models_of(Sweep("Wild", (Grid(wild, 400, (4,), ((64, 64),)),), dataset="digits"))
    with pytest.raises(UserError, match="learning rate of 2 is too high"):
        train_model(model)


def test_pictures_that_cannot_be_had_fail_with_their_sentence(monkeypatch):
    def load(name, progress=None):
        raise DatasetMissing("MNIST is not on this computer: connect it once to the network.")

    monkeypatch.setattr(sweeps_work, "cached_dataset", load)
    with pytest.raises(UserError) as caught:
        train_model(models_of(SWEEP)[0])
    assert str(caught.value).startswith("MNIST is not on this computer")
    assert caught.value.__cause__ is None


def test_what_is_sent_to_a_worker_and_what_it_says_survive_the_way():
    (model, *_) = models_of(SWEEP)
    sent = pickle.loads(pickle.dumps((train_model, model)))
    assert sent == (train_model, model) and sent[1].key == model.key
    assert str(pickle.loads(pickle.dumps(UserError("No.")))) == "No."
