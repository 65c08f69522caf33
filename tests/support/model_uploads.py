"""Model files changed at random, and what must become of each when it is uploaded: for tests/unit
and, by the ten thousand, for `python -m tests.benchmarks.robustness models`.

Half of them are damaged. The others are forgeries: values of the description or whole tensors are
replaced and the checksum is made to fit, so that only the checks behind it can tell.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from functools import lru_cache

import numpy as np
from safetensors.numpy import load, save

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError, to_bytes
from aeviz.checkpoints.history import HistoryView
from aeviz.checkpoints.library import add_model
from aeviz.checkpoints.store import (
    ListedCheckpoint,
    find_checkpoint,
    list_checkpoints,
    load_checkpoint,
)
from aeviz.evaluation.compression import row_of
from aeviz.evaluation.verdicts import outcome
from aeviz.latent.differences import Difference
from aeviz.storage.tensors import checksum
from aeviz.ui.catalog import model_titles
from aeviz.ui.film import of_run
from aeviz.ui.live import explored as live_explored
from aeviz.ui.models import views as models_views
from tests.support.checkpoint_files import losses_of
from tests.support.made_up_models import made_up_dataset, made_up_model

LOADED, REFUSED = "loaded", "refused"
# On a machine that does much else at the same time; most take a few thousandths.
MOST_SECONDS = 20.0

_ODD = (
    None, True, -1, 0, 1, 3, 10**6, 2**31, 10**30, 0.5, -1e300, 1e300, "", "x", "../x", "<b>",
    "NaN", "x" * 10_000, "\ud800", [], [1], ["a"] * 99, [[]], {}, {"a": 1},
)  # fmt: skip
# What a page is most likely to count or compute with, each with what it might trip over.
_FIGURES = (0, 0.0, 1e9, -1, 1e-300, 1e300, "Infinity", "NaN", None, float("inf"), 10**400, "0.5")
_CREATED = ("yesterday", "", "0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00", 5, "2026-01-02")
_SEEDS = (-1, 2**31, 2**31 - 1, 10**30, 0.5, "1")
_PARTS = ([], ["KL"], ["a", "b"], ["KL", "reconstruction"], ["KL"] * 2)


@lru_cache(maxsize=3)
def good(variational: bool = False, told: int = 0) -> bytes:
    """A small model with everything that a file can hold but an optimiser's state."""
    options = {"snapshots": True, "film": True, "variational": variational, "told": told}
    made = made_up_model("m", _dataset(), **options)
    one = Difference("rounder", (0.5, -1.0), "less", "more", (3, 4), 0.9)
    parts = (("reconstruction", 3.0), ("KL", 0.5)) if variational else ()
    shots = [replace(s, mse=0.1, loss=replace(s.loss, parts=parts)) for s in made.history.snapshots]
    history = HistoryView(losses_of(s.loss for s in shots), tuple(shots), shots[-1])
    figures = dict.fromkeys(("train_mse", "validation_mse", "test_mse", "pca_test_mse"), 0.1)
    figures |= {"test_rmse": 0.3, "test_noisy_rmse": 0.4, "steps": 1.0, "seconds": 2.0}
    figures |= {"test_elbo_loss": 3.5} if variational else {}
    return to_bytes(replace(made, history=history, figures=figures, differences=(one,)))


@lru_cache(maxsize=1)
def _dataset():
    return made_up_dataset(8, tests=30, name="digits")


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
    kind = random.integers(3)
    data = good(variational=kind > 0, told=10 if kind > 1 else 0)
    length = int.from_bytes(data[:8], "little")
    about = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["aeviz"])
    tensors = dict(load(data))
    if random.integers(2):
        _misstate(random, about)
    for _ in range(random.integers(0, 4)):
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


def _misstate(random: np.random.Generator, about: dict) -> None:
    match random.integers(6):
        case 0:
            del about["figures"][random.choice(list(about["figures"]))]
        case 1:
            about["created"] = _CREATED[random.integers(len(_CREATED))]
        case 2:
            about["seed"] = _SEEDS[random.integers(len(_SEEDS))]
        case 3:
            about["parts"] = _PARTS[random.integers(len(_PARTS))]
        case 4:
            about["preset"]["source"] = int(random.integers(1, 7))
        case _:
            name = random.choice(list(about["figures"]))
            about["figures"][name] = _FIGURES[random.integers(len(_FIGURES))]


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
    shown = np.zeros(2, int)
    if model.autoencoder:
        assert model.autoencoder.reconstruct(images, shown).shape == images.shape
    live_explored.explored(model, None)
    _show(row, model)
    path.unlink()
    return LOADED


def _show(row: ListedCheckpoint, model: Checkpoint) -> None:
    """What the pages compute of any model that is there, whoever looks at it."""
    said = [model_titles.title_of(row), model_titles.short_title(row), models_views.when(row)]
    said += [model_titles.picker_title(row), model_titles.run_title(row), models_views.facts(row)]
    said += [model_titles.opened_title(model)]
    for mnist in (True, False):
        said += outcome(model.preset, model.figures, mnist=mnist)
    assert all(type(words) is str for words in said)
    assert row_of(model).name == model.name
    if model.history.snapshots:
        for choice in of_run.choices(model.dataset):
            film = of_run.make_film(of_run.stored(model), _dataset(), choice)
            assert len(film.sentences) == len(model.history.snapshots)
