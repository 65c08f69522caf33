"""The compiled loop against Keras, its random streams against what they claim, and whole runs."""

import gc
import logging
import resource
import threading
import time
import weakref
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from aeviz.checkpoints.history import History
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import scaled
from aeviz.data.picture_shape import PictureShape
from aeviz.evaluation.probes import probe_images
from aeviz.networks import layers
from aeviz.networks.autoencoder import as_autoencoder
from aeviz.networks.costs import EVALUATION_BLOCK, snapshot_steps
from aeviz.networks.limits import PresetError
from aeviz.networks.preset import Preset
from aeviz.networks.recipes import PRESETS
from aeviz.training import forward, loop_pool
from aeviz.training import loop as training_loop
from aeviz.training.batches import batches
from aeviz.training.keras_models import build_model
from aeviz.training.noise import counter_uniform, with_noise
from aeviz.training.remote_control import RemoteControl
from aeviz.training.told import told_rows
from aeviz.training.trainer import TrainingDiverged, train

STEPS = 5
SMALL = Preset(
    name="small",
    title="Small",
    summary="",
    encoder=(16,),
    latent_dim=3,
    decoder=(16,),
    output_activation="sigmoid",
    batch_size=32,
    steps=60,
)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


# --- activations and losses ------------------------------------------------------------------


@pytest.mark.parametrize("name", layers.ACTIVATIONS)
def test_activations_and_their_slopes_are_those_keras_calls_so(name):
    x = np.concatenate([np.linspace(-8, 8, 161), [-60, 60, -1e-4, 1e-4]]).astype(np.float32)
    values = {}
    for who, function in (
        ("ours", forward.ACTIVATIONS[name]),
        ("keras", keras.activations.get(name)),
    ):
        z = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(z)
            h = function(z)
        values[who] = h.numpy(), tape.gradient(h, z, tf.linspace(-2.0, 2.0, len(x))).numpy()
    np.testing.assert_allclose(values["ours"], values["keras"], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(
        layers.ACTIVATIONS[name](x.copy()), values["keras"][0], rtol=1e-6, atol=1e-6
    )


def test_the_page_and_the_loop_know_the_same_activations():
    assert forward.ACTIVATIONS.keys() == layers.ACTIVATIONS.keys()


def test_reconstruction_losses_are_keras_own():
    random = np.random.default_rng(1)
    images = random.random((20, 64), dtype=np.float32)
    drawn = random.uniform(0.01, 0.99, (20, 64)).astype(np.float32)
    np.testing.assert_allclose(
        training_loop.reconstruction_loss("mse", images, drawn),
        keras.losses.mean_squared_error(images, drawn),
        rtol=1e-5,
    )
    # Keras takes the mean over pixels, the sources the sum.
    np.testing.assert_allclose(
        training_loop.reconstruction_loss("bce", images, drawn),
        64 * np.asarray(keras.losses.binary_crossentropy(images, drawn)),
        rtol=1e-5,
    )


def test_a_certain_and_wrong_pixel_costs_what_the_clip_says():
    images, drawn = np.float32([[1, 0, 1, 0]]), np.float32([[0, 1, 1, 0]])
    loss = training_loop.reconstruction_loss("bce", images, drawn)
    np.testing.assert_allclose(loss, [-2 * np.log(1e-10)], rtol=1e-5)


def test_kl_divergence_is_the_expectation_it_stands_for():
    random = np.random.default_rng(2)
    mean = random.normal(0, 2, (12, 4))
    log_variance = random.uniform(-4, 2, (12, 4))
    # E_q[log q - log p] by Gauss-Hermite quadrature: exact here, both logarithms being quadratic.
    nodes, shares = np.polynomial.hermite_e.hermegauss(8)
    spread = np.exp(log_variance / 2)[..., None]
    z = mean[..., None] + spread * nodes
    inside = stats.norm.logpdf(z, mean[..., None], spread) - stats.norm.logpdf(z)
    expected = (inside * shares).sum(axis=(1, 2)) / shares.sum()
    ours = training_loop.kl_divergence(mean.astype(np.float32), log_variance.astype(np.float32))
    np.testing.assert_allclose(ours, expected, rtol=1e-5)
    nothing = tf.zeros((1, 4))
    assert training_loop.kl_divergence(nothing, nothing).numpy() == [0.0]


# --- initial weights -------------------------------------------------------------------------


def test_truncated_normal_is_source_1s():
    preset = replace(SMALL, encoder=(400,), initializer="truncated_normal", bias_start=0.1)
    encoder, _ = build_model(preset, PictureShape(28), seed=4)
    kernel, bias = (np.asarray(w) for w in encoder.layers[0].weights)
    theirs = tf.random.stateless_truncated_normal(kernel.shape, (1, 2), stddev=0.1).numpy()
    assert kernel.std() == pytest.approx(theirs.std(), rel=0.01)
    assert np.abs(kernel).max() <= 0.2
    assert np.abs(kernel).max() == pytest.approx(np.abs(theirs).max(), rel=0.01)
    law = stats.truncnorm(-2, 2, scale=0.1)
    assert stats.kstest(kernel.ravel()[:20_000], law.cdf).pvalue > 1e-3
    np.testing.assert_array_equal(bias, np.full(400, 0.1, np.float32))


@pytest.mark.parametrize(
    ("name", "variance"),
    [("glorot_uniform", 2 / 684), ("glorot_normal", 2 / 684), ("he_normal", 2 / 484)],
)
def test_other_initializers_have_the_variance_of_their_papers(name, variance):
    changed = replace(SMALL, encoder=(200,), initializer=name)
    encoder, _ = build_model(changed, PictureShape(22), seed=4)
    assert np.asarray(encoder.layers[0].kernel).var() == pytest.approx(variance, rel=0.03)


def test_every_layer_and_every_seed_has_weights_of_its_own():
    preset = replace(SMALL, encoder=(8, 8, 8), decoder=(8, 8), latent_dim=8)
    kernels = [
        np.asarray(layer.kernel)
        for seed in (0, 1)
        for model in build_model(preset, PictureShape(3), seed)
        for layer in model.layers
    ]
    assert len({kernel.tobytes() for kernel in kernels}) == len(kernels) == 14


# --- steps against Keras's own optimisers ----------------------------------------------------

FIXED_SPREAD = 0.5  # stands in for the VAE's random draw, on both sides

CASES = {
    "adam, cosine, L2": replace(SMALL, schedule="cosine", steps=8, l2=1e-3, learning_rate=3e-3),
    "sgd, L1 on the code, odd batch": replace(
        SMALL, optimizer="sgd", learning_rate=0.5, code_l1=0.01, batch_size=33, activation="elu"
    ),
    "adadelta, bce, noise": replace(
        SMALL, optimizer="adadelta", learning_rate=1.0, loss="bce", noise=0.3, activation="silu"
    ),
    "vae": replace(
        SMALL, variational=True, loss="bce", kl_weight=0.7, activation="relu", before_readout=4
    ),
    "adam, convolutions, noise": replace(
        SMALL, convolutions=(3, 4), noise=0.3, activation="elu", learning_rate=3e-3
    ),
    # From 8 pixels a side to 4, 2, 1 and back.
    "vae, convolutions, colour": replace(
        SMALL, convolutions=(4, 5, 6), variational=True, loss="bce", learning_rate=3e-3
    ),
    "sgd, noise, colour": replace(SMALL, optimizer="sgd", learning_rate=0.5, noise=0.4),
    "vae, told the digit": replace(SMALL, variational=True, loss="bce", labels=10),
    "convolutions, told, noise": replace(SMALL, convolutions=(3, 4), noise=0.3, labels=10),
}


def in_colour(digits):
    """The digits, each channel of another digit."""
    images = np.stack([np.roll(digits.images, k, axis=0) for k in range(3)], axis=-1)
    return replace(digits, images=np.ascontiguousarray(images))


def keras_steps(preset, dataset, steps):
    """The same steps with Keras layers, losses, regularisers and optimisers, uncompiled.

    Returns the weights and the (steps, 3) losses: total, reconstruction, KL.
    """
    encoder, decoder = build_model(preset, dataset.shape, seed=5)
    weights = [*encoder.trainable_variables, *decoder.trainable_variables]
    rate = preset.learning_rate
    if preset.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, preset.steps)
    optimizer = {
        "adam": keras.optimizers.Adam,
        "sgd": keras.optimizers.SGD,
        "adadelta": keras.optimizers.Adadelta,
    }[preset.optimizer](rate)
    rows = batches(dataset.n_train, preset.batch_size, preset.sampling, 5)
    images, losses = scaled(dataset.train_images), []
    kinds = np.eye(preset.labels, dtype=np.float32)
    for number in range(steps):
        some = next(rows)
        batch = tf.constant(images[some])
        told = [tf.constant(kinds[dataset.train_labels[some]])] if preset.labels else []
        seen = with_noise(preset, dataset.shape, batch, 5, number)
        with tf.GradientTape() as tape:
            codes, kl = encoder([seen, *told]), 0.0
            if preset.variational:
                mean, log_variance = tf.split(codes, 2, axis=1)
                codes = mean + tf.sqrt(tf.exp(log_variance)) * FIXED_SPREAD
                kl = tf.reduce_sum(tf.exp(log_variance) + mean**2 - 1 - log_variance) / 2
                kl /= preset.batch_size
            drawn = decoder([codes, *told])
            if preset.loss == "mse":
                drawn = keras.losses.MeanSquaredError()(batch, drawn)
            else:
                drawn = keras.losses.BinaryCrossentropy()(batch, drawn) * dataset.shape.values
            total = drawn + preset.kl_weight * kl
            # Keras's L1 sums over the batch; its L2 has no half, TensorFlow's l2_loss does.
            total += keras.regularizers.L1(preset.code_l1)(codes) / preset.batch_size
            for kernel in weights[0::2]:
                total += keras.regularizers.L2(preset.l2 / 2)(kernel)
        optimizer.apply(tape.gradient(total, weights), weights)
        losses.append([float(total), float(drawn), float(kl)])
    return [np.asarray(w) for w in weights], np.array(losses)


@pytest.fixture(scope="module", params=CASES)
def stepped(request, digits):
    """A loop that has taken STEPS steps, in chunks of 2 and 3, and Keras's twin of it."""
    preset = CASES[request.param]
    dataset = in_colour(digits) if "colour" in request.param else digits
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            tf.random, "stateless_normal", lambda shape, seed: tf.fill(shape, FIXED_SPREAD)
        )
        rows = told_rows(dataset.train_images, dataset.train_labels, preset.labels)
        loop = training_loop.TrainingLoop(preset, dataset.shape, rows, seed=5)
        first = loop.copy_weights()
        chunks = [loop.train(2, preset.learning_rate), loop.train(3, preset.learning_rate)]
    weights, losses = keras_steps(preset, dataset, STEPS)
    return SimpleNamespace(
        preset=preset,
        dataset=dataset,
        loop=loop,
        first=first,
        chunks=chunks,
        weights=weights,
        losses=losses,
    )


def test_steps_are_those_of_keras(stepped):
    assert stepped.loop.step == STEPS
    for start, ours, keras_own in zip(
        stepped.first, stepped.loop.copy_weights(), stepped.weights, strict=True
    ):
        np.testing.assert_allclose(ours, keras_own, atol=1e-5)
        assert np.abs(ours - start).max() > 1e-3  # so that agreement says something


def test_losses_are_those_of_keras(stepped):
    expected = [stepped.losses[:2].mean(axis=0), stepped.losses[2:].mean(axis=0)]
    np.testing.assert_allclose(stepped.chunks, expected, rtol=1e-5, atol=1e-6)


def test_evaluation_is_the_numpy_autoencoders(stepped):
    """Without noise, a VAE by its mean, more images than one block holds."""
    labels = stepped.dataset.train_labels
    raw = told_rows(stepped.dataset.train_images, labels, stepped.preset.labels)
    assert len(raw) > EVALUATION_BLOCK
    codes, pictures, losses = stepped.loop.evaluate(raw, EVALUATION_BLOCK + 10)
    model = as_autoencoder(stepped.preset, stepped.dataset.shape, stepped.loop.copy_weights())
    images = scaled(stepped.dataset.train_images)
    drawn = model.reconstruct(images, labels)
    np.testing.assert_allclose(codes, model.encode(images, labels), atol=1e-5)
    glance = stepped.loop.glance(raw[:EVALUATION_BLOCK], 30)
    np.testing.assert_allclose(glance[0], codes[:EVALUATION_BLOCK], atol=1e-6)
    assert np.abs(glance[1].astype(int) - pictures[:30]).max() <= 1
    assert pictures.dtype == np.uint8
    grey = np.clip(drawn, 0, 1)[: EVALUATION_BLOCK + 10] * 255
    assert np.abs(pictures - grey).max() <= 1
    np.testing.assert_allclose(losses[:, 2], np.square(drawn - images).mean(axis=1), atol=1e-5)
    if stepped.preset.loss == "bce":
        bce = -(images * np.log(drawn) + (1 - images) * np.log(1 - drawn)).sum(axis=1)
        np.testing.assert_allclose(losses[:, 0], bce, rtol=1e-5)
    else:
        np.testing.assert_array_equal(losses[:, 0], losses[:, 2])
    kl = np.zeros(len(raw))
    if stepped.preset.variational:
        mean, log_variance = model.encode_distribution(images, labels)
        kl = (np.exp(log_variance) + mean**2 - 1 - log_variance).sum(axis=1) / 2
        assert kl.max() > 0
    np.testing.assert_allclose(losses[:, 1], kl, rtol=1e-4, atol=1e-5)


def test_small_steps_train_as_two_halves_and_it_makes_no_difference(digits, monkeypatch):
    preset = replace(SMALL, optimizer="sgd", learning_rate=0.5, l2=1e-3, code_l1=1e-2, noise=0.3)
    loops = []
    for parts, bound in ((2, training_loop.SPLIT_BELOW), (1, 0)):
        monkeypatch.setattr(training_loop, "SPLIT_BELOW", bound)
        loop = training_loop.TrainingLoop(
            preset, digits.shape, digits.train_images, seed=5, compiled=False
        )
        assert loop.parts == parts
        loops.append(loop)
    losses = [loop.train(STEPS, preset.learning_rate) for loop in loops]
    np.testing.assert_allclose(*losses, rtol=1e-6)
    for halves, whole in zip(*(loop.copy_weights() for loop in loops), strict=True):
        np.testing.assert_allclose(halves, whole, atol=1e-6)


def test_chunks_do_not_change_the_course(digits):
    """One chunk of five steps and five of one step give the same weights, random draws included."""
    preset = replace(
        SMALL, variational=True, loss="bce", noise=0.5, noise_mode="per image", schedule="cosine"
    )
    # The largest seed the page takes.
    loops = [
        training_loop.TrainingLoop(
            preset, digits.shape, digits.train_images, seed=2**31 - 1, compiled=False
        )
        for _ in "ab"
    ]
    loops[0].train(5, preset.learning_rate)
    for _ in range(5):
        loops[1].train(1, preset.learning_rate)
    for one, five in zip(*(loop.copy_weights() for loop in loops), strict=True):
        np.testing.assert_array_equal(one, five)


def test_a_vae_draws_anew_for_every_image_half_and_step():
    """The spread's seeds, as the loop forms them, give independent standard normal numbers."""
    drawn = []

    def note(numbers):
        drawn.append(numbers)
        return numbers

    def noted(shape, seed):
        numbers = tf.numpy_function(note, [random_normal(shape, seed)], tf.float32)
        return tf.reshape(numbers, shape)

    random_normal = tf.random.stateless_normal
    preset = replace(SMALL, variational=True, loss="bce", latent_dim=500)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tf.random, "stateless_normal", noted)
        for seed in (0, 1):
            images = np.zeros((40, 16), np.uint8)
            loop = training_loop.TrainingLoop(
                preset, PictureShape(4), images, seed=seed, compiled=False
            )
            loop.train(3, 1e-3)
    assert len(drawn) == 2 * 3 * 2
    rows = np.concatenate(drawn)
    assert stats.kstest(rows.ravel(), "norm").pvalue > 1e-3
    off = np.corrcoef(rows)[np.triu_indices(len(rows), 1)]
    assert np.abs(off).max() < 6 / np.sqrt(500)


# --- batches ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "batch_size"), [(100, 32), (7, 3), (10, 10), (5, 1), (64, 32)])
def test_every_image_comes_once_an_epoch(count, batch_size):
    stream = batches(count, batch_size, "shuffled", 0)
    epochs = 6
    rows = [next(stream) for _ in range(-(-epochs * count // batch_size))]
    assert {row.shape for row in rows} == {(batch_size,)}
    dealt = np.concatenate(rows)[: epochs * count].reshape(epochs, count)
    for epoch in dealt:
        np.testing.assert_array_equal(np.sort(epoch), np.arange(count))
    assert not np.array_equal(dealt[0], dealt[1])


def test_with_replacement_repeats_and_reaches_all():
    stream = batches(1_000, 100, "with replacement", 0)
    dealt = np.concatenate([next(stream) for _ in range(100)])
    times = np.bincount(dealt, minlength=1_000)
    assert len(times) == 1_000
    # Ten draws on average; a multinomial has this variance, a shuffle has none.
    assert stats.chisquare(times).pvalue > 1e-3
    # e^-1 of the images do not come in the first 1,000 draws.
    missing = 1_000 - len(np.unique(dealt[:1_000]))
    assert missing == pytest.approx(1_000 * np.exp(-1), abs=4 * np.sqrt(1_000 * 0.23))


@pytest.mark.parametrize("sampling", ["shuffled", "with replacement"])
def test_the_same_seed_gives_the_same_stream_of_batches(sampling):
    def dealt(seed):
        stream = batches(500, 64, sampling, seed)
        return np.concatenate([next(stream) for _ in range(20)])

    np.testing.assert_array_equal(dealt(3), dealt(3))
    assert not np.array_equal(dealt(3), dealt(4))


# --- masking noise ---------------------------------------------------------------------------


def keys(step, seed=0):
    return tf.random.stateless_uniform((3,), (seed, step), None, None, tf.uint32)


@pytest.fixture(scope="module")
def uniforms():
    """(20 steps, 128 images, 784 pixels) numbers, keyed as in training."""
    draw = tf.function(lambda k: counter_uniform((128, 784), k[0], k[1]))
    return np.stack([draw(keys(step)).numpy() for step in range(20)])


def no_correlation(a, b):
    n = a.size
    return abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 4.5 / np.sqrt(n)


def test_the_numbers_are_uniform(uniforms):
    n = uniforms.size
    assert uniforms.min() >= 0 and uniforms.max() < 1
    assert uniforms.mean(dtype=np.float64) == pytest.approx(0.5, abs=4 / np.sqrt(12 * n))
    # The variance of (x - 1/2)^2 is 1/180.
    spread = np.square(uniforms - 0.5, dtype=np.float64).mean()
    assert spread == pytest.approx(1 / 12, abs=4 / np.sqrt(180 * n))
    for step in (0, 7, 19):
        assert stats.kstest(uniforms[step].ravel(), "uniform").pvalue > 1e-3


def test_every_one_of_the_24_bits_is_a_fair_coin(uniforms):
    bits = (uniforms.ravel() * 2.0**24).astype(np.int64)
    np.testing.assert_array_equal(bits / 2.0**24, uniforms.ravel())
    share = np.array([(bits >> i & 1).mean() for i in range(24)])
    np.testing.assert_allclose(share, 0.5, atol=4.5 * 0.5 / np.sqrt(len(bits)))


def test_no_pixel_knows_of_its_neighbour_row_or_step(uniforms):
    pictures = uniforms.reshape(20, 128, 28, 28)
    assert no_correlation(pictures[..., 1:], pictures[..., :-1])
    assert no_correlation(pictures[..., 1:, :], pictures[..., :-1, :])
    assert no_correlation(uniforms[:, 1:], uniforms[:, :-1])
    assert no_correlation(uniforms[1:], uniforms[:-1])
    # Every row of one step against every other, not only its neighbour.
    off = np.corrcoef(uniforms[0])[np.triu_indices(128, 1)]
    assert np.abs(off).max() < 6 / np.sqrt(784)
    assert off.std() == pytest.approx(1 / np.sqrt(784), rel=0.05)


def noisy_steps(*, noise, noise_mode="fixed", seed=0, steps=8):
    """(steps, 256, 4096) bool: which pixels of white pictures were blacked out."""
    preset = replace(SMALL, encoder=(), decoder=(), batch_size=256, noise=noise)
    preset = replace(preset, noise_mode=noise_mode)
    noisy = tf.function(lambda images, i: with_noise(preset, PictureShape(64), images, seed, i))
    white = tf.ones((256, 4096))
    return np.stack([noisy(white, tf.constant(i)).numpy() == 0 for i in range(steps)])


@pytest.mark.parametrize("noise", [0.05, 0.4, 0.95])
def test_masked_share_is_the_noise(noise):
    masked = noisy_steps(noise=noise)
    sigma = np.sqrt(noise * (1 - noise))
    assert masked.mean() == pytest.approx(noise, abs=4 * sigma / np.sqrt(masked.size))
    # Image by image too: a binomial count each.
    shares = masked.mean(axis=2)
    assert shares.std() == pytest.approx(sigma / np.sqrt(4096), rel=0.06)
    assert no_correlation(masked[1:], masked[:-1])


def test_noise_per_image_spreads_evenly_up_to_the_noise():
    masked = noisy_steps(noise=0.6, noise_mode="per image")
    shares = masked.mean(axis=2)
    assert stats.kstest(shares.ravel(), stats.uniform(0, 0.6).cdf).pvalue > 1e-3
    assert no_correlation(shares[1:], shares[:-1])
    assert no_correlation(shares[:, 1:], shares[:, :-1])


def test_noise_follows_the_seed():
    first, again, other = (noisy_steps(noise=0.5, seed=s, steps=2) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert no_correlation(first, other)


# --- without XLA -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        tf.errors.UnimplementedError(None, None, "no XLA on this device"),
        tf.errors.InvalidArgumentError(None, None, "XLA can't compile this"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_without_xla_it_trains_all_the_same_and_says_so_once(digits, monkeypatch, caplog, error):
    ordinary = tf.function

    def refusing(function, jit_compile=None, **options):
        def refuse(*arguments):
            raise error

        return refuse if jit_compile else ordinary(function, **options)

    monkeypatch.setattr(tf, "function", refusing)
    preset = CASES["adadelta, bce, noise"]
    loop = training_loop.TrainingLoop(preset, digits.shape, digits.train_images, seed=5)
    with caplog.at_level(logging.WARNING, logger="aeviz.training.loop"):
        loop.train(2, preset.learning_rate)
        loop.train(3, preset.learning_rate)
    assert [r.message for r in caplog.records] == [
        f"XLA is not to be had here ({type(error).__name__}): training without it."
    ]
    weights, _ = keras_steps(preset, digits, STEPS)
    for ours, keras_own in zip(loop.copy_weights(), weights, strict=True):
        np.testing.assert_allclose(ours, keras_own, atol=1e-5)


@pytest.mark.parametrize(("compiled", "step"), [(True, 10), (False, 0)])
def test_a_fault_later_on_is_not_taken_for_a_missing_xla(
    digits, monkeypatch, caplog, compiled, step
):
    def fail(*arguments):
        raise tf.errors.ResourceExhaustedError(None, None, "out of memory")

    monkeypatch.setattr(tf, "function", lambda function, **options: fail)
    loop = training_loop.TrainingLoop(SMALL, digits.shape, digits.train_images, compiled=compiled)
    loop.step = step
    with pytest.raises(tf.errors.ResourceExhaustedError):
        loop.train(1, 1e-3)
    assert not caplog.records


# --- whole runs ------------------------------------------------------------------------------

BUMPY = replace(SMALL, learning_rate=0.02, activation="relu", output_activation="linear")


def bumpy_run(dataset, **options):
    """A run that is spoilt from step 40 on by too high a rate: its best moment is not its last."""
    kept, history, control = [], History(), RemoteControl()

    def on_snapshot(snapshot):
        kept.append(snapshot)
        if snapshot.step >= 40:
            control.learning_rate = 0.5

    checkpoint = train(
        BUMPY, dataset, on_snapshot=on_snapshot, control=control, history=history, **options
    )
    return SimpleNamespace(checkpoint=checkpoint, kept=kept, history=history)


@pytest.fixture(scope="module")
def finished(digits):
    return bumpy_run(digits, seed=3)


def test_a_run_keeps_at_least_40_snapshots_from_first_to_last_step(finished):
    view = finished.checkpoint.history
    steps = [s.step for s in view.snapshots]
    assert len(steps) >= 40
    assert steps == sorted(set(steps))
    assert (steps[0], steps[-1]) == (0, BUMPY.steps)
    assert [id(s) for s in finished.kept] == [id(s) for s in view.snapshots]
    assert finished.history.view() is view
    seconds = [s.seconds for s in view.snapshots]
    assert seconds == sorted(seconds) and seconds[0] >= 0


def test_a_runs_history_is_arrays_of_one_length(finished):
    view = finished.checkpoint.history
    assert view.step.shape == view.train_loss.shape == view.val_loss.shape
    assert np.isnan(view.train_loss[0])  # no step was taken yet
    assert np.isfinite(view.train_loss[1:]).all()
    assert np.isfinite(view.val_loss).all()
    assert view.val_loss.min() < view.val_loss[0] / 2


def test_every_snapshot_holds_what_its_own_weights_draw(finished, digits):
    """Stored weights are float16, so the pictures agree to a few grey levels."""
    originals = scaled(probe_images(digits, finished.checkpoint.probe_indices, False))
    for snapshot in finished.checkpoint.history.snapshots[::6]:
        model = as_autoencoder(
            BUMPY, PictureShape(8), [w.astype(np.float32) for w in snapshot.weights]
        )
        drawn = np.clip(model.reconstruct(originals), 0, 1) * 255
        assert snapshot.reconstructions.shape == (50, 64)
        assert np.abs(snapshot.reconstructions - drawn).max() < 4
        np.testing.assert_allclose(snapshot.codes, model.encode(originals), rtol=0.01, atol=0.02)
        images = scaled(digits.validation_images)
        mse = np.square(model.reconstruct(images) - images).mean()
        assert snapshot.mse == pytest.approx(mse, rel=0.01)
        assert snapshot.map_points.shape == (200, 2)


def test_the_best_validation_weights_are_kept(finished, digits):
    checkpoint = finished.checkpoint
    view = checkpoint.history
    best = int(np.argmin(view.val_loss))
    assert checkpoint.best_step == view.step[best] < BUMPY.steps
    images = scaled(digits.validation_images)
    measured = np.square(checkpoint.autoencoder.reconstruct(images) - images).mean()
    assert measured == pytest.approx(view.val_loss[best], rel=1e-5)
    assert measured < view.val_loss[-1]


def test_figures_are_those_of_the_kept_weights(finished, digits):
    figures = finished.checkpoint.figures
    for split, raw in (
        ("train", digits.train_images),
        ("validation", digits.validation_images),
        ("test", digits.test_images),
    ):
        images = raw.astype(np.float64) / 255
        drawn = finished.checkpoint.autoencoder.reconstruct(images)
        mse = np.square(drawn - images).mean()
        assert figures[f"{split}_mse"] == pytest.approx(mse, rel=1e-5)
    assert figures["test_rmse"] == pytest.approx(np.sqrt(figures["test_mse"]))
    train, test = (x.astype(np.float64) / 255 for x in (digits.train_images, digits.test_images))
    mean = train.mean(axis=0)
    axes = np.linalg.svd(train - mean, full_matrices=False)[2][:3]
    pca = (test - mean) @ axes.T @ axes + mean
    assert figures["pca_test_mse"] == pytest.approx(np.square(pca - test).mean(), rel=1e-4)
    assert figures["mean_test_mse"] == pytest.approx(np.square(test - mean).mean(), rel=1e-4)
    assert figures["steps"] == BUMPY.steps
    assert figures["seconds"] > 0


def test_a_finished_run_says_what_it_was(finished, digits):
    checkpoint = finished.checkpoint
    assert (checkpoint.preset, checkpoint.dataset, checkpoint.seed) == (BUMPY, "digits", 3)
    assert checkpoint.notice == ""
    assert checkpoint.side == 8
    labels = digits.validation_labels
    np.testing.assert_array_equal(checkpoint.map_labels, labels)
    np.testing.assert_array_equal(checkpoint.probe_labels, labels[checkpoint.probe_indices])
    np.testing.assert_array_equal(checkpoint.probe_labels, np.repeat(np.arange(10), 5))


def test_the_same_seed_gives_the_same_weights_and_the_same_curve(finished, digits):
    first = finished.checkpoint.history
    again = bumpy_run(digits, seed=3).checkpoint.history
    for a, b in zip(first.snapshots[0].weights, again.snapshots[0].weights, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(first.train_loss, again.train_loss)
    np.testing.assert_array_equal(first.val_loss, again.val_loss)


def test_another_seed_gives_another_run(finished, digits):
    """On images without labels, which train as well."""
    unlabelled = replace(digits, labels=None)
    other = train(replace(BUMPY, steps=3), unlabelled, seed=4)
    first = finished.checkpoint.history
    assert not np.array_equal(other.history.snapshots[0].weights[0], first.snapshots[0].weights[0])
    assert (other.history.train_loss[1:4] != first.train_loss[1:4]).all()
    assert other.probe_labels is None and other.map_labels is None
    np.testing.assert_array_equal(other.probe_indices, np.arange(50))


def test_a_rate_changed_while_it_runs_takes_effect(digits):
    control, marks = RemoteControl(), snapshot_steps(SMALL.steps)
    before, frozen, later = (min(marks, key=lambda m, at=at: abs(m - at)) for at in (10, 20, 60))

    def freeze(snapshot):
        if snapshot.step == frozen:
            control.learning_rate = 1e-9

    history = train(SMALL, digits, on_snapshot=freeze, control=control).history
    weights = {s.step: s.weights for s in history.snapshots}
    for old, new in zip(weights[frozen], weights[later], strict=True):
        # Adam moves a weight by about the rate a step; float16 may round that over an edge.
        np.testing.assert_allclose(new.astype(float), old, rtol=1e-3, atol=1e-7)
    assert any(
        not np.array_equal(a, b) for a, b in zip(weights[before], weights[frozen], strict=True)
    )
    validation = dict(zip(history.step.tolist(), history.val_loss, strict=True))
    assert validation[later] == pytest.approx(validation[frozen], rel=1e-5)
    assert validation[frozen] < validation[before] < validation[0]


def test_a_run_is_slowed_paused_stepped_and_stopped_from_another_thread(digits):
    control, history, result = RemoteControl(steps_per_second=20), History(), []
    preset = replace(SMALL, steps=100_000)
    thread = threading.Thread(
        target=lambda: result.append(train(preset, digits, control=control, history=history)),
        daemon=True,
    )

    def step():
        control.look()
        latest = history.view().latest
        return latest.step if latest else 0

    def wait_until(condition, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline and thread.is_alive()
            time.sleep(0.01)

    thread.start()
    try:
        wait_until(lambda: step() >= 5)  # the first chunk compiles
        start, before = time.monotonic(), step()
        wait_until(lambda: step() >= before + 15)
        assert time.monotonic() - start > 0.4  # 15 steps less a chunk of 5, at 20 a second
        control.pause()
        time.sleep(0.4)
        held = step()
        time.sleep(0.4)
        assert step() == held
        control.single_step()
        wait_until(lambda: step() == held + 1)
        time.sleep(0.2)
        assert step() == held + 1
        control.speed = None
        control.resume()
        wait_until(lambda: step() > held + 20)
    finally:
        control.stop()
        thread.join(30)
    (checkpoint,) = result
    steps = checkpoint.history.step
    assert checkpoint.notice == f"Stopped by hand at step {steps[-1]:,} of {preset.steps:,}."
    assert checkpoint.figures["steps"] == steps[-1] < preset.steps
    assert checkpoint.history.snapshots[-1].step == steps[-1]
    assert (np.diff(steps) > 0).all()
    assert (checkpoint.history.train_loss[1:] > 0).all()


@pytest.mark.parametrize(
    "changes",
    [
        dict(optimizer="sgd", encoder=(64, 64, 64), decoder=(64, 64, 64), activation="linear"),
        dict(optimizer="adam", encoder=(64, 64), decoder=(64, 64), activation="relu"),
    ],
    ids=lambda c: c["optimizer"],
)
def test_an_exploding_loss_ends_in_a_sentence_and_keeps_what_came_before(digits, changes):
    preset = replace(SMALL, output_activation="linear", learning_rate=2.0, **changes)
    with pytest.raises(TrainingDiverged) as caught:
        train(preset, digits)
    sentence, checkpoint = str(caught.value), caught.value.checkpoint
    assert "learning rate of 2 is too high" in sentence and "try 0.2" in sentence
    assert checkpoint.notice == sentence
    for snapshot in checkpoint.history.snapshots:
        for values in (snapshot.codes, snapshot.map_points, *snapshot.weights):
            assert np.isfinite(values).all()
    images = scaled(digits.validation_images)
    measured = np.square(checkpoint.autoencoder.reconstruct(images) - images).mean()
    assert measured == pytest.approx(checkpoint.history.val_loss.min(), rel=1e-5)


def test_nonsense_is_refused_before_anything_is_built(digits, monkeypatch):
    def never(*arguments, **options):
        raise AssertionError("TensorFlow was put to work")

    monkeypatch.setattr(training_loop, "TrainingLoop", never)
    monkeypatch.setattr(training_loop, "build_model", never)
    loop_pool.idle.clear()
    for nonsense in (
        dict(latent_dim=0),
        dict(learning_rate=10.0),
        dict(batch_size=digits.n_train + 1),
        dict(encoder=(1_000_000,)),
    ):
        with pytest.raises(PresetError):
            train(replace(SMALL, **nonsense), digits)


# Between them: each source, tanh, ELU, SiLU, sigmoid and ReLU, VAE, noise of both modes, L2 and
# sampling with replacement.
RECIPES = {f"{p.name}, tuned": p for p in PRESETS.values()} | {
    f"{p.name}, as published": p.published for p in PRESETS.values() if p.published
}


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_trains(digits, recipe):
    preset = replace(RECIPES[recipe], steps=2)
    checkpoint = train(preset, digits)
    assert checkpoint.history.step.tolist() == [0, 1, 2]
    assert checkpoint.autoencoder.latent_dim == preset.latent_dim
    layers = (*checkpoint.autoencoder.encoder, *checkpoint.autoencoder.decoder)
    assert sum(x.kernel.size + x.bias.size for x in layers) == preset.parameter_count(
        PictureShape(8)
    )
    assert all(np.isfinite(list(checkpoint.figures.values())))
    assert bool(checkpoint.history.part_names) is preset.variational


def test_real_digits_begin_to_show(mnist, monkeypatch):
    # PCA of 55,000 pictures takes seconds and says nothing about training.
    monkeypatch.setattr("aeviz.training.trainer.measure_baselines", lambda dataset, latent_dim: {})
    preset = replace(PRESETS["karpathy-2d"], steps=300)
    checkpoint = train(preset, mnist)
    first, *_, last = checkpoint.history.snapshots
    originals = probe_images(mnist, checkpoint.probe_indices, True)
    np.testing.assert_array_equal(originals[-1], mnist.train_images[10])

    def error(snapshot):
        return np.square(snapshot.reconstructions / 255.0 - originals / 255.0).mean()

    # So few steps get from grey to the mean image and a little further.
    assert error(last) < 0.5 * error(first)


@pytest.fixture
def loops(monkeypatch):
    """Every loop that is made from now on, weakly; none waits from before."""
    made = []

    class Watched(training_loop.TrainingLoop):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            made.append(weakref.ref(self))

    monkeypatch.setattr(loop_pool, "idle", {})
    monkeypatch.setattr(training_loop, "TrainingLoop", Watched)
    return made


LEARNER = replace(
    SMALL, steps=5, schedule="cosine", noise=0.3, variational=True, loss="bce", learning_rate=0.01
)


def test_a_loop_trains_another_run_as_a_new_one_would(digits, loops):
    other = replace(LEARNER, name="other", steps=9, learning_rate=0.02)
    before = train(replace(LEARNER, steps=7), digits, seed=3)
    runs = [(LEARNER, {"seed": 4}), (other, {"seed": 3}), (LEARNER, {"continued": before})]
    again = [train(preset, digits, **options) for preset, options in runs]
    assert len(loops) == 1
    for reused, (preset, options) in zip(again, runs, strict=True):
        loop_pool.idle.clear()
        anew = train(preset, digits, **options)
        np.testing.assert_equal(anew.history.losses[0].parts, reused.history.losses[0].parts)
        assert anew.history.losses[1:] == reused.history.losses[1:]  # before step 1: not a number
        for ours, theirs in zip(anew.optimizer.slots, reused.optimizer.slots, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert len(loops) == 4


def test_a_loop_that_waits_holds_no_images(digits, loops):
    """The memory of the process is the oracle: 100 MB of pictures are not kept for the next run."""
    preset = replace(SMALL, steps=2)
    train(preset, digits)
    # Written to: pages of zeros that are only read may come to be in memory at any later moment.
    many = np.ones((1_600_000, 64), np.uint8)
    before = memory()
    with loop_pool.loop_for(preset, PictureShape(8), many) as loop:
        loop.train(1, 1e-3)
        assert memory() > before + 80e6
    del loop
    until = time.monotonic() + 10  # TensorFlow's threads let go a little after the run has ended
    while memory() >= before + 40e6 and time.monotonic() < until:
        time.sleep(0.1)
    assert memory() < before + 40e6


def memory() -> float:
    """Bytes of this process that are in memory, but for what the C library keeps for others."""
    loop_pool.give_back()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_no_loop_waits_for_the_garbage_collector(digits, loops, monkeypatch):
    """Or a server that trains an evening holds the images and weights of many runs."""
    monkeypatch.setattr(loop_pool, "MOST_LOOPS", 1)
    gc.disable()
    try:
        for width in (4, 5, 6):
            train(replace(SMALL, steps=2, encoder=(width,)), digits)
        assert [loop() is None for loop in loops] == [True, True, False]
        monkeypatch.setattr(loop_pool, "MOST_WEIGHTS", 10)
        train(replace(SMALL, steps=2, encoder=(7,)), digits)
        assert loops[-1]() is None
    finally:
        gc.enable()


def test_streamlits_cleaning_after_each_script_run_leaves_keras_alone():
    from keras.src.backend.common import global_state
    from streamlit.runtime.scriptrunner.script_runner import _clean_problem_modules

    global_state.set_global_attribute("aeviz_test", "still here")
    _clean_problem_modules()
    assert global_state.get_global_attribute("aeviz_test") == "still here"
