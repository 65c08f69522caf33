"""`python -m tests.benchmarks.manifold`: the manifold of vae-2d, timed beside Keras.

Prints the median time of `manifold_image` for grids from 5 x 5 to 60 x 60 and what a cell costs;
then the 30 x 30 picture made point by point, as source 3 makes it, through the same network in
Keras (`predict`, the model called, and source 3's own `session.run`), and in one batch; then how
many cells of the 30 x 30 grid over [-2, 2]^2 each digit gets by the vote of its nearest codes.
Uses `pretrained/vae-2d.safetensors`, or the same layers with random weights where it is missing;
those have no digits to count. Ends with exit code 1 where a promise is missed.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.data.dataset import to_bytes
from aeviz.data.picture_shape import PictureShape
from aeviz.latent.grid import RANGES, cell_votes, grid_points, manifold_image
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.recipes import PRESETS

SIZES = (5, 10, 20, 30, 40, 60)
SIDE, N = 28, 30  # source 3's picture
# What the project promises: milliseconds for n x n cells, times faster than Keras point by point.
PROMISED_MS = {30: 10.0, 60: 50.0}
PROMISED_FASTER = 20.0
# Rounds are interleaved and medians reported, because the machine is seldom quiet.
ROUNDS, KERAS_ROUNDS = 25, 7
# Points that are decoded one by one in a round, spread over the grid; their time is scaled to all
# 900, which through `predict` would take a minute for each round.
POINTS = 30
WARNING = "  MISSED"


def published_points(n: int) -> np.ndarray:
    """(n*n, 2): the grid over [-2, 2]^2."""
    return grid_points(RANGES["published"].span(np.zeros((1, 2)), n), n)


def random_network() -> Autoencoder:
    """vae-2d's decoder with random weights."""
    random, layers = np.random.default_rng(0), []
    for plan in PRESETS["vae-2d"].layers(PictureShape(SIDE))[1]:
        kernel = random.normal(0, plan.inputs**-0.5, plan.kernel_shape).astype(np.float32)
        layers.append(plan.with_weights(kernel, np.zeros(plan.units, np.float32)))
    return Autoencoder((), tuple(layers), variational=True)


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def grow(autoencoder: Autoencoder) -> bool:
    """Time grids of all SIZES; whether the promises hold. Nothing has loaded TensorFlow yet."""
    codes = {n: published_points(n).astype(np.float32) for n in SIZES}
    times: dict[int, list[float]] = {n: [] for n in SIZES}
    for _ in range(ROUNDS + 1):
        for n in SIZES:
            times[n].append(seconds(lambda n=n: manifold_image(autoencoder, codes[n], n, SIDE)))
    held = True
    print("manifold_image, one batched decode")
    for n in SIZES:
        some = times[n][1:]  # The first round warms up.
        middle, best = 1e3 * statistics.median(some), 1e3 * min(some)
        promise, missed = PROMISED_MS.get(n), ""
        if promise is not None and middle >= promise:
            held, missed = False, WARNING
        print(
            f"  {n:2} x {n:2}  {middle:7.2f} ms (best {best:6.2f})  "
            f"{1e3 * middle / n**2:6.2f} us a cell"
            + (f"  promised under {promise:.0f} ms{missed}" if promise else "")
        )
    return held


def point_by_point(autoencoder: Autoencoder) -> bool:
    """Time the 30 x 30 picture here and through Keras, in turns; whether the promise holds."""
    codes = published_points(N).astype(np.float32)
    some = codes[np.linspace(0, len(codes) - 1, POINTS).astype(int)]
    expected = to_bytes(autoencoder.decode(some)).astype(int)
    model = keras_decoder(autoencoder)
    run = tf1_session(autoencoder)
    ways: dict[str, tuple[Callable[[np.ndarray], np.ndarray], bool]] = {
        "Keras, model.predict per point": (lambda z: model.predict(z, verbose=0), True),
        "Keras, model called per point": (lambda z: np.asarray(model(z)), True),
        "session.run per point, as source 3": (run, True),
        "Keras, model.predict of all at once": (
            lambda z: model.predict(z, batch_size=len(z), verbose=0),
            False,
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    ours = []
    for way, single in ways.values():  # Warm, and the same pictures to a level of ink.
        drawn = np.concatenate([way(z[None]) for z in some]) if single else way(some)
        if np.abs(to_bytes(drawn) - expected).max() > 1:
            raise AssertionError("Keras draws other pictures: the comparison is void.")
    for _ in range(KERAS_ROUNDS):
        for _ in range(3):
            ours.append(seconds(lambda: manifold_image(autoencoder, codes, N, SIDE)))
        for name, (way, single) in ways.items():
            if single:
                one = seconds(lambda way=way: [way(z[None]) for z in some]) / len(some)
                times[name].append(one * len(codes))
            else:
                times[name].append(seconds(lambda way=way: way(codes)))
    middle = statistics.median(ours)
    print(f"\n{N} x {N} the same way and through Keras, in turns")
    print(f"  {'manifold_image':36} {1e3 * middle:9.1f} ms")
    for name, (_, single) in ways.items():
        theirs = statistics.median(times[name])
        note = f"  ({POINTS} points a round, scaled to {len(codes)})" if single else ""
        print(f"  {name:36} {1e3 * theirs:9.1f} ms  {theirs / middle:7.1f} x ours{note}")
    ratio = statistics.median(times["Keras, model.predict per point"]) / middle
    held = ratio >= PROMISED_FASTER
    print(f"  promised: {PROMISED_FASTER:.0f} x faster than predict" + ("" if held else WARNING))
    return held


def keras_decoder(autoencoder: Autoencoder):
    """The same decoder as a Keras model."""
    from aeviz.training.keras_models import build_model

    preset = PRESETS["vae-2d"]
    _, decoder = build_model(preset, PictureShape(SIDE), seed=0)
    decoder.set_weights([w for x in autoencoder.decoder for w in (x.kernel, x.bias)])
    return decoder


def tf1_session(autoencoder: Autoencoder) -> Callable[[np.ndarray], np.ndarray]:
    """The same decoder as a TF1 graph, fed and run as in source 3's `display_manifold`."""
    import tensorflow as tf

    v1, activations = tf.compat.v1, {"elu": tf.nn.elu, "sigmoid": tf.sigmoid}
    with tf.Graph().as_default():
        z = x = v1.placeholder(tf.float32, [None, autoencoder.latent_dim])
        for i, layer in enumerate(autoencoder.decoder):
            kernel, bias = (
                v1.get_variable(f"{name}{i}", initializer=values, use_resource=False)
                for name, values in (("kernel", layer.kernel), ("bias", layer.bias))
            )
            x = activations[layer.activation](tf.matmul(x, kernel) + bias)
        session = v1.Session()
        session.run(v1.global_variables_initializer())
    return lambda codes: session.run(x, feed_dict={z: codes})


def digits(checkpoint: Checkpoint) -> bool:
    """Print how many cells of the 30 x 30 grid each digit gets; whether all ten get some."""
    codes = checkpoint.test_codes
    points = published_points(N)
    start = time.perf_counter()
    votes = cell_votes(points, codes.points, codes.labels)
    took = 1e3 * (time.perf_counter() - start)
    counts = np.bincount(votes.labels, minlength=10).tolist()
    held = min(counts) > 0
    print(f"\n{N} x {N} cells over [-2, 2]^2 by the vote of their nearest codes ({took:.0f} ms)")
    print("  " + "  ".join(f"{digit}: {cells}" for digit, cells in enumerate(counts)))
    print("  promised: all ten digits" + ("" if held else WARNING))
    return held


def main() -> int:
    path = PRETRAINED / "vae-2d.safetensors"
    checkpoint = load_checkpoint(path) if path.is_file() else None
    print("pretrained vae-2d" if checkpoint else "vae-2d's layers with random weights")
    autoencoder = checkpoint.autoencoder if checkpoint else random_network()
    held = [grow(autoencoder), point_by_point(autoencoder)]
    if checkpoint:
        held.append(digits(checkpoint))
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
