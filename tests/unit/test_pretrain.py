"""What is done to a model before it is kept in pretrained/."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from dataclasses import replace

import numpy as np
import pytest

from aeviz import pretrain
from aeviz.checkpoints import load_checkpoint
from aeviz.datasets import DATASETS, load_dataset, scaled
from aeviz.limits import check_preset
from aeviz.presets import PRESETS


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A model trained, stored by `main` and opened again; and the digits it was trained on."""
    folder = tmp_path_factory.mktemp("pretrained")
    gallery = {"small": ("digits", replace(PRESETS["karpathy-2d"], steps=45))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pretrain, "PRETRAINED", folder)
        patch.setattr(pretrain, "GALLERY", gallery)
        assert pretrain.main([]) == 0
    (path,) = folder.iterdir()
    assert path.name == "small.safetensors"
    return load_checkpoint(path), load_dataset("digits")


def test_weights_fit_in_half_precision(written):
    checkpoint, _ = written
    for layer in (*checkpoint.autoencoder.encoder, *checkpoint.autoencoder.decoder):
        for weights in (layer.kernel, layer.bias):
            assert weights.dtype == np.float32
            np.testing.assert_array_equal(weights, weights.astype(np.float16))


def test_figures_are_those_of_the_rounded_weights(written):
    checkpoint, digits = written
    images = scaled(digits.test_images).astype(np.float64)
    x = images
    for layer in (*checkpoint.autoencoder.encoder, *checkpoint.autoencoder.decoder):
        x = x @ layer.kernel + layer.bias
        x = {"tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "linear": lambda x: x}[
            layer.activation
        ](x)
    assert checkpoint.figures["test_mse"] == pytest.approx(np.square(x - images).mean(), rel=1e-5)
    assert checkpoint.figures["pca_test_mse"] > 0


def test_the_film_is_whole_but_for_its_weights(written):
    checkpoint, _ = written
    view = checkpoint.history
    assert [s.step for s in view.snapshots] == view.step.tolist()
    assert view.snapshots[-1].step == 45 and len(view.snapshots) >= 40
    assert all(s.weights is None for s in view.snapshots)
    assert view.snapshots[0].reconstructions.shape == (50, 64)


def test_an_unknown_name_is_answered_with_those_there_are(capsys):
    assert pretrain.main(["karpathy-2d", "nonsense"]) == 2
    said = capsys.readouterr().out
    assert "nonsense" in said and all(name in said for name in pretrain.GALLERY)


def test_the_gallery_holds_recipes_that_can_be_trained():
    for dataset, preset in pretrain.GALLERY.values():
        assert dataset in DATASETS
        check_preset(preset, pixels=784, images=55_000)
