"""Going on with a training: the same as never having stopped, and said where it is not."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from dataclasses import replace
from itertools import repeat

import keras
import numpy as np
import pytest
import tensorflow as tf

from aeviz.checkpoints.checkpoint import CheckpointError, OptimizerState
from aeviz.checkpoints.store import load_checkpoint, save_checkpoint
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import scaled
from aeviz.data.picture_shape import PictureShape
from aeviz.networks.preset import Preset
from aeviz.networks.recipes import PRESETS
from aeviz.training import loop as training_loop
from aeviz.training import resume as training_resume
from aeviz.training.batches import batches
from aeviz.training.keras_models import build_model
from aeviz.training.resume import keeps_optimizer, optimizer_bytes, resume_point
from aeviz.training.trainer import train

SMALL = Preset(
    name="small",
    title="Small",
    summary="",
    encoder=(16,),
    latent_dim=3,
    decoder=(16,),
    output_activation="sigmoid",
    learning_rate=3e-3,
    batch_size=32,
    steps=12,
)
RATES = {"adam": 3e-3, "sgd": 0.5, "adadelta": 1.0}


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def recipe(optimizer, **changes):
    return replace(SMALL, optimizer=optimizer, learning_rate=RATES[optimizer], **changes)


def rows_of(dataset, count):
    """As many batches, the same for everybody."""
    random = np.random.default_rng(1)
    return [random.integers(0, dataset.n_train, 32, dtype=np.int32) for _ in range(count)]


@pytest.fixture
def dealt(digits, monkeypatch):
    """Batches for 24 steps: the first run gets the first 12, one that goes on the others."""
    rows = rows_of(digits, 24)
    monkeypatch.setattr(
        training_loop, "batches", lambda *_, before=0: iter([*rows[before:], *repeat(rows[0], 300)])
    )
    return rows


def keras_steps(preset, dataset, weights, rows):
    """Steps of Keras's own layers, loss and optimiser; its weights afterwards."""
    encoder, decoder = build_model(preset, dataset.shape, seed=5)
    model = keras.Sequential([*encoder.layers, *decoder.layers])
    model.set_weights(weights)
    kinds = {
        "adam": keras.optimizers.Adam,
        "sgd": keras.optimizers.SGD,
        "adadelta": keras.optimizers.Adadelta,
    }
    optimizer, images = kinds[preset.optimizer](preset.learning_rate), scaled(dataset.train_images)
    for row in rows:
        batch = tf.constant(images[row])
        with tf.GradientTape() as tape:
            loss = keras.losses.MeanSquaredError()(batch, model(batch))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    return model.get_weights()


def flat(checkpoint):
    layers = (*checkpoint.autoencoder.encoder, *checkpoint.autoencoder.decoder)
    return [w for layer in layers for w in (layer.kernel, layer.bias)]


@pytest.mark.parametrize("optimizer", RATES)
def test_12_steps_and_12_more_are_24_of_keras(digits, dealt, tmp_path, optimizer):
    """Through a file in between: what is not in it is not carried on."""
    preset = recipe(optimizer)
    start = training_loop.TrainingLoop(
        preset, digits.shape, digits.train_images, seed=5
    ).copy_weights()
    first = train(preset, digits, seed=5)
    assert first.best_step == 12  # so that nothing is thrown away in between
    kept = load_checkpoint(save_checkpoint(first, tmp_path))
    second = train(preset, digits, seed=5, continued=kept)
    assert second.best_step == 12
    for ours, keras_own in zip(
        flat(second), keras_steps(preset, digits, start, dealt), strict=True
    ):
        np.testing.assert_allclose(ours, keras_own, atol=2e-6)
    assert (second.continued_from, second.steps_before) == (kept.name, 12)
    assert (second.optimizer.step, second.notice) == (24, "")


@pytest.mark.parametrize("optimizer", RATES)
def test_going_on_is_one_longer_run_to_the_bit(digits, dealt, optimizer):
    """The same state too, noise and a VAE's draws included."""
    preset = recipe(optimizer, variational=True, loss="bce", noise=0.3)
    options = {"seed": 3, "compiled": False}
    long = training_loop.TrainingLoop(preset, digits.shape, digits.train_images, **options)
    long.train(24, 1e-3)
    short = training_loop.TrainingLoop(preset, digits.shape, digits.train_images, **options)
    short.train(12, 1e-3)
    resumed = training_resume.ResumePoint(
        "short", tuple(short.copy_weights()), short.copy_optimizer(), 12, ""
    )
    again = training_loop.TrainingLoop(
        preset, digits.shape, digits.train_images, **options, resumed=resumed
    )
    again.train(12, 1e-3)
    assert (again.step, again.copy_optimizer().step) == (12, 24)
    pairs = zip(
        [*again.copy_weights(), *again.copy_optimizer().slots],
        [*long.copy_weights(), *long.copy_optimizer().slots],
        strict=True,
    )
    for ours, theirs in pairs:
        np.testing.assert_array_equal(ours, theirs)


def test_a_fresh_state_is_keras_with_a_fresh_optimiser_and_is_said(digits, dealt):
    preset = recipe("adam")
    first = train(preset, digits, seed=5)
    bare = replace(first, optimizer=None)
    second = train(preset, digits, seed=5, continued=bare)
    for ours, keras_own in zip(
        flat(second), keras_steps(preset, digits, flat(first), dealt[12:]), strict=True
    ):
        np.testing.assert_allclose(ours, keras_own, atol=2e-6)
    assert second.notice == "Went on with a fresh optimiser: the old one was not kept."
    assert (second.optimizer.step, second.steps_before) == (12, 12)
    other = train(recipe("sgd"), digits, seed=5, continued=first)
    assert other.notice == (
        "Went on with a fresh optimiser: the recipe has another one than before."
    )
    assert other.optimizer == OptimizerState(12)


def test_a_run_that_goes_on_begins_with_the_model_as_it_was(digits):
    first = train(SMALL, digits, seed=5)
    second = train(replace(SMALL, steps=60, schedule="cosine"), digits, continued=first)
    at_0, images = second.history.snapshots[0], scaled(digits.validation_images)
    mse = np.square(first.autoencoder.reconstruct(images) - images).mean()
    assert at_0.step == 0 and at_0.mse == pytest.approx(mse, rel=1e-5)
    assert second.history.val_loss.min() < mse
    third = train(SMALL, digits, continued=second)
    assert third.steps_before == 12 + second.best_step
    assert third.optimizer.step == third.steps_before + third.best_step


def test_the_rate_begins_anew_over_the_new_steps(digits):
    """At the end of its cosine a rate of 0 moves nothing; a new run's first step does."""
    preset = recipe("sgd", schedule="cosine", steps=4)
    resumed = training_resume.ResumePoint(
        "x",
        tuple(
            training_loop.TrainingLoop(
                preset, digits.shape, digits.train_images, seed=5
            ).copy_weights()
        ),
        None,
        4,
        "",
    )
    loop = training_loop.TrainingLoop(
        preset, digits.shape, digits.train_images, seed=5, resumed=resumed
    )
    before = loop.copy_weights()
    loop.train(1, 0.5)
    moved = [np.abs(a - b).max() for a, b in zip(before, loop.copy_weights(), strict=True)]
    constant = training_loop.TrainingLoop(
        replace(preset, schedule="constant"),
        digits.shape,
        digits.train_images,
        seed=5,
        resumed=resumed,
    )
    constant.train(1, 0.5)
    oracle = [np.abs(a - b).max() for a, b in zip(before, constant.copy_weights(), strict=True)]
    np.testing.assert_allclose(moved, oracle, rtol=1e-6)


def test_batches_after_other_steps_are_others():
    def first(**options):
        return next(batches(500, 64, "shuffled", 3, **options))

    np.testing.assert_array_equal(first(), first(before=0))
    np.testing.assert_array_equal(first(before=7), first(before=7))
    assert not np.array_equal(first(), first(before=7))


# --- what cannot be gone on with -------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(digits):
    return train(replace(SMALL, steps=1), digits)


@pytest.mark.parametrize(
    "changes",
    [
        {"encoder": (17,)},
        {"latent_dim": 4},
        {"decoder": ()},
        {"activation": "relu"},
        {"code_activation": "tanh"},
        {"output_activation": "linear"},
        {"before_readout": 4},
        {"variational": True},
    ],
    ids=str,
)
def test_other_layers_are_refused_in_a_sentence(trained, changes):
    with pytest.raises(CheckpointError, match=r"other layers than .*\.$"):
        resume_point(trained, replace(SMALL, **changes), PictureShape(8))


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": 5_000},
        {"learning_rate": 1e-5},
        {"schedule": "cosine"},
        {"batch_size": 7},
        {"noise": 0.5},
        {"l2": 1e-3},
        {"initializer": "he_normal"},
        {"title": "Another"},
    ],
    ids=str,
)
def test_all_else_may_change_and_the_state_is_carried_on(trained, changes):
    resumed = resume_point(trained, replace(SMALL, **changes), PictureShape(8))
    assert resumed.optimizer is trained.optimizer and resumed.notice == ""


def test_other_pictures_and_missing_weights_are_refused_in_a_sentence(trained):
    with pytest.raises(CheckpointError, match=r"8 x 8 pixels: .*\.$"):
        resume_point(trained, SMALL, PictureShape(28))
    with pytest.raises(CheckpointError, match=r"without its weights.*\.$"):
        resume_point(replace(trained, autoencoder=None), SMALL, PictureShape(8))


def test_more_steps_than_can_be_counted_are_refused(trained):
    state = replace(trained.optimizer, step=1_000_000_000)
    counted = replace(trained, optimizer=state, steps_before=1_000_000_000 - trained.best_step)
    assert resume_point(counted, SMALL, PictureShape(8)).steps == 1_000_000_000
    for changes in (
        {"steps_before": 1_000_000_000, "best_step": 1},
        {"best_step": -1, "steps_before": 0},
        {"optimizer": replace(state, step=1_000_000_001)},
    ):
        with pytest.raises(CheckpointError, match=r"1,000,000,000 steps.*\.$"):
            resume_point(replace(counted, **changes), SMALL, PictureShape(8))


def test_every_recipe_here_keeps_its_state_and_a_very_wide_one_does_not():
    for preset in PRESETS.values():
        assert keeps_optimizer(preset, PictureShape(28))
    wide = replace(PRESETS["stacked-100"], encoder=(10_000,), decoder=(10_000,))
    assert not keeps_optimizer(wide, PictureShape(28))
    assert keeps_optimizer(replace(wide, optimizer="sgd"), PictureShape(28))
    # 784-1000-100-1000-784, Adam's two numbers of four bytes each.
    weights = 785 * 1000 + 1001 * 100 + 101 * 1000 + 1001 * 784
    assert optimizer_bytes(PRESETS["stacked-100"], PictureShape(28)) == 8 * weights
