"""Estimates of what a run takes go by what the last runs took."""

from collections import deque
from dataclasses import replace

import pytest

from aeviz.data.picture_shape import PictureShape
from aeviz.networks import costs
from aeviz.networks.recipes import PRESETS

PRESET = replace(PRESETS["karpathy-2d"], steps=20_000)


# Of a machine that was busy when its speed was measured.
RATE = 2e10
TO_START = 10.0


@pytest.fixture(autouse=True)
def busy_machine(monkeypatch):
    monkeypatch.setattr(costs, "_slowness", deque(maxlen=5))
    monkeypatch.setattr(costs, "_multiply_rate", lambda: RATE)


def test_an_estimate_comes_to_what_the_last_runs_took():
    assert costs.estimated_seconds(PRESET, PictureShape(28)) > 60
    for seconds in (31.0, 29.0, 30.0, 200.0):  # once the machine had other things to do
        costs.note_duration(PRESET, PictureShape(28), seconds)
    assert 30 <= costs.estimated_seconds(PRESET, PictureShape(28)) <= 31 + TO_START
    half = replace(PRESET, steps=PRESET.steps // 2)
    assert 15 <= costs.estimated_seconds(half, PictureShape(28)) <= 16 + TO_START


@pytest.mark.parametrize(("steps", "seconds"), [(60, 1.5), (0, 30.0), (60, 30.0)])
def test_a_run_too_short_to_tell_changes_nothing(steps, seconds):
    before = costs.estimated_seconds(PRESET, PictureShape(28))
    costs.note_duration(replace(PRESET, steps=steps), PictureShape(28), seconds)
    assert costs.estimated_seconds(PRESET, PictureShape(28)) == before


def test_a_step_of_convolutions_takes_longer_than_its_products_say(monkeypatch):
    # Measured on two cores that do 1.4e11 operations a second in a matrix product: 63 steps a
    # second (tests.benchmarks.training, 28 x 28 with 16 and 32 channels).
    monkeypatch.setattr(costs, "_multiply_rate", lambda: 1.4e11)
    measured = replace(
        PRESETS["karpathy-2d"],
        convolutions=(16, 32),
        encoder=(64,),
        decoder=(64,),
        activation="relu",
        steps=60 * 63,
    )
    assert 45 <= costs.estimated_seconds(measured, PictureShape(28)) - TO_START <= 80
