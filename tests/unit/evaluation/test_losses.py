"""Losses against Keras, KL against SciPy's integral, and what masking takes away."""

import os
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import scaled
from aeviz.data.picture_shape import PictureShape
from aeviz.evaluation.losses import bce, masked, measure
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.layers import Layer
from aeviz.networks.recipes import PRESETS

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

PLAIN = replace(PRESETS["karpathy-2d"], encoder=(), decoder=(), latent_dim=2)
VARIATIONAL = replace(PRESETS["vae-2d"], encoder=(), decoder=(), latent_dim=2)
DENOISING = replace(PRESETS["denoising-10"], encoder=(), decoder=(), latent_dim=2)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def keras():
    import keras

    return keras


def network(preset, *, spread=0.05, pixels=64):
    """A network with small random weights: every picture comes out near half ink."""
    random = np.random.default_rng(1)

    def layer(inputs, units, activation):
        kernel = random.normal(0, spread, (inputs, units)).astype(np.float32)
        return Layer(kernel, random.normal(0, spread, units).astype(np.float32), activation)

    wide = preset.latent_dim * (2 if preset.variational else 1)
    return Autoencoder(
        (layer(pixels, wide, "linear"),),
        (layer(preset.latent_dim, pixels, preset.output_activation),),
        variational=preset.variational,
    )


def test_mse_is_keras_on_every_split(keras, digits):
    model = network(PLAIN)
    figures = measure(model, PLAIN, digits)
    for split in ("train", "validation", "test"):
        images = scaled(getattr(digits, f"{split}_images"))
        expected = float(keras.losses.MeanSquaredError()(images, model.reconstruct(images)))
        assert figures[f"{split}_mse"] == pytest.approx(expected, rel=1e-5)
    assert figures["test_rmse"] == pytest.approx(figures["test_mse"] ** 0.5)


def test_bce_is_keras_times_the_pixels(keras, digits):
    model = network(PLAIN)
    images = scaled(digits.test_images)
    drawn = model.reconstruct(images)
    expected = 64 * float(keras.losses.BinaryCrossentropy()(images, drawn))
    assert float(bce(images, drawn).mean()) == pytest.approx(expected, rel=1e-5)
    assert measure(model, PLAIN, digits)["test_bce"] == pytest.approx(expected, rel=1e-5)


def test_bce_of_a_wrong_certainty_stops_at_the_clip():
    images = np.array([[1.0, 0.0, 1.0, 0.0]], np.float32)
    assert bce(images, images)[0] == pytest.approx(0, abs=1e-9)
    # Source 3 clips at 1e-10, so each pixel that is certain and wrong costs ln(1e10) nats.
    assert bce(images, 1 - images)[0] == pytest.approx(4 * 10 * np.log(10), rel=1e-6)


def test_bce_is_only_told_where_the_read_out_is_a_probability(digits):
    linear = replace(PLAIN, output_activation="linear")
    figures = measure(network(linear), linear, digits)
    assert not [name for name in figures if "bce" in name]


def kl_by_integration(mean, log_variance):
    """KL of N(mean, exp(log_variance)) from N(0, 1), by its definition."""
    p, q = norm(mean, np.exp(log_variance / 2)), norm(0, 1)
    low, high = p.ppf(1e-14), p.ppf(1 - 1e-14)
    return quad(lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), low, high, limit=200)[0]


@pytest.mark.parametrize(
    ("means", "log_variances"),
    [((0, 0), (0, 0)), ((1.5, -0.5), (-2, 0.7)), ((0, 3), (-5, 1.5))],
    ids=str,
)
def test_kl_is_what_its_definition_integrates_to(digits, means, log_variances):
    # A network that answers every picture with the same distribution.
    model = network(VARIATIONAL)
    bias = np.array([*means, *log_variances], np.float32)
    model = replace(model, encoder=(Layer(np.zeros((64, 4), np.float32), bias),))
    expected = sum(kl_by_integration(*pair) for pair in zip(means, log_variances, strict=True))
    figures = measure(model, VARIATIONAL, digits)
    for split in ("train", "validation", "test"):
        assert figures[f"{split}_kl"] == pytest.approx(expected, abs=1e-4)


def test_the_elbo_is_bce_of_a_sample_plus_kl(digits, keras):
    model = network(VARIATIONAL, spread=0.3)
    figures = measure(model, VARIATIONAL, digits)
    images = scaled(digits.test_images)
    mean, log_variance = model.encode_distribution(images)
    random = np.random.default_rng(123)  # another seed than theirs: the same expectation
    costs = []
    for _ in range(20):
        drawn = model.decode(mean + np.exp(log_variance / 2) * random.normal(size=mean.shape))
        costs.append(64 * float(keras.losses.BinaryCrossentropy()(images, drawn)))
    expected = np.mean(costs) + figures["test_kl"]
    assert figures["test_elbo_loss"] == pytest.approx(expected, rel=0.01)
    assert figures["test_elbo_loss"] != figures["test_bce"] + figures["test_kl"]


def test_the_same_network_measures_the_same_twice(digits):
    for preset in (VARIATIONAL, DENOISING):
        model = network(preset)
        assert measure(model, preset, digits) == measure(model, preset, digits)


def test_noisy_input_is_compared_with_the_clean_picture(digits):
    # A network that copies its input: what it loses is what the mask took.
    identity = np.eye(64, dtype=np.float32)
    layer = Layer(identity, np.zeros(64, np.float32))
    copy = Autoencoder((layer,), (layer,))
    preset = replace(DENOISING, latent_dim=64, output_activation="linear", noise=0.4)
    figures = measure(copy, preset, digits)
    assert figures["test_mse"] == 0
    images = scaled(digits.test_images).astype(np.float64)
    expected = 0.4 * np.square(images).mean()
    assert figures["test_noisy_mse"] == pytest.approx(expected, rel=0.02)
    assert figures["test_noisy_rmse"] == pytest.approx(figures["test_noisy_mse"] ** 0.5)


def test_no_noise_no_noisy_figures(digits):
    figures = measure(network(PLAIN), PLAIN, digits)
    assert not [name for name in figures if "noisy" in name or "kl" in name]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4, 0.95])
def test_masking_blacks_out_the_share_asked_for(share):
    images = np.full((400, 784), 0.7, np.float32)
    before = images.copy()
    out = masked(images, PictureShape(28), share, np.random.default_rng(0))
    assert out.shape == images.shape and out.dtype == np.float32
    # Four standard deviations of a binomial of 313,600 pixels.
    assert (out == 0).mean() == pytest.approx(share, abs=4 * 0.5 / np.sqrt(images.size))
    assert set(np.unique(out)) <= {np.float32(0), np.float32(0.7)}
    np.testing.assert_array_equal(images, before)


def test_masking_strikes_pixels_one_by_one():
    out = masked(np.ones((2_000, 49), np.float32), PictureShape(7), 0.4, np.random.default_rng(0))
    # Independent pixels: counts in a row spread as a binomial does.
    assert (out == 0).sum(axis=1).var() == pytest.approx(49 * 0.4 * 0.6, rel=0.15)
    small = masked(np.ones((5, 4), np.uint8), PictureShape(2), 0.5, np.random.default_rng(0))
    assert small.dtype == np.uint8


def test_masking_strikes_all_channels_of_a_pixel():
    images = np.full((200, 5 * 5 * 3), 7, np.uint8)
    out = masked(images, PictureShape(5, 3), 0.3, np.random.default_rng(0)).reshape(200, 25, 3)
    assert (out.min(axis=2) == out.max(axis=2)).all()
    assert (out == 0).mean() == pytest.approx(0.3, abs=4 * 0.5 / np.sqrt(200 * 25))
