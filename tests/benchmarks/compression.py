"""`python -m tests.benchmarks.compression`: the table of pretrained/, measured again.

Every figure is worked out anew from the checkpoint's weights and the data set, and compared with
the stored one; the exit code is 1 if one does not match. Rows without weights are printed as
unverified. The figures of sources 4 and 5 stand below, for comparison.
"""

from __future__ import annotations

import math
import sys
from functools import lru_cache

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError
from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import DatasetError, ImageDataset
from aeviz.evaluation.baselines import measure_baselines
from aeviz.evaluation.compression import Row, row_of
from aeviz.evaluation.losses import measure
from aeviz.evaluation.published import PUBLISHED

# Sums over millions of pixels in float32 depend on the processor and its libraries in the fifth
# digit; PCA's loss is a difference of two such sums, in double precision no smaller than this.
_RELATIVE, _ABSOLUTE = 1e-3, 1e-7
# Of the run, not of its weights: nothing to measure again.
_NOT_MEASURED = {"seconds", "steps"}

_WIDTHS = {
    "name": 34,
    "code_size": 5,
    "ratio": 7,
    "ratio_float32": 8,
    "train_mse": 9,
    "validation_mse": 10,
    "test_mse": 9,
    "test_psnr": 6,
    "times_better_than_pca": 6,
    "best_epoch": 6,
    "seconds": 6,
}
_HEADINGS = "model code ratio float32 train validat. test PSNR x_PCA epoch s".split()


def measured(checkpoint: Checkpoint, dataset: ImageDataset) -> dict[str, float]:
    """Every figure of a checkpoint that its weights and its data set decide."""
    figures = measure(checkpoint.autoencoder, checkpoint.preset, dataset)
    return figures | measure_baselines(dataset, checkpoint.preset.latent_dim)


def differences(stored: dict[str, float], again: dict[str, float]) -> list[str]:
    """A line for each stored figure that does not match, or that nothing here measures."""
    out = []
    for name, value in stored.items():
        if name in _NOT_MEASURED:
            continue
        if name not in again:
            out.append(f"{name} is stored as {value:.6g} and nothing measures it")
        elif not _same(value, again[name]):
            out.append(f"{name} is stored as {value:.6g} and measured as {again[name]:.6g}")
    return out


def _same(stored: float, again: float) -> bool:
    if math.isnan(stored) and math.isnan(again):
        return True
    return math.isclose(stored, again, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)


def line(row: Row) -> str:
    """A row of the table, as wide as the others."""
    return "  ".join(_cell(getattr(row, name), width) for name, width in _WIDTHS.items())


def _cell(value: str | float | None, width: int) -> str:
    if value is None:
        return "-".rjust(width)
    if isinstance(value, str):
        return value[:width].ljust(width)
    digits = 0 if isinstance(value, int) else 6 if abs(value) < 0.1 else 2
    return f"{value:.{digits}f}".rjust(width)


@lru_cache(maxsize=1)
def _dataset(name: str) -> ImageDataset:
    return load_dataset(name)


def check(checkpoint: Checkpoint) -> list[str]:
    """Print a model's row; what of it does not match."""
    row = row_of(checkpoint)
    if not row.weights:
        print(f"{line(row)}  unverified: no weights", flush=True)
        return []
    wrong = differences(checkpoint.figures, measured(checkpoint, _dataset(checkpoint.dataset)))
    print(f"{line(row)}  {'DOES NOT MATCH' if wrong else 'matches'}", flush=True)
    return wrong


def main(names: list[str]) -> int:
    """Check the named models of pretrained/, all of them if none is named; 0 if all match."""
    headings = zip(_HEADINGS, _WIDTHS.values(), strict=True)
    print("  ".join(h.ljust(w) if w == 34 else h.rjust(w) for h, w in headings))
    paths = sorted(PRETRAINED.glob("*.safetensors"))
    models, problems = [], []
    for path in paths:
        if not names or path.stem in names:
            try:
                models.append(load_checkpoint(path))
            except CheckpointError as error:
                problems.append(str(error))
    # A data set at a time, and the smallest code last, as in the sources' tables.
    models.sort(key=lambda m: (m.dataset, -m.preset.latent_dim, m.name))
    for checkpoint in models:
        try:
            problems += [f"{checkpoint.name}: {wrong}" for wrong in check(checkpoint)]
        except DatasetError as error:
            problems.append(f"{checkpoint.name}: {error}")
    for row in PUBLISHED:
        print(f"{line(row)}  published, {row.published}")
    print("\n".join(["", *problems]) if problems else "\nAll that is stored matches.")
    return 1 if problems or not models else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
