"""The NumPy forward pass against Keras, and what it must leave alone."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from aeviz.data.picture_shape import PictureShape
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.layers import ACTIVATIONS, Layer
from aeviz.networks.preset import Preset


def layers(random, width, units, activations):
    """Layers of these widths with weights of a size that reaches into every activation's bends."""
    stack = []
    for n, activation in zip(units, activations, strict=True):
        kernel = random.normal(0, 1.5 / np.sqrt(width), (width, n)).astype(np.float32)
        stack.append(Layer(kernel, random.normal(0, 0.5, n).astype(np.float32), activation))
        width = n
    return tuple(stack)


def autoencoder(random, pixels, hidden, latent_dim, activation, *, variational=False):
    wide = latent_dim * (2 if variational else 1)
    return Autoencoder(
        layers(random, pixels, (*hidden, wide), [activation] * len(hidden) + ["linear"]),
        layers(
            random,
            latent_dim,
            (*hidden[::-1], pixels),
            [activation] * len(hidden) + ["sigmoid"],
        ),
        variational=variational,
    )


def keras_twin(keras, stack):
    """A Keras Sequential with the same weights."""
    model = keras.Sequential([keras.Input((stack[0].kernel.shape[0],))])
    for layer in stack:
        model.add(keras.layers.Dense(layer.kernel.shape[1], activation=layer.activation))
    model.set_weights([w for layer in stack for w in (layer.kernel, layer.bias)])
    return model


def keras_output(keras, stack, x):
    return np.asarray(keras_twin(keras, stack)(np.asarray(x, np.float32)))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_the_one_keras_calls_so(keras, activation):
    x = np.concatenate([np.linspace(-20, 20, 401), [-1e3, 1e3, -1e-6, 1e-6]]).astype(np.float32)
    ours = Layer(np.eye(1, dtype=np.float32), np.zeros(1, np.float32), activation)(x[:, None])
    theirs = np.asarray(keras.activations.get(activation)(x))
    np.testing.assert_allclose(ours[:, 0], theirs, rtol=1e-6, atol=1e-5)
    assert ours.dtype == np.float32


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("pixels", "hidden", "latent_dim"),
    [(784, (50, 50), 2), (64, (), 10), (784, (128,), 1), (64, (30, 20, 10), 100)],
    ids=str,
)
def test_encode_and_decode_match_keras(keras, activation, pixels, hidden, latent_dim):
    random = np.random.default_rng(3)
    model = autoencoder(random, pixels, hidden, latent_dim, activation)
    images = random.random((7, pixels), dtype=np.float32)
    codes = keras_output(keras, model.encoder, images)
    # Codes of a linear or ReLU stack grow with depth, so the 1e-5 is of their own size.
    close = {"rtol": 1e-5, "atol": 1e-5}
    np.testing.assert_allclose(model.encode(images), codes, **close)
    drawn = keras_output(keras, model.decoder, codes)
    np.testing.assert_allclose(model.decode(codes), drawn, **close)
    np.testing.assert_allclose(model.reconstruct(images), drawn, rtol=1e-5, atol=2e-5)
    assert model.encode(images).shape == (7, latent_dim)
    assert model.reconstruct(images).shape == (7, pixels)
    assert model.encode(images).dtype == model.decode(codes).dtype == np.float32


def test_a_variational_encoder_gives_the_mean(keras):
    random = np.random.default_rng(4)
    model = autoencoder(random, 64, (16, 8), 2, "elu", variational=True)
    images = random.random((5, 64), dtype=np.float32)
    both = keras_output(keras, model.encoder, images)
    assert both.shape == (5, 4)
    np.testing.assert_allclose(model.encode(images), both[:, :2], atol=1e-5)
    mean, log_variance = model.encode_distribution(images)
    np.testing.assert_allclose(mean, both[:, :2], atol=1e-5)
    np.testing.assert_allclose(log_variance, both[:, 2:], atol=1e-5)
    assert model.latent_dim == 2
    assert model.reconstruct(images).shape == (5, 64)


def test_a_plain_autoencoder_has_no_distribution():
    model = autoencoder(np.random.default_rng(0), 64, (), 2, "tanh")
    with pytest.raises(ValueError, match="variational"):
        model.encode_distribution(np.zeros((1, 64), np.float32))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_extreme_inputs_give_finite_numbers_and_no_warning(activation):
    layer = Layer(np.eye(4, dtype=np.float32), np.zeros(4, np.float32), activation)
    x = np.array([[-1000, 1000, -1e30, 1e30]], np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = layer(x)
    limits = {
        "linear": [-1000, 1000, -1e30, 1e30],
        "tanh": [-1, 1, -1, 1],
        "relu": [0, 1000, 0, 1e30],
        "elu": [-1, 1000, -1, 1e30],
        "silu": [0, 1000, 0, 1e30],
        "sigmoid": [0, 1, 0, 1],
    }
    np.testing.assert_allclose(out[0], np.array(limits[activation], np.float32), atol=1e-30)


@pytest.mark.parametrize("variational", [False, True])
@pytest.mark.parametrize("hidden", [(), (12,), (30, 20, 10)], ids=str)
def test_parameter_count_is_what_keras_counts(keras, hidden, variational):
    model = autoencoder(np.random.default_rng(0), 64, hidden, 3, "relu", variational=variational)
    counted = sum(keras_twin(keras, s).count_params() for s in (model.encoder, model.decoder))
    preset = Preset("", "", "", 0, hidden, 3, hidden[::-1], variational=variational)
    assert preset.parameter_count(PictureShape(8)) == counted
    assert (model.values, model.latent_dim) == (64, 3)


def arrangements(x):
    """The same numbers in every memory layout and type that callers have."""
    wide = np.zeros((x.shape[0], 2 * x.shape[1]), x.dtype)
    wide[:, ::2] = x
    read_only = x.copy()
    read_only.flags.writeable = False
    return {
        "contiguous": x.copy(),
        "float64": x.astype(np.float64),
        "Fortran order": np.asfortranarray(x),
        "every second column": wide[:, ::2],
        "rows backwards": x[::-1].copy()[::-1],
        "read-only": read_only,
    }


@pytest.mark.parametrize("first", ACTIVATIONS)
def test_the_callers_array_is_never_written_to(keras, first):
    # Activations work in place; a layer that hands its input through would let them reach the
    # caller's. An identity layer is the nearest to that.
    random = np.random.default_rng(5)
    identity = Layer(np.eye(6, dtype=np.float32), np.zeros(6, np.float32), first)
    tail = layers(random, 6, (6,), ["relu"])
    model = Autoencoder((identity, *tail), (identity, *tail))
    images = random.normal(0, 1, (4, 6)).astype(np.float32)
    expected = keras_output(keras, model.encoder, images)
    kernels = [layer.kernel.copy() for layer in model.encoder]
    for arrangement, x in arrangements(images).items():
        for function in (model.encode, model.decode):
            np.testing.assert_allclose(function(x), expected, atol=1e-5, err_msg=arrangement)
            np.testing.assert_array_equal(x, images, err_msg=arrangement)
        model.reconstruct(x)
        np.testing.assert_array_equal(x, images, err_msg=arrangement)
    for layer, kernel in zip(model.encoder, kernels, strict=True):
        np.testing.assert_array_equal(layer.kernel, kernel)


def test_no_images_give_no_codes():
    model = autoencoder(np.random.default_rng(0), 64, (12,), 2, "tanh")
    assert model.encode(np.zeros((0, 64), np.float32)).shape == (0, 2)
    assert model.reconstruct(np.zeros((0, 64), np.float32)).shape == (0, 64)


# --- told what a picture shows ---------------------------------------------------------------


def told_autoencoder(random, kinds):
    """One whose first layer of each part takes a label as well."""
    plain = autoencoder(random, 64 + kinds, (20, 10), 3, "elu", variational=True)
    encoder, decoder = list(plain.encoder), list(layers(random, 3 + kinds, (10, 64), ("tanh",) * 2))
    encoder[0], decoder[0] = replace(encoder[0], told=kinds), replace(decoder[0], told=kinds)
    return Autoencoder(tuple(encoder), tuple(decoder), variational=True)


def test_a_label_goes_in_as_keras_would_have_it_beside_the_numbers(keras):
    random = np.random.default_rng(5)
    model, labels = told_autoencoder(random, 4), np.array([3, 0, 2, 2, 1])
    images, kinds = random.random((5, 64), dtype=np.float32), np.eye(4)[labels]
    assert (model.kinds, model.latent_dim, model.values) == (4, 3, 64)
    both = keras_output(keras, model.encoder, np.concatenate([images, kinds], axis=1))
    mean, log_variance = model.encode_distribution(images, labels)
    np.testing.assert_allclose(np.concatenate([mean, log_variance], axis=1), both, atol=1e-5)
    drawn = keras_output(keras, model.decoder, np.concatenate([mean, kinds], axis=1))
    np.testing.assert_allclose(model.decode(mean, labels), drawn, atol=1e-5)
    np.testing.assert_allclose(model.reconstruct(images, labels), drawn, atol=1e-5)


@pytest.mark.parametrize("kind", range(4))
def test_of_one_kind_it_is_a_network_that_is_told_nothing(kind):
    random = np.random.default_rng(6)
    model = told_autoencoder(random, 4)
    images, labels = random.random((5, 64), dtype=np.float32), np.full(5, kind)
    alone = model.of_kind(kind)
    assert alone.kinds == 0 and alone.latent_dim == 3
    np.testing.assert_allclose(alone.encode(images), model.encode(images, labels), atol=1e-6)
    codes = random.normal(size=(5, 3)).astype(np.float32)
    np.testing.assert_allclose(alone.decode(codes), model.decode(codes, labels), atol=1e-6)


def test_it_says_so_when_it_is_not_told():
    model = told_autoencoder(np.random.default_rng(7), 4)
    with pytest.raises(ValueError, match="told what each picture shows"):
        model.encode(np.zeros((1, 64), np.float32))
    assert model.knows(np.array([0, 3]))
    assert not model.knows(np.array([4])) and not model.knows(None)
    plain = autoencoder(np.random.default_rng(0), 64, (), 2, "tanh")
    assert plain.knows(None) and plain.knows(np.array([200]))
    images = np.zeros((2, 64), np.float32)
    np.testing.assert_array_equal(plain.encode(images, np.array([1, 2])), plain.encode(images))
