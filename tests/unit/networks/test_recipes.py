"""Each recipe against the figures its source printed, worked out here by hand."""

import json
import re
from dataclasses import fields, replace

import pytest

from aeviz.data.picture_shape import PictureShape
from aeviz.networks.preset import Preset
from aeviz.networks.recipes import PRESETS, epochs_to_steps, variant_of

SOURCES = {"karpathy-2d": 1, "linear-100": 2, "vae-2d": 3, "denoising-10": 4, "stacked-100": 5}


def dense(inputs, units):
    """Weights and biases of one dense layer."""
    return inputs * units + units


# What each source printed; where it leaves something open, what its framework does by default.
PUBLISHED = {
    "karpathy-2d": {
        "encoder": (50, 50),
        "latent_dim": 2,
        "decoder": (50, 50),
        "before_readout": 0,
        "activation": "tanh",
        "code_activation": "linear",
        "output_activation": "linear",
        "variational": False,
        "initializer": "truncated_normal",
        "bias_start": 0.1,
        "loss": "mse",
        "optimizer": "adam",
        "learning_rate": 1e-4,
        "schedule": "constant",
        "steps": 10_000,
        "sampling": "shuffled",
        "noise": 0.0,
    },
    "linear-100": {
        "encoder": (500,),
        "latent_dim": 100,
        "decoder": (500,),
        "before_readout": 0,
        "activation": "linear",
        "code_activation": "linear",
        "output_activation": "linear",
        "variational": False,
        "initializer": "glorot_uniform",
        "bias_start": 0.0,
        "loss": "mse",
        "optimizer": "adam",
        "learning_rate": 1e-3,
        "schedule": "constant",
        "batch_size": 100,
        "steps": 2_000,
        "sampling": "shuffled",
        "noise": 0.0,
    },
    "vae-2d": {
        "encoder": (256, 128, 64),
        "latent_dim": 2,
        "decoder": (256, 128, 64),
        "before_readout": 4,
        "activation": "elu",
        "output_activation": "sigmoid",
        "variational": True,
        "initializer": "glorot_uniform",
        "bias_start": 0.0,
        "loss": "bce",
        "kl_weight": 1.0,
        "schedule": "constant",
        "batch_size": 256,
        "steps": 5_000,
        "sampling": "with replacement",
        "noise": 0.0,
    },
    "denoising-10": {
        "encoder": (512, 128),
        "latent_dim": 10,
        "decoder": (128, 512),
        "before_readout": 0,
        "activation": "sigmoid",
        "variational": False,
        "optimizer": "adam",
        "learning_rate": 0.01,
        "schedule": "constant",
        "batch_size": 64,
        # 55,000 images / 64 = 859.375 batches in each of 100 epochs.
        "steps": 85_938,
        "sampling": "shuffled",
        "noise": 0.4,
        "noise_mode": "fixed",
    },
    "stacked-100": {
        "encoder": (1_000,),
        "latent_dim": 100,
        "decoder": (1_000,),
        "before_readout": 0,
        "activation": "elu",
        "code_activation": "elu",
        "output_activation": "linear",
        "variational": False,
        "initializer": "glorot_uniform",  # tf.contrib's xavier_initializer() is the uniform one
        "bias_start": 0.0,
        "loss": "mse",
        "optimizer": "adam",
        "learning_rate": 8e-6,
        "schedule": "constant",
        "l2": 0.0,
        "sampling": "shuffled",
        "noise": 0.0,
    },
}

LAYERS = {
    "karpathy-2d": (784, 50, 50, 2, 50, 50, 784),
    "linear-100": (784, 500, 100, 500, 784),
    "vae-2d": (784, 256, 128, 64, 2, 256, 128, 64, 4, 784),
    "denoising-10": (784, 512, 128, 10, 128, 512, 784),
    "stacked-100": (784, 1_000, 100, 1_000, 784),
}

PARAMETERS = {
    "karpathy-2d": dense(784, 50)
    + dense(50, 50)
    + dense(50, 2)
    + dense(2, 50)
    + dense(50, 50)
    + dense(50, 784),
    "linear-100": dense(784, 500) + dense(500, 100) + dense(100, 500) + dense(500, 784),
    # Mean and log-variance: four numbers leave the encoder, two enter the decoder.
    "vae-2d": dense(784, 256)
    + dense(256, 128)
    + dense(128, 64)
    + dense(64, 4)
    + dense(2, 256)
    + dense(256, 128)
    + dense(128, 64)
    + dense(64, 4)
    + dense(4, 784),
    "denoising-10": dense(784, 512)
    + dense(512, 128)
    + dense(128, 10)
    + dense(10, 128)
    + dense(128, 512)
    + dense(512, 784),
    "stacked-100": dense(784, 1_000) + dense(1_000, 100) + dense(100, 1_000) + dense(1_000, 784),
}

# Fields the source says nothing of and that a person may want to know.
NOT_GIVEN = {
    "karpathy-2d": {"batch_size"},
    "linear-100": set(),
    "vae-2d": {"optimizer", "learning_rate"},
    "denoising-10": {"loss", "code_activation", "output_activation", "initializer"},
    "stacked-100": {"batch_size"},
}

EVERY = [p for preset in PRESETS.values() for p in (preset, preset.published) if p]


OUR_OWN = ("deep-2d", "overcomplete", "sparse")
# What the sources did not train: deeper, of neighbouring pixels, in colour.
OUR_OWN += (
    "deep-vae-2d",
    "conv-vae-2d",
    "ordered-64",
    "cvae-2d",
    "conv-32",
    "photo-128",
    "colour-vae",
)


def test_there_are_five_sources_and_our_own():
    ours = dict.fromkeys(OUR_OWN, 0)
    assert {name: p.source for name, p in PRESETS.items()} == SOURCES | ours
    assert all(name == preset.name for name, preset in PRESETS.items())
    assert all(PRESETS[name].published is None for name in OUR_OWN)


def test_the_overcomplete_pair_differs_in_the_price_of_its_code_alone():
    free, sparse = PRESETS["overcomplete"], PRESETS["sparse"]
    assert free.layer_sizes(PictureShape(28)) == (784, 1_000, 784)
    assert (free.code_l1, free.l2) == (0, 0) and sparse.code_l1 > 0
    told = {key: getattr(free, key) for key in ("name", "title", "summary", "code_l1")}
    assert replace(sparse, **told) == free


@pytest.mark.parametrize("name", SOURCES)
def test_published_recipe_is_the_sources_own(name):
    published = PRESETS[name].published
    assert {key: getattr(published, key) for key in PUBLISHED[name]} == PUBLISHED[name]
    assert published.source == SOURCES[name]
    assert (published.code_l1, published.l2, published.patience) == (0, 0, 0)
    assert published.published is None


@pytest.mark.parametrize("name", SOURCES)
def test_published_layers_and_parameter_count(name):
    published = PRESETS[name].published
    assert published.layer_sizes(PictureShape(28)) == LAYERS[name]
    assert published.parameter_count(PictureShape(28)) == PARAMETERS[name]


@pytest.mark.parametrize("name", SOURCES)
def test_what_the_source_leaves_open_is_marked(name):
    published = PRESETS[name].published
    assert {field for field, _ in published.not_given} == NOT_GIVEN[name]
    # Given by the source and not given by it: never both.
    assert not NOT_GIVEN[name] & PUBLISHED[name].keys()
    assert NOT_GIVEN[name] <= {f.name for f in fields(Preset)}
    assert PRESETS[name].not_given == ()  # the tuned recipe is ours, nothing in it is "given"


@pytest.mark.parametrize("name", SOURCES)
def test_a_marked_number_is_the_one_in_use(name):
    for field, words in PRESETS[name].published.not_given:
        value = getattr(PRESETS[name].published, field)
        if isinstance(value, int | float):
            assert float(words) == value


@pytest.mark.parametrize("name", SOURCES)
def test_tuned_recipe_keeps_the_sources_layers(name):
    preset = PRESETS[name]
    kept = ("encoder", "latent_dim", "decoder", "variational", "source", "name", "noise")
    assert [getattr(preset, k) for k in kept] == [getattr(preset.published, k) for k in kept]
    assert preset.before_readout == 0  # source 3's stray layer is "fixed" unless asked for


def test_the_fixed_vae_decoder_loses_only_the_stray_layer():
    fixed = replace(PRESETS["vae-2d"].published, before_readout=0)
    assert fixed.layer_sizes(PictureShape(28)) == (784, 256, 128, 64, 2, 256, 128, 64, 784)
    difference = dense(64, 784) - dense(64, 4) - dense(4, 784)
    assert fixed.parameter_count(PictureShape(28)) == PARAMETERS["vae-2d"] + difference


def dense_layers(preset):
    return [[(p.units, p.activation) for p in part] for part in preset.layers(PictureShape(28))]


def test_dense_layers_carry_their_activations():
    encoder, decoder = dense_layers(PRESETS["vae-2d"].published)
    assert encoder == [(256, "elu"), (128, "elu"), (64, "elu"), (4, "linear")]
    assert decoder == [
        (256, "elu"),
        (128, "elu"),
        (64, "elu"),
        (4, "linear"),
        (784, "sigmoid"),
    ]
    encoder, decoder = dense_layers(PRESETS["stacked-100"].published)
    assert encoder == [(1_000, "elu"), (100, "elu")]
    assert decoder == [(1_000, "elu"), (784, "linear")]


def test_layers_follow_the_picture_size():
    assert PRESETS["karpathy-2d"].layer_sizes(PictureShape(8)) == (64, 50, 50, 2, 50, 50, 64)


@pytest.mark.parametrize(
    ("epochs", "batch_size", "steps"),
    [
        (1, 55_000, 1),
        (1, 54_999, 2),
        (1, 128, 430),  # 429.69
        (1_500, 128, 644_532),  # 644,531.25
        (6_000, 128, 2_578_125),  # exactly
        (100, 64, 85_938),  # 85,937.5
    ],
)
def test_epochs_as_steps(epochs, batch_size, steps):
    assert epochs_to_steps(epochs, batch_size) == steps


def test_source_5_trains_for_1500_epochs():
    published = PRESETS["stacked-100"].published
    epochs = published.steps * published.batch_size / 55_000
    assert 1_500 <= epochs < 1_500 + published.batch_size / 55_000


# ---------------------------------------------------------------------------------------------
# To JSON and back


@pytest.mark.parametrize("preset", EVERY, ids=lambda p: f"{p.name}{'' if p.published else ' bare'}")
def test_a_recipe_survives_json(preset):
    values = json.loads(json.dumps(preset.to_dict(), allow_nan=False))
    assert Preset.from_dict(values) == replace(preset, published=None)
    assert "published" not in values


def test_types_come_back_exactly():
    preset = PRESETS["vae-2d"].published
    back = Preset.from_dict(json.loads(json.dumps(preset.to_dict())))
    for field in fields(Preset):
        assert type(getattr(back, field.name)) is type(getattr(preset, field.name))
    assert all(type(n) is int for n in back.encoder)


def test_a_whole_number_will_do_for_a_decimal_one():
    back = Preset.from_dict(PRESETS["linear-100"].to_dict() | {"learning_rate": 1})
    assert (back.learning_rate, type(back.learning_rate)) == (1.0, float)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("colour", 1),
        ("published", None),
        ("__class__", "x"),
        ("x" * 10_000, 1),
        ("latent_dim", True),
        ("latent_dim", 2.0),
        ("latent_dim", "2"),
        ("latent_dim", None),
        ("batch_size", [128]),
        ("steps", False),
        ("learning_rate", True),
        ("learning_rate", "0.001"),
        ("learning_rate", None),
        ("learning_rate", 10**400),
        ("learning_rate", float("nan")),
        ("learning_rate", float("-inf")),
        ("variational", 1),
        ("variational", "true"),
        ("activation", 3),
        ("activation", None),
        ("activation", ["tanh"]),
        ("loss", {"mse": 1}),
        ("name", 7),
        ("encoder", 50),
        ("encoder", "50"),
        ("encoder", {"50": 1}),
        ("encoder", [50.0]),
        ("encoder", [True]),
        ("encoder", [[50]]),
        ("encoder", [None]),
        ("encoder", [1] * 65),
        ("not_given", "ab"),
        ("not_given", ["ab"]),
        ("not_given", [["loss"]]),
        ("not_given", [["loss", 1]]),
        ("not_given", [1]),
        ("not_given", [None]),
        ("not_given", [[["loss"], "mse"]]),
        ("not_given", [["a", "b"]] * 65),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_wrong_value_is_refused_in_one_sentence(field, value):
    with pytest.raises(ValueError) as caught:
        Preset.from_dict(PRESETS["linear-100"].to_dict() | {field: value})
    sentence = str(caught.value)
    assert re.fullmatch(r"[A-Z][^\n]{10,120}\.", sentence), sentence
    assert field[:20] in sentence


def test_deep_nesting_is_refused():
    deep = []
    for _ in range(5_000):
        deep = [deep]
    for field in ("encoder", "not_given", "name"):
        with pytest.raises(ValueError):
            Preset.from_dict(PRESETS["linear-100"].to_dict() | {field: deep})


@pytest.mark.parametrize("missing", ["name", "title", "summary"])
def test_a_recipe_without_a_name_is_refused(missing):
    values = PRESETS["linear-100"].to_dict()
    del values[missing]
    with pytest.raises(ValueError, match="no name"):
        Preset.from_dict(values)


def test_a_recipe_is_known_as_tuned_published_or_changed():
    tuned = PRESETS["karpathy-2d"]
    assert variant_of(tuned) == "tuned"
    assert variant_of(tuned.published) == "as published"
    assert variant_of(Preset.from_dict(tuned.published.to_dict())) == "as published"
    assert variant_of(replace(tuned, steps=tuned.steps + 1)) == "changed"
    assert variant_of(replace(tuned, name="not-ours")) == "changed"


def test_convolutions_are_called_by_the_pictures_they_give():
    preset = Preset("c", "C", "", convolutions=(16, 32), encoder=(64,), latent_dim=2, decoder=(64,))
    names = "-".join(preset.layer_names(PictureShape(28, 3)))
    assert names == "28x28x3-14x14x16-7x7x32-64-2-64-1568-14x14x16-28x28x3"
    # 25 pixels: 13, 7, and back.
    names = "-".join(replace(preset, encoder=(), decoder=()).layer_names(PictureShape(25)))
    assert names == "25x25x1-13x13x16-7x7x32-2-1568-13x13x16-25x25x1"
