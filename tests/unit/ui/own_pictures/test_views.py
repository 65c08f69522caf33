"""What pages make of own pictures: tiles, kinds, drafts, and the limits that must agree."""

import base64
import io
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from aeviz.data.class_names import class_names, sample_each_class, thing
from aeviz.data.dataset import DatasetError
from aeviz.data.limits import LARGEST_UPLOAD
from aeviz.data.own.pictures import Wishes
from aeviz.ui.own_pictures.drafts import MOST_DRAFTS, Drafts
from aeviz.ui.own_pictures.views import PICTURES, PICTURES_OF_A_KIND, pictures_html
from tests.support.uploads import random_pictures

ROOT = Path(__file__).resolve().parents[4]


def test_streamlit_takes_as_much_as_we_do():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] * 2**20 == LARGEST_UPLOAD


@pytest.mark.parametrize("side", [8, 13, 28, 64])
def test_tiles_are_the_pictures_as_they_are(side):
    images = random_pictures(50, side)
    found = re.findall(r"base64,([^)]+)\)", pictures_html(images, None, (), "Some"))
    assert len(found) == PICTURES
    for image, text in zip(images, found, strict=False):
        with Image.open(io.BytesIO(base64.b64decode(text))) as png:
            alpha = np.array(png.convert("RGBA"))[..., 3]
        assert alpha.shape[0] % side == 0
        factor = alpha.shape[0] // side
        np.testing.assert_array_equal(alpha, image.repeat(factor, 0).repeat(factor, 1))


def test_kinds_are_counted_named_and_harmless():
    names = ("a & b", 'x" onload="', "c")
    labels = np.array([0, 2] * 25, dtype=np.uint8)
    text = pictures_html(random_pictures(50, 8), labels, names, 'say "so"')
    assert text.count("<i ") == 2 * PICTURES_OF_A_KIND
    assert "a &amp; b<span>25</span>" in text and "c<span>25</span>" in text
    assert 'aria-label="say &quot;so&quot;"' in text
    assert "onload" not in text  # no picture is of that kind
    text = pictures_html(random_pictures(50, 8), labels // 2, names, "")
    assert 'onload="' not in text and "x&quot; onload=" in text


@pytest.mark.parametrize("kinds", [1, 2, 3, 7, 10])
@pytest.mark.parametrize("count", [1, 5, 10])
def test_some_of_each_kind(kinds, count):
    labels = np.random.default_rng(kinds).integers(0, kinds, 30)
    chosen = sample_each_class(labels, count)
    assert len(set(chosen.tolist())) == len(chosen) == min(count, 30)
    assert (np.diff(labels[chosen]) >= 0).all()
    shares = np.bincount(labels[chosen], minlength=kinds)
    there = np.bincount(labels, minlength=kinds)
    # Nobody gets two more than another who still had some to give.
    for kind in range(min(kinds, count)):
        assert shares[kind] >= shares.max() - 1 or shares[kind] == there[kind]
        np.testing.assert_array_equal(
            chosen[labels[chosen] == kind], np.flatnonzero(labels == kind)[: shares[kind]]
        )


def test_ten_kinds_in_ten_pictures_are_one_of_each():
    labels = np.arange(10).repeat(5)
    assert sample_each_class(labels, 10).tolist() == list(range(0, 50, 5))


def test_words_for_known_and_unknown_data_sets():
    assert (thing("mnist"), thing("digits"), thing("fashion_mnist")) == (
        "digit",
        "digit",
        "picture",
    )
    assert class_names("fashion_mnist")[9] == "boot"
    assert class_names("own-nothing-12345678") == class_names("mnist") == tuple("0123456789")


class Reads:
    """Stands for reading: hands out a new object each time, or refuses."""

    def __init__(self, refusal=""):
        self.count, self.refusal = 0, refusal

    def __call__(self):
        self.count += 1
        if self.refusal:
            raise DatasetError(self.refusal)
        return object()


def test_a_draft_is_read_once_and_the_oldest_goes():
    drafts, read = Drafts(), Reads()
    first = drafts.get("a", Wishes(), read)
    assert drafts.get("a", Wishes(), read) is first and read.count == 1
    assert drafts.get("a", Wishes(side=8), read) is not first
    for n in range(MOST_DRAFTS):
        drafts.get(f"other {n}", Wishes(), read)
    before = read.count
    drafts.get("a", Wishes(), read)
    assert read.count == before + 1


def test_a_refusal_is_said_again_without_reading_and_forgotten():
    drafts, read = Drafts(), Reads("No.")
    for _ in range(3):
        with pytest.raises(DatasetError, match="No."):
            drafts.get("a", Wishes(), read)
    assert read.count == 1
    drafts.forget("a")
    with pytest.raises(DatasetError):
        drafts.get("a", Wishes(), read)
    assert read.count == 2
