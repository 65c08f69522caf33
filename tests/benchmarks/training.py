"""`python -m tests.benchmarks.training [--seconds S]`: training speed, side by side.

The same networks on MNIST in this project's loop, Keras's `fit` with its defaults and with 64 steps
an execution, a TF1-style Session / feed_dict loop as in the sources, and PyTorch with fused Adam
where torch is installed. Every contender has a process of its own, so that no thread pool spins in
another's way; rounds are interleaved and medians reported, because the machine is not quiet.

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
from aeviz.networks.costs import step_operations
from aeviz.networks.recipes import PRESETS, Preset

SIDE = 2_048
RATE = 1e-3


def _network(name: str, **changes) -> Preset:
    return replace(
        PRESETS[name].published, learning_rate=RATE, noise=0.0, steps=10**6, loss="mse", **changes
    )


NETWORKS = {
    "784-50-50-2": _network("karpathy-2d", batch_size=128),
    "784-500-100": _network("linear-100", batch_size=100),
    "784-512-128-10": _network("denoising-10", batch_size=64),
    "784-1000-100": _network("stacked-100", batch_size=128),
}


# Each contender: preset, images -> a function that trains some steps and says how many.


def this_loop(preset: Preset, images: np.ndarray) -> Callable[[], int]:
    from aeviz.training.loop import TrainingLoop

    loop = TrainingLoop(preset, images)

    def run() -> int:
        loop.train(loop.longest_chunk, RATE)
        return loop.longest_chunk

    return run


def _keras_model(preset: Preset, pixels: int):
    import keras

    from aeviz.training.keras_models import build_model

    encoder, decoder = build_model(preset, pixels, seed=0)
    return keras.Sequential([encoder, decoder])


def _fit(preset: Preset, images: np.ndarray, **compile_options) -> Callable[[], int]:
    import keras

    model = _keras_model(preset, images.shape[1])
    model.compile(keras.optimizers.Adam(RATE), "mse", **compile_options)
    x = scaled(images)
    steps = 128

    def run() -> int:
        some = x[np.random.randint(0, len(x) - steps * preset.batch_size) :]
        some = some[: steps * preset.batch_size]
        model.fit(some, some, batch_size=preset.batch_size, epochs=1, verbose=0)
        return steps

    return run


def fit(preset: Preset, images: np.ndarray) -> Callable[[], int]:
    return _fit(preset, images)


def fit_64(preset: Preset, images: np.ndarray) -> Callable[[], int]:
    return _fit(preset, images, steps_per_execution=64)


def tf1_session(preset: Preset, images: np.ndarray) -> Callable[[], int]:
    import tensorflow as tf

    v1 = tf.compat.v1
    activations = {"linear": lambda x: x, "tanh": tf.tanh, "elu": tf.nn.elu, "sigmoid": tf.sigmoid}
    random, data = np.random.default_rng(0), scaled(images)
    with tf.Graph().as_default():
        x = v1.placeholder(tf.float32, [None, images.shape[1]])
        h, width = x, images.shape[1]
        for i, (units, activation) in enumerate(_layers(preset, width)):
            kernel = v1.get_variable(f"kernel{i}", (width, units), use_resource=False)
            bias = v1.get_variable(f"bias{i}", (units,), use_resource=False)
            h, width = activations[activation](tf.matmul(h, kernel) + bias), units
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


def pytorch(preset: Preset, images: np.ndarray) -> Callable[[], int]:
    import torch

    torch.set_num_threads(2)
    activations = {"tanh": torch.nn.Tanh, "elu": torch.nn.ELU, "sigmoid": torch.nn.Sigmoid}
    data, modules, width = torch.from_numpy(scaled(images)), [], images.shape[1]
    for units, activation in _layers(preset, width):
        modules.append(torch.nn.Linear(width, units))
        if activation != "linear":
            modules.append(activations[activation]())
        width = units
    model = torch.nn.Sequential(*modules)
    adam = torch.optim.Adam(model.parameters(), RATE, fused=True)

    def run() -> int:
        for _ in range(20):
            x = data[torch.randint(0, len(data), (preset.batch_size,))]
            loss = torch.nn.functional.mse_loss(model(x), x)
            adam.zero_grad()
            loss.backward()
            adam.step()
        return 20

    return run


def multiply(preset: Preset, images: np.ndarray) -> Callable[[], int]:
    import tensorflow as tf

    a = tf.random.normal((SIDE, SIDE))
    product = tf.function(lambda a: tf.matmul(a, a), jit_compile=True)

    def run() -> int:
        product(a).numpy()
        return 1

    return run


def _layers(preset: Preset, pixels: int) -> list[tuple[int, str]]:
    encoder, decoder = preset.dense_layers(pixels)
    return encoder + decoder


CONTENDERS = {
    "this loop": this_loop,
    "fit": fit,
    "fit, 64 steps an execution": fit_64,
    "TF1 session": tf1_session,
    "PyTorch, fused Adam": pytorch,
    "multiply": multiply,
}


def serve(contender: str, network: str) -> None:
    """Child process: get ready, then time one round for every line on standard input."""
    images = load_dataset("mnist").train_images
    run = CONTENDERS[contender](NETWORKS[network], images)
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
    names = [n for n in CONTENDERS if n != "PyTorch, fused Adam" or _has_torch()]
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
        ours = result["this loop"]
        print(f"\n{network}, batch {preset.batch_size}; multiply rate {machine / 1e9:.0f} GFLOP/s")
        for name, rate in result.items():
            share = rate * step_operations(preset, PictureShape(28)) / machine
            against = f"{ours / rate:5.2f} x slower" if name != "this loop" else " " * 14
            print(f"  {name:28} {rate:7.0f} steps/s  {against}  {share:4.0%} of multiply rate")


if __name__ == "__main__":
    main()
