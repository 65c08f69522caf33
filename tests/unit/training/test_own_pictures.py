"""What works for MNIST works for own pictures: trained, measured, stored and opened again."""

from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints.store import load_checkpoint, save_checkpoint
from aeviz.data.catalog import load_dataset
from aeviz.data.own.pictures import read_pictures
from aeviz.data.own.store import save_pictures
from aeviz.data.picture_shape import PictureShape
from aeviz.evaluation.baselines import measure_baselines
from aeviz.evaluation.compression import curves, row_of
from aeviz.evaluation.probes import probe_images
from aeviz.networks.limits import PresetError, check_preset, fitted
from aeviz.networks.recipes import PRESETS
from aeviz.sweeps.plan import STACKED, Grid, Sweep, check_sweep, models_of
from aeviz.training.runs import RunRegistry
from tests.support.uploads import npz_bytes, random_pictures, upload


@pytest.fixture(params=[True, False], ids=["labelled", "unlabelled"])
def dataset(request, tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path))
    arrays = {"x_train": random_pictures(60, 20)}
    if request.param:
        arrays["y_train"] = np.arange(60) % 3
    kept = save_pictures(read_pictures(upload("p.npz", npz_bytes(**arrays))), "Mine")
    return load_dataset(kept.name)


@pytest.mark.parametrize("name", ["karpathy-2d", "vae-2d", "linear-100"])
def test_training(dataset, name, tmp_path):
    from aeviz.training.trainer import train

    preset = replace(PRESETS[name], steps=30)
    with pytest.raises(PresetError, match="46 training pictures"):
        check_preset(preset, PictureShape(20), images=dataset.n_train)
    preset = fitted(preset, images=dataset.n_train)
    check_preset(preset, PictureShape(20), images=dataset.n_train)
    stored = load_checkpoint(save_checkpoint(train(preset, dataset), tmp_path))
    assert (stored.dataset, stored.side) == (dataset.name, 20)
    # Against arithmetic on the stored weights.
    test = dataset.test_images / np.float32(255)
    errors = np.square(stored.autoencoder.reconstruct(test) - test).mean(axis=1)
    assert stored.figures["test_mse"] == pytest.approx(errors.mean(), rel=1e-4)
    np.testing.assert_allclose(stored.test_codes.errors, errors, rtol=2e-3)
    assert stored.figures["pca_test_mse"] == pytest.approx(
        measure_baselines(dataset, preset.latent_dim)["pca_test_mse"]
    )
    classes = [] if dataset.labels is None else np.unique(dataset.test_labels).tolist()
    assert [a.label for a in stored.test_codes.agreement] == classes
    assert (stored.probe_labels is None) == (dataset.labels is None)
    assert len(probe_images(dataset, stored.probe_indices, False)) == len(stored.probe_indices)
    best = stored.best_step * preset.batch_size / dataset.n_train
    assert row_of(stored).best_epoch == pytest.approx(best)
    assert curves(stored).epochs[-1] == pytest.approx(30 * preset.batch_size / dataset.n_train)


def test_runs_and_sweeps_know_their_size(dataset):
    registry = RunRegistry(work=lambda run: None)
    with pytest.raises(PresetError, match="46 training pictures"):
        registry.start(dataset.name, PRESETS["karpathy-2d"])
    assert registry.start(dataset.name, fitted(PRESETS["karpathy-2d"], images=46))
    grid = Grid(fitted(STACKED, images=46), 30, (400, 2), ((50,),))
    sweep = Sweep("Mine", (grid,), dataset=dataset.name)
    check_sweep(sweep)
    assert [model.shape.values for model in models_of(sweep)] == [400, 400]
