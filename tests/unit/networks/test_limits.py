"""What a recipe may ask for: every refusal in words, and the estimates against figures by hand."""

import re
from dataclasses import replace

import numpy as np
import pytest

from aeviz.data.picture_shape import PictureShape
from aeviz.networks import costs as networks_costs
from aeviz.networks import limits
from aeviz.networks.costs import (
    estimated_seconds,
    keeps_snapshot_weights,
    memory_needed,
    step_operations,
)
from aeviz.networks.limits import PresetError, check_preset, fitted
from aeviz.networks.recipes import PRESETS, epochs_to_steps
from aeviz.networks.settings import LARGEST_CODE

NAN, INFINITY = float("nan"), float("inf")
MNIST = {"shape": PictureShape(28), "images": 55_000}
BASE = PRESETS["karpathy-2d"]
EVERY = [p for preset in PRESETS.values() for p in (preset, preset.published) if p]
WIDE = replace(
    PRESETS["stacked-100"].published,
    encoder=(10_000,),
    decoder=(10_000,),
    learning_rate=1.2e-5,
    steps=epochs_to_steps(6_000, 128),
)


@pytest.fixture(autouse=True)
def desk_machine(monkeypatch):
    """8 GB to spare and a fixed multiply rate, so that no figure depends on where this runs."""
    monkeypatch.setattr(limits, "memory_allowed", lambda: 8_000_000_000)
    # Two cores: 242 steps a second of 784-1000-100 at 75 % of it (measured beforehand).
    monkeypatch.setattr(networks_costs, "_multiply_rate", lambda: 3.5e11)


def refusal(preset, **shape):
    with pytest.raises(PresetError) as caught:
        check_preset(preset, **(MNIST | shape))
    sentence = str(caught.value)
    assert re.fullmatch(r"[A-Z0-9][^\n]{15,200}\.", sentence), sentence
    assert isinstance(caught.value, ValueError)
    return sentence


@pytest.mark.parametrize("preset", [*EVERY, WIDE], ids=lambda p: p.name)
def test_every_recipe_of_ours_passes(preset):
    check_preset(preset, **MNIST)


@pytest.mark.parametrize(
    "preset", [p for p in EVERY if p.batch_size <= 1_297], ids=lambda p: p.name
)
def test_every_recipe_fits_the_small_digits_too(preset):
    check_preset(preset, PictureShape(8), images=1_297)


@pytest.mark.parametrize(
    "changes",
    [
        {"latent_dim": 1},
        {"latent_dim": LARGEST_CODE, "code_l1": 1e-4},
        {"latent_dim": 784},
        {"encoder": (), "decoder": ()},
        {"encoder": (1,), "decoder": (10_000,)},
        {"batch_size": 1},
        {"learning_rate": 1.0, "optimizer": "adadelta"},
        {"learning_rate": 1e-12},
        {"steps": 1},
        {"noise": 0.9},
        {"output_activation": "relu"},
        {"patience": 1_000},
    ],
    ids=str,
)
def test_the_unusual_but_possible_passes(changes):
    check_preset(replace(BASE, **changes), **MNIST)


def test_overcomplete_codes_of_2000_are_allowed():
    assert LARGEST_CODE == 2_000


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"latent_dim": 0}, "code of 0"),
        ({"latent_dim": -3}, "code of -3"),
        ({"latent_dim": 2_001}, "2,000"),
        ({"latent_dim": 10**9}, "code of 1,000,000,000"),
        ({"encoder": (1_000_000,)}, "1,000,000"),
        ({"decoder": (50, 1_000_000)}, "1,000,000"),
        ({"before_readout": 1_000_000}, "1,000,000"),
        ({"before_readout": -1}, "-1"),
        ({"encoder": (0,)}, "layer of 0"),
        ({"encoder": (50, -50)}, "layer of -50"),
        ({"encoder": (8,) * 9}, "9"),
        ({"decoder": (8,) * 60}, "60"),
        ({"batch_size": 0}, "batch of 0"),
        ({"batch_size": -1}, "batch of -1"),
        ({"batch_size": 55_001}, "55,000 training pictures"),
        ({"steps": 0}, "steps of 0"),
        ({"steps": -1}, "steps of -1"),
        ({"steps": 10**12}, "5,000,000"),
        ({"patience": -1}, "Patience of -1"),
        ({"learning_rate": 0.0}, "rate of 0"),
        ({"learning_rate": 10.0}, "rate of 10"),
        ({"learning_rate": -1e-3}, "rate of -0.001"),
        ({"learning_rate": NAN}, "rate of nan"),
        ({"learning_rate": INFINITY}, "rate of inf"),
        ({"noise": 1.0}, "Noise of 1"),
        ({"noise": -0.1}, "Noise of -0.1"),
        ({"noise": NAN}, "Noise of nan"),
        ({"code_l1": -1.0}, "L1"),
        ({"code_l1": INFINITY}, "L1"),
        ({"l2": 2.0}, "L2"),
        ({"l2": NAN}, "L2"),
        ({"kl_weight": -1.0}, "KL"),
        ({"activation": "softmax"}, "activation"),
        ({"code_activation": ""}, "code activation"),
        ({"output_activation": "tanh"}, "output activation"),
        ({"optimizer": "lbfgs"}, "adam, sgd, adadelta"),
        ({"schedule": "warm"}, "constant, cosine"),
        ({"loss": "mae"}, "mse, bce"),
        ({"noise_mode": "salt"}, "fixed, per image"),
        ({"sampling": "none"}, "shuffled"),
        ({"initializer": "zeros"}, "glorot_uniform"),
        ({"loss": "bce", "output_activation": "linear"}, "sigmoid"),
        ({"loss": "bce", "output_activation": "relu"}, "sigmoid"),
        ({"variational": True}, "cross-entropy"),
        ({"variational": True, "loss": "bce", "code_l1": 0.1}, "L1 penalty"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_nonsense_is_refused_in_words(changes, words):
    assert words.lower() in refusal(replace(BASE, **changes)).lower()


def test_a_batch_is_measured_against_the_data_at_hand():
    preset = replace(BASE, batch_size=1_298)
    check_preset(preset, **MNIST)
    assert "1,297 training pictures" in refusal(preset, shape=PictureShape(8), images=1_297)


def test_what_does_not_fit_in_memory_is_refused_with_the_estimate(monkeypatch):
    huge = replace(BASE, encoder=(20_000,) * 8, decoder=(20_000,) * 8)
    sentence = refusal(huge)
    gigabytes = float(re.search(r"about ([\d.]+) GB", sentence)[1])
    # 14 products of 20,000 x 20,000 and four float32 copies of each (value, gradient, two moments).
    assert gigabytes >= 14 * 20_000**2 * 4 * 4 / 1e9
    assert gigabytes <= 2 * 14 * 20_000**2 * 4 * 4 / 1e9
    assert "8.0 GB" in sentence
    monkeypatch.setattr(limits, "memory_allowed", lambda: 10**12)
    assert "GB" not in refusal(huge)


def test_a_network_that_no_page_could_hand_to_a_browser_is_refused():
    # By hand: two products of 9,000 x 9,000 and 784 x 9,000 and 9,000 x 2 on either side; 0.35 GB
    # in half precision, and Streamlit's messages have 200 MB.
    two_layers = replace(BASE, encoder=(9_000, 9_000), decoder=(9_000, 9_000))
    assert "176 million weights" in refusal(two_layers)
    # Source 5's widest layers are never refused, with no code of its own.
    for size in (100, 200, 300, 500, 784):
        check_preset(replace(WIDE, latent_dim=size), **MNIST)
    assert "narrower layers" in refusal(WIDE, shape=PictureShape(64))


def test_a_batch_of_everything_through_a_wide_net_is_a_matter_of_memory():
    # 55,000 images x 20,100 units x 4 bytes is 4.4 GB for one copy of the activations alone.
    sentence = refusal(replace(WIDE, batch_size=55_000))
    assert float(re.search(r"about ([\d.]+) GB", sentence)[1]) > 4.4


@pytest.mark.parametrize("preset", [*EVERY, WIDE], ids=lambda p: p.name)
def test_memory_counts_at_least_weights_moments_and_data(preset):
    weights = 4 * 4 * preset.parameter_count(PictureShape(28))
    data = 55_000 * 784
    estimate = memory_needed(preset, **MNIST)
    between = 0
    if preset.convolutions:
        # The pictures between its layers are most of it: of the images that are evaluated at once.
        between = 4 * sum(preset.layer_sizes(PictureShape(28))) * (1_100 + 3 * preset.batch_size)
    assert weights + data + between < estimate < 2 * weights + 3 * data + between
    assert memory_needed(replace(preset, batch_size=2 * preset.batch_size), **MNIST) > estimate


def test_memory_of_this_machine_is_a_share_of_what_it_has(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(networks_costs, "_MEMORY_LIMITS", ())
    networks_costs.memory_allowed.cache_clear()
    try:
        with open("/proc/meminfo") as file:
            total = int(re.search(r"MemTotal:\s+(\d+) kB", file.read())[1]) * 1024
    except OSError:
        total = None
    allowed = networks_costs.memory_allowed()
    assert allowed > 0
    if total:
        assert 0.25 * total < allowed < 0.75 * total


def test_a_machine_that_does_not_tell_its_memory_is_taken_for_a_small_one(monkeypatch):
    monkeypatch.undo()
    networks_costs.memory_allowed.cache_clear()

    def no_answer(name):
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(networks_costs, "_MEMORY_LIMITS", ())
    monkeypatch.setattr("os.sysconf", no_answer)
    assert networks_costs.memory_allowed() == 4_000_000_000
    networks_costs.memory_allowed.cache_clear()


@pytest.mark.parametrize(
    ("version_2", "version_1", "total"),
    [
        ("1073741824\n", None, 2**30),
        (None, "536870912\n", 2**29),
        ("1073741824\n", "536870912\n", 2**29),
        # No limit, as version 2 and version 1 write it; a limit above what the machine has.
        ("max\n", "9223372036854771712\n", 16 * 2**30),
        ("17592186044416\n", None, 16 * 2**30),
        ("", "?", 16 * 2**30),
        (None, None, 16 * 2**30),
    ],
)
def test_a_container_has_what_it_may_use_not_what_the_machine_has(
    monkeypatch, tmp_path, version_2, version_1, total
):
    monkeypatch.undo()
    paths = tmp_path / "memory.max", tmp_path / "limit_in_bytes"
    for path, text in zip(paths, (version_2, version_1), strict=True):
        if text is not None:
            path.write_text(text)
    machine = {"SC_PAGE_SIZE": 4_096, "SC_PHYS_PAGES": 16 * 2**30 // 4_096}
    monkeypatch.setattr("os.sysconf", machine.get)
    monkeypatch.setattr(networks_costs, "_MEMORY_LIMITS", paths)
    networks_costs.memory_allowed.cache_clear()
    assert networks_costs.memory_allowed() == total // 2
    networks_costs.memory_allowed.cache_clear()


# ---------------------------------------------------------------------------------------------
# Time


def test_operations_of_a_step_by_hand():
    # 784-50-50-2-50-50-784: six products; each three times (forward, two gradients) but the first,
    # which needs no gradient of its input; a multiplication and an addition each.
    products = 784 * 50 + 50 * 50 + 50 * 2 + 2 * 50 + 50 * 50 + 50 * 784
    by_hand = 2 * (3 * products - 784 * 50)
    assert step_operations(replace(BASE, batch_size=1), PictureShape(28)) == by_hand
    assert step_operations(replace(BASE, batch_size=128), PictureShape(28)) == 128 * by_hand


def test_operations_of_a_variational_step_by_hand():
    products = 784 * 256 + 256 * 128 + 128 * 64 + 64 * 4
    products += 2 * 256 + 256 * 128 + 128 * 64 + 64 * 4 + 4 * 784
    by_hand = 2 * (3 * products - 784 * 256)
    assert (
        step_operations(replace(PRESETS["vae-2d"].published, batch_size=1), PictureShape(28))
        == by_hand
    )


def test_source_5_as_published_is_said_to_take_its_time():
    seconds = estimated_seconds(PRESETS["stacked-100"].published, PictureShape(28))
    assert 20 * 60 < seconds < 5 * 3_600  # 45 minutes on two cores
    assert estimated_seconds(WIDE, PictureShape(28)) > 8 * 3_600  # about a day


@pytest.mark.parametrize("name", PRESETS)
def test_a_tuned_recipe_is_said_to_take_under_90_seconds(name):
    assert estimated_seconds(PRESETS[name], PictureShape(28)) < 90


def test_more_steps_and_slower_machines_take_longer(monkeypatch):
    once = estimated_seconds(WIDE, PictureShape(28))
    assert estimated_seconds(
        replace(WIDE, steps=2 * WIDE.steps), PictureShape(28)
    ) == pytest.approx(2 * once, rel=0.01)
    monkeypatch.setattr(networks_costs, "_multiply_rate", lambda: 3.5e10)
    assert estimated_seconds(WIDE, PictureShape(28)) == pytest.approx(10 * once, rel=0.1)


def test_the_multiply_rate_is_measured_in_operations_a_second(monkeypatch):
    monkeypatch.undo()
    networks_costs._multiply_rate.cache_clear()
    ticks = iter(np.cumsum([0, 12, *[1, 9] * 9]).astype(float))
    monkeypatch.setattr("aeviz.networks.costs.time.perf_counter", lambda: next(ticks))
    # A 768 x 768 product took 12 seconds once, with everything cold, and then 9.
    assert networks_costs._multiply_rate() == 2 * 768**3 / 9
    networks_costs._multiply_rate.cache_clear()


# ---------------------------------------------------------------------------------------------
# Film weights


def test_small_networks_keep_the_weights_of_every_snapshot():
    assert keeps_snapshot_weights(BASE, PictureShape(28))
    assert keeps_snapshot_weights(BASE.published, PictureShape(28))
    # 1.77 million weights in half precision are 3.5 MB a snapshot.
    assert not keeps_snapshot_weights(PRESETS["stacked-100"], PictureShape(28))
    assert not keeps_snapshot_weights(WIDE, PictureShape(28))


def test_no_film_is_larger_than_promised():
    for preset in EVERY:
        if keeps_snapshot_weights(preset, PictureShape(28)):
            halves = np.dtype(np.float16).itemsize * preset.parameter_count(PictureShape(28))
            assert 40 * halves <= networks_costs.SNAPSHOT_WEIGHTS_BYTES


TOLD = replace(BASE, labels=10)


@pytest.mark.parametrize(
    ("labels", "kinds", "about"),
    [(10, 0, "nobody has named"), (10, 11, "knows 10 kinds"), (1, 1, "2 to 256"), (257, 5, "257")],
)
def test_a_recipe_that_is_told_of_kinds_needs_them(labels, kinds, about):
    assert about in refusal(replace(BASE, labels=labels), kinds=kinds)


def test_a_recipe_that_is_told_of_kinds_fits_any_labels():
    for kinds in (1, 2, 4, 10, 256):
        preset = fitted(TOLD, images=55_000, kinds=kinds)
        assert preset.labels == max(2, kinds)
        check_preset(preset, **MNIST, kinds=kinds)
    assert fitted(TOLD, images=55_000, kinds=0).labels == 10
    assert fitted(BASE, images=55_000, kinds=7).labels == 0
