"""Prints what pictures take as bytes at errors that every method reaches.

`python -m tests.benchmarks.rate_distortion [DATASET ...]`: codes of the gallery's models are
written, read and decoded again, on the first 2,500 test pictures in one file; codecs and PCA write
the same pictures anew, unless `--stored` takes what pretrained/ says of them. Says where the page's
figures differ from those measured here, how long 10,000 codes take, and where the curves cross.
"""

import sys
import time

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.coding.code_bytes import read_codes, write_codes
from aeviz.coding.rates import PICTURES, USUAL, RatePoint, first_numbers, measured_points
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import ImageDataset, scaled
from aeviz.evaluation.baselines import principal_axes
from aeviz.evaluation.codecs import codec_points, codecs
from aeviz.evaluation.rate_distortion import (
    NETWORK,
    PCA,
    Curve,
    crossings,
    curve_of,
    pca_points,
    stored_curves,
    worth_from,
)

DATASETS = ("mnist", "fashion_mnist", "cifar10_jpeg")
# Errors that the codecs begin at, down to where they leave the networks behind.
ERRORS = (0.02, 0.0105, 0.01, 0.005, 0.003, 0.0015, 0.001, 0.0006)
# Numbers that are kept of ordered-64, and the sizes of networks made to size up to there.
IN_ORDER, SIZED = (1, 2, 4, 8, 16, 32, 64), (1, 2, 5, 10, 16, 32, 64)
# Two measurements of the same bytes on another machine's order of adding up.
_SAME = 0.005


def network_points(
    dataset: ImageDataset,
) -> tuple[list[tuple[str, RatePoint]], dict[str, int], list[str]]:
    """Return every model's points, measured here where its weights are, and what differs."""
    points, decoders, wrong = [], {}, []
    for path in sorted(PRETRAINED.glob("*.safetensors")):
        model = load_checkpoint(path, film=False)
        if model.dataset != dataset.name or model.coding is None:
            continue
        stored, again = model.coding.points, model.coding.points
        if model.autoencoder is not None and model.coding.transform is not None:
            again = tuple(measured_points(model.autoencoder, model.coding.transform, dataset))
            wrong += _differences(model, again)
        decoders[model.name] = model.coding.decoder_bytes
        points += [(model.name, one) for one in again]
        usual = stored[min(USUAL, len(stored) - 1)]
        print(f"  {model.name:28} {usual.bytes:8.2f} bytes at {usual.mse:.5f}", flush=True)
    return points, decoders, wrong


def _differences(model: Checkpoint, again: tuple[RatePoint, ...]) -> list[str]:
    stored = model.coding.points if model.coding else ()
    if len(stored) != len(again):
        return [f"{model.name}: {len(stored)} points stored, {len(again)} measured"]
    return [
        f"{model.name}: {name} is stored as {getattr(a, name):.6g} and measured as "
        f"{getattr(b, name):.6g}"
        for a, b in zip(stored, again, strict=True)
        for name in ("bytes", "mse", "ssim")
        if not np.isclose(getattr(a, name), getattr(b, name), rtol=_SAME, atol=1e-6)
    ]


def rivals(dataset: ImageDataset, *, stored: bool) -> list[Curve]:
    """Return the curves of PCA and of the codecs."""
    known = stored_curves(dataset.name)
    if stored and known:
        return list(known.tiled)
    images = dataset.test_images[:PICTURES]
    curves = [Curve(PCA, "PCA", tuple(pca_points(dataset)))]
    for codec in codecs().values():
        points = tuple(codec_points(codec, images, dataset.shape))
        curves.append(Curve(codec.name, codec.title, points))
    return curves


def ten_thousand(dataset: ImageDataset) -> None:
    """Print how long writing and reading 10,000 codes of 32 numbers takes."""
    name = {"mnist": "sweep-32", "fashion_mnist": "fashion-deep-32"}.get(dataset.name)
    if name is None:
        return
    model = load_checkpoint(PRETRAINED / f"{name}.safetensors", film=False)
    if model.coding is None or model.coding.transform is None:
        return
    transform = model.coding.transform
    codes = model.network.encode(scaled(dataset.test_images[:10_000]))
    step, seconds = model.coding.points[USUAL].setting, []
    for _ in range(5):
        begun = time.perf_counter()
        read_codes(write_codes(codes, transform, step), transform)
        seconds.append(time.perf_counter() - begun)
    print(f"  {len(codes):,} codes of {name} written and read: {np.median(seconds):.3f} s")


def in_order(dataset: ImageDataset) -> None:
    """Print what the first numbers of ordered-64 are worth, beside PCA and networks made to size.

    On all test pictures. Of sizes that the gallery has no network of, between two that it has, on a
    line in a logarithmic chart.
    """
    model = load_checkpoint(PRETRAINED / "ordered-64.safetensors", film=False)
    if dataset.name != model.dataset:
        return
    images = scaled(dataset.test_images)
    codes = model.network.encode(images)
    sized = [load_checkpoint(PRETRAINED / f"sweep-{n}.safetensors", film=False) for n in SIZED]
    made = np.log([one.figures["test_mse"] for one in sized])
    mean, axes = principal_axes(dataset, max(IN_ORDER))
    centred = images - mean
    for numbers in IN_ORDER:
        drawn = model.network.decode(first_numbers(codes, numbers))
        mse = float(np.square(drawn - images).mean())
        kept = centred @ axes[:numbers].T
        pca = float((np.square(centred).sum() - np.square(kept).sum()) / images.size)
        to_size = float(np.exp(np.interp(np.log(numbers), np.log(SIZED), made)))
        about = "" if numbers in SIZED else ", about"
        print(
            f"  first {numbers:2} of ordered-64: {mse:.5f}, PCA {pca:.5f}, "
            f"{mse / to_size:.2f} x that of a network made to size{about}"
        )


def report(dataset: ImageDataset, *, stored: bool) -> list[str]:
    """Print a data set's table; what differs from the page's figures."""
    shape = dataset.shape
    print(f"{dataset.title}, {min(PICTURES, len(dataset.test_images)):,} test pictures in one file")
    points, decoders, wrong = network_points(dataset)
    network = curve_of(NETWORK, "networks", points)
    curves = [network, *rivals(dataset, stored=stored)]
    print("\n  bytes (bits a pixel) at an error of")
    print("  " + "".ljust(18) + "".join(f"{mse:>16g}" for mse in ERRORS))
    for curve in curves:
        sizes = [curve.bytes_at(mse) for mse in ERRORS]
        cells = ["-" if b is None else f"{b:.1f} ({8 * b / shape.pixels:.3f})" for b in sizes]
        print("  " + curve.title.ljust(18) + "".join(cell.rjust(16) for cell in cells))
    for curve in curves[1:]:
        for mse in crossings(network, curve):
            print(f"  networks and {curve.title} take as much at an error of {mse:.5f}")
    for mse in (0.005, 0.0015):
        ours = network.bytes_at(mse)
        best = [(b, c.title) for c in curves[2:] if not c.lossless and (b := c.bytes_at(mse))]
        if ours and best:
            rival, title = min(best)
            source = min(network.points, key=lambda p: abs(np.log(p.mse / mse)))
            decoder = decoders[network.sources[network.points.index(source)]]
            count = worth_from(decoder, ours, rival)
            said = "never" if count is None else f"from {count:,} pictures on"
            print(
                f"  at {mse}: {title} {rival / ours:.2f} x as large; the decoder is worth it {said}"
            )
    ten_thousand(dataset)
    in_order(dataset)
    return wrong


def main(arguments: list[str]) -> int:
    """Print the tables of the named data sets, all of DATASETS if none is named."""
    names = [a for a in arguments if not a.startswith("--")]
    wrong = []
    for name in names or DATASETS:
        wrong += report(load_dataset(name), stored="--stored" in arguments)
        print()
    print("\n".join(wrong) or "All that the page says of bytes is what was measured.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
