"""A checkpoint as a `.keras` file, for people's own notebooks.

An export only: aeviz never opens such a file, since Keras's loader has run code from files before.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import keras

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError
from aeviz.networks.autoencoder import Autoencoder, Layer
from aeviz.training.loop import BUILDING

# In a notebook: `encoder, decoder = (model.get_layer(n) for n in PARTS)`.
PARTS = ("encoder", "decoder")
# Of each part, as in `Autoencoder`.
_PRECISIONS = ("float64", "float32")


def to_keras(checkpoint: Checkpoint) -> bytes:
    """The bytes of a `.keras` file: a model of two parts, `encoder` and `decoder`.

    It takes (n, pixels) float32 pictures in [0, 1] and gives their reconstructions, (n, pixels). A
    variational encoder gives the code's mean, as `Autoencoder.encode` does; its variance is left
    out. The encoder computes in double precision, as there, so that both draw the same to 1e-5.
    Only Keras's own layers are in it, so that it opens without aeviz. Raises CheckpointError for a
    model without its weights.
    """
    if checkpoint.autoencoder is None:
        raise CheckpointError(
            f"{checkpoint.title} comes without its weights: train it to have them."
        )
    model = keras_model(checkpoint.autoencoder)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def keras_model(autoencoder: Autoencoder) -> keras.Model:
    """The autoencoder as a Keras model that gives the same numbers."""
    encoder = list(autoencoder.encoder)
    if autoencoder.variational:  # The means are the first half of what its last layer gives.
        last, mean = encoder[-1], autoencoder.latent_dim
        encoder[-1] = Layer(last.kernel[:, :mean], last.bias[:mean], last.activation)
    stacks = (autoencoder.pixels, encoder), (autoencoder.latent_dim, autoencoder.decoder)
    with BUILDING:
        pictures = keras.Input((autoencoder.pixels,), name="pictures")
        drawn = pictures
        for name, precision, (width, layers) in zip(PARTS, _PRECISIONS, stacks, strict=True):
            drawn = _stack(name, precision, width, layers)(drawn)
        return keras.Model(pictures, drawn, name="autoencoder")


def _stack(name: str, precision: str, width: int, layers) -> keras.Model:
    stack = keras.Sequential([keras.Input((width,))], name=name)
    for i, layer in enumerate(layers):
        dense = keras.layers.Dense(
            layer.kernel.shape[1],
            name=f"{name}_{i}",
            activation=layer.activation,
            dtype=precision,
        )
        stack.add(dense)
        dense.set_weights([layer.kernel, layer.bias])
    return stack
