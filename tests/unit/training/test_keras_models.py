"""A `.keras` export: plain Keras opens it in a process of its own and computes the same numbers."""

from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints.checkpoint import CheckpointError
from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.training.keras_models import to_keras
from tests.support.keras_agreement import in_keras, labels_for

# Variational ones, three activations, two sizes of picture, one that is told the digit.
NAMES = ("vae-2d", "deep-2d", "denoising-10", "digits-karpathy-2d", "cvae-2d")


def test_plain_keras_opens_it_and_agrees(tmp_path):
    models = {n: load_checkpoint(PRETRAINED / f"{n}.safetensors") for n in NAMES}
    random = np.random.default_rng(0)
    pictures = {
        name: random.random((20, model.autoencoder.values), dtype=np.float32)
        for name, model in models.items()
    }
    there = in_keras([(models[n], pictures[n]) for n in NAMES], tmp_path)
    for name, checkpoint in models.items():
        autoencoder, keras = checkpoint.autoencoder, there[name]
        labels = labels_for(checkpoint, pictures[name])
        codes = autoencoder.encode(pictures[name], labels)
        np.testing.assert_allclose(keras.codes, codes, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(keras.drawn, autoencoder.decode(codes, labels), atol=1e-5)
        np.testing.assert_allclose(keras.whole, keras.drawn, atol=1e-6)


def test_a_model_without_its_weights_is_said():
    bare = replace(load_checkpoint(PRETRAINED / "digits-karpathy-2d.safetensors"), autoencoder=None)
    with pytest.raises(CheckpointError, match=r"comes without its weights.*\.$"):
        to_keras(bare)
