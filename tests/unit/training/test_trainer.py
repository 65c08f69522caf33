"""The trainer, driving a loop whose losses are written down beforehand."""

import time
from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints.checkpoint import OptimizerState
from aeviz.checkpoints.history import History
from aeviz.checkpoints.store import load_checkpoint, save_checkpoint
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import scaled
from aeviz.data.picture_shape import PictureShape
from aeviz.latent.frames import frame_picture
from aeviz.networks.autoencoder import as_autoencoder
from aeviz.networks.costs import snapshot_steps
from aeviz.networks.preset import Preset
from aeviz.training.remote_control import RemoteControl
from aeviz.training.resume import ResumePoint
from aeviz.training.trainer import Trainer, TrainingDiverged, likely_cause

SMALL = Preset(
    name="small",
    title="Small",
    summary="",
    encoder=(4,),
    latent_dim=2,
    decoder=(),
    learning_rate=0.01,
    steps=200,
)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


class WrittenLoop:
    """Trains nothing: losses follow `validation(step)`, and every weight is the step's number."""

    longest_chunk = 16

    def __init__(self, preset, dataset, *, validation=lambda step: 1 / (1 + step), seconds=0.0):
        self.preset, self.shape, self.validation = preset, dataset.shape, validation
        self.seconds, self.step = seconds, 0
        self.rates, self.evaluated = [], []
        self.before_chunk = lambda: None

    def train(self, steps, learning_rate):
        self.before_chunk()
        time.sleep(self.seconds)
        self.step += steps
        self.rates.append((self.step, learning_rate))
        return self.loss(), self.loss(), 0.0

    def loss(self):
        return 10.0 * self.validation(self.step)

    def evaluate(self, images, pictured):
        self.evaluated.append(len(images))
        codes = np.full((len(images), self.preset.latent_dim), self.step, np.float32)
        pictures = np.full((pictured, self.shape.values), self.step % 256, np.uint8)
        # Reconstruction, KL and MSE differ, so that none is taken for another.
        losses = np.array([1.0, 0.5, 3.0]) * self.validation(self.step)
        return codes, pictures, np.tile(losses, (len(images), 1))

    def glance(self, images, pictured):
        return self.evaluate(images, pictured)[:2]

    def copy_optimizer(self):
        slots = (w for weights in self.copy_weights() for w in (weights, weights))
        return OptimizerState(1_000 + self.step, tuple(slots))

    def copy_weights(self):
        plans = [plan for part in self.preset.layers(self.shape) for plan in part]
        shapes = [shape for plan in plans for shape in (plan.kernel_shape, (plan.units,))]
        return [np.full(shape, self.step, np.float32) for shape in shapes]


def trainer(dataset, preset=SMALL, *, control=None, history=None, **options):
    loop = WrittenLoop(preset, dataset, **options)
    return Trainer(loop, preset, dataset, control=control, history=history)


# --- snapshots and the best weights ----------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 2, 3, 39, 40, 41, 200, 5_000])
def test_snapshots_are_taken_at_the_planned_steps(digits, steps):
    kept = []
    preset = replace(SMALL, steps=steps)
    checkpoint = trainer(digits, preset).run(kept.append)
    taken = [s.step for s in checkpoint.history.snapshots]
    assert taken == list(snapshot_steps(steps)) == [s.step for s in kept]
    assert (taken[0], taken[-1]) == (0, steps)
    assert len(taken) >= min(40, steps)
    assert checkpoint.history.step.tolist() == taken
    for snapshot in checkpoint.history.snapshots:
        assert (snapshot.reconstructions == snapshot.step % 256).all()
        assert snapshot.mse == pytest.approx(3 / (1 + snapshot.step))


def test_validation_loss_is_that_of_all_validation_images(digits):
    a = trainer(digits)
    history = a.run().history
    # With them only the watched pictures go through the network.
    assert set(a.loop.evaluated) == {len(a.probes.indices) + digits.n_validation}
    np.testing.assert_allclose(history.val_loss, 1 / (1 + history.step) * 1.5)
    assert history.part_names == ()


def test_snapshots_are_measured_and_mapped_on_the_first_validation_images(digits, monkeypatch):
    monkeypatch.setattr("aeviz.training.trainer.SNAPSHOT_IMAGES", 20)
    a = trainer(digits)
    shown, honest = [], a.loop.evaluate

    def evaluate(images, pictured):
        shown.append(images[pictured:])
        return honest(images, pictured)

    a.loop.evaluate = evaluate
    checkpoint = a.run()
    for images in shown:
        np.testing.assert_array_equal(images, digits.validation_images[:20])
    assert {s.map_points.shape for s in checkpoint.history.snapshots} == {(20, 2)}
    np.testing.assert_array_equal(checkpoint.map_labels, digits.validation_labels[:20])


def test_the_watched_pictures_have_the_recipes_noise_always_the_same(digits):
    a = trainer(digits, replace(SMALL, noise=0.4))
    shown, honest = [], a.loop.evaluate

    def evaluate(images, pictured):
        shown.append(images[:pictured])
        return honest(images, pictured)

    a.loop.evaluate = evaluate
    checkpoint = a.run()
    assert len(shown) == len(checkpoint.history.snapshots)
    for images in shown:
        np.testing.assert_array_equal(images, shown[0])
    originals = digits.validation_images[checkpoint.probe_indices]
    kept = shown[0] == originals
    assert (shown[0][~kept] == 0).all()
    ink = originals > 0
    share = 1 - kept[ink].mean()
    assert share == pytest.approx(0.4, abs=4 * np.sqrt(0.24 / ink.sum()))


def test_a_vaes_loss_is_shown_in_its_parts(digits):
    preset = replace(
        SMALL, variational=True, loss="bce", output_activation="sigmoid", kl_weight=4.0
    )
    a = trainer(digits, preset)
    # Log-variances as large as the step's number would overflow in the figures.
    honest = a.loop.copy_weights
    a.loop.copy_weights = lambda: [w * 1e-4 for w in honest()]
    history = a.run().history
    at = 1 / (1 + history.step)
    np.testing.assert_allclose(history.part("reconstruction"), at)
    np.testing.assert_allclose(history.part("KL"), 0.5 * at)
    np.testing.assert_allclose(history.val_loss, (1 + 4.0 * 0.5) * at)


def test_train_loss_leaves_out_penalties_as_validation_loss_does(digits):
    preset = replace(
        SMALL, variational=True, loss="bce", output_activation="sigmoid", kl_weight=4.0
    )
    a = trainer(digits, preset)
    honest = a.loop.train

    def train(steps, rate):
        honest(steps, rate)
        return 90.0, 7.0, 0.5  # 81 of them an L2 penalty

    a.loop.train = train
    assert set(a.run().history.train_loss[1:]) == {7.0 + 4.0 * 0.5}


def test_train_loss_is_the_mean_over_the_steps_since_the_last_record(digits):
    """At step s the chunk's loss is its last step's number: means can be worked out by hand."""
    a = trainer(digits, replace(SMALL, steps=200), validation=lambda step: step / 10)
    a.loop.longest_chunk = 4
    history = a.run().history
    marks = history.step.tolist()
    for before, mark, loss in zip(marks, marks[1:], history.train_loss[1:], strict=False):
        ends = [*range(before + 4, mark, 4), mark]
        lengths = np.diff([before, *ends])
        assert loss == pytest.approx((ends * lengths).sum() / (mark - before))


def test_the_weights_of_the_best_validation_loss_are_kept(digits):
    a = trainer(digits, validation=lambda step: 1 + abs(step - 100) / 100)
    checkpoint = a.run()
    marks = np.array(snapshot_steps(200))
    best = marks[np.argmin(np.abs(marks - 100))]
    assert checkpoint.best_step == best != 200
    for layer in (*checkpoint.autoencoder.encoder, *checkpoint.autoencoder.decoder):
        assert (layer.kernel == best).all() and (layer.bias == best).all()


def test_the_test_codes_are_those_of_the_best_weights(digits):
    random = np.random.default_rng(0)
    a = trainer(digits, validation=lambda step: 1 + abs(step - 100) / 100)
    honest, taken = a.loop.copy_weights, {}

    def weights():
        some = [random.normal(size=w.shape).astype(np.float32) for w in honest()]
        return taken.setdefault(a.loop.step, some)

    a.loop.copy_weights = weights
    checkpoint = a.run()
    kernel, bias, last, last_bias = taken[checkpoint.best_step][:4]
    x = scaled(digits.test_images).astype(np.float64)
    codes = np.tanh(x @ kernel + bias) @ last + last_bias
    found = checkpoint.test_codes
    np.testing.assert_allclose(found.codes, codes, rtol=2e-3, atol=1e-3)
    np.testing.assert_array_equal(found.labels, digits.test_labels)
    mean = found.errors.astype(np.float64).mean()
    assert mean == pytest.approx(checkpoint.figures["test_mse"], rel=1e-3)
    assert [row.label for row in found.agreement] == list(range(10))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_model_whose_numbers_overflow_is_kept_without_a_map(digits, tmp_path):
    a = trainer(digits)
    honest = a.loop.copy_weights
    a.loop.copy_weights = lambda: [np.full_like(w, 3e38) for w in honest()]
    checkpoint = a.run()
    assert checkpoint.test_codes is None
    assert load_checkpoint(save_checkpoint(checkpoint, tmp_path)).test_codes is None


def test_a_layers_weights_and_activations_keep_their_order():
    preset = replace(SMALL, encoder=(5, 4), decoder=(6,), before_readout=3, activation="elu")
    random = np.random.default_rng(0)
    widths = [(9, 5), (5, 4), (4, 2), (2, 6), (6, 3), (3, 9)]
    weights = [random.normal(size=shape).astype(np.float32) for w in widths for shape in (w, w[1:])]
    model = as_autoencoder(preset, PictureShape(3), weights)
    layers = (*model.encoder, *model.decoder)
    assert [x.activation for x in layers] == ["elu", "elu", "linear", "elu", "linear", "linear"]
    for layer, kernel, bias in zip(layers, weights[0::2], weights[1::2], strict=True):
        assert layer.kernel is kernel and layer.bias is bias
    assert (len(model.encoder), model.latent_dim, model.values) == (3, 2, 9)


def test_a_large_network_keeps_no_film_of_its_weights(digits):
    wide = replace(SMALL, encoder=(4_000,), steps=40)
    snapshot = trainer(digits, wide).run().history.snapshots[0]
    assert snapshot.weights is None and snapshot.frame is not None
    small = trainer(digits).run().history.snapshots[-1].weights
    assert all(w.dtype == np.float16 and (w == 200).all() for w in small)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_every_snapshot_has_the_manifold_of_its_own_weights(digits, dim):
    a = trainer(digits, replace(SMALL, latent_dim=dim, output_activation="sigmoid", steps=3))
    snapshots = a.run().history.snapshots
    for step, snapshot in enumerate(snapshots):
        # Every weight is the step's number, so a code (p, q, r) is drawn as sigmoid(s (p+q+r+1)).
        # All codes are the step's number as well: the range is one unit around them on the map.
        span, n = snapshot.frame.span, snapshot.frame.cells
        assert span.right - span.left == pytest.approx(1) == span.top - span.bottom
        ink = frame_picture(snapshot.frame.picture, PictureShape(n * 8))
        cell = ink.reshape(n, 8, n, 8).mean(axis=(1, 3)) / 255
        if dim <= 2:
            x, y = np.linspace(span.left, span.right, n), np.linspace(span.top, span.bottom, n)
            sums = np.add.outer(y if dim == 2 else 0 * y, x)
            np.testing.assert_allclose(cell, 1 / (1 + np.exp(-step * (sums + 1))), atol=0.02)
        else:
            assert cell[n // 2, n // 2] > 1 / (1 + np.exp(-step)) - 0.1


# --- turning knobs ---------------------------------------------------------------------------


def test_a_stopped_run_keeps_what_it_has(digits):
    control = RemoteControl()
    a = trainer(digits, replace(SMALL, steps=10_000), control=control)
    a.loop.before_chunk = lambda: control.stop() if a.loop.step > 500 else None
    checkpoint = a.run()
    last = checkpoint.history.snapshots[-1]
    assert 500 < last.step < 10_000
    assert checkpoint.notice == f"Stopped by hand at step {last.step:,} of 10,000."
    assert checkpoint.best_step == last.step
    assert last.loss.train_loss == pytest.approx(10 / (1 + last.step), rel=0.2)


def test_a_run_stopped_before_its_first_step_is_a_run_of_no_steps(digits):
    control = RemoteControl()
    control.stop()
    checkpoint = trainer(digits, control=control).run()
    assert [s.step for s in checkpoint.history.snapshots] == [0]
    assert checkpoint.notice == "Stopped by hand at step 0 of 200."


def test_a_run_stopped_just_after_a_glance_repeats_its_loss(digits):
    """In slow motion every chunk is shown at once; nothing is left to average at the stop."""
    control = RemoteControl(steps_per_second=1e6)
    a = trainer(digits, replace(SMALL, steps=10_000), control=control, validation=lambda s: 1.0)
    marks = snapshot_steps(10_000)
    between = next(m + 1 for m in marks if m + 1 not in marks)
    a.loop.longest_chunk = 1

    def look():
        control.look()
        if a.loop.step == between - 1:
            control.stop()

    a.loop.before_chunk = look
    history = a.run().history
    assert history.step[-1] == history.snapshots[-1].step == between
    assert (np.diff(history.step) > 0).all()
    assert (history.train_loss[1:] == 10.0).all()


def test_a_rate_set_while_it_runs_is_handed_to_the_loop(digits):
    control = RemoteControl()
    a = trainer(digits, control=control)
    mark = next(step for step in snapshot_steps(SMALL.steps) if step >= 100)

    def change(snapshot):
        if snapshot.step == mark:
            control.learning_rate = 0.5

    a.run(change)
    assert {rate for step, rate in a.loop.rates if step <= mark} == {0.01}
    assert {rate for step, rate in a.loop.rates if step > mark} == {0.5}


def test_patience_ends_a_run_that_no_longer_improves(digits):
    a = trainer(
        digits, replace(SMALL, steps=2_000, patience=300), validation=lambda s: max(1.0, 100 - s)
    )
    checkpoint = a.run()
    last = checkpoint.history.snapshots[-1].step
    assert checkpoint.best_step < 300
    waited = last - checkpoint.best_step
    assert 300 <= waited < 2_000 and last < 2_000
    assert checkpoint.notice == (
        f"Stopped at step {last:,}: validation loss had not improved for {waited:,} steps."
    )


def test_patience_waits_while_it_improves(digits):
    checkpoint = trainer(digits, replace(SMALL, steps=2_000, patience=300)).run()
    assert checkpoint.history.snapshots[-1].step == 2_000
    assert checkpoint.notice == ""


# --- going on, and what can be gone on with --------------------------------------------------


def test_the_optimisers_state_is_that_of_the_best_weights(digits):
    a = trainer(digits, validation=lambda step: 1 + abs(step - 100) / 100)
    checkpoint = a.run()
    assert checkpoint.best_step != 200
    assert checkpoint.optimizer.step == 1_000 + checkpoint.best_step
    assert len(checkpoint.optimizer.slots) == 2 * 6  # two of each kernel and bias
    assert all((slot == checkpoint.best_step).all() for slot in checkpoint.optimizer.slots)


def test_a_large_state_is_not_kept(digits, monkeypatch):
    # 64-4-2-64: two float32 numbers for each of 64*4+4 + 4*2+2 + 2*64+64 weights.
    size = 2 * 4 * (64 * 4 + 4 + 4 * 2 + 2 + 2 * 64 + 64)
    monkeypatch.setattr("aeviz.training.resume.OPTIMIZER_STATE_BYTES", size)
    assert trainer(digits).run().optimizer is not None
    monkeypatch.setattr("aeviz.training.resume.OPTIMIZER_STATE_BYTES", size - 1)
    a = trainer(digits)
    a.loop.copy_optimizer = None  # not even copied
    assert a.run().optimizer is None


def test_a_state_that_overflowed_is_not_kept(digits, tmp_path):
    a = trainer(digits)
    honest = a.loop.copy_optimizer
    endless = np.full(3, np.inf, np.float32)
    a.loop.copy_optimizer = lambda: replace(honest(), slots=(endless, *honest().slots[1:]))
    checkpoint = a.run()
    assert checkpoint.optimizer is None
    load_checkpoint(save_checkpoint(checkpoint, tmp_path))


RESUMED = ResumePoint("before", (), None, 5_000, "Went on with a fresh optimiser: it was not kept.")


def test_a_run_that_goes_on_says_from_what(digits):
    loop = WrittenLoop(SMALL, digits)
    checkpoint = Trainer(loop, SMALL, digits, resumed=RESUMED).run()
    assert (checkpoint.continued_from, checkpoint.steps_before) == ("before", 5_000)
    assert checkpoint.notice == RESUMED.notice
    assert checkpoint.history.snapshots[0].step == 0
    checkpoint = trainer(digits).run()
    assert (checkpoint.continued_from, checkpoint.steps_before, checkpoint.notice) == ("", 0, "")


def test_how_it_ended_is_said_after_how_it_began(digits):
    control = RemoteControl()
    control.stop()
    checkpoint = Trainer(
        WrittenLoop(SMALL, digits), SMALL, digits, control=control, resumed=RESUMED
    ).run()
    assert checkpoint.notice == f"{RESUMED.notice} Stopped by hand at step 0 of 200."


# --- live glances ----------------------------------------------------------------------------


def run_for(digits, seconds, *, watched):
    """A slow run of about so many seconds; its history and how often `latest` moved."""
    control, history = RemoteControl(), History()
    preset = replace(SMALL, steps=1_000_000)
    a = trainer(digits, preset, control=control, history=history, seconds=0.005)
    # Late in a run marks are far apart; most of what is seen there are glances.
    a.loop.longest_chunk = 100
    seen, end = {}, time.monotonic() + seconds

    def poll():
        if watched:
            control.look()
        latest = history.view().latest
        seen[latest.step] = latest
        if time.monotonic() > end:
            control.stop()

    a.loop.before_chunk = poll
    start = time.monotonic()
    checkpoint = a.run()
    return a, checkpoint.history, seen, time.monotonic() - start


def test_a_watched_run_shows_itself_four_times_a_second_and_keeps_none_of_it(digits):
    a, view, seen, seconds = run_for(digits, 2.0, watched=True)
    kept = {s.step for s in view.snapshots}
    assert kept <= {*snapshot_steps(1_000_000), a.loop.step}
    glances = [s for step, s in seen.items() if step not in kept]
    assert len(glances) >= 3
    # A moment that is kept is seen as well: together they make four a second.
    assert len(seen) >= 4 * seconds * 0.8
    for glance in glances:
        assert np.isnan(glance.mse) and np.isnan(glance.loss.validation_loss)
        assert glance.weights is None and glance.frame is None
        assert glance.loss.train_loss > 0
    losses = view.step.tolist()
    assert {g.step for g in glances} <= set(losses) and losses == sorted(losses)


def test_an_unwatched_run_makes_no_live_pictures(digits):
    a, view, seen, _ = run_for(digits, 0.8, watched=False)
    assert set(seen) <= {s.step for s in view.snapshots}
    assert view.step.tolist() == [s.step for s in view.snapshots]
    assert len(a.loop.evaluated) == len(view.snapshots)


def test_slow_motion_shows_every_chunk(digits):
    control = RemoteControl(steps_per_second=4_000)
    a = trainer(digits, replace(SMALL, steps=300), control=control)
    a.loop.before_chunk = control.look
    view = a.run().history
    assert len(view.losses) == len(a.loop.rates) + 1


# --- divergence ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "word"),
    [(np.nan, "stopped being a number"), (np.inf, "stopped being a number"), (1e6, "exploded")],
)
def test_a_loss_that_leaves_the_numbers_ends_the_run(digits, loss, word):
    a = trainer(digits)
    a.loop.loss = lambda: loss if a.loop.step > 50 else 1.0
    history_before = [s for s in snapshot_steps(200) if s <= 50]
    with pytest.raises(TrainingDiverged) as caught:
        a.run()
    sentence, checkpoint = str(caught.value), caught.value.checkpoint
    assert f"The loss {word} near step" in sentence
    assert "learning rate of 0.01" in sentence and "try 0.001" in sentence
    assert sentence.endswith("What came before is kept.")
    assert checkpoint.notice == sentence
    assert [s.step for s in checkpoint.history.snapshots] == history_before
    assert np.isfinite(checkpoint.history.train_loss[1:]).all()
    assert np.isfinite(checkpoint.history.val_loss).all()
    assert checkpoint.best_step == history_before[-1]
    images = scaled(digits.test_images)
    mse = np.square(checkpoint.autoencoder.reconstruct(images) - images).mean(dtype=np.float64)
    assert checkpoint.figures["test_mse"] == pytest.approx(mse, rel=1e-4)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_codes_or_losses_that_leave_the_numbers_are_not_kept(digits, number):
    for broken in ("codes", "losses"):
        a = trainer(digits)
        honest = a.loop.evaluate

        def evaluate(images, pictured, honest=honest, a=a, broken=broken):
            codes, pictures, losses = honest(images, pictured)
            if a.loop.step > 50:
                (codes if broken == "codes" else losses)[:] = number
            return codes, pictures, losses

        a.loop.evaluate = evaluate
        with pytest.raises(TrainingDiverged, match="learning rate of 0.01") as caught:
            a.run()
        view = caught.value.checkpoint.history
        assert [s.step for s in view.snapshots] == [s for s in snapshot_steps(200) if s <= 50]
        assert np.isfinite(view.val_loss).all()


def test_a_bump_is_not_an_explosion(digits):
    a = trainer(digits, validation=lambda step: 100.0 if step == 50 else 0.2)
    assert a.run().notice == ""


def test_huge_codes_stay_within_half_precision(digits):
    a = trainer(digits, replace(SMALL, steps=3))
    honest = a.loop.evaluate
    a.loop.evaluate = lambda *given: (honest(*given)[0] + 1e6, *honest(*given)[1:])
    for snapshot in a.run().history.snapshots:
        assert np.isfinite(snapshot.codes).all() and np.isfinite(snapshot.map_points).all()
        assert (
            frame_picture(snapshot.frame.picture, PictureShape(snapshot.frame.cells * 8)).max()
            <= 255
        )


@pytest.mark.parametrize(
    ("changes", "rate", "knob", "instead"),
    [
        ({}, 2.0, "learning rate of 2", "0.2"),
        ({}, None, "learning rate of 0.01", "0.001"),
        ({"l2": 1.0}, None, "L2 penalty of 1", "0.01"),
        ({"code_l1": 10.0}, None, "L1 penalty of 10", "0.1"),
        ({"l2": 1.0, "code_l1": 10.0}, 2.0, "learning rate of 2", "0.2"),
        ({"l2": 1e-4}, None, "learning rate of 0.01", "0.001"),
        ({"l2": 1.0, "optimizer": "sgd"}, 0.5, "L2 penalty of 1", "0.01"),
        ({"optimizer": "adadelta", "learning_rate": 2.0}, None, "learning rate of 2", "0.2"),
    ],
)
def test_the_sentence_names_the_knob_and_a_smaller_value(changes, rate, knob, instead):
    sentence = likely_cause(replace(SMALL, **changes), rate)
    assert knob in sentence
    assert sentence.endswith(f"try {instead}.")
