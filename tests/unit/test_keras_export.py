"""A `.keras` export: plain Keras opens it in a process of its own and computes the same numbers."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints import PRETRAINED, CheckpointError, load_checkpoint
from aeviz.keras_export import to_keras

# A variational one, three activations, two sizes of picture.
NAMES = ("vae-2d", "deep-2d", "denoising-10", "digits-karpathy-2d")

NOTEBOOK = """
import sys
import keras
import numpy as np
assert not any(name.split(".")[0] == "aeviz" for name in sys.modules)
for name in sys.argv[1:]:
    model = keras.saving.load_model(f"{name}.keras", safe_mode=True)
    pictures = np.load(f"{name}.npy")
    codes = model.get_layer("encoder").predict(pictures, verbose=0)
    drawn = model.get_layer("decoder").predict(codes, verbose=0)
    np.savez(f"{name}.npz", codes=codes, drawn=drawn, whole=model.predict(pictures, verbose=0))
"""


def test_plain_keras_opens_it_and_agrees(tmp_path):
    models = {n: load_checkpoint(PRETRAINED / f"{n}.safetensors") for n in NAMES}
    for name, checkpoint in models.items():
        pixels = checkpoint.autoencoder.pixels
        pictures = np.random.default_rng(0).random((20, pixels), dtype=np.float32)
        np.save(tmp_path / f"{name}.npy", pictures)
        (tmp_path / f"{name}.keras").write_bytes(to_keras(checkpoint))
    # Without what would let it find aeviz.
    apart = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [sys.executable, "-c", NOTEBOOK, *NAMES]
    subprocess.run(command, cwd=tmp_path, env=apart, check=True)
    for name, checkpoint in models.items():
        pictures, autoencoder = np.load(tmp_path / f"{name}.npy"), checkpoint.autoencoder
        codes = autoencoder.encode(pictures)
        with np.load(tmp_path / f"{name}.npz") as out:
            np.testing.assert_allclose(out["codes"], codes, rtol=1e-5, atol=1e-5)
            np.testing.assert_allclose(out["drawn"], autoencoder.decode(codes), atol=1e-5)
            np.testing.assert_allclose(out["whole"], out["drawn"], atol=1e-6)


def test_a_model_without_its_weights_is_said():
    bare = replace(load_checkpoint(PRETRAINED / "digits-karpathy-2d.safetensors"), autoencoder=None)
    with pytest.raises(CheckpointError, match=r"comes without its weights.*\.$"):
        to_keras(bare)
