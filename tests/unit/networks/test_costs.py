"""Estimates of what a run takes go by what the last runs took."""

from collections import deque
from dataclasses import replace

import pytest

from aeviz.networks import costs
from aeviz.networks.recipes import PRESETS

PRESET = replace(PRESETS["karpathy-2d"], steps=20_000)


@pytest.fixture(autouse=True)
def busy_machine(monkeypatch):
    """A machine that was three times too busy when its speed was measured."""
    monkeypatch.setattr(costs, "_slowness", deque(maxlen=5))
    rate = costs._multiply_rate() / 3
    monkeypatch.setattr(costs, "_multiply_rate", lambda: rate)


def test_an_estimate_comes_to_what_the_last_runs_took():
    before = costs.estimated_seconds(PRESET, 784)
    for seconds in (41.0, 39.0, 40.0, 200.0):  # once the machine had other things to do
        costs.note_duration(PRESET, 784, seconds)
    now = costs.estimated_seconds(PRESET, 784)
    assert now == pytest.approx(40, abs=10) and abs(now - 40) < abs(before - 40)
    half = costs.estimated_seconds(replace(PRESET, steps=10_000), 784)
    assert half == pytest.approx(20, abs=10)


@pytest.mark.parametrize(("steps", "seconds"), [(60, 1.5), (0, 30.0), (60, 30.0)])
def test_a_run_too_short_to_tell_changes_nothing(steps, seconds):
    before = costs.estimated_seconds(PRESET, 784)
    costs.note_duration(replace(PRESET, steps=steps), 784, seconds)
    assert costs.estimated_seconds(PRESET, 784) == before
