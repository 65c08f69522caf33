"""Compiled loops that wait for the next run of the same program.

The next run of the same recipe begins a second or two sooner: nothing is compiled anew.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from aeviz.data.picture_shape import PictureShape
from aeviz.networks.preset import Preset
from aeviz.training.resume import ResumePoint

if TYPE_CHECKING:
    from aeviz.training.loop import TrainingLoop

# So many loops are kept, each of at most so many weights and biases: 60 MB with Adam's numbers.
MOST_LOOPS, MOST_WEIGHTS = 8, 5_000_000
# Those that no run uses, the longest unused first.
idle: dict[tuple[Preset, PictureShape], TrainingLoop] = {}


@contextmanager
def loop_for(
    preset: Preset,
    shape: PictureShape,
    images: np.ndarray,
    *,
    seed: int = 0,
    resumed: ResumePoint | None = None,
) -> Iterator[TrainingLoop]:
    """Lend a loop at step 0 to one run; see `TrainingLoop` for the parameters.

    Raises:
        MemoryError: the network is too large for this machine.
    """
    # Imported here: looking at pages needs no TensorFlow, the first training does.
    from aeviz.training.loop import OutOfMemory, TrainingLoop

    key = _program(preset, shape)
    loop = idle.pop(key, None)
    if loop is None:
        loop = TrainingLoop(preset, shape, images, seed=seed, resumed=resumed)
    else:
        loop.reset(preset, images, seed=seed, resumed=resumed)
    try:
        yield loop
    except OutOfMemory as error:
        raise MemoryError("There was not enough memory for this network.") from error
    finally:
        _keep(key, loop)


def _program(preset: Preset, shape: PictureShape) -> tuple[Preset, PictureShape]:
    """What the compiled steps depend on: the same for runs that one loop can train in turn."""
    words = {"name": "", "title": "", "summary": "", "source": 0, "not_given": ()}
    inputs = {"steps": 1, "patience": 0, "learning_rate": 1.0}
    return replace(preset, **words, **inputs, published=None), shape


def _keep(key: tuple[Preset, PictureShape], loop: TrainingLoop) -> None:
    loop.free_images()
    dropped = [idle.pop(key)] if key in idle else []
    if sum(w.shape.num_elements() for w in loop.weights) <= MOST_WEIGHTS:
        idle[key] = loop
    else:
        dropped.append(loop)
    while len(idle) > MOST_LOOPS:
        dropped.append(idle.pop(next(iter(idle))))
    for old in dropped:
        old.close()
    if dropped:
        # Their graphs are circles, which Python seldom looks for among all of TensorFlow's objects:
        # 150 MB after the first twenty.
        gc.collect()
    give_back()


def give_back() -> None:
    """Return to the system what nothing holds any more, a run's images among it.

    The C library of Linux keeps what it is given for the next one that asks; of a large process it
    takes even 100 MB from there.
    """
    with suppress(AttributeError, OSError, TypeError):  # other systems have no such function
        ctypes.CDLL(None).malloc_trim(0)
