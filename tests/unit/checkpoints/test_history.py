"""When snapshots are kept, and that readers never see a half-written history."""

import threading
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from aeviz.checkpoints.history import History, HistoryView, LossRecord, Snapshot
from aeviz.networks.costs import snapshot_steps

TOTALS = [*range(1, 51), 64, 100, 500, 2_000, 10_000, 85_938, 644_532, 5_000_000]


def snapshot(step, **values):
    empty = np.zeros((0, 4), np.uint8)
    loss = values.pop("loss", LossRecord(step, 1.0 / (step + 1)))
    return Snapshot(step, 0.0, loss, empty, empty.astype(np.float16), empty, **values)


@pytest.mark.parametrize("total", TOTALS)
def test_snapshots_begin_at_0_end_at_the_end_and_never_repeat(total):
    steps = snapshot_steps(total)
    assert steps[0] == 0 and steps[-1] == total
    assert all(a < b for a, b in zip(steps, steps[1:], strict=False))
    assert all(type(step) is int for step in steps)


@pytest.mark.parametrize("total", TOTALS)
def test_there_are_at_least_40_wherever_there_are_40_steps(total):
    steps = snapshot_steps(total)
    assert len(steps) >= min(40, total + 1)
    assert len(steps) <= 60  # a film, not an archive
    if total <= 40:
        assert steps == tuple(range(total + 1))


@pytest.mark.parametrize("total", [10_000, 644_532, 5_000_000])
def test_snapshots_are_spaced_logarithmically(total):
    steps = np.array(snapshot_steps(total)[1:])
    # Above the first dozens (where a step is a whole number) and below the first even mark, each
    # snapshot comes the same factor after the one before.
    early = steps[(steps >= 30) & (steps < total / 13)]
    ratios = early[1:] / early[:-1]
    assert len(early) >= 10
    np.testing.assert_allclose(ratios, np.exp(np.log(ratios).mean()), rtol=0.05)
    # Most happens early: a third of the film by the square root of the run.
    assert (steps <= np.sqrt(total)).mean() >= 1 / 3
    # And the late part isn't left out: nowhere a gap of more than a tenth of the run.
    assert np.diff(steps).max() <= total / 10


def test_a_view_holds_what_was_added():
    history = History()
    assert history.view() == HistoryView()
    history.add(snapshot(0, loss=LossRecord(0, float("nan"), 0.5)))
    history.add(snapshot(5, loss=LossRecord(5, 0.25)), keep=False)
    history.add(snapshot(9, loss=LossRecord(9, 0.125, 0.2, (("reconstruction", 0.15),))))
    view = history.view()
    assert view.step.tolist() == [0, 5, 9]
    np.testing.assert_array_equal(view.train_loss, [np.nan, 0.25, 0.125])
    np.testing.assert_array_equal(view.val_loss, [0.5, np.nan, 0.2])
    assert [s.step for s in view.snapshots] == [0, 9]
    assert view.latest is view.snapshots[-1]
    assert view.part_names == ("reconstruction",)
    np.testing.assert_array_equal(view.part("reconstruction"), [np.nan, np.nan, 0.15])
    assert np.isnan(view.part("KL")).all()


def test_a_glance_is_the_latest_but_is_not_kept():
    history = History()
    history.add(snapshot(0))
    history.add(snapshot(3), keep=False)
    assert history.view().latest.step == 3
    assert [s.step for s in history.view().snapshots] == [0]


def test_an_empty_history_has_empty_arrays():
    view = History().view()
    for array in (view.step, view.train_loss, view.val_loss, view.part("KL")):
        assert array.shape == (0,)
    assert (view.part_names, view.latest) == ((), None)


def test_a_view_cannot_be_changed():
    history = History()
    history.add(snapshot(0))
    view = history.view()
    with pytest.raises(FrozenInstanceError):
        view.latest = None
    with pytest.raises(FrozenInstanceError):
        view.latest.step = 7
    view.train_loss[:] = 9  # a copy made for the caller
    assert view.train_loss.tolist() == [1.0]
    with pytest.raises(AttributeError):
        view.losses.append(LossRecord(1, 1.0))


def test_views_stay_as_they_were_while_another_thread_writes():
    history, seen, done = History(), [], threading.Event()
    count = 2_000

    def write():
        for step in range(count):
            history.add(snapshot(step), keep=step % 10 == 0)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set() and len(seen) < 300:
        view = history.view()
        n = len(view.losses)
        # Losses, snapshots and the latest belong to one moment.
        assert [r.step for r in view.losses] == list(range(n))
        assert [s.step for s in view.snapshots] == list(range(0, n, 10))
        assert (view.latest.step if view.latest else -1) == n - 1
        seen.append((view, n))
    writer.join(30)
    assert len(history.view().losses) == count
    for view, n in seen:
        assert len(view.losses) == len(view.step) == n
        assert view.latest is None or view.latest.step == n - 1


def test_two_writers_lose_nothing():
    history = History()
    threads = [
        threading.Thread(target=lambda: [history.add(snapshot(i)) for i in range(300)])
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(history.view().losses) == len(history.view().snapshots) == 600


def test_a_run_watched_for_very_long_forgets_glances_and_no_moment_that_it_keeps(monkeypatch):
    monkeypatch.setattr("aeviz.checkpoints.history.MOST_RECORDS", 50)
    history = History()
    for step in range(1_000):
        history.add(snapshot(step), keep=step % 50 == 0)
        assert len(history.view().losses) <= 50
    view = history.view()
    assert {*range(0, 1_000, 50), 999} <= {*view.step.tolist()}
    assert (np.diff(view.step) > 0).all()
    np.testing.assert_array_equal(view.train_loss, 1 / (view.step + 1))
    assert len(view.snapshots) == 20 and view.latest.step == 999


def test_parts_are_told_of_the_records_that_have_them():
    history = History()
    parts = (("reconstruction", 3.0), ("KL", float("nan")))
    history.add(snapshot(0, loss=LossRecord(0, 1.0, 2.0, parts)))
    history.add(snapshot(1))
    first, second = history.view().losses
    assert (second.step, second.train_loss, second.parts) == (1, 0.5, ())
    assert (first.step, first.validation_loss, first.parts[0]) == (0, 2.0, ("reconstruction", 3.0))
    assert np.isnan(dict(first.parts)["KL"])
