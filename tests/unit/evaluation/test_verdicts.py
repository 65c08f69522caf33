"""Words beside numbers: every comparison against the figure it names."""

from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints.history import LossRecord, Snapshot
from aeviz.evaluation.verdicts import kept_words, outcome, sentence
from aeviz.networks.recipes import PRESETS
from aeviz.text.numbers import count, duration, rounded, short, times

NAN = float("nan")
KARPATHY, VAE, DENOISING = (PRESETS[n] for n in ("karpathy-2d", "vae-2d", "denoising-10"))
PCA_2, PCA_100, MEAN_IMAGE = 0.05567, 0.00562, 0.06747


def snapshot(mse=NAN, *, train=NAN, validation=NAN, parts=()):
    none = np.zeros((0, 0))
    return Snapshot(10, 1.0, LossRecord(10, train, validation, parts), none, none, none, mse=mse)


def said(preset=KARPATHY, mse=0.05, *, floor=PCA_2, final=None, mnist=True, **record):
    return sentence(preset, snapshot(mse, **record), floor=floor, final=final, mnist=mnist)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0436, "0.044"),
        (0.000558, "0.00056"),
        (0.00005, "0.000050"),
        (141.2, "141"),
        (1234.5, "1234"),
        (15.49, "15.5"),
        (2.34, "2.3"),
        (0.5, "0.50"),
        (0, "0"),
        (0.0, "0"),
        (NAN, "not a number"),
        (float("inf"), "not a number"),
        (float("-inf"), "not a number"),
    ],
)
def test_two_figures_that_matter(value, words):
    assert rounded(value) == words


@pytest.mark.parametrize("value", 10.0 ** np.arange(-9, 6, 0.37))
def test_rounding_stays_within_half_of_the_second_figure_and_has_no_exponent(value):
    assert "e" not in rounded(value)
    assert float(rounded(value)) == pytest.approx(value, rel=0.051)


def test_a_column_never_fills_with_zeros():
    assert short(1.3e-7) == "<0.000001"
    assert short(1.2e-6) == rounded(1.2e-6) == "0.0000012"
    assert short(0.0) == "0" and short(NAN) == rounded(NAN) and short(0.044) == "0.044"


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.3, "1.3"),
        (4.0, "4"),
        (12.3, "12"),
        (9.97, "10"),
        (1.04, "1.04"),
        (1.96, "2"),
        (0.5, "0.5"),
    ],
)
def test_ratios_for_reading_aloud(ratio, words):
    assert times(ratio) == words


def test_no_ratio_above_one_is_read_as_one():
    for ratio in np.linspace(1.03, 1.2, 100):
        assert times(ratio) not in ("1", "1.0", "1.00")


def test_numbers_are_counted():
    assert [count(n) for n in (1, 2, 2_000)] == ["one number", "2 numbers", "2,000 numbers"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (40, "40 s"),
        (89, "89 s"),
        (120, "2 min"),
        (300, "5 min"),
        (45 * 60, "45 min"),
        (2 * 3_600 + 600, "2 h 10 min"),
        (30 * 3_600, "30 h"),
    ],
)
def test_times_for_people(seconds, words):
    assert duration(seconds) == words


# ---------------------------------------------------------------------------------------------
# At one moment


def test_before_the_first_step_there_are_random_weights():
    assert said(mse=NAN) == "The first pictures come from random weights."


def test_a_live_glance_tells_its_training_loss():
    assert said(mse=NAN, train=0.0436).startswith("**Training loss 0.044.**")


def test_the_number_comes_first_and_bold():
    assert said(mse=0.0436).startswith("**Error 0.044** on validation pictures.")


@pytest.mark.parametrize(("mse", "fog"), [(0.0675, True), (0.0630, True), (0.0610, False)])
def test_what_is_no_better_than_the_mean_image_is_fog(mse, fog):
    # The mean image of MNIST costs 0.06747.
    assert mse > 0.9 * MEAN_IMAGE
    assert ("no better than one blurred average" in said(mse=mse)) == fog


def test_fog_is_a_matter_of_mnist():
    assert "blurred average" not in said(mse=0.0675, mnist=False)


def one_drawn(apart):
    """Two pictures of which one has `apart` more ink at every pixel, 255 for all of it."""
    drawn = np.full((2, 64), 100, np.uint8)
    drawn[1] += apart
    return replace(snapshot(0.076), reconstructions=drawn)


@pytest.mark.parametrize(("apart", "alike"), [(0, True), (30, True), (60, False)])
def test_pictures_that_are_all_redrawn_alike_have_no_shapes_yet(apart, alike):
    # Half of `apart` from their mean each: its square is what tells them apart, to 8 % of .076.
    assert alike == ((apart / 2 / 255) ** 2 < 0.08 * 0.076)
    words = sentence(KARPATHY, one_drawn(apart), floor=PCA_2, final=None, mnist=False)
    assert ("nearly the same blur" in words) == alike
    assert ("Shapes appear" in words) != alike


def test_which_weights_are_kept_is_said_where_they_are_not_the_last():
    last = replace(snapshot(0.045), step=40_000)
    words = kept_words(1_665, last, {"validation_mse": 0.039})
    assert words.startswith("The weights of step 1,665 ") and "error of 0.039" in words
    assert kept_words(39_900, last, {"validation_mse": 0.0449}) == ""
    assert kept_words(40_000, last, {"validation_mse": 0.045}) == ""
    assert kept_words(1_665, last, {}) == ""


def test_above_the_floor_pca_is_still_better():
    words = said(mse=0.060)
    assert "Plain PCA with 2 numbers gets 0.056, still better than this network." in words
    assert "Shapes appear." in words


@pytest.mark.parametrize("mse", [PCA_2, 0.0548, 0.0565])
def test_within_three_percent_of_the_floor_is_as_good(mse):
    words = said(mse=mse)
    assert "gets 0.056: as good." in words
    assert "still better" not in words and "Shapes" not in words


@pytest.mark.parametrize(
    ("mse", "ratio"), [(0.0379, "1.5"), (0.0278, "2"), (0.0530, "1.05"), (0.00557, "10")]
)
def test_below_the_floor_the_ratio_is_told(mse, ratio):
    assert f"Plain PCA with 2 numbers gets 0.056: {ratio} times the error" in said(mse=mse)


def test_a_linear_net_at_its_floor_is_as_good_as_pca():
    words = said(PRESETS["linear-100"], mse=PCA_100 * 1.02, floor=PCA_100)
    assert "100 numbers gets 0.0056: as good." in words


def test_without_a_floor_pca_is_not_mentioned():
    assert "PCA" not in said(floor=None)
    assert "PCA" not in said(floor=0.0)  # a code as large as the picture


def test_where_the_run_ends_is_told_until_it_is_there():
    assert "This run ends at 0.038." in said(mse=0.05, final=0.0379)
    assert "ends at" not in said(mse=0.0380, final=0.0379)
    assert "ends at" not in said(mse=0.05, final=None)


def test_a_vae_tells_both_parts_of_its_loss():
    words = said(
        VAE,
        mse=0.041,
        validation=141.0,
        parts=(("reconstruction", 135.2), ("KL", 5.8)),
    )
    assert words.startswith("**Loss 141**")
    for figure in ("135", "5.8", "0.041"):
        assert figure in words


# ---------------------------------------------------------------------------------------------
# At the end


def ended(preset=KARPATHY, mnist=True, **figures):
    return " ".join(outcome(preset, figures, mnist=mnist))


def test_nothing_measured_nothing_said():
    assert outcome(KARPATHY, {}) == []
    assert outcome(KARPATHY, {"seconds": 3.0}) == []


def test_the_test_error_is_held_against_pca():
    words = ended(test_mse=0.0379, pca_test_mse=PCA_2)
    assert "the error is 0.038 a pixel" in words
    assert "1.5 times the error of this network" in words


@pytest.mark.parametrize(
    ("total", "beaten", "not_beaten"),
    [
        (138.5, ["a hobby VAE of this kind (154)", "keras.io's convolutional VAE (147)"], []),
        (150.0, ["(154)"], ["keras.io"]),
        (160.0, [], ["hobby", "keras.io", "less than"]),
    ],
)
def test_a_vae_is_held_against_those_it_beats(total, beaten, not_beaten):
    words = ended(VAE, test_mse=0.04, test_elbo_loss=total)
    assert f"{total:.1f} nats" in words
    assert all(name in words for name in beaten)
    assert not any(name in words for name in not_beaten)


def test_references_are_for_mnist_and_two_numbers_only():
    figures = {"test_mse": 0.04, "test_elbo_loss": 20.0}
    assert "keras.io" not in ended(VAE, mnist=False, **figures)
    assert "keras.io" not in ended(replace(VAE, latent_dim=32), **figures)


NOISY = {"test_mse": 0.0114, "test_rmse": 0.1066, "test_noisy_rmse": 0.1171}


@pytest.mark.parametrize(
    ("encoder", "latent_dim", "printed"),
    [
        ((512, 128), 10, "0.127"),
        ((512, 128), 1, "0.213"),
        ((128, 128), 10, "0.130"),
        ((128,), 10, "0.136"),
        ((), 10, "0.206"),
        ((512, 128), 64, None),
        ((128,), 1, None),
        ((300,), 10, None),
    ],
    ids=str,
)
def test_source_4s_figure_is_that_of_the_same_network(encoder, latent_dim, printed):
    preset = replace(DENOISING, encoder=encoder, latent_dim=latent_dim)
    words = ended(preset, **NOISY)
    assert "0.107 on clean pictures" in words
    assert "0.117 with 40% of the pixels blacked out" in words
    if printed:
        assert f"source 4 printed {printed}." in words
    else:
        assert "source 4" not in words


def test_source_4s_figure_is_for_mnist():
    assert "source 4" not in ended(DENOISING, mnist=False, **NOISY)


@pytest.mark.parametrize(("test", "told"), [(0.0100, False), (0.0109, False), (0.0125, True)])
def test_a_gap_between_new_and_known_pictures_is_told(test, told):
    words = ended(test_mse=test, train_mse=0.0100)
    assert ("times worse on new pictures" in words) == told


def test_the_gap_is_a_ratio():
    assert "It is 2 times worse" in ended(test_mse=0.02, train_mse=0.01)


def test_an_error_of_nothing_is_no_division_by_it():
    text = said(mse=0.0)
    assert "this network loses nothing" in text
    figures = {"test_mse": 0.0, "train_mse": 0.0, "validation_mse": 0.0, "pca_test_mse": PCA_100}
    words = " ".join(outcome(PRESETS["stacked-100"], figures))
    assert "loses nothing" in words and "times" not in words


def test_errors_nobody_could_see_are_not_compared():
    figures = {"test_mse": 2e-7, "train_mse": 5e-8}
    assert "worse" not in " ".join(outcome(KARPATHY, figures))


def _with_codes(codes, *, pixels=4):
    codes = np.array(codes, np.float16)
    pictures = np.zeros((len(codes), pixels), np.uint8)
    return replace(snapshot(0.004), codes=codes, reconstructions=pictures)


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        ({"latent_dim": 6, "code_l1": 0.0}, True),
        ({"latent_dim": 4, "code_l1": 0.0}, False),
        ({"latent_dim": 2, "code_l1": 0.0}, False),
        ({"latent_dim": 2, "code_l1": 0.1}, True),
    ],
)
def test_busy_numbers_are_counted_of_codes_that_are_larger_than_needed_or_have_a_price(
    preset, said
):
    codes = np.ones((3, preset["latent_dim"]))
    words = sentence(
        replace(KARPATHY, **preset), _with_codes(codes), floor=None, final=None, mnist=False
    )
    assert ("of its code" in words) == said


def test_a_number_is_busy_where_it_is_not_blank_beside_the_largest():
    # 3 and 2 of them: 0.005 and -0.001 are nothing beside -1.
    codes = [[1.0, 0.5, 0.02, 0.005, 0, 0], [0, 0, 0, -0.001, -1.0, 0.5]]
    preset = replace(KARPATHY, latent_dim=6)
    shot = _with_codes(codes + codes)
    words = sentence(preset, shot, floor=None, final=None, mnist=False)
    assert (
        words
        == "**Error 0.0040** on validation pictures. A picture uses 2 of the 6 numbers of its code."
    )
    shot = _with_codes(codes[:1])
    words = sentence(preset, shot, floor=None, final=None, mnist=False)
    assert words.endswith("A picture uses 3 of the 6 numbers of its code.")


@pytest.mark.parametrize("going", [True, False])
def test_only_a_run_that_goes_on_asks_to_watch(going):
    at = {"floor": None, "final": None, "mnist": True}
    words = sentence(KARPATHY, snapshot(train=0.046), going=going, **at)
    assert words.startswith("**Training loss 0.046.**") and ("Watch" in words) == going
