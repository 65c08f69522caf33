"""The reader refuses films whose pictures, places or ranges are impossible."""

import numpy as np
import pytest

from aeviz.checkpoints.store import load_checkpoint, save_checkpoint
from tests.support.checkpoint_files import (
    CELLS,
    SIDE,
    WITHOUT_CODING,
    checkpoint,
    jpeg,
    parts_of,
    refused,
    rewritten,
)


def test_a_film_of_more_pixels_than_can_be_unpacked_in_time_is_refused(tmp_path, monkeypatch):
    path = save_checkpoint(checkpoint(), tmp_path)
    monkeypatch.setattr("aeviz.checkpoints.reader._MOST_FILM_PIXELS", 4 * (CELLS * SIDE) ** 2)
    load_checkpoint(path)
    monkeypatch.setattr("aeviz.checkpoints.reader._MOST_FILM_PIXELS", 4 * (CELLS * SIDE) ** 2 - 1)
    assert "film that cannot be shown" in refused(path)


def test_a_film_with_a_picture_that_no_page_could_send_is_refused(tmp_path, monkeypatch):
    path = save_checkpoint(checkpoint(), tmp_path)
    largest = max(len(s.frame.picture) for s in load_checkpoint(path).history.snapshots)
    monkeypatch.setattr("aeviz.checkpoints.reader._LARGEST_FRAME", largest)
    load_checkpoint(path)
    monkeypatch.setattr("aeviz.checkpoints.reader._LARGEST_FRAME", largest - 1)
    assert "film that cannot be shown" in refused(path)


def film_of(pictures):
    """The tensors of a film of these files."""
    return {
        "film.pictures": np.frombuffer(b"".join(pictures), np.uint8),
        "film.ends": np.cumsum([len(p) for p in pictures]),
    }


RANDOM = np.random.default_rng(5)
GOOD = [jpeg(RANDOM) for _ in range(4)]
UNREADABLE = {
    "no picture": b"not a picture",
    "too large": jpeg(RANDOM, width=CELLS * SIDE + 1),
    "in colour": jpeg(RANDOM, mode="RGB"),
    "cut off": GOOD[0][: len(GOOD[0]) // 2],
    "huge": jpeg(RANDOM, 5_000, 5_000),
    "drawn over and over": jpeg(RANDOM, progressive=True),
}


@pytest.mark.parametrize("which", UNREADABLE)
def test_a_film_with_a_picture_that_is_none_is_refused(saved, which):
    load_checkpoint(rewritten(saved, tensors=film_of(GOOD)))
    tensors = film_of([*GOOD[:2], UNREADABLE[which], GOOD[3]])
    assert "film that cannot be shown" in refused(rewritten(saved, tensors=tensors))


WRONG_ENDS = {
    "out of order": lambda ends: ends[[0, 2, 1, 3]],
    "an empty one": lambda ends: ends * [0, 1, 1, 1],
    "before the start": lambda ends: ends - [10**9, 0, 0, 0],
    "beyond the end": lambda ends: ends + [0, 0, 0, 1],
    "not to the end": lambda ends: ends - [0, 0, 0, 1],
    "beyond all bounds": lambda ends: np.full(4, np.iinfo(np.int64).max),
}


@pytest.mark.parametrize("wrong", WRONG_ENDS)
def test_a_film_whose_pictures_do_not_follow_each_other_is_refused(saved, wrong):
    ends = WRONG_ENDS[wrong](parts_of(saved)[1]["film.ends"])
    assert "begin and end" in refused(rewritten(saved, tensors={"film.ends": ends}))


@pytest.mark.parametrize(
    "span", [(1, 1, 0, 1), (2, 1, 0, 1), (0, 1, 3, 2), (0, 1e9, 0, 1), (0, 1e-9, 0, 1)], ids=str
)
def test_a_film_over_a_range_that_is_none_is_refused(saved, span):
    spans = parts_of(saved)[1]["film.spans"]
    spans[1] = span
    assert "film" in refused(rewritten(saved, tensors={"film.spans": spans}))


@pytest.mark.parametrize("cells", [0, 4, 6, 61, 5.0, "5", True, [5], 10**400, None])
def test_a_film_of_other_cells_than_it_says_is_refused(saved, cells):
    assert "film" in refused(rewritten(saved, about={"film_cells": cells}))


def test_a_film_the_description_does_not_know_of_is_refused(saved):
    assert "film.ends" in refused(rewritten(saved, about={"schema": 2}, tensors=WITHOUT_CODING))


def test_a_film_can_be_left_out_and_all_else_is_there(saved):
    whole, bare = load_checkpoint(saved), load_checkpoint(saved, film=False)
    assert all(shot.frame for shot in whole.history.snapshots)
    assert not any(shot.frame for shot in bare.history.snapshots)
    assert bare.figures.keys() == whole.figures.keys()
    assert bare.history.losses == whole.history.losses
    for one, other in zip(bare.history.snapshots, whole.history.snapshots, strict=True):
        np.testing.assert_array_equal(one.reconstructions, other.reconstructions)
