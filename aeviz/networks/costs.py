"""What training a recipe costs: memory, time and the steps at which snapshots are kept."""

import os
import time
from collections import deque
from functools import lru_cache
from pathlib import Path
from statistics import median

import numpy as np

from aeviz.data.picture_shape import PictureShape
from aeviz.networks.preset import Preset

# The promise. Each costs a run some 30 ms, which is a tenth of its speed where it lasts twenty
# seconds, so there are no more than that.
LEAST_SNAPSHOTS = 40
# Most are spaced evenly in the logarithm of the step, since most happens early. These are spaced
# evenly in the step, never more than a tenth of the run apart, so that the best step is found and
# early stopping can act late in a long run.
EVEN_SNAPSHOTS = 11


def snapshot_steps(total: int) -> tuple[int, ...]:
    """The steps after which to keep a snapshot: 0, then logarithmic and a few even ones.

    At least LEAST_SNAPSHOTS of them unless the run is shorter than that; ends with `total`.
    """
    even = set(np.linspace(0, total, EVEN_SNAPSHOTS + 1).round().astype(int).tolist())
    wanted = min(LEAST_SNAPSHOTS, total) + 1
    # Rounded steps fall together: so many until enough are left.
    count = max(1, wanted - EVEN_SNAPSHOTS)
    while True:
        logarithmic = np.geomspace(1, total, count).round().astype(int).tolist()
        marks = even | set(logarithmic)
        if len(marks) >= wanted:
            return tuple(sorted(marks))
        count += 1


# Snapshots keep their weights where all of them together stay under this: a film of the whole
# network for the small ones, no gigabyte files for the large ones.
SNAPSHOT_WEIGHTS_BYTES = 12_000_000
# Leave half the machine's memory to everything else that runs on it.
MEMORY_SHARE = 0.5
# Where Linux says what a container may use, in bytes: control groups of version 2 ("max" for no
# limit) and 1 (more than any machine has for no limit).
_MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def keeps_snapshot_weights(preset: Preset, shape: PictureShape) -> bool:
    """Whether a run of this recipe keeps the weights of every snapshot."""
    count = preset.parameter_count(shape) * len(snapshot_steps(preset.steps))
    return 2 * count <= SNAPSHOT_WEIGHTS_BYTES  # two bytes each: float16


def memory_needed(preset: Preset, shape: PictureShape, *, images: int) -> int:
    """Bytes that training needs at most, data set included, TensorFlow itself not.

    Four float32 copies of the weights (value, gradient, two Adam moments), one more for the best
    and one for a snapshot (where the optimiser's state is copied as well, it is a few megabytes);
    three copies of a batch's activations; the activations of one block of the evaluation; the
    images as bytes.
    """
    weights = 6 * 4 * preset.parameter_count(shape)
    widths = sum(preset.layer_sizes(shape))
    activations = 4 * widths * (3 * preset.batch_size + EVALUATION_BLOCK)
    return weights + activations + images * shape.values + SNAPSHOT_WEIGHTS_BYTES


# Images go through the network this many at a time, so that a 10,000-wide layer does not need
# 200 MB at once: all of a snapshot's (SNAPSHOT_IMAGES and the watched ones) in one go.
EVALUATION_BLOCK = 1_100


@lru_cache(maxsize=1)
def memory_allowed() -> int:
    """Bytes a run may need: MEMORY_SHARE of this machine's memory, or of its container's."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        total = 8_000_000_000
    return int(min([total, *_container_memory()]) * MEMORY_SHARE)


def _container_memory() -> list[int]:
    """The limits in bytes that this process's container has; none outside of one."""
    limits = []
    for path in _MEMORY_LIMITS:
        try:
            limits.append(int(path.read_text("ascii")))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return [limit for limit in limits if limit > 0]


@lru_cache(maxsize=1)
def _multiply_rate() -> float:
    """Floating-point operations a second of a float32 matrix product here, the best of ten.

    The best, because it is asked for when a page has just started and all else is busy with that:
    the median then said two minutes for a run of forty seconds.
    """
    n = 768
    a = np.ones((n, n), dtype=np.float32)
    times = []
    for _ in range(10):
        start = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - start)
    return 2 * n**3 / min(times)


def step_operations(preset: Preset, shape: PictureShape) -> float:
    """Multiplications and additions of one training step.

    Forward, gradient of the weights and gradient of the inputs are one matrix product each; the
    first layer needs no gradient of its input.
    """
    return sum(_operations(preset, shape))


def _operations(preset: Preset, shape: PictureShape) -> tuple[float, float]:
    """As `step_operations`: of the dense layers, and of the convolutions."""
    plans = [plan for plans in preset.layers(shape) for plan in plans]
    each = [6.0 * plan.products for plan in plans]
    each[0] -= 2.0 * plans[0].products
    dense = sum(n for n, plan in zip(each, plans, strict=True) if plan.sides is None)
    return preset.batch_size * dense, preset.batch_size * (sum(each) - dense)


# Fitted to measured runs on two cores: a step costs its operations at this share of the matrix
# multiply rate, those of dense layers and those of convolutions, plus a fixed part that small
# networks feel; a run costs a start (imports, compile).
_RATE_SHARE, _CONVOLUTION_SHARE = 0.6, 0.2
_SECONDS_PER_STEP = 3e-4
_SECONDS_TO_START = 6.0


# A run tells how fast this machine is if its steps take so many seconds, as estimated and as it
# went: of a shorter one most is snapshots. So many of the last runs count, since the machine may be
# busier or less busy by now.
_SECONDS_THAT_TELL, _RUNS_THAT_TELL = 5.0, 5
_slowness: deque[float] = deque(maxlen=_RUNS_THAT_TELL)


def estimated_seconds(preset: Preset, shape: PictureShape) -> float:
    """About how long a run will take on this machine, in seconds, as the last runs went."""
    slowness = median(_slowness) if _slowness else 1.0
    return _SECONDS_TO_START + slowness * _seconds_of_steps(preset, shape)


def note_duration(preset: Preset, shape: PictureShape, seconds: float) -> None:
    """Note what a run took here from its first step on: later estimates go by it."""
    computed = _seconds_of_steps(preset, shape)
    if min(seconds, computed) >= _SECONDS_THAT_TELL:
        _slowness.append(seconds / computed)


def _seconds_of_steps(preset: Preset, shape: PictureShape) -> float:
    dense, seeing = _operations(preset, shape)
    at_full_rate = dense / _RATE_SHARE + seeing / _CONVOLUTION_SHARE
    return preset.steps * (at_full_rate / _multiply_rate() + _SECONDS_PER_STEP)
