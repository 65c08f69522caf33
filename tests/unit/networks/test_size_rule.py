"""The rule from the size of a code to its network, beside what the page says of it."""

import re
from dataclasses import replace

import pytest

from aeviz.data.picture_shape import PictureShape
from aeviz.networks.limits import check_preset
from aeviz.networks.preset import Preset
from aeviz.networks.size_rule import (
    HIDDEN_UNITS,
    MOST_LAYERS,
    RULE_IN_FULL,
    SIZES,
    STEPS,
    hidden_layers,
    preset_for,
)
from aeviz.sweeps.plan import SWEEPS, models_of


@pytest.mark.parametrize("size", SIZES)
def test_every_size_makes_a_recipe_that_can_be_trained(size):
    preset = preset_for(size)
    check_preset(preset, PictureShape(28), images=55_000)
    assert Preset.from_dict(preset.to_dict()) == preset
    assert preset.latent_dim == size and preset.decoder == preset.encoder[::-1]


def test_depth_grows_as_the_code_shrinks_and_the_units_stay_the_same():
    depths = [len(hidden_layers(784, size)) for size in sorted(SIZES, reverse=True)]
    # log4 of 1, 1.6 | 2.6, 3.9, 7.8 | 12.3, 24.5 | 49 and more, rounded.
    assert depths == [0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3]
    for size in SIZES:
        layers = hidden_layers(784, size)
        assert not layers or abs(sum(layers) - HIDDEN_UNITS) <= 1
        for wide, narrow in zip(layers, layers[1:], strict=False):
            assert narrow == pytest.approx(wide / 2, abs=1)


def test_the_words_say_the_rule():
    full = " ".join(RULE_IN_FULL.split())
    assert "900 hidden units" in full and HIDDEN_UNITS == 900
    assert "three at most" in full and MOST_LAYERS == 3
    assert f"{STEPS:,} batches of 128, twice as many without" in full
    assert preset_for(10).batch_size == 128
    assert preset_for(784).steps == preset_for(500).steps == 2 * STEPS == 2 * preset_for(10).steps
    assert "Adam at 0.003, with three hidden layers 0.001" in full
    rates = [preset_for(size).learning_rate for size in SIZES]
    assert rates == [0.003] * 7 + [0.001] * 5
    assert re.search(r"none below a factor of two", full)
    # Half the pixels is where the rounding turns: one layer from there on, none above.
    assert hidden_layers(784, 393) == () and hidden_layers(784, 391) == (900,)


def test_the_read_out_follows_the_ratio():
    out = {size: preset_for(size).output_activation for size in SIZES}
    assert out[784] == out[500] == "linear"
    assert out[300] == out[200] == "relu"
    assert {out[s] for s in SIZES if s <= 100} == {"sigmoid"}


def test_the_ready_made_sweep_trains_just_these_recipes():
    models = models_of(SWEEPS["sized"])
    assert [m.preset.latent_dim for m in models] == list(SIZES)
    for model in models:
        wanted = preset_for(model.preset.latent_dim)
        assert replace(model.preset, summary=wanted.summary) == wanted
