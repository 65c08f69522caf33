"""The page "Compression" in bytes and in any size, without a browser."""

from dataclasses import replace
from functools import partial

import pytest

from aeviz.checkpoints.store import save_checkpoint
from aeviz.coding.rates import coding_of
from aeviz.data.catalog import load_dataset
from tests.pages.opened_page import address, texts
from tests.pages.opened_page import opened as opened_at
from tests.support.made_up_models import made_up_model

opened = partial(opened_at, "compression/page.py")


@pytest.fixture
def digits_model(shelf):
    """A made-up model of the small digits, with what its codes take as bytes."""
    digits = load_dataset("digits")
    model = made_up_model("mine", digits, latent_dim=6, snapshots=True)
    coding = coding_of(model.network, digits, in_order=True)
    preset = replace(model.preset, ordered=True)
    save_checkpoint(replace(model, coding=coding, preset=preset), shelf)


def test_in_bytes_a_sentence_holds_the_gallery_against_codecs():
    at = opened(**{"in": "bytes"})
    assert not at.warning and not at.error
    assert "A code is a file as well" in texts(at)
    assert "takes fewer bytes than any network here" in texts(at)
    assert "first 2,500 test digits in one file" in texts(at)


def test_alone_says_that_most_is_header():
    at = opened(**{"in": "bytes", "files": "alone"})
    assert not at.warning and not at.error and "most of which is header" in texts(at)


def test_pictures_without_stored_curves_are_measured(digits_model):
    at = opened(**{"in": "bytes", "data": "digits"})
    assert not at.warning and not at.error and not at.exception
    assert "digits in one file" in texts(at)


def test_models_from_before_say_what_to_do(shelf):
    digits = load_dataset("digits")
    save_checkpoint(made_up_model("old", digits, latent_dim=6, snapshots=True), shelf)
    at = opened(**{"in": "bytes", "data": "digits"})
    assert "says yet what its codes take" in texts(at)
    assert "recipe “Autoencoder for every size”" in texts(opened(**{"in": "any", "data": "digits"}))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"in": "furlongs"}, "unit"),
        ({"in": "bytes", "size": "many"}, "number of bytes"),
        ({"in": "bytes", "size": "-3"}, "number of bytes"),
        ({"in": "bytes", "pick": "99"}, "picture"),
        ({"in": "bytes", "files": "no"}, "kind of file"),
    ],
)
def test_a_link_that_makes_no_sense_is_one_sentence(query, said):
    at = opened(**query)
    (warning,) = at.warning
    assert said in warning.value and not at.exception


def test_any_size_shows_the_network_for_it(digits_model):
    at = opened(**{"in": "any", "data": "digits", "numbers": "3"})
    assert not at.warning and not at.error and not at.exception
    assert "sorted by what they are worth" in texts(at)
    assert address(at, "numbers") == "3"


@pytest.mark.parametrize("numbers", ["0", "7"])
def test_any_size_has_as_many_numbers_as_its_code(digits_model, numbers):
    at = opened(**{"in": "any", "data": "digits", "numbers": numbers})
    (warning,) = at.warning
    assert "numbers should be from 1 to 6" in warning.value
