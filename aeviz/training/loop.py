"""The training loop, compiled by TensorFlow: one call takes any number of steps.

The images stay in TensorFlow as bytes, and the optimiser is written out (measured against Keras's
own in the same loop: 1.4 times the steps a second). Everything handed out is a NumPy copy.

Each loop is a graph and a session of its own. What XLA compiles belongs to a device, and outside a
session all share the one device of the process, which keeps it until the process ends: 16 to 24 MB
with every other network, whatever is deleted. A session has devices of its own, which end with it.
"""

import logging
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from aeviz.checkpoints.checkpoint import OptimizerState
from aeviz.data.picture_shape import PictureShape
from aeviz.networks.costs import EVALUATION_BLOCK, step_operations
from aeviz.networks.preset import Preset
from aeviz.networks.settings import OPTIMIZER_SLOTS
from aeviz.training import ordered
from aeviz.training.batches import batches
from aeviz.training.forward import layer_variables, through
from aeviz.training.keras_models import build_model
from aeviz.training.noise import with_noise
from aeviz.training.resume import ResumePoint

log = logging.getLogger(__name__)

OutOfMemory = tf.errors.ResourceExhaustedError

# A chunk takes at most about this many operations (half a second on two cores), so that pause
# and stop are prompt; while someone watches, the trainer asks for chunks that end when a picture is
# due. Each chunk costs some milliseconds of its own: the weights are copied in and out. At most so
# many steps, since their batches go in at once.
_CHUNK_OPERATIONS = 6e10
_LONGEST_CHUNK = 256
# A step of fewer operations than this trains as two half batches side by side: its products are too
# small to share among cores one by one (measured: 1.3 times the steps a second for 784-50-50-2; a
# tenth slower for 784-1000-100).
SPLIT_BELOW = 2e8
# A session rewrites its graph before XLA sees it, which then makes slower steps of it (measured: a
# tenth for 784-50-50-2). Without XLA it stays as it is: a quarter more steps with convolutions.
_AS_WRITTEN = tf.compat.v1.ConfigProto()
_AS_WRITTEN.graph_options.rewrite_options.disable_meta_optimizer = True
_AS_WRITTEN.graph_options.optimizer_options.opt_level = tf.compat.v1.OptimizerOptions.L0
# Optimiser constants are Keras's defaults (keras.optimizers.Adam, SGD, Adadelta).
_ADAM_MEAN, _ADAM_SQUARE, _ADAM_EPSILON = 0.9, 0.999, 1e-7
_ADADELTA_DECAY, _ADADELTA_EPSILON = 0.95, 1e-7


# --- the loss --------------------------------------------------------------------------------


def reconstruction_loss(kind: str, images: tf.Tensor, drawn: tf.Tensor) -> tf.Tensor:
    """Return the loss of each image, (n,). "mse": mean over pixels. "bce": their sum, in nats.

    The clip of 1e-10 is source 3's.
    """
    if kind == "mse":
        return tf.reduce_mean(tf.square(drawn - images), axis=1)
    ink = tf.math.log(tf.clip_by_value(drawn, 1e-10, 1.0))
    paper = tf.math.log(tf.clip_by_value(1.0 - drawn, 1e-10, 1.0))
    return -tf.reduce_sum(images * ink + (1.0 - images) * paper, axis=1)


def kl_divergence(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """Return KL(N(mean, exp(log_variance)) || N(0, 1)) of each row, (n,), in nats.

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


class TrainingLoop:
    """The network, its optimiser state and the functions over them."""

    def __init__(
        self,
        preset: Preset,
        shape: PictureShape,
        images: np.ndarray,
        *,
        seed: int = 0,
        compiled: bool = True,
        resumed: ResumePoint | None = None,
    ) -> None:
        """Begin a run at step 0.

        Args:
            preset: the recipe.
            shape: of a picture.
            images: (n, values + labels) uint8, the training images and what they are told: see
                `told_rows`.
            seed: of the initial weights, batches, noise and a VAE's draws.
            compiled: whether XLA compiles the steps; never those of a network with convolutions.
            resumed: the model to go on from; batches, noise and draws are then others than before,
                even with the same seed, and the schedule of the rate starts anew.
        """
        self.shape, self.preset = shape, preset
        self._compiled = compiled and not preset.convolutions
        operations = step_operations(preset, shape)
        self.parts = 2 if operations < SPLIT_BELOW and preset.batch_size % 2 == 0 else 1
        self.longest_chunk = int(np.clip(_CHUNK_OPERATIONS / operations, 1, _LONGEST_CHUNK))
        graph = tf.Graph()
        config = _AS_WRITTEN if self._compiled else None
        self._session = tf.compat.v1.Session(graph=graph, config=config)
        with graph.as_default():
            self._make_variables()
            self._make_functions()
        self.reset(preset, images, seed=seed, resumed=resumed)

    def _make_variables(self) -> None:
        preset = self.preset
        self._encoder, self._decoder = map(layer_variables, preset.layers(self.shape))
        self.weights = [w for layer in (*self._encoder, *self._decoder) for w in layer[:2]]
        self._update = OPTIMIZERS[preset.optimizer]
        slots = range(OPTIMIZER_SLOTS[preset.optimizer])
        self._slots = [[tf.Variable(tf.zeros_like(w)) for _ in slots] for w in self.weights]
        # What differs from run to run is an input of the compiled steps and no part of them.
        # Steps "before" step 0: of the weights, and of the optimiser's state.
        self._inputs = {
            name: tf.Variable(0)
            for name in ("seed", "draw_seed", "before", "optimizer_before", "steps")
        }
        self._row = self.shape.values + preset.labels
        some = tf.zeros((1, self._row), tf.uint8)
        self._images = tf.Variable(some, shape=(None, self._row))
        self._assigned = {}
        slots = [slot for slots in self._slots for slot in slots]
        for variable in (*self.weights, *slots, *self._inputs.values(), self._images):
            value = tf.compat.v1.placeholder(variable.dtype, variable.shape)
            self._assigned[variable.ref()] = variable.assign(value, read_value=False), value

    def _make_functions(self) -> None:
        def whole(shape: tuple = ()) -> tf.Tensor:
            return tf.compat.v1.placeholder(tf.int32, shape)

        function = self._session.make_callable
        raw, pictured = tf.compat.v1.placeholder(tf.uint8, (None, self._row)), whole()
        self._measured = function(self._evaluate(raw, pictured), [raw, pictured])
        self._seen = function(self._glance(raw, pictured), [raw, pictured])
        rows = whole((self.longest_chunk, self.preset.batch_size))
        rate = tf.compat.v1.placeholder(tf.float32, ())
        self._taken, self._run = [rows, whole(), whole(), rate], None

    def _compile(self) -> Callable:
        """Return the steps as a function of NumPy values, with or without XLA."""
        steps = tf.function(self._steps, jit_compile=self._compiled)
        with self._session.graph.as_default():
            rows, *others = self._taken
            # Gathered before the compiled part: as fast as inside (measured), and the images are
            # not compiled into the program.
            sums = steps(tf.gather(self._images, rows), *others)
        return self._session.make_callable(sums, self._taken)

    def reset(
        self,
        preset: Preset,
        images: np.ndarray,
        *,
        seed: int = 0,
        resumed: ResumePoint | None = None,
    ) -> None:
        """Begin another run of the same compiled program; nothing is left of the one before."""
        self.preset, self.step = preset, 0
        self._assign([self._images], [images])
        models = () if resumed else build_model(preset, self.shape, seed)
        initial = [np.asarray(w) for model in models for w in model.weights]
        self._assign(self.weights, resumed.weights if resumed else initial)
        slots = [slot for slots in self._slots for slot in slots]
        state = resumed.optimizer if resumed else None
        zeros = (np.zeros(slot.shape, np.float32) for slot in slots)
        self._assign(slots, state.slots if state else zeros)
        before = resumed.steps if resumed else 0
        self._optimizer_before = state.step if state else 0
        # A seed apart from the noise's; TensorFlow takes 31 bits.
        numbers = (seed, (2 * seed + 7) % 2**31, before, self._optimizer_before, preset.steps)
        self._assign(self._inputs.values(), numbers)
        self._batches = batches(
            len(images), preset.batch_size, preset.sampling, seed, before=before
        )

    def train(self, steps: int, learning_rate: float) -> tuple[float, float, float]:
        """Take 1 to `longest_chunk` steps; return the mean total, reconstruction and KL loss."""
        rows = np.zeros((self.longest_chunk, self.preset.batch_size), dtype=np.int32)
        for i in range(steps):
            rows[i] = next(self._batches)
        arguments = rows, steps, self.step, learning_rate
        try:
            self._run = self._run or self._compile()
            sums = self._run(*arguments)
        except (tf.errors.OpError, NotImplementedError) as error:
            if not self._compiled or self.step:
                raise
            log.warning(
                "XLA is not to be had here (%s): training without it.", type(error).__name__
            )
            self._compiled = False
            self._run = self._compile()
            sums = self._run(*arguments)
        self.step += steps
        total, drawn, kl = (sums / steps).tolist()
        return total, drawn, kl

    def evaluate(
        self, images: np.ndarray, pictured: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Encode and reconstruct images, without noise, a VAE by its mean.

        Args:
            images: (n, values + labels) uint8, see `told_rows`.
            pictured: how many of the reconstructions are wanted.

        Returns:
            Codes (n, latent_dim); reconstructions (pictured, values) uint8 of the first images;
            losses (n, 3): reconstruction in the recipe's unit, KL (0 if not variational), MSE.
        """
        blocks = []
        for i in range(0, len(images), EVALUATION_BLOCK):
            some = images[i : i + EVALUATION_BLOCK]
            blocks.append(self._measured(some, max(0, pictured - i)))
        codes, pictures, losses = (np.concatenate(x) for x in zip(*blocks, strict=True))
        return codes, pictures, losses

    def glance(self, images: np.ndarray, pictured: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the codes and pictures of `evaluate`, in one go and decoding no others."""
        return self._seen(images, pictured)

    def copy_weights(self) -> list[np.ndarray]:
        """Return copies of the weights, float32: kernel, bias, kernel, ..."""
        return self._copies(self.weights)

    def copy_optimizer(self) -> OptimizerState:
        """Return a copy of the optimiser's state."""
        slots = self._copies([slot for slots in self._slots for slot in slots])
        return OptimizerState(self._optimizer_before + self.step, tuple(slots))

    def _copies(self, variables: list) -> list[np.ndarray]:
        # What a session returns may be the variable's own memory, which the next step writes to.
        return [np.array(x) for x in self._session.run(variables)]

    def _assign(self, variables, values) -> None:
        assigned = [self._assigned[variable.ref()] for variable in variables]
        feed = {place: value for (_, place), value in zip(assigned, values, strict=True)}
        self._session.run([done for done, _ in assigned], feed)

    def free_images(self) -> None:
        """Free the training images (43 MB for MNIST); `reset` brings others."""
        self._assign([self._images], [np.zeros((1, self._row), np.uint8)])
        del self._batches

    def close(self) -> None:
        """Free all that TensorFlow holds for this loop, the compiled steps too."""
        self._session.close()
        # The session itself ends with the last that speaks of it.
        del self._session, self._run, self._measured, self._seen

    def _steps(self, raw, count, first, rate):
        # Written out: `for i in tf.range(count)` makes the count part of the compiled program,
        # which is then compiled anew, a second or two, for every length of chunk.
        def one(i, sums):
            return i + 1, sums + self._one_step(raw[i], first + i, rate)

        return tf.while_loop(lambda i, _: i < count, one, (0, tf.zeros(3)))[1]

    def _one_step(self, raw, number, rate):
        preset = self.preset
        images, told = self._scaled(raw)
        drawn_at = self._inputs["before"] + number
        seen = with_noise(preset, self.shape, images, self._inputs["seed"], drawn_at)
        halves = []
        parts = [seen, images] if told is None else [seen, images, told]
        for i, some in enumerate(zip(*(tf.split(x, self.parts) for x in parts), strict=True)):
            with tf.GradientTape() as tape:
                losses = self._loss(tf.stack([drawn_at, i]), *some)
            halves.append((tape.gradient(losses[0], self.weights), tf.stack(losses)))
        losses = tf.add_n([half for _, half in halves]) / self.parts
        gradients = [tf.add_n(g) / self.parts for g in zip(*(g for g, _ in halves), strict=True)]
        done = tf.cast(number, tf.float32)
        if preset.schedule == "cosine":
            share = done / tf.cast(self._inputs["steps"], tf.float32)
            rate = rate * 0.5 * (1.0 + tf.cos(np.pi * share))
        taken = tf.cast(self._inputs["optimizer_before"] + number, tf.float32)
        for weight, gradient, slots in zip(self.weights, gradients, self._slots, strict=True):
            self._update(rate, taken + 1.0, weight, gradient, *slots)
        return losses

    def _scaled(self, raw):
        """Pictures in [0, 1], and what they are told; None for a network that is told nothing."""
        rows = tf.cast(raw, tf.float32) * (1.0 / 255.0)
        if not self.preset.labels:
            return rows, None
        values = self.shape.values
        return rows[:, :values], rows[:, values:]

    def _loss(self, draw, seen, images, told=None):
        preset = self.preset
        codes = through(self._encoder, seen, told)
        kl = tf.constant(0.0)
        if preset.variational:
            mean, log_variance = tf.split(codes, 2, axis=1)
            draw = draw + tf.stack([0, self._inputs["draw_seed"]])
            spread = tf.random.stateless_normal(tf.shape(mean), draw)
            codes = mean + tf.exp(0.5 * log_variance) * spread
            kl = tf.reduce_mean(kl_divergence(mean, log_variance))
        if preset.ordered:
            kept = self._kept(draw)
            seen = ordered.first_numbers(codes, kept)
            losses = reconstruction_loss(preset.loss, images, through(self._decoder, seen, told))
            minimised = tf.reduce_mean(losses * ordered.weights(kept))
            # What is told of it is of whole codes, as validation is.
            drawn = ordered.of_whole_codes(losses, kept, preset.latent_dim)
        else:
            losses = reconstruction_loss(preset.loss, images, through(self._decoder, codes, told))
            minimised = drawn = tf.reduce_mean(losses)
        total = minimised + preset.kl_weight * kl
        if preset.code_l1:
            total += preset.code_l1 * tf.reduce_mean(tf.reduce_sum(tf.abs(codes), axis=1))
        if preset.l2:
            total += preset.l2 * tf.add_n([tf.nn.l2_loss(w) for w in self.weights[0::2]])
        return total, drawn, kl

    def _kept(self, draw):
        key = tf.random.stateless_uniform((), draw + tf.stack([0, self._inputs["draw_seed"]]))
        return ordered.kept(self.preset.latent_dim, self.preset.batch_size // self.parts, key)

    def _encode(self, raw):
        images, told = self._scaled(raw)
        codes = through(self._encoder, images, told)
        if not self.preset.variational:
            return images, told, codes, tf.zeros(tf.shape(images)[0])
        codes, log_variance = tf.split(codes, 2, axis=1)
        return images, told, codes, kl_divergence(codes, log_variance)

    def _glance(self, raw, pictured):
        _, told, codes, _ = self._encode(raw)
        told = None if told is None else told[:pictured]
        return codes, _as_bytes(through(self._decoder, codes[:pictured], told))

    def _evaluate(self, raw, pictured):
        preset = self.preset
        images, told, codes, kl = self._encode(raw)
        drawn = through(self._decoder, codes, told)
        mse = reconstruction_loss("mse", images, drawn)
        own = mse if preset.loss == "mse" else reconstruction_loss(preset.loss, images, drawn)
        losses = [own, kl, mse]
        return codes, _as_bytes(drawn[:pictured]), tf.stack(losses, axis=1)


def _as_bytes(drawn):
    return tf.cast(tf.clip_by_value(drawn, 0.0, 1.0) * 255.0 + 0.5, tf.uint8)
