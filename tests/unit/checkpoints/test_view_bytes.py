"""What a page sends of a model stays within bounds: honest files are far inside, others refused."""

from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints.history import MOST_RECORDS
from aeviz.checkpoints.store import MODELS, load_checkpoint, save_checkpoint
from aeviz.checkpoints.view_bytes import MOST_FILM_BYTES, VIEW_BYTES, film_bytes, moments_sent
from aeviz.data.limits import LARGEST_SIDE
from aeviz.data.picture_shape import COLOUR, GREY, PictureShape
from aeviz.networks.costs import snapshot_steps
from aeviz.networks.settings import LONGEST_RUN
from aeviz.storage.places import home
from aeviz.ui.film.of_run import make_film, stored
from aeviz.ui.film.replay import encoded
from aeviz.ui.shell.packed import packed
from tests.support.checkpoint_files import PROBES, checkpoint, parts_of, refused, rewritten

SIDE = 8
CODES = ("test.points", "test.codes", "test.errors", "test.labels")


def with_losses(path, count):
    """The file with so many loss records, its own among them."""
    losses = np.repeat(parts_of(path)[1]["losses"], -(-count // 8), axis=0)[:count]
    places = np.arange(0, 8, 2, dtype=np.int32) * -(-count // 8)
    return rewritten(path, tensors={"losses": losses, "snapshots.record": places})


def with_film(path, moments, points):
    """The file with so many moments and points on the map of each, and nothing else of them."""
    tensors = parts_of(path)[1]
    made = {
        name: np.resize(tensors[name], (moments, *tensors[name].shape[1:]))
        for name in tensors
        if name.startswith("snapshots.")
    }
    made["snapshots.record"] = np.sort(made["snapshots.record"])
    made["snapshots.map_points"] = np.zeros((moments, points, 2), np.float16)
    made["map_labels"] = np.zeros(points, np.uint8)
    made |= dict.fromkeys(("film.spans", "film.ends", "film.pictures"))
    return rewritten(path, tensors=made, about={"snapshots": moments, "film_cells": None})


def test_as_many_losses_as_someone_can_watch_in_a_day_open_quickly(saved):
    model = load_checkpoint(with_losses(saved, MOST_RECORDS))
    assert len(model.history.losses) == MOST_RECORDS
    assert isinstance(model.history.losses.rows, np.ndarray)


def test_more_losses_than_a_page_may_send_are_refused(saved):
    sentence = refused(with_losses(saved, MOST_RECORDS + 1))
    assert "100,001 measured losses" in sentence and "100,000" in sentence


def test_500_moments_of_20_000_points_are_refused(saved):
    # Two bytes for each of two numbers: 40 MB.
    assert "a film of 40." in (sentence := refused(with_film(saved, 500, 20_000)))
    assert "at most 10 MB" in sentence
    load_checkpoint(with_film(saved, 500, 2_000))


def test_more_test_codes_than_a_map_may_have_are_refused(saved):
    tensors = parts_of(saved)[1]
    many = {n: np.resize(t, (10_001, *t.shape[1:])) for n, t in tensors.items() if n in CODES}
    assert "codes of 10,001 test pictures" in refused(rewritten(saved, tensors=many))


def test_a_file_that_is_too_large_is_not_damaged(monkeypatch, tmp_path):
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path))
    for change in (lambda p: with_losses(p, MOST_RECORDS + 1), lambda p: with_film(p, 500, 20_000)):
        path = change(save_checkpoint(checkpoint(), home()))
        assert "train" in refused(path)
        assert MODELS.set_aside(path.stem) == "" and path.exists()


@pytest.mark.parametrize(("moments", "points"), [(4, 9), (120, 700)])
def test_what_is_counted_is_what_is_sent(saved, moments, points):
    model = load_checkpoint(with_film(saved, moments, points))
    film = make_film(stored(model), None, "one of each")
    film = replace(film, sentences=())  # words, and the head that names each array, are not counted
    sent = len(packed(encoded(film)))
    counted = moments * film_bytes(PictureShape(SIDE), latent_dim=3, points=points)
    # Six pictures are watched in this file, of ten that there is room for.
    counted -= moments * (10 - PROBES) * (SIDE**2 + 3)
    assert 0 <= sent - counted < 4_000 + 8 * moments


def test_the_largest_runs_of_our_own_are_far_inside():
    most = max(len(snapshot_steps(n)) for n in (41, 60, 99, 500, 5_000, 100_000, LONGEST_RUN))
    # And one more where a run is stopped by hand.
    grey, coloured = (
        (most + 1) * film_bytes(PictureShape(LARGEST_SIDE, n), latent_dim=2_000, points=1_000)
        for n in (GREY, COLOUR)
    )
    assert 2 * grey < VIEW_BYTES and 1.5 * coloured < MOST_FILM_BYTES


def test_of_a_heavy_film_so_many_moments_are_sent_as_have_room():
    assert moments_sent([100] * 40) == [*range(40)]
    for sizes in ([280_000] * 43, [560_000] * 43, [1_000_000] * 500):
        sent = moments_sent(sizes)
        assert (sent[0], sent[-1]) == (0, len(sizes) - 1)
        assert VIEW_BYTES / 2 < sum(sizes[i] for i in sent) <= VIEW_BYTES
        assert np.ptp(np.diff(sent)[:-1]) == 0
    assert moments_sent([4_000_000]) == [0]
