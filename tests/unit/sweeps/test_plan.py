"""Which models a sweep is made of, and every sweep that is refused, in words."""

import re
from dataclasses import replace

import pytest

from aeviz.data.catalog import find_source
from aeviz.data.picture_shape import PictureShape
from aeviz.networks import costs as networks_costs
from aeviz.networks.costs import estimated_seconds
from aeviz.networks.limits import check_preset
from aeviz.networks.preset import Preset
from aeviz.networks.recipes import PRESETS
from aeviz.sweeps.plan import (
    SOURCE_5_SIZES,
    STACKED,
    SWEEPS,
    Grid,
    Sweep,
    SweepError,
    check_sweep,
    models_of,
    parse_levels,
    parse_stacks,
    parse_whole_numbers,
    sweep_seconds,
)
from aeviz.text.numbers import duration_in_days
from tests.support.hostile_text import HOSTILE, drawn

GRID = Grid(STACKED, 500, (100, 10), ((1_000,), (64, 32)), noise=(0.0, 0.4), l2=(0.0, 1e-6))
SWEEP = Sweep("Mine", (GRID,), seeds=(0, 1))


@pytest.fixture(autouse=True)
def desk_machine(monkeypatch):
    """A fixed multiply rate and 8 GB to spare, so that no figure depends on where this runs."""
    monkeypatch.setattr(networks_costs, "_multiply_rate", lambda: 3.5e11)
    monkeypatch.setattr(networks_costs, "memory_allowed", lambda: 8_000_000_000)


def grid(**changes):
    return replace(SWEEP, grids=(replace(GRID, **changes),))


def refusal(sweep, **options):
    with pytest.raises(SweepError) as caught:
        check_sweep(sweep, **options)
    sentence = str(caught.value)
    assert re.fullmatch(r"[A-Z0-9][^\n]{15,250}\.", sentence), sentence
    return sentence


# --- its models ----------------------------------------------------------------------------------


def test_every_combination_comes_once():
    models = models_of(SWEEP)
    found = {
        (m.preset.encoder, m.preset.latent_dim, m.preset.noise, m.preset.l2, m.seed) for m in models
    }
    assert len(models) == len(found) == 2 * 2 * 2 * 2 * 2
    assert ((64, 32), 10, 0.4, 1e-6, 1) in found
    check_sweep(SWEEP)


def test_the_decoder_mirrors_the_encoder_and_the_rest_is_the_base_recipe():
    (model,) = models_of(
        Sweep("One", (Grid(STACKED, 77, (10,), ((64, 32),), noise=(0.3,), l2=(1e-6,)),))
    )
    preset = model.preset
    assert preset.layer_sizes(PictureShape(28)) == (784, 64, 32, 10, 32, 64, 784)
    changed = {"name", "title", "summary", "encoder", "latent_dim", "decoder", "noise", "l2"}
    changed |= {"steps", "not_given"}
    same = STACKED.to_dict()
    for key, value in preset.to_dict().items():
        assert key in changed or value == same[key], key
    assert (preset.noise, preset.l2, preset.steps) == (0.3, 1e-6, 77)
    assert preset.published is None
    assert Preset.from_dict(preset.to_dict()) == preset


@pytest.mark.parametrize("base", PRESETS.values(), ids=lambda p: p.name)
def test_names_and_titles_say_the_code_size(base):
    (model,) = models_of(Sweep("One", (Grid(base, 50, (7,), ((40,),)),)))
    assert re.fullmatch(r"[a-z]+(-vae)?-7", model.preset.name)
    assert model.preset.title.endswith(", 7 numbers")
    assert "2-number" not in model.preset.title and "100" not in model.preset.title


def test_two_grids_that_share_a_model_train_it_once():
    other = replace(GRID, code_sizes=(10, 5))
    both = models_of(Sweep("Both", (GRID, other)))
    assert len(both) == len(models_of(Sweep("One", (GRID,)))) + 8
    assert len({m.key for m in both}) == len(both)


def test_a_label_tells_the_models_of_a_sweep_apart():
    labels = [m.label for m in models_of(SWEEP)]
    assert len(set(labels)) == len(labels)
    assert labels[0] == "784-1000-100-1000-784"
    assert "784-64-32-10-32-64-784, 40 % noise, L2 1e-06, seed 1" in labels


# --- fingerprints --------------------------------------------------------------------------------


def test_a_fingerprint_is_the_same_in_every_sweep_and_process():
    (model,) = models_of(Sweep("One", (Grid(STACKED, 77, (10,), ((64,),)),)))
    again = models_of(Sweep("Other", (Grid(STACKED, 77, (5, 10), ((64,),)),), summary="x"))[1]
    assert (model.fingerprint, model.key) == (again.fingerprint, again.key)
    assert model.key == f"stacked-10-{model.fingerprint[:10]}"
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,99}", model.key)


def test_all_that_decides_what_comes_out_changes_it():
    (model,) = models_of(Sweep("One", (Grid(STACKED, 77, (10,), ((64,),)),)))
    changes = [
        {"encoder": (65,)},
        {"latent_dim": 11},
        {"steps": 78},
        {"learning_rate": 2e-3},
        {"l2": 1e-6},
        {"noise": 0.1},
        {"activation": "relu"},
        {"batch_size": 64},
    ]
    others = [replace(model, preset=replace(model.preset, **change)) for change in changes]
    others += [replace(model, seed=1), replace(model, dataset="fashion_mnist")]
    assert len({model.fingerprint, *(m.fingerprint for m in others)}) == len(others) + 1


def test_words_do_not():
    (model,) = models_of(Sweep("One", (Grid(STACKED, 77, (10,), ((64,),)),)))
    for words in ({"title": "X"}, {"summary": "X"}, {"source": 0}, {"not_given": (("a", "b"),)}):
        same = replace(model, preset=replace(model.preset, **words))
        assert same.fingerprint == model.fingerprint


# --- refusals ------------------------------------------------------------------------------------


def test_no_sizes():
    assert "at least one" in refusal(grid(code_sizes=()))
    assert "at least one" in refusal(replace(SWEEP, grids=()))
    assert "at least one" in refusal(grid(encoders=()))
    assert "at least one" in refusal(grid(noise=()))
    assert "at least one" in refusal(replace(SWEEP, seeds=()))


@pytest.mark.parametrize("size", [0, -1, -784])
def test_sizes_under_1(size):
    assert f"{size}" in refusal(grid(code_sizes=(10, size)))


@pytest.mark.parametrize(("dataset", "pixels"), [("mnist", 784), ("digits", 64)])
def test_sizes_over_the_pixel_count(dataset, pixels):
    allowed = replace(grid(code_sizes=(pixels,)), dataset=dataset)
    check_sweep(allowed)
    said = refusal(replace(grid(code_sizes=(pixels + 1,)), dataset=dataset))
    assert f"{pixels}" in said and f"{pixels + 1}" in said


def test_duplicates():
    assert "100 is there twice" in refusal(grid(code_sizes=(100, 10, 100)))
    assert "64-32 is there twice" in refusal(grid(encoders=((64, 32), (64, 32))))
    assert "none is there twice" in refusal(grid(encoders=((), ())))
    assert "0.4 is there twice" in refusal(grid(noise=(0.4, 0.4)))
    assert "seed 3 is there twice" in refusal(replace(SWEEP, seeds=(3, 3)))


@pytest.mark.parametrize("size", [10.0, 10.5, "10", True, None])
def test_sizes_that_are_no_whole_numbers(size):
    assert "whole number" in refusal(grid(code_sizes=(size,)))


def test_a_budget_of_days():
    wide = Grid(STACKED, 5_000_000, (100,), ((10_000,),))
    said = refusal(Sweep("Long", (wide,)))
    days = estimated_seconds(models_of(Sweep("Long", (wide,)))[0].preset, PictureShape(28)) / 86_400
    assert days > 2 and f"about {days:,.0f} days" in said
    # Many machines may do in a day what one cannot.
    check_sweep(Sweep("Long", (wide,)), workers=1_000)


def test_too_many_models():
    many = grid(code_sizes=tuple(range(1, 200)), encoders=((),), noise=(0.0,), l2=(0.0,))
    assert "398 models" in refusal(many)
    with_seeds = replace(grid(code_sizes=(1, 2)), seeds=tuple(range(10**4)))
    assert "160,000 models" in refusal(with_seeds)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"steps": 0}, "number of steps"),
        ({"encoders": ((0,),)}, "hidden layer"),
        ({"encoders": ((10**6,),)}, "hidden layer"),
        ({"encoders": ((5,) * 9,)}, "hidden layers"),
        ({"encoders": ((1.5,),)}, "whole number"),
        ({"noise": (1.0,)}, "Noise"),
        ({"noise": (float("nan"),)}, "Noise"),
        ({"l2": (-1.0,)}, "L2"),
        ({"base": replace(STACKED, learning_rate=0.0)}, "learning rate"),
    ],
)
def test_recipes_that_cannot_be_trained_are_refused_with_their_model(change, said):
    assert said in refusal(grid(**change))


def test_an_unknown_data_set():
    assert "mnist" in refusal(replace(SWEEP, dataset="cifar"))


# --- what people write ---------------------------------------------------------------------------


def test_what_people_write_is_read():
    assert parse_whole_numbers("784, 500 300;200\n100,") == (784, 500, 300, 200, 100)
    assert parse_whole_numbers("  ") == ()
    assert parse_stacks("1000, 512-128, none") == ((1_000,), (512, 128), ())
    assert parse_levels("0, 0.4 40% 1e-6", "noise level") == (0.0, 0.4, 0.4, 1e-6)


@pytest.mark.parametrize("text", ["ten", "1.5", "1e3", "0x10", "9" * 5_000, "1-2", "½"])
def test_what_is_no_number_gets_a_sentence(text):
    with pytest.raises(SweepError, match="whole numbers like"):
        parse_whole_numbers(f"100, {text}")


def test_other_nonsense_gets_a_sentence():
    for text in ("512-", "-", "512--128", "a-b"):
        with pytest.raises(SweepError, match="hidden width"):
            parse_stacks(text)
    with pytest.raises(SweepError, match="noise level"):
        parse_levels("much", "noise level")


@pytest.mark.parametrize(
    "read",
    [
        parse_whole_numbers,
        parse_stacks,
        lambda text: parse_levels(text, "noise level"),
        lambda text: check_sweep(replace(SWEEP, dataset=text)),
    ],
)
@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_refusal_quotes_is_never_markup(read, text):
    with pytest.raises(SweepError) as caught:
        read(text)
    assert drawn(str(caught.value)) == set()


def test_negative_sizes_are_read_and_refused_as_sizes():
    assert "-5" in refusal(grid(code_sizes=parse_whole_numbers("-5")))


def test_days():
    assert duration_in_days(3 * 86_400) == "3 days"
    assert duration_in_days(86_400) == "24 h"
    assert duration_in_days(60) == "60 s"


# --- ready-made ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SWEEPS)
def test_every_ready_made_sweep_can_be_trained(name):
    check_sweep(SWEEPS[name])
    for model in models_of(SWEEPS[name]):
        check_preset(model.preset, model.shape, images=find_source(model.dataset).n_train)
    assert sweep_seconds(SWEEPS[name]) == pytest.approx(
        sum(estimated_seconds(m.preset, m.shape) for m in models_of(SWEEPS[name]))
    )


def shapes(name):
    return [
        (m.preset.layer_sizes(PictureShape(28))[1:-1], m.preset.noise, m.preset.l2)
        for m in models_of(SWEEPS[name])
    ]


def test_source_5s_table_in_its_own_shape():
    assert shapes("source-5") == [((1_000, n, 1_000), 0, 0) for n in (784, 500, 300, 200, 100)]
    assert SOURCE_5_SIZES == (784, 500, 300, 200, 100)
    for model in models_of(SWEEPS["source-5"]):
        preset, published = model.preset, PRESETS["stacked-100"].published
        for same in ("activation", "code_activation", "output_activation", "loss", "optimizer"):
            assert getattr(preset, same) == getattr(published, same)
        assert (preset.activation, preset.output_activation) == ("elu", "linear")


def test_source_5s_capacity_comparison():
    assert shapes("capacity") == [((n, 100, n), 0, 0) for n in (1_000, 10_000)]
    narrow, wide = (m.preset for m in models_of(SWEEPS["capacity"]))
    widths = {"encoder": narrow.encoder, "decoder": narrow.decoder}
    # Each width has a rate of its own, as in the source; all else is the same.
    assert replace(wide, learning_rate=narrow.learning_rate, **widths) == narrow


def test_source_4s_six_networks():
    assert shapes("source-4") == [
        ((10,), 0, 0),
        ((128, 10, 128), 0, 0),
        ((128, 128, 10, 128, 128), 0, 0),
        ((128, 128, 10, 128, 128), 0.3, 0),
        ((512, 128, 10, 128, 512), 0.4, 0),
        ((512, 128, 1, 128, 512), 0.4, 0),
    ]


def test_source_4s_code_sizes():
    sizes = [m.preset.latent_dim for m in models_of(SWEEPS["code-size"])]
    assert sizes[0] == 1 and sizes[-1] == 64 and 10 in sizes and sizes == sorted(sizes)
    assert {s[1] for s in shapes("code-size")} == {0.4}


def test_l2_on_or_off():
    assert {l2 for _, _, l2 in shapes("l2")} == {0.0, 1e-7, 1e-6}
    # The models without a penalty are those of source 5's table: trained once for both.
    shared = {m.key for m in models_of(SWEEPS["l2"])} & {
        m.key for m in models_of(SWEEPS["source-5"])
    }
    assert len(shared) == 2
