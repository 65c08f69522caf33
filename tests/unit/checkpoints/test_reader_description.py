"""The reader refuses descriptions that make no sense, and makes strangers' words harmless."""

import json
from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints import checkpoint as checkpoints_checkpoint
from aeviz.checkpoints.description import recipe_of
from aeviz.checkpoints.store import list_checkpoints, load_checkpoint, save_checkpoint
from aeviz.networks.recipes import PRESETS
from aeviz.sweeps.plan import SWEEPS, models_of
from tests.support.checkpoint_files import (
    PLAIN,
    SIDE,
    assert_same,
    checkpoint,
    parts_of,
    refused,
    rewritten,
)


@pytest.mark.parametrize(
    "about",
    [
        {"weights": 1},
        {"weights": None},
        {"title": None},
        {"title": 5},
        {"note": ["x"]},
        {"optimizer_step": -1},
        {"optimizer_step": 1.0},
        {"optimizer_step": True},
        {"optimizer_step": 10**400},
        {"continued_from": "../x"},
        {"continued_from": "A B"},
        {"continued_from": None},
        {"steps_before": -1},
        {"steps_before": None},
        {"steps_before": "5"},
        {"steps_before": 10**400},
    ],
    ids=lambda about: str(about)[:40],
)
def test_an_owner_who_says_what_cannot_be_said_is_refused(saved, about):
    refused(rewritten(saved, about=about))
    (row,) = list_checkpoints(saved.parent)
    assert row.problem == f"{saved.name} cannot be read."


@pytest.mark.parametrize(
    "changes",
    [
        {"latent_dim": 2_001},
        {"latent_dim": 10**400},
        {"latent_dim": 0},
        {"encoder": [20_001]},
        {"encoder": [0]},
        {"encoder": [-5]},
        {"decoder": [5] * 9},
        {"before_readout": 10**9},
        {"before_readout": -1},
        {"activation": "softmax"},
        {"output_activation": "x"},
        {"optimizer": "x"},
        {"steps": 0},
        {"steps": 10**9},
        {"batch_size": 10**9},
        {"learning_rate": 0.0},
    ],
    ids=str,
)
def test_without_weights_a_network_that_cannot_be_is_refused_too(tmp_path, changes):
    made = replace(
        checkpoint(shots=0), autoencoder=None, optimizer=None, test_codes=None, probe_labels=None
    )
    path = save_checkpoint(made, tmp_path)
    load_checkpoint(path)
    refused(rewritten(path, about={"preset": parts_of(path)[0]["preset"] | changes}))


def test_a_strangers_words_are_made_harmless(saved):
    preset = parts_of(saved)[0]["preset"] | {
        "title": "<b>Bold</b>\n**recipe**",
        "summary": "[a](javascript:1) " * 100,
        "not_given": [["\u202ea", "`b`"]],
    }
    rewritten(
        saved,
        about={
            "preset": preset,
            "title": "<i>x</i>" * 50,
            # What is left of a letter and its accent is one letter, and stays it.
            "note": "e<\u0301 \u202e two\r\nlines\0" + "x" * 5_000,
            "dataset": "<mnist>",
            "created": "2026\n<script>",
            "notice": "\x1b[31mred",
        },
    )
    back, (row,) = load_checkpoint(saved), list_checkpoints(saved.parent)
    assert back.preset.title == "bBold/b recipe"
    assert len(back.preset.summary) == 300 and "[" not in back.preset.summary
    assert back.preset.not_given == (("a", "b"),)
    assert len(back.given_title) == 60 and "<" not in back.given_title
    assert back.note.startswith("e<\u0301  two\nlinesx") and len(back.note) == 2_000
    assert (back.dataset, back.created, back.notice) == ("mnist", "", "[31mred")
    assert (row.title, row.note, row.dataset) == (back.given_title, back.note, "mnist")
    again = load_checkpoint(save_checkpoint(back, saved.parent))
    assert_same(again, back)


def test_the_words_of_our_own_recipes_are_harmless_already():
    recipes = [*PRESETS.values(), *(p.published for p in PRESETS.values() if p.published)]
    recipes += [model.preset for sweep in SWEEPS.values() for model in models_of(sweep)]
    for preset in recipes:
        about = {"preset": json.loads(json.dumps(preset.to_dict()))}
        assert recipe_of(about) == replace(preset, published=None)


@pytest.mark.parametrize("name", ["../x", "A", "", "a b", "x" * 71], ids=repr)
def test_a_recipe_whose_name_no_file_could_have_is_refused(saved, name):
    refused(rewritten(saved, about={"preset": parts_of(saved)[0]["preset"] | {"name": name}}))


@pytest.mark.parametrize("side", [65, 1_000, 10**9])
def test_pictures_larger_than_any_here_are_refused(saved, side):
    assert "how large" in refused(rewritten(saved, about={"side": side}))


ROWS = checkpoints_checkpoint.description_of(checkpoint())["agreement"]


@pytest.mark.parametrize(
    "row",
    [
        {"label": 4},
        {"label": 5},
        {"label": -3},
        {"label": 3.0},
        {"label": "3"},
        {"label": None},
        {"share": 0.51},
        {"share": -0.1},
        {"share": 1},
        {"share": "half"},
        {"share": None},
        {"share": float("nan")},
        {"share": float("inf")},
        {"confused_share": 0.6},
        {"confused_share": -0.1},
        {"confused_share": float("nan")},
        {"confused_with": 3},
        {"confused_with": 4},
        {"confused_with": 5.0},
        {"confused_with": None},
        {"confused_with": "5"},
        {"more": 1},
        {"more\n than that": 1},
    ],
    ids=str,
)
def test_an_agreement_that_does_not_add_up_is_refused(saved, row):
    refused(rewritten(saved, about={"agreement": [ROWS[0] | row, *ROWS[1:]]}))


@pytest.mark.parametrize(
    "rows",
    [
        ROWS[:2],
        ROWS[::-1],
        [*ROWS, ROWS[0]],
        [*ROWS[:2], ROWS[2] | {"share": 1.5}],
        ["x"],
        "x",
        1,
        True,
        {"label": 3},
        [[]],
        [{}],
        [None],
    ],
    ids=lambda rows: str(rows)[:40],
)
def test_an_agreement_that_is_not_one_is_refused(saved, rows):
    refused(rewritten(saved, about={"agreement": rows}))


@pytest.mark.parametrize(
    "changes",
    [
        {"latent_dim": 4},
        {"encoder": [6]},
        {"encoder": [5, 5]},
        {"encoder": []},
        {"decoder": [5, 5]},
        {"before_readout": 4},
        {"variational": True},
        {"latent_dim": 0},
        {"latent_dim": -3},
        {"latent_dim": 10**400},
        {"activation": "softmax"},
        {"output_activation": "__import__"},
        {"code_activation": "x" * 100_000},
        {"encoder": [True]},
        {"steps": 1.5},
        {"learning_rate": 10**400},
        {"hidden": 3},
        {"name": None},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_a_recipe_that_does_not_fit_the_weights_is_refused(saved, changes):
    preset = parts_of(saved)[0]["preset"] | changes
    refused(rewritten(saved, about={"preset": preset}))


@pytest.mark.parametrize(
    "about",
    [
        {"preset": None},
        {"preset": []},
        {"preset": {}},
        {"preset": "karpathy-2d"},
        {"side": 9},
        {"side": 0},
        {"side": -SIDE},
        {"side": float(SIDE)},
        {"side": "8"},
        {"side": None},
        {"side": [8]},
        {"seed": "x"},
        {"seed": None},
        {"seed": float("inf")},
        {"best_step": float("inf")},
        {"best_step": float("nan")},
        {"figures": None},
        {"figures": []},
        {"figures": {"test_mse": "good"}},
        {"figures": {"test_mse": None}},
        {"figures": {"test_mse": 10**400}},
        {"parts": None},
        {"parts": ["reconstruction"]},
        {"snapshots": 99},
        {"snapshots": -1},
        {"snapshots": 0},
        {"snapshots": "many"},
        {"snapshots": None},
        {"snapshot_weights": False},
    ],
    ids=str,
)
def test_a_description_that_makes_no_sense_is_refused(saved, about):
    refused(rewritten(saved, about=about))


@pytest.mark.parametrize(
    "about",
    [
        {"seed": -1},
        {"seed": 2**31},
        {"seed": True},
        {"seed": 1.0},
        {"best_step": -1},
        {"best_step": 10**9},
        {"figures": {"steps": 1e9}},
        {"figures": {"steps": -1}},
        {"figures": {"seconds": "Infinity"}},
        {"figures": {"seconds": float("inf")}},
        {"figures": {"seconds": 1e12}},
        {"figures": {"seconds": -0.5}},
        {"figures": {"test_mse": -1e-9}},
        {"figures": {"test_mse": "0.5"}},
        {"figures": {"test_mse": True}},
        {"figures": {"test_kl": -2}},
    ],
    ids=str,
)
def test_numbers_that_no_training_gives_are_refused_and_not_listed(saved, about):
    refused(rewritten(saved, about=about))
    (row,) = list_checkpoints(saved.parent)
    assert row.problem == f"{saved.name} cannot be read."


def test_the_largest_numbers_that_a_training_gives_are_fine(saved):
    figures = {"steps": 5_000_000, "seconds": 3e9, "test_mse": 0, "test_kl": -1e-6}
    rewritten(saved, about={"seed": 2**31 - 1, "best_step": 5_000_000, "figures": figures})
    back, (row,) = load_checkpoint(saved), list_checkpoints(saved.parent)
    assert back.figures == figures and back.seed == row.seed == 2**31 - 1
    assert (row.steps, row.seconds, row.best_step) == (5_000_000, 3e9, 5_000_000)
    rewritten(saved, about={"figures": {"steps": "NaN"}})
    (row,) = list_checkpoints(saved.parent)
    assert row.steps == PLAIN.steps and not row.problem


@pytest.mark.parametrize(
    "created", ["yesterday", "", "0000-00-00", "0001-01-01T00:00:00+23:59", "x" * 500, 5, None]
)
def test_a_time_that_is_none_is_left_out(saved, created):
    rewritten(saved, about={"created": created})
    (row,) = list_checkpoints(saved.parent)
    assert load_checkpoint(saved).created == row.created == "" and not row.problem


def test_figures_that_belong_to_a_missing_one_are_left_out_or_refused(saved):
    rewritten(saved, about={"figures": {"test_mse": 0.01, "test_noisy_rmse": 0.2}})
    assert load_checkpoint(saved).figures == {"test_mse": 0.01}
    preset = parts_of(saved)[0]["preset"] | {"source": 5}
    rewritten(saved, about={"preset": preset, "figures": {"test_mse": 0.01, "validation_mse": 1}})
    assert load_checkpoint(saved).preset.source == 5
    refused(rewritten(saved, about={"figures": {"test_mse": 0.01}}))


EVIL = "[x](javascript:1)![y](http://z)`<b>"


@pytest.mark.parametrize(
    "change",
    [
        {"tensors": {EVIL: np.zeros(1, np.uint8)}},
        {"tensors": {EVIL: np.full(1, np.nan, np.float32)}},
        {"about": {"agreement": [{EVIL: 1}]}},
        {"about": {"schema": EVIL}},
    ],
    ids=["a tensor", "numbers", "a key", "a format"],
)
def test_a_strangers_words_in_a_refusal_are_made_harmless(saved, change):
    sentence = refused(rewritten(saved, **change))
    assert not set(sentence) & set("[]<>`*"), sentence
    assert "javascript" in sentence


def test_a_file_name_in_a_refusal_is_made_harmless(tmp_path, saved):
    path = tmp_path / "[x](javascript:1)<b>.safetensors"
    path.write_bytes(saved.read_bytes())
    assert load_checkpoint(path).name == "[x](javascript:1)<b>"
    refusal = refused(rewritten(path, about={"parts": None}))
    (row,) = (row for row in list_checkpoints(tmp_path) if row.path == path)
    assert "rename the file" in row.problem
    (bad := tmp_path / "bad.safetensors").write_bytes(b"")
    (other,) = (row for row in list_checkpoints(tmp_path) if row.path == bad)
    assert other.problem == "bad.safetensors cannot be read."
    for text in (refusal, row.problem, row.title):
        assert not set(text) & set("[]<>`*"), text


@pytest.mark.parametrize(
    "missing", sorted(checkpoints_checkpoint.description_of(checkpoint()).keys() - {"name"})
)
def test_a_description_that_lacks_something_is_refused(saved, missing):
    about = parts_of(saved)[0]
    del about[missing]
    refused(rewritten(saved, raw=json.dumps(about)))


@pytest.mark.parametrize(
    "raw",
    ["", "{", "[]", "null", "1", '"x"', "[" * 100_000, '{"a":' * 100_000, '{"schema": 1}', "NaN"],
    ids=lambda raw: raw[:6],
)
def test_a_description_that_is_not_one_is_refused(saved, raw):
    refused(rewritten(saved, raw=raw))
