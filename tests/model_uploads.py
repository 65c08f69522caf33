"""Model files changed at random, and what must become of each when it is uploaded: for tests/unit
and, by the ten thousand, for `python -m tests.benchmarks.robustness models`.

Half of them are damaged. The others are forgeries: values of the description or whole tensors are
replaced and the checksum is made to fit, so that only the checks behind it can tell.
"""

from __future__ import annotations

import json
import time
from functools import lru_cache

import numpy as np
from safetensors.numpy import load, save

from aeviz.checkpoint_format import CheckpointError, checksum, to_bytes
from aeviz.checkpoints import find_checkpoint, list_checkpoints, load_checkpoint
from aeviz.kept_models import add_model
from tests.made_up_models import made_up_dataset, made_up_model

LOADED, REFUSED = "loaded", "refused"
# On a machine that does much else at the same time; most take a few thousandths.
MOST_SECONDS = 20.0

_ODD = (
    None, True, -1, 0, 1, 3, 10**6, 2**31, 10**30, 0.5, -1e300, 1e300, "", "x", "../x", "<b>",
    "NaN", "x" * 10_000, "\ud800", [], [1], ["a"] * 99, [[]], {}, {"a": 1},
)  # fmt: skip


@lru_cache(maxsize=1)
def good() -> bytes:
    """A small model with everything that a file can hold but an optimiser's state."""
    dataset = made_up_dataset(8, tests=30, name="digits")
    return to_bytes(made_up_model("m", dataset, snapshots=True, film=True))


def changed(random: np.random.Generator) -> bytes:
    """The good file with something else in it."""
    return _damaged(random) if random.integers(2) else _forged(random)


def _damaged(random: np.random.Generator) -> bytes:
    data, header = bytearray(good()), 8 + int.from_bytes(good()[:8], "little")
    while bytes(data) == good():
        # As likely in its short table of contents as in all that follows.
        place = int(random.integers(header if random.integers(2) else len(data)))
        some = int(random.integers(1, 100))
        match random.integers(4):
            case 0:
                data[place] ^= 1 << int(random.integers(8))
            case 1:
                del data[place : place + some]
            case 2:
                data[place:place] = random.bytes(some)
            case _:
                data[place] = random.choice(np.frombuffer(b'0123456789"{}[],:-\\', np.uint8))
    return bytes(data)


def _forged(random: np.random.Generator) -> bytes:
    length = int.from_bytes(good()[:8], "little")
    about = json.loads(json.loads(good()[8 : 8 + length])["__metadata__"]["aeviz"])
    tensors = dict(load(good()))
    for _ in range(random.integers(1, 4)):
        if random.integers(2):
            where = about["preset"] if random.integers(2) else about
            where[random.choice(list(where))] = _ODD[random.integers(len(_ODD))]
            if not about["preset"] or not isinstance(about["preset"], dict):
                break
        else:
            name = str(random.choice(list(tensors)))
            tensors[name] = _other(random, tensors[name])
    text = json.dumps(about)
    return save(tensors, metadata={"aeviz": text, "checksum": checksum(text, tensors)})


def _other(random: np.random.Generator, array: np.ndarray) -> np.ndarray:
    match random.integers(4):
        case 0:
            return np.repeat(array, int(random.choice([0, 2, 3])), axis=0)
        case 1:
            return array.reshape(-1)
        case 2:
            return np.zeros(
                array.shape, random.choice([np.uint8, np.float32, np.float64, np.int64])
            )
    odd = np.array(array)
    if odd.size:
        worst = [0, 1, 255] if odd.dtype.kind == "u" else [-1, 0, 1e4]
        odd.flat[random.integers(odd.size)] = random.choice(worst)
    return odd


def check_upload(data: bytes) -> str:
    """LOADED or REFUSED; raises AssertionError for anything else. AEVIZ_HOME has to be empty, and
    is so again afterwards."""
    start = time.perf_counter()
    try:
        name = add_model("upload.safetensors", data)
    except CheckpointError as error:
        sentence = str(error)
        assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 400, sentence
        assert not [row for row in list_checkpoints() if row.own]
        return REFUSED
    finally:
        seconds = time.perf_counter() - start
        assert seconds < MOST_SECONDS, f"{seconds:.1f} s"
    (row,) = (row for row in list_checkpoints() if row.own)
    assert not row.problem and row.name == name
    path = find_checkpoint(name)
    assert path.read_bytes() == data
    model = load_checkpoint(path)
    # What a page does first with any model.
    images = np.zeros((2, model.side**2), np.float32)
    assert model.autoencoder is None or model.autoencoder.reconstruct(images).shape == images.shape
    path.unlink()
    return LOADED
