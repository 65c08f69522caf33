"""Two models beside each other: which pictures, whose figures are better, and the sentence."""

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.evaluation.compression import Row
from aeviz.ui.models.pair_views import (
    figures_html,
    figures_of,
    pair_sentence,
    pictures_html,
    same_pictures,
)
from tests.support.made_up_models import made_up_dataset, made_up_model


def row(mse, code_size, dataset="mnist"):
    return Row("n", "t", dataset, "r", "784", code_size, 784, test_mse=mse)


SENTENCES = [
    (row(0.036, 10), row(0.02, 2), "B redraws digits 1.8 times more exactly with 5 times fewer"),
    (row(0.01, 100), row(0.03, 2), "A redraws digits 3 times more exactly, but B needs 50 times"),
    (row(0.03, 2), row(0.02, 2), "B redraws digits 1.5 times more exactly, both with 2 numbers."),
    (row(0.03, 1), row(0.02, 1), "both with one number."),
    (row(0.0300, 2), row(0.0302, 2), "A and B redraw digits equally well, both with 2 numbers."),
    (row(0.0300, 4), row(0.0302, 2), "equally well, but B needs 2 times fewer numbers."),
    (row(0.02, 2, "own-cats"), row(0.04, 2, "own-cats"), "A redraws pictures 2 times more exactly"),
    (row(0.02, 2), row(0.04, 2, "fashion_mnist"), "A learned MNIST, B Fashion-MNIST"),
    (row(None, 2), row(0.04, 2), "was not measured"),
    (row(0.021, 2), row(0.02, 2), "B redraws digits a little more exactly"),
    (row(0.0, 500), row(0.0, 784), "equally well, but A needs 1.6 times fewer numbers."),
]


@pytest.mark.parametrize("a, b, words", SENTENCES)
def test_the_sentence(a, b, words):
    said = pair_sentence(a, b)
    assert words in said and said.endswith(".")


@pytest.fixture(scope="module")
def digits():
    return made_up_dataset(8, tests=40, name="digits")


@pytest.fixture(scope="module")
def pair(digits):
    return made_up_model("a", digits, seed=1), made_up_model("b", digits, seed=2)


def off(model, images):
    drawn = model.autoencoder.reconstruct(images.astype(np.float32) / 255)
    return np.square(np.clip(drawn, 0, 1) - images / 255).mean(axis=1)


def test_both_redraw_the_same_test_pictures_one_of_each_kind(pair, digits):
    same = same_pictures(pair, digits, "each")
    labels = [
        int(digits.test_labels[np.flatnonzero((digits.test_images == one).all(axis=1))[0]])
        for one in same.originals
    ]
    assert labels == list(range(10))
    for model, errors in zip(pair, same.errors, strict=True):
        # Drawn pictures are bytes: half a grey is lost.
        np.testing.assert_allclose(errors, off(model, same.originals), atol=0.004)


def test_where_they_differ_most(pair, digits):
    same = same_pictures(pair, digits, "differ")
    apart = np.abs(off(pair[0], digits.test_images) - off(pair[1], digits.test_images))
    shown = np.abs(off(pair[0], same.originals) - off(pair[1], same.originals))
    np.testing.assert_allclose(shown, np.sort(apart)[::-1][:10], atol=1e-3)
    # Theirs is not the error on all, which stands beside it.
    assert pictures_html(same).count("on these 10</span>") == 2


def test_without_weights_or_data_set_the_watched_pictures_do(digits):
    pair = tuple(
        replace(made_up_model(n, digits, snapshots=True), autoencoder=None) for n in ("a", "b")
    )
    same = same_pictures(pair, None, "each")
    assert same.originals is None and same.errors is None
    assert [len(drawn) for drawn in same.drawn] == [5, 5]
    assert "Original" not in pictures_html(same) and "Error" not in pictures_html(same)


def test_models_of_other_pictures_have_none_in_common(pair):
    other = made_up_model("c", made_up_dataset(28, name="mnist"))
    assert same_pictures((pair[0], other), None, "each") is None


def test_errors_are_nothing_where_right_and_red_where_all_wrong(pair, digits):
    same = same_pictures(pair, digits, "each")
    exact = replace(same, drawn=(same.originals, 255 - same.originals))
    sheets = re.findall(r'<img src="data:image/png;base64,([^"]+)"', pictures_html(exact))
    right, wrong = (
        np.asarray(Image.open(io.BytesIO(base64.b64decode(sheet))).convert("RGBA"))
        for sheet in sheets
    )
    assert not right[..., 3].any()
    blackest = wrong[wrong[..., 3] > 0]
    assert len(blackest) and (blackest[:, 0] > blackest[:, 2]).all()


def test_the_better_figure_is_marked():
    a, b = (load_checkpoint(PRETRAINED / f"{n}.safetensors") for n in ("vae-2d", "denoising-10"))
    by_name = {one.name: one for one in figures_of((a, b))}
    error = by_name["Error on test pictures"]
    better = min((0, 1), key=lambda i: (a, b)[i].figures["test_mse"])
    assert error.better == better
    assert by_name["Numbers in the code"].texts == ("2", "10")
    assert by_name["Numbers in the code"].better == 0
    table = figures_html(list(by_name.values()))
    assert table.count("<em>better</em>") == sum(one.better is not None for one in by_name.values())
    assert "nan" not in table


def test_the_steps_before_stand_beside_a_continued_models_own():
    one = replace(made_up_model("one", made_up_dataset()), figures={"steps": 1_500.0})
    on = replace(one, name="on", continued_from="one", steps_before=4_000)
    (steps,) = (figure for figure in figures_of((one, on)) if figure.name == "Steps")
    assert steps.texts == ("1,500", "1,500, after 4,000") and steps.better is None
