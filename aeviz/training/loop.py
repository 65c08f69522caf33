"""Training: Keras builds the model, a compiled loop over many steps trains it.

One call of the compiled chunk takes any number of steps: the images stay in TensorFlow as bytes,
the batches are gathered inside, the optimiser is written out (measured against Keras's own in the
same loop: 1.4 times the steps a second). Everything handed out is a NumPy copy.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np

# Set before TensorFlow is imported: its start-up notices are of no use to a reader of the terminal.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

from aeviz.checkpoints.checkpoint import Checkpoint, OptimizerState
from aeviz.checkpoints.history import History, Snapshot
from aeviz.data.dataset import ImageDataset
from aeviz.networks.costs import EVALUATION_BLOCK, step_operations
from aeviz.networks.limits import check_preset
from aeviz.networks.recipes import Preset
from aeviz.networks.settings import OPTIMIZER_SLOTS
from aeviz.training.remote_control import RemoteControl
from aeviz.training.resume import ResumePoint, resume_point
from aeviz.training.trainer import Trainer

log = logging.getLogger(__name__)

# Streamlit calls this after every script run where Keras is loaded (script_runner.py,
# `_clean_problem_modules`). It resets the graph that another thread may be tracing, empties
# TensorFlow's kernel cache and collects all garbage: for each viewer four times a second, which
# slowed training a hundredfold. Nothing here leaves Keras state behind that would need clearing.
keras.backend.clear_session = lambda *_, **__: None

# Building Keras models in two threads at once mixes up their layers' names and scopes.
BUILDING = threading.Lock()

# A chunk takes at most about this many operations (half a second on two cores), so that pause
# and stop are prompt; while someone watches, the trainer asks for chunks that end when a picture is
# due. Each chunk costs some milliseconds of its own: the weights are copied in and out. At most so
# many steps, since their batches go in at once.
_CHUNK_OPERATIONS = 6e10
_LONGEST_CHUNK = 256
# A step of fewer operations than this trains as two half batches side by side: its products are too
# small to share among cores one by one (measured: 1.3 times the steps a second for 784-50-50-2; a
# tenth slower for 784-1000-100).
_SPLIT_BELOW = 2e8
# Optimiser constants are Keras's defaults (keras.optimizers.Adam, SGD, Adadelta).
_ADAM_MEAN, _ADAM_SQUARE, _ADAM_EPSILON = 0.9, 0.999, 1e-7
_ADADELTA_DECAY, _ADADELTA_EPSILON = 0.95, 1e-7


# --- the network -----------------------------------------------------------------------------


def build_model(preset: Preset, pixels: int, seed: int) -> tuple[keras.Model, keras.Model]:
    """Encoder and decoder as Keras models with the preset's initial weights for this seed.

    A variational encoder's output is 2 * latent_dim wide: means, then log-variances.
    """
    seeds = iter(np.random.SeedSequence(seed).generate_state(64).tolist())

    def stack(name: str, width: int, layers: list[tuple[int, str]]) -> keras.Model:
        model = keras.Sequential([keras.Input((width,))], name=name)
        for i, (units, activation) in enumerate(layers):
            model.add(
                keras.layers.Dense(
                    units,
                    # Named here: Keras's own numbering restarts in every thread but the main one.
                    name=f"{name}_{i}",
                    activation=activation,
                    kernel_initializer=_initializer(preset.initializer, next(seeds)),
                    bias_initializer=keras.initializers.Constant(preset.bias_start),
                )
            )
        return model

    encoder, decoder = preset.dense_layers(pixels)
    with BUILDING:
        return stack("encoder", pixels, encoder), stack("decoder", preset.latent_dim, decoder)


def _initializer(name: str, seed: int) -> keras.initializers.Initializer:
    if name == "truncated_normal":  # source 1: tf.truncated_normal(stddev=0.1)
        return keras.initializers.TruncatedNormal(stddev=0.1, seed=seed)
    return {
        "glorot_uniform": keras.initializers.GlorotUniform,
        "glorot_normal": keras.initializers.GlorotNormal,
        "he_normal": keras.initializers.HeNormal,
    }[name](seed=seed)


# --- activations -----------------------------------------------------------------------------


@tf.custom_gradient
def _elu(z):
    # XLA's own ELU goes through expm1 and a select in both directions. This is the same function
    # with its slope read off the output; measured, some 7 % more steps a second on wide layers.
    h = tf.maximum(z, 0.0) + tf.exp(tf.minimum(z, 0.0)) - 1.0
    return h, lambda upstream: upstream * (tf.minimum(h, 0.0) + 1.0)


ACTIVATIONS = {
    "linear": lambda z: z,
    "tanh": tf.tanh,
    "relu": tf.nn.relu,
    "elu": _elu,
    "silu": tf.nn.silu,
    "sigmoid": tf.sigmoid,
}


# --- the loss --------------------------------------------------------------------------------


def reconstruction_loss(kind: str, images: tf.Tensor, drawn: tf.Tensor) -> tf.Tensor:
    """Loss of each image, (n,). "mse": mean over pixels. "bce": sum over pixels, in nats.

    The clip of 1e-10 is source 3's.
    """
    if kind == "mse":
        return tf.reduce_mean(tf.square(drawn - images), axis=1)
    ink = tf.math.log(tf.clip_by_value(drawn, 1e-10, 1.0))
    paper = tf.math.log(tf.clip_by_value(1.0 - drawn, 1e-10, 1.0))
    return -tf.reduce_sum(images * ink + (1.0 - images) * paper, axis=1)


def kl_divergence(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """KL(N(mean, exp(log_variance)) || N(0, 1)) of each row, (n,), in nats.

    Kingma & Welling 2013, appendix B.
    """
    return -0.5 * tf.reduce_sum(1.0 + log_variance - tf.square(mean) - tf.exp(log_variance), axis=1)


# --- the optimisers --------------------------------------------------------------------------


def _adam(rate, step, weight, gradient, mean, square):
    scale = rate * tf.sqrt(1.0 - tf.pow(_ADAM_SQUARE, step)) / (1.0 - tf.pow(_ADAM_MEAN, step))
    mean.assign_add((gradient - mean) * (1.0 - _ADAM_MEAN))
    square.assign_add((tf.square(gradient) - square) * (1.0 - _ADAM_SQUARE))
    weight.assign_sub(scale * mean / (tf.sqrt(square) + _ADAM_EPSILON))


def _sgd(rate, step, weight, gradient):
    weight.assign_sub(rate * gradient)


def _adadelta(rate, step, weight, gradient, square, moved):
    square.assign_add((tf.square(gradient) - square) * (1.0 - _ADADELTA_DECAY))
    change = gradient * tf.sqrt(moved + _ADADELTA_EPSILON) / tf.sqrt(square + _ADADELTA_EPSILON)
    moved.assign_add((tf.square(change) - moved) * (1.0 - _ADADELTA_DECAY))
    weight.assign_sub(rate * change)


# name -> update of one weight, with as many slots of its shape as OPTIMIZER_SLOTS says
OPTIMIZERS = {"adam": _adam, "sgd": _sgd, "adadelta": _adadelta}


# --- the compiled loop -----------------------------------------------------------------------


def program(preset: Preset, pixels: int) -> tuple[Preset, int]:
    """What the compiled steps depend on: the same for runs that one loop can train in turn."""
    words = {
        "name": "",
        "title": "",
        "summary": "",
        "source": 0,
        "not_given": (),
        "published": None,
    }
    return replace(preset, **words, steps=1, patience=0, learning_rate=1.0), pixels


class TrainingLoop:
    """The network, its optimiser state and the two compiled functions over them."""

    def __init__(
        self,
        preset: Preset,
        images: np.ndarray,
        *,
        seed: int = 0,
        compiled: bool = True,
        resumed: ResumePoint | None = None,
    ) -> None:
        """images: (n, pixels) uint8, the training images. resumed: what to go on from; batches,
        noise and draws are then others than before, even with the same seed, and the schedule of
        the rate starts anew.
        """
        pixels = images.shape[1]
        self.program, self._pixels = program(preset, pixels), pixels
        stacks = zip(build_model(preset, pixels, seed), preset.dense_layers(pixels), strict=True)
        self._encoder, self._decoder = (
            [
                (tf.Variable(layer.kernel), tf.Variable(layer.bias), activation)
                for layer, (_, activation) in zip(model.layers, layers, strict=True)
            ]
            for model, layers in stacks
        )
        self.weights = [w for layer in (*self._encoder, *self._decoder) for w in layer[:2]]
        self._update = OPTIMIZERS[preset.optimizer]
        slots = range(OPTIMIZER_SLOTS[preset.optimizer])
        self._slots = [[tf.Variable(tf.zeros_like(w)) for _ in slots] for w in self.weights]
        # What differs from run to run is an input of the compiled steps and no part of them.
        self._inputs = {
            name: tf.Variable(0)
            for name in ("seed", "draw_seed", "before", "optimizer_before", "steps")
        }
        operations = step_operations(preset, pixels)
        self._parts = 2 if operations < _SPLIT_BELOW and preset.batch_size % 2 == 0 else 1
        self.longest_chunk = int(np.clip(_CHUNK_OPERATIONS / operations, 1, _LONGEST_CHUNK))
        self._compiled = compiled
        self._run = tf.function(self._steps, jit_compile=compiled)
        self._measured = tf.function(self._evaluate, reduce_retracing=True)
        self._seen = tf.function(self._glance, reduce_retracing=True)
        self._begin(preset, images, seed, resumed)

    def reset(
        self,
        preset: Preset,
        images: np.ndarray,
        *,
        seed: int = 0,
        resumed: ResumePoint | None = None,
    ) -> None:
        """Another run of the same `program`, with nothing left of the one before."""
        models = build_model(preset, self._pixels, seed)
        for weight, value in zip(self.weights, [w for m in models for w in m.weights], strict=True):
            weight.assign(value)
        for slot in (slot for slots in self._slots for slot in slots):
            slot.assign(tf.zeros_like(slot))
        self._begin(preset, images, seed, resumed)

    def _begin(
        self, preset: Preset, images: np.ndarray, seed: int, resumed: ResumePoint | None
    ) -> None:
        self.preset, self._images, self.step = preset, tf.constant(images), 0
        # Steps before step 0: of the weights, and of the optimiser's state.
        self._before = self._optimizer_before = 0
        if resumed:
            self._go_on(resumed)
        # A seed apart from the noise's; TensorFlow takes 31 bits.
        numbers = (seed, (2 * seed + 7) % 2**31, self._before, self._optimizer_before, preset.steps)
        for variable, number in zip(self._inputs.values(), numbers, strict=True):
            variable.assign(number)
        self._batches = batches(
            len(images), preset.batch_size, preset.sampling, seed, before=self._before
        )

    def train(self, steps: int, learning_rate: float) -> tuple[float, float, float]:
        """Take 1 to `longest_chunk` steps; return the mean total, reconstruction and KL loss."""
        rows = np.zeros((self.longest_chunk, self.preset.batch_size), dtype=np.int32)
        for i in range(steps):
            rows[i] = next(self._batches)
        arguments = (
            # Gathered before the compiled part: as fast as inside (measured), and the images are
            # not compiled into the program.
            tf.gather(self._images, rows),
            tf.constant(steps, tf.int32),
            tf.constant(self.step, tf.int32),
            tf.constant(learning_rate, tf.float32),
        )
        try:
            sums = self._run(*arguments)
        except (tf.errors.OpError, NotImplementedError) as error:
            if not self._compiled or self.step:
                raise
            log.warning(
                "XLA is not to be had here (%s): training without it.", type(error).__name__
            )
            self._compiled = False
            self._run = tf.function(self._steps)
            sums = self._run(*arguments)
        self.step += steps
        total, drawn, kl = (sums.numpy() / steps).tolist()
        return total, drawn, kl

    def evaluate(
        self, images: np.ndarray, pictured: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(n, pixels) uint8 -> codes (n, latent_dim), pictures (pictured, pixels) uint8 of the
        first images, losses (n, 3).

        The losses are reconstruction in the preset's unit, KL (0 if not variational), and mean
        squared error, with no noise on the input and a VAE's mean as the code.
        """
        blocks = [
            [
                x.numpy()
                for x in self._measured(
                    tf.constant(images[i : i + EVALUATION_BLOCK]),
                    tf.constant(max(0, pictured - i), tf.int32),
                )
            ]
            for i in range(0, len(images), EVALUATION_BLOCK)
        ]
        codes, pictures, losses = (np.concatenate(x) for x in zip(*blocks, strict=True))
        return codes, pictures, losses

    def glance(self, images: np.ndarray, pictured: int) -> tuple[np.ndarray, np.ndarray]:
        """The codes and pictures of `evaluate`, all in one go; the other images are not decoded."""
        codes, pictures = self._seen(tf.constant(images), tf.constant(pictured, tf.int32))
        return codes.numpy(), pictures.numpy()

    def copy_weights(self) -> list[np.ndarray]:
        """Kernel, bias, kernel, ... as float32 arrays of their own."""
        return [np.array(w.numpy()) for w in self.weights]

    def copy_optimizer(self) -> OptimizerState:
        """The optimiser's state, arrays of its own."""
        slots = (np.array(slot.numpy()) for slots in self._slots for slot in slots)
        return OptimizerState(self._optimizer_before + self.step, tuple(slots))

    def rest(self) -> None:
        """Let go of the images: 43 MB of MNIST's."""
        self._images = self._batches = None

    def release(self) -> None:
        """Let go of the compiled functions, after the last call of any.

        They hold the loop and the loop them. Without this all of it waits for Python to collect its
        garbage, which it does less the more there is, and TensorFlow alone is 400,000 objects: a
        server that trained an evening grew by 60 MB a run.
        """
        self._run = self._measured = self._seen = None

    def _go_on(self, resumed: ResumePoint) -> None:
        for weight, value in zip(self.weights, resumed.weights, strict=True):
            weight.assign(value)
        if resumed.optimizer:
            flat = [slot for slots in self._slots for slot in slots]
            for slot, value in zip(flat, resumed.optimizer.slots, strict=True):
                slot.assign(value)
            self._optimizer_before = resumed.optimizer.step
        self._before = resumed.steps

    def _steps(self, raw, count, first, rate):
        # Written out: `for i in tf.range(count)` makes the count part of the compiled program,
        # which is then compiled anew, a second or two, for every length of chunk.
        def one(i, sums):
            return i + 1, sums + self._one_step(raw[i], first + i, rate)

        return tf.while_loop(lambda i, _: i < count, one, (0, tf.zeros(3)))[1]

    def _one_step(self, raw, number, rate):
        preset = self.preset
        images = tf.cast(raw, tf.float32) * (1.0 / 255.0)
        drawn_at = self._inputs["before"] + number
        seen = self._noisy(images, drawn_at)
        halves = []
        parts = zip(tf.split(seen, self._parts), tf.split(images, self._parts), strict=True)
        for i, (some_seen, some) in enumerate(parts):
            with tf.GradientTape() as tape:
                losses = self._loss(some_seen, some, tf.stack([drawn_at, i]))
            halves.append((tape.gradient(losses[0], self.weights), tf.stack(losses)))
        losses = tf.add_n([half for _, half in halves]) / self._parts
        gradients = [tf.add_n(g) / self._parts for g in zip(*(g for g, _ in halves), strict=True)]
        done = tf.cast(number, tf.float32)
        if preset.schedule == "cosine":
            share = done / tf.cast(self._inputs["steps"], tf.float32)
            rate = rate * 0.5 * (1.0 + tf.cos(np.pi * share))
        taken = tf.cast(self._inputs["optimizer_before"] + number, tf.float32)
        for weight, gradient, slots in zip(self.weights, gradients, self._slots, strict=True):
            self._update(rate, taken + 1.0, weight, gradient, *slots)
        return losses

    def _noisy(self, images, number):
        preset = self.preset
        if not preset.noise:
            return images
        keys = tf.random.stateless_uniform(
            (3,), tf.stack([self._inputs["seed"], number]), None, None, tf.uint32
        )
        share = preset.noise
        if preset.noise_mode == "per image":
            share *= counter_uniform((preset.batch_size, 1), keys[2], keys[0])
        kept = counter_uniform((preset.batch_size, self._pixels), keys[0], keys[1]) >= share
        return tf.where(kept, images, 0.0)

    def _loss(self, seen, images, draw):
        preset = self.preset
        codes = _through(self._encoder, seen)
        kl = tf.constant(0.0)
        if preset.variational:
            mean, log_variance = tf.split(codes, 2, axis=1)
            draw = draw + tf.stack([0, self._inputs["draw_seed"]])
            spread = tf.random.stateless_normal(tf.shape(mean), draw)
            codes = mean + tf.exp(0.5 * log_variance) * spread
            kl = tf.reduce_mean(kl_divergence(mean, log_variance))
        drawn = _through(self._decoder, codes)
        drawn = tf.reduce_mean(reconstruction_loss(preset.loss, images, drawn))
        total = drawn + preset.kl_weight * kl
        if preset.code_l1:
            total += preset.code_l1 * tf.reduce_mean(tf.reduce_sum(tf.abs(codes), axis=1))
        if preset.l2:
            total += preset.l2 * tf.add_n([tf.nn.l2_loss(w) for w in self.weights[0::2]])
        return total, drawn, kl

    def _encode(self, raw):
        images = tf.cast(raw, tf.float32) * (1.0 / 255.0)
        codes = _through(self._encoder, images)
        if not self.preset.variational:
            return images, codes, tf.zeros(tf.shape(images)[0])
        codes, log_variance = tf.split(codes, 2, axis=1)
        return images, codes, kl_divergence(codes, log_variance)

    def _glance(self, raw, pictured):
        codes = self._encode(raw)[1]
        return codes, _as_bytes(_through(self._decoder, codes[:pictured]))

    def _evaluate(self, raw, pictured):
        preset = self.preset
        images, codes, kl = self._encode(raw)
        drawn = _through(self._decoder, codes)
        mse = reconstruction_loss("mse", images, drawn)
        own = mse if preset.loss == "mse" else reconstruction_loss(preset.loss, images, drawn)
        losses = [own, kl, mse]
        return codes, _as_bytes(drawn[:pictured]), tf.stack(losses, axis=1)


def _as_bytes(drawn):
    return tf.cast(tf.clip_by_value(drawn, 0.0, 1.0) * 255.0 + 0.5, tf.uint8)


def _through(layers, x):
    for kernel, bias, activation in layers:
        x = ACTIVATIONS[activation](tf.matmul(x, kernel) + bias)
    return x


def counter_uniform(shape: tuple[int, int], first, second) -> tf.Tensor:
    """Uniform numbers in [0, 1), float32 with 24 random bits, from a counter and two uint32 keys.

    Masking noise wants a number for every pixel of every batch; TensorFlow's own stateless
    generators cost more than the whole training step inside XLA (10 ms against 0.03 for 128 x 784).
    This hashes the element's number twice with the "lowbias32" finaliser of Chris Wellons' hash
    prospector (public domain), keyed anew each step by TensorFlow's generator.
    """
    x = tf.cast(tf.reshape(tf.range(shape[0] * shape[1]), shape), tf.uint32)
    for key in (first, second):
        x = tf.bitwise.bitwise_xor(x, key)
        for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B), (16, 1)):
            x = tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, tf.constant(shift, tf.uint32)))
            x *= tf.constant(factor, tf.uint32)
    bits = tf.bitwise.right_shift(x, tf.constant(8, tf.uint32))
    return tf.cast(tf.cast(bits, tf.int32), tf.float32) * 2.0**-24


def batches(count: int, batch_size: int, sampling: str, seed: int, *, before: int = 0):
    """Endless rows of `batch_size` image numbers below `count`, the same for the same seed.

    "shuffled" deals every image once before any comes again; a batch may span two shuffles. before:
    steps taken in earlier runs, after which the rows are others.
    """
    random = np.random.default_rng([seed, 0xBA7C4, *([before] if before else [])])
    if sampling == "with replacement":
        while True:
            yield random.integers(0, count, batch_size, dtype=np.int32)
    deck = random.permutation(count).astype(np.int32)
    while True:
        while len(deck) < batch_size:
            deck = np.concatenate([deck, random.permutation(count).astype(np.int32)])
        yield deck[:batch_size]
        deck = deck[batch_size:]


# --- one run ---------------------------------------------------------------------------------

# TensorFlow keeps what XLA compiled for as long as the process lives, 12 MB a loop (measured; it
# goes neither with the loop nor with TensorFlow's caches). So the loops of the last recipes are
# kept for the next run, which also begins a second or two sooner; not those of more than so many
# weights and biases, 60 MB with Adam's numbers.
_MOST_LAID_BY, _LARGEST_LAID_BY = 8, 5_000_000
_laid_by: dict[tuple[Preset, int], TrainingLoop] = {}


def train(
    preset: Preset,
    dataset: ImageDataset,
    *,
    seed: int = 0,
    on_snapshot: Callable[[Snapshot], None] | None = None,
    control: RemoteControl | None = None,
    history: History | None = None,
    continued: Checkpoint | None = None,
) -> Checkpoint:
    """Train `preset` on `dataset` and return the finished model.

    continued: a model to go on from, as `aeviz.training.resume` says. on_snapshot is called with
    every kept snapshot, in this thread. control turns the knobs while it runs. history is where
    snapshots and live glances go, for whoever watches. The same preset, data and seed give the
    same initial weights and, on the same machine, the same curve. Raises PresetError before
    anything starts, CheckpointError where `continued` does not fit, and TrainingDiverged (with the
    model so far) when the loss stops being a number or explodes.
    """
    check_preset(preset, pixels=dataset.pixels, images=dataset.n_train)
    resumed = resume_point(continued, preset, dataset.pixels) if continued else None
    loop = _loop_of(preset, dataset.train_images, seed, resumed)
    trainer = Trainer(
        loop, preset, dataset, seed=seed, control=control, history=history, resumed=resumed
    )
    try:
        return trainer.run(on_snapshot)
    except tf.errors.ResourceExhaustedError as error:
        raise MemoryError("There was not enough memory for this network.") from error
    finally:
        _lay_by(loop)


def _loop_of(
    preset: Preset, images: np.ndarray, seed: int, resumed: ResumePoint | None
) -> TrainingLoop:
    """One that was laid by, which is compiled already, or a new one."""
    loop = _laid_by.pop(program(preset, images.shape[1]), None)
    if loop is None:
        return TrainingLoop(preset, images, seed=seed, resumed=resumed)
    loop.reset(preset, images, seed=seed, resumed=resumed)
    return loop


def _lay_by(loop: TrainingLoop) -> None:
    loop.rest()
    replaced = _laid_by.pop(loop.program, None)
    dropped = [replaced] if replaced else []
    if sum(w.shape.num_elements() for w in loop.weights) <= _LARGEST_LAID_BY:
        _laid_by[loop.program] = loop
    else:
        dropped.append(loop)
    while len(_laid_by) > _MOST_LAID_BY:
        dropped.append(_laid_by.pop(next(iter(_laid_by))))
    for old in dropped:
        old.release()
