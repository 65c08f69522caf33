"""The table of settings: all of a recipe is in it, and each entry fits the field it is about."""

from dataclasses import fields, replace

import pytest

from aeviz.networks.limits import PresetError, check_recipe
from aeviz.networks.preset import Preset
from aeviz.networks.recipes import PRESETS
from aeviz.networks.settings import SECTIONS, SETTINGS, choice_in_words, described

# What a recipe is called, where it is from, and what kind of network it has.
NO_SETTINGS = {
    *("name", "title", "summary", "source", "not_given", "published"),
    *("variational", "labels", "ordered"),
}
USUAL = Preset("", "", "")


def test_every_field_of_a_recipe_is_a_setting_once():
    assert set(SETTINGS) == {one.name for one in fields(Preset)} - NO_SETTINGS
    assert sum(map(len, SECTIONS.values())) == len(SETTINGS)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda one: one.name)
def test_an_entry_fits_its_field(setting):
    value = getattr(USUAL, setting.name)
    assert bool(setting.choices) == isinstance(value, str)
    assert setting.problem(value) == ""
    assert setting.label and (setting.help is None or setting.help.endswith("."))


@pytest.mark.parametrize("name", sorted(SETTINGS.keys() - {"bias_start"}))
def test_what_an_entry_refuses_no_recipe_can_have(name):
    value = getattr(USUAL, name)
    wrong = "no-such" if isinstance(value, str) else (0,) if isinstance(value, tuple) else -1
    with pytest.raises(PresetError) as refused:
        check_recipe(replace(USUAL, **{name: wrong}))
    assert str(refused.value) == SETTINGS[name].problem(wrong) != ""


def test_a_recipe_in_words():
    said = described(PRESETS["vae-2d"])
    assert said["Loss"] == "binary cross-entropy and the KL term, weight 1"
    assert said["Bends of the layers"] == "ELU; code none (linear); read-out sigmoid"
    assert said["Patience"] == "never stops early" and said["Noise"] == ""
    said = described(PRESETS["denoising-10"])
    assert said["Noise"] == "up to 40% of the pixels blacked out, each picture its own share"
    assert said["Optimiser"] == "Adam, learning rate 0.003, cosine"
    assert choice_in_words("glorot_uniform") == "glorot uniform"
