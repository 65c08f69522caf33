"""`python -m tests.benchmarks.training [--seconds S]`: training speed, side by side.

The same networks on MNIST, and one on coloured shapes, in this project's loop, Keras's `fit` with
its defaults and with 64 steps an execution, a TF1-style Session / feed_dict loop as in the sources,
and PyTorch with fused Adam where torch is installed. Every contender has a process of its own, so
that no thread pool spins in another's way; rounds are interleaved and medians reported, because the
machine is not quiet.

The last column is the share of the matrix-multiply rate: the multiplications and additions
of a training step (forward, gradient of the weights, gradient of the inputs of all but the first
layer) times steps a second, over the rate of a float32 2048^3 product compiled by XLA, same run.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import scaled
from aeviz.data.picture_shape import PictureShape
from aeviz.data.sources import DATASETS
from aeviz.networks.costs import step_operations
from aeviz.networks.layers import STRIDE, LayerPlan
from aeviz.networks.preset import Preset
from aeviz.networks.recipes import PRESETS

SIDE = 2_048
RATE = 1e-3


def _network(name: str, **changes) -> Preset:
    return replace(
        PRESETS[name].published, learning_rate=RATE, noise=0.0, steps=10**6, loss="mse", **changes
    )


_CONVOLUTIONS = Preset(
    "convolutions",
    "Convolutions",
    "",
    convolutions=(16, 32),
    encoder=(64,),
    latent_dim=2,
    decoder=(64,),
    activation="relu",
    output_activation="sigmoid",
    steps=10**6,
)
NETWORKS = {
    "784-50-50-2": _network("karpathy-2d", batch_size=128),
    "784-500-100": _network("linear-100", batch_size=100),
    "784-512-128-10": _network("denoising-10", batch_size=64),
    "784-1000-100": _network("stacked-100", batch_size=128),
    "28 x 28, convolutions 16-32": _CONVOLUTIONS,
    "32 x 32 in colour, convolutions 32-64": replace(
        _CONVOLUTIONS, convolutions=(32, 64), encoder=(128,), latent_dim=32, decoder=(128,)
    ),
}
# Which pictures, where not MNIST.
DATA = {"32 x 32 in colour, convolutions 32-64": "shapes"}


# Each contender: preset, shape, images -> a function that trains some steps and says how many.


def this_loop(preset: Preset, shape: PictureShape, images: np.ndarray) -> Callable[[], int]:
    from aeviz.training.loop import TrainingLoop

    loop = TrainingLoop(preset, shape, images)

    def run() -> int:
        loop.train(loop.longest_chunk, RATE)
        return loop.longest_chunk

    return run


def _keras_model(preset: Preset, shape: PictureShape):
    import keras

    from aeviz.training.keras_models import build_model

    encoder, decoder = build_model(preset, shape, seed=0)
    return keras.Sequential([encoder, decoder])


def _fit(
    preset: Preset, shape: PictureShape, images: np.ndarray, **compile_options
) -> Callable[[], int]:
    import keras

    model = _keras_model(preset, shape)
    model.compile(keras.optimizers.Adam(RATE), "mse", **compile_options)
    x = scaled(images)
    steps = min(128, (len(x) - 1) // preset.batch_size)

    def run() -> int:
        some = x[np.random.randint(0, len(x) - steps * preset.batch_size) :]
        some = some[: steps * preset.batch_size]
        model.fit(some, some, batch_size=preset.batch_size, epochs=1, verbose=0)
        return steps

    return run


def fit(preset: Preset, shape: PictureShape, images: np.ndarray) -> Callable[[], int]:
    return _fit(preset, shape, images)


def fit_64(preset: Preset, shape: PictureShape, images: np.ndarray) -> Callable[[], int]:
    return _fit(preset, shape, images, steps_per_execution=64)


def tf1_session(preset: Preset, shape: PictureShape, images: np.ndarray) -> Callable[[], int]:
    import tensorflow as tf

    v1 = tf.compat.v1
    activations = {
        "linear": lambda x: x,
        "tanh": tf.tanh,
        "relu": tf.nn.relu,
        "elu": tf.nn.elu,
        "sigmoid": tf.sigmoid,
    }
    random, data = np.random.default_rng(0), scaled(images)
    with tf.Graph().as_default():
        x = v1.placeholder(tf.float32, [None, images.shape[1]])
        h = x
        for i, plan in enumerate(_plans(preset, shape)):
            kernel = v1.get_variable(f"kernel{i}", plan.kernel_shape, use_resource=False)
            bias = v1.get_variable(f"bias{i}", (plan.units,), use_resource=False)
            if plan.sides is None:
                h = tf.matmul(h, kernel)
            else:
                before, after = plan.sides
                h = tf.reshape(h, (-1, before, before, plan.inputs))
                if plan.transposed:
                    drawn = (tf.shape(h)[0], after, after, plan.units)
                    h = tf.nn.conv2d_transpose(h, kernel, drawn, STRIDE, "SAME")
                else:
                    h = tf.nn.conv2d(h, kernel, STRIDE, "SAME")
            h = activations[plan.activation](h + bias)
            h = tf.reshape(h, (-1, plan.given)) if plan.sides else h
        loss = tf.reduce_mean(tf.square(h - x))
        step = v1.train.AdamOptimizer(RATE).minimize(loss)
        session = v1.Session()
        session.run(v1.global_variables_initializer())

    def run() -> int:
        for _ in range(20):
            batch = data[random.integers(0, len(data), preset.batch_size)]
            session.run([step, loss], {x: batch})
        return 20

    return run


def pytorch(preset: Preset, shape: PictureShape, images: np.ndarray) -> Callable[[], int]:
    return _pytorch(preset, shape, images)


def pytorch_channels_last(
    preset: Preset, shape: PictureShape, images: np.ndarray
) -> Callable[[], int]:
    return _pytorch(preset, shape, images, channels_last=True)


def _pytorch(
    preset: Preset, shape: PictureShape, images: np.ndarray, *, channels_last: bool = False
) -> Callable[[], int]:
    import torch

    torch.set_num_threads(2)
    nn, modules = torch.nn, []
    activations = {"tanh": nn.Tanh, "relu": nn.ReLU, "elu": nn.ELU, "sigmoid": nn.Sigmoid}
    flat = True
    for plan in _plans(preset, shape):
        if plan.sides is None:
            modules += [] if flat else [nn.Flatten()]
            modules.append(nn.Linear(plan.inputs, plan.units))
        else:
            before, after = plan.sides
            if flat:
                modules.append(nn.Unflatten(1, (plan.inputs, before, before)))
            if plan.transposed:
                more = after - 2 * before + 1
                layer = nn.ConvTranspose2d(plan.inputs, plan.units, 3, 2, 1, output_padding=more)
            else:
                layer = nn.Conv2d(plan.inputs, plan.units, 3, 2, 1)
            modules.append(layer)
        flat = plan.sides is None
        if plan.activation != "linear":
            modules.append(activations[plan.activation]())
    modules += [] if flat else [nn.Flatten()]
    model, data = nn.Sequential(*modules), torch.from_numpy(scaled(images))
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    adam = torch.optim.Adam(model.parameters(), RATE, fused=True)

    def run() -> int:
        for _ in range(20):
            x = data[torch.randint(0, len(data), (preset.batch_size,))]
            loss = nn.functional.mse_loss(model(x), x)
            adam.zero_grad()
            loss.backward()
            adam.step()
        return 20

    return run


def multiply(preset: Preset, shape: PictureShape, images: np.ndarray) -> Callable[[], int]:
    import tensorflow as tf

    a = tf.random.normal((SIDE, SIDE))
    product = tf.function(lambda a: tf.matmul(a, a), jit_compile=True)

    def run() -> int:
        product(a).numpy()
        return 1

    return run


def _plans(preset: Preset, shape: PictureShape) -> list[LayerPlan]:
    encoder, decoder = preset.layers(shape)
    return encoder + decoder


CONTENDERS = {
    "this loop": this_loop,
    "fit": fit,
    "fit, 64 steps an execution": fit_64,
    "TF1 session": tf1_session,
    "PyTorch, fused Adam": pytorch,
    "PyTorch, channels last": pytorch_channels_last,
    "multiply": multiply,
}


def serve(contender: str, network: str) -> None:
    """Child process: get ready, then time one round for every line on standard input."""
    dataset = load_dataset(DATA.get(network, "mnist"))
    run = CONTENDERS[contender](NETWORKS[network], dataset.shape, dataset.train_images)
    for _ in range(3):
        run()
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, steps, start = float(line), 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            steps += run()
        print("rate", steps / (time.perf_counter() - start), flush=True)


def rates(network: str, rounds: int, seconds: float) -> dict[str, float]:
    """Median steps (for "multiply": products) a second of every contender."""
    names = [n for n in CONTENDERS if not n.startswith("PyTorch") or _has_torch()]
    if not NETWORKS[network].convolutions:
        # Without channels there is nothing to be last.
        names = [n for n in names if n != "PyTorch, channels last"]
    processes = {}
    try:
        for name in names:
            command = [sys.executable, "-m", "tests.benchmarks.training", "--serve", name, network]
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
            )
            processes[name] = process
            _answer(process, "ready")
        results: dict[str, list[float]] = {n: [] for n in names}
        for _ in range(rounds):
            for name, process in processes.items():
                process.stdin.write(f"{seconds}\n")
                process.stdin.flush()
                results[name].append(float(_answer(process, "rate")))
        return {name: statistics.median(values) for name, values in results.items()}
    finally:
        for process in processes.values():
            process.kill()
            process.wait()


def _answer(process: subprocess.Popen, word: str) -> str:
    for line in process.stdout:
        if line.startswith(word):
            return line.removeprefix(word).strip()
    raise RuntimeError("A contender ended early; its error is above.")


def _has_torch() -> bool:
    return importlib.util.find_spec("torch") is not None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--serve", nargs=2, metavar=("CONTENDER", "NETWORK"))
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=0.7)
    options = parser.parse_args()
    if options.serve:
        return serve(*options.serve)
    if not _has_torch():
        print("torch is not installed: PyTorch is left out (pip install torch).")
    for network, preset in NETWORKS.items():
        result = rates(network, options.rounds, options.seconds)
        machine = result.pop("multiply") * 2 * SIDE**3
        ours, shape = result["this loop"], DATASETS[DATA.get(network, "mnist")].shape
        print(f"\n{network}, batch {preset.batch_size}; multiply rate {machine / 1e9:.0f} GFLOP/s")
        for name, rate in result.items():
            share = rate * step_operations(preset, shape) / machine
            against = f"{ours / rate:5.2f} x slower" if name != "this loop" else " " * 14
            print(f"  {name:28} {rate:7.0f} steps/s  {against}  {share:4.0%} of multiply rate")


if __name__ == "__main__":
    main()
