"""Keras models: a network before its training, and a checkpoint as a `.keras` file.

The file is an export only, for notebooks: aeviz never opens one, since Keras's loader has run code
from files before.
"""

import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError
from aeviz.data.picture_shape import PictureShape
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.layers import STRIDE, WINDOW, LayerPlan, cut
from aeviz.networks.preset import Preset

# In a notebook: `encoder, decoder = (model.get_layer(n) for n in PARTS)`.
PARTS = ("encoder", "decoder")
# Of each part in a `.keras` file, as in `Autoencoder`.
_PRECISIONS = ("float64", "float32")

# Streamlit calls this after every script run where Keras is loaded (script_runner.py,
# `_clean_problem_modules`). It resets the graph that another thread may be tracing, empties
# TensorFlow's kernel cache and collects all garbage: for each viewer four times a second, which
# slowed training a hundredfold. Nothing here leaves Keras state behind that would need clearing.
keras.backend.clear_session = lambda *_, **__: None

# Building Keras models in two threads at once mixes up their layers' names and scopes.
_BUILDING = threading.Lock()


def build_model(preset: Preset, shape: PictureShape, seed: int) -> tuple[keras.Model, keras.Model]:
    """Build the encoder and the decoder with the recipe's initial weights for this seed.

    A variational encoder's output is 2 * latent_dim wide: means, then log-variances.
    """
    seeds = iter(np.random.SeedSequence(seed).generate_state(64).tolist())

    def begun() -> dict:
        return {
            "kernel_initializer": _initializer(preset.initializer, next(seeds)),
            "bias_initializer": keras.initializers.Constant(preset.bias_start),
        }

    with _BUILDING:
        encoder, decoder = (
            _stack(name, plans, begun)
            for name, plans in zip(PARTS, preset.layers(shape), strict=True)
        )
    return encoder, decoder


def _initializer(name: str, seed: int) -> keras.initializers.Initializer:
    if name == "truncated_normal":  # source 1: tf.truncated_normal(stddev=0.1)
        return keras.initializers.TruncatedNormal(stddev=0.1, seed=seed)
    return {
        "glorot_uniform": keras.initializers.GlorotUniform,
        "glorot_normal": keras.initializers.GlorotNormal,
        "he_normal": keras.initializers.HeNormal,
    }[name](seed=seed)


def _stack(name: str, plans: Sequence[LayerPlan], options: Callable[[], dict]) -> keras.Model:
    """Layers of these plans; rows of numbers go in and come out.

    Where one is told what a picture shows, that comes in as a second row: a 1 at its kind's place.
    """
    begin, stack = keras.Input((plans[0].taken,)), _layers(name, plans, options)
    kinds = sum(plan.told for plan in plans)
    if not kinds:
        return keras.Sequential([begin, *stack], name=name)
    x, told = begin, keras.Input((kinds,))
    for layer in stack:
        joins = isinstance(layer, keras.layers.Concatenate)
        x = layer([x, told]) if joins else layer(x)
    return keras.Model([begin, told], x, name=name)


def _layers(
    name: str, plans: Sequence[LayerPlan], options: Callable[[], dict]
) -> list[keras.Layer]:
    layers, flat = keras.layers, True
    out = []
    for i, plan in enumerate(plans):
        # Named here: Keras's own numbering restarts in every thread but the main one.
        about = {"name": f"{name}_{i}", "activation": plan.activation, **options()}
        kind = {"dtype": about.get("dtype")}
        if plan.sides is None:
            if not flat:
                out.append(layers.Flatten(name=f"{name}_{i}_row", **kind))
            if plan.told:
                out.append(layers.Concatenate(name=f"{name}_{i}_told", **kind))
            out.append(layers.Dense(plan.units, **about))
        else:
            before, after = plan.sides
            if flat:
                picture = (before, before, plan.inputs)
                out.append(layers.Reshape(picture, name=f"{name}_{i}_picture", **kind))
            made = layers.Conv2DTranspose if plan.transposed else layers.Conv2D
            out.append(made(plan.units, WINDOW, STRIDE, "same", **about))
            if plan.transposed and (first := cut(before, after)):
                edges = ((first, 0), (first, 0))
                out.append(layers.Cropping2D(edges, name=f"{name}_{i}_cut", **kind))
        flat = plan.sides is None
    if not flat:
        out.append(layers.Flatten(name=f"{name}_row"))
    return out


def to_keras(checkpoint: Checkpoint) -> bytes:
    """Return a `.keras` file of a model in two parts, `encoder` and `decoder`.

    It maps (n, values) float32 images in [0, 1] to their reconstructions; a conditional one takes
    what they show as well, (n, kinds) float32, a 1 at each one's kind and 0 elsewhere, and so do
    its parts. A variational encoder
    returns the mean of the code, as `Autoencoder.encode` does; its variance is left out. The
    encoder computes in double precision, as there, so that both draw the same to 1e-5. The file
    has Keras's own layers only and opens without aeviz.

    Raises:
        CheckpointError: the model comes without its weights.
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
    """Return the autoencoder as a Keras model that computes the same numbers."""
    encoder = list(autoencoder.encoder)
    if autoencoder.variational:  # The means are the first half of what its last layer gives.
        last, mean = encoder[-1], autoencoder.latent_dim
        encoder[-1] = replace(last, kernel=last.kernel[:, :mean], bias=last.bias[:mean])
    stacks = encoder, autoencoder.decoder
    with _BUILDING:
        pictures = keras.Input((autoencoder.values,), name="pictures")
        told = [keras.Input((autoencoder.kinds,), name="kinds")] if autoencoder.kinds else []
        drawn = pictures
        for name, precision, layers in zip(PARTS, _PRECISIONS, stacks, strict=True):
            plans = [layer.plan for layer in layers]
            part = _stack(name, plans, lambda precision=precision: {"dtype": precision})
            part.set_weights([w for layer in layers for w in (layer.kernel, layer.bias)])
            drawn = part([drawn, *told])
        return keras.Model([pictures, *told], drawn, name="autoencoder")
