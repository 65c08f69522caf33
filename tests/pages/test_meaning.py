"""The page "Meaning" without a browser: what it measures, what a link may ask for, what it says."""

from functools import partial

import numpy as np
import pytest

from aeviz.checkpoints.store import load_checkpoint
from aeviz.ui.shell.packed import packed
from tests.pages.opened_page import address, keep, labels, texts, widget
from tests.pages.opened_page import opened as opened_at
from tests.support.made_up_models import made_up_dataset

opened = partial(opened_at, "meaning/page.py")


@pytest.fixture(autouse=True)
def _no_pictures(tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path / "home"))


@pytest.fixture
def handed(monkeypatch):
    """What the component is handed, run by run."""
    from aeviz.ui.meaning import component

    told = []

    def draw(data, *, key, **_):
        packed(data)  # nothing in it that a browser could not be told
        told.append(data)
        return {}

    monkeypatch.setattr(component, "_component", draw)
    return told


def test_it_opens_on_ten_numbers(handed):
    at = opened()
    assert at.title[0].value == "Meaning"
    assert widget(at.selectbox, "Model").value == "sweep-10" == address(at, "model")
    assert "Each row is one number of the" in texts(at)
    (told,) = handed
    names = [one["name"] for one in told["directions"]]
    assert names == ["ink", "slant", "thickness", "width", "height"]
    assert all(one["works"] for one in told["directions"])
    assert sorted(told["numbers"]["order"]) == list(range(10))
    assert told["numbers"]["kl"] is None and told["start"]["row"] == 0
    assert not at.warning and not at.error


def test_two_numbers_have_no_direction_that_is_trusted(handed):
    opened(model="vae-2d")
    assert not any(one["works"] for one in handed[0]["directions"])


def test_what_is_measured_is_not_measured_again(handed, monkeypatch):
    from aeviz.ui.meaning import measured

    opened(model="sweep-5")
    monkeypatch.setattr(measured, "meaning_of", lambda *_: pytest.fail("measured again"))
    opened(model="sweep-5")
    assert len(handed) == 2


def test_a_link_reopens_the_picture_in_hand(handed):
    at = opened(at="12", pull="slant:-1.5,ink:0.5", move="3:1.25")
    start = handed[0]["start"]
    assert start["row"] == 12 and start["pulls"] == {"slant": -1.5, "ink": 0.5}
    assert start["moves"] == {"2": 1.25}  # counted from 1 in a link
    asked = ["12", "slant:-1.5,ink:0.5", "3:1.25"]
    assert [address(at, name) for name in ("at", "pull", "move")] == asked
    at = opened(at="mean")
    assert handed[1]["start"]["row"] is None and handed[1]["start"]["code"] is None
    code = ",".join(["0.5"] * 10)
    opened(at=f"={code}")
    assert handed[2]["start"]["code"] == [0.5] * 10


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"at": "99999"}, "a picture that is not there"),
        ({"at": "=1,2"}, "10 numbers"),
        ({"pull": "beauty:1"}, "in a way that cannot be"),
        ({"pull": "slant:99"}, "in a way that cannot be"),
        ({"move": "11:1"}, "in a way that cannot be"),
        ({"move": "3:2.5"}, "in a way that cannot be"),
        ({"move": "0:1"}, "in a way that cannot be"),
        ({"own": "4>10"}, "a difference of kinds"),
        ({"own": "four"}, "a difference of kinds"),
    ],
)
def test_a_link_that_makes_no_sense_is_told(handed, query, sentence):
    at = opened(**query)
    assert sentence in texts(at) and len(at.warning) == 1
    start = {"row": 0, "code": None, "pulls": {}, "moves": {}, "kind": None}
    assert handed[0]["start"] == start


def test_a_code_too_long_for_rows_is_told(shelf):
    keep(shelf, "long", latent_dim=65)
    at = opened()
    assert "has 65 numbers, too many for a row each" in texts(at)
    assert not at.get("download_button")


def test_too_few_codes_are_told(shelf):
    keep(shelf, "few", dataset=made_up_dataset(tests=12))
    assert "too few codes to measure anything" in texts(opened())


def test_a_model_of_one_number_and_one_in_colour_open(shelf, handed):
    keep(shelf, "one", latent_dim=1, dataset=made_up_dataset(8))
    keep(shelf, "tint", latent_dim=4, dataset=made_up_dataset(16, colour=True))
    opened(model="one")
    opened(model="tint")
    names = {one["name"] for one in handed[1]["directions"]}
    assert "brightness" in names and not {"ink", "slant"} & names


def test_pictures_without_names_offer_no_difference_of_kinds(shelf, handed):
    keep(shelf, "bare", latent_dim=3, dataset=made_up_dataset(labels=False))
    at = opened(model="bare")
    assert "How to choose the groups" not in labels(at.segmented_control)
    assert "Add the digit in hand" in labels(at.button)


def test_a_difference_of_kinds_becomes_a_slider_with_a_name(handed):
    at = opened()
    widget(at.selectbox, "Away from").select(4)
    widget(at.selectbox, "towards").select(9)
    widget(at.text_input, "Its name").input("rounder 😀 <b>; x").run()
    widget(at.checkbox, "Keep it with the model").uncheck().run()
    widget(at.button, "Add a slider for it").click().run()
    (own,) = [one for one in handed[-1]["directions"] if one["own"]]
    assert own["title"].startswith("rounder 😀") and not set("<>;") & set(own["title"])
    assert own["less"] == "like 4" and own["more"] == "like 9"
    assert address(at, "own").startswith("4>9 rounder")
    # It is the difference of the mean codes, one spread long.
    checkpoint = load_checkpoint("sweep-10")
    codes = checkpoint.test_codes.codes.astype(np.float32)[:2_000]
    labels_ = checkpoint.test_codes.labels[:2_000]
    way = codes[labels_ == 9].mean(axis=0) - codes[labels_ == 4].mean(axis=0)
    cosine = own["vector"] @ way / np.linalg.norm(own["vector"]) / np.linalg.norm(way)
    assert cosine == pytest.approx(1, abs=1e-5)
    again = opened(own=address(at, "own"))
    assert [one["title"] for one in handed[-1]["directions"] if one["own"]] == [own["title"]]
    assert not again.warning


def test_what_is_kept_with_the_model_is_there_for_all_and_not_in_the_link(handed):
    at = opened()
    widget(at.text_input, "Its name").input("rounder").run()
    widget(at.button, "Add a slider for it").click().run()
    (own,) = [one for one in handed[-1]["directions"] if one["own"]]
    assert own["title"] == "rounder" and own["more"] == "like 9" and own["apart"] > 1
    assert handed[-1]["made"] == own["name"] and address(at, "own") is None
    assert "1,000" not in own["words"] and "of 100 digits stay what they were" in own["words"]
    again = opened()
    assert [one["name"] for one in handed[-1]["directions"] if one["own"]] == [own["name"]]
    assert handed[-1]["made"] == ""
    pulled = opened(pull=f"{own['name']}:1.5")
    assert handed[-1]["start"]["pulls"] == {own["name"]: 1.5}
    assert not (again.warning or pulled.warning)


def test_groups_of_pictures_in_hand(handed):
    """One picture in each: the first is to the second as a third is to what is seen."""
    at = opened(at="3", groups="x")
    widget(at.segmented_control, "How to choose the groups").set_value("hand").run()
    assert "Away from**: no digits yet" in texts(at)
    widget(at.button, "Add a slider for it").click().run()
    assert "Each group needs at least one picture" in texts(at)
    widget(at.button, "Add the digit in hand").click().run()
    assert "1 digit" in texts(at)


def test_the_same_kind_twice_is_refused_in_one_sentence(handed):
    at = opened(own="4>4;0>1")
    assert "Both groups are the same" in texts(at)
    assert [one["title"] for one in handed[0]["directions"] if one["own"]] == ["0 to 1"]
    # It is told once and not kept.
    assert address(at, "own") == "0>1"
    assert "Both groups" not in texts(at.run())


def test_there_is_an_end_to_sliders_of_ones_own(handed):
    at = opened(own=";".join(f"0>{i}" for i in range(1, 7)))
    widget(at.button, "Add a slider for it").click().run()
    assert "6 sliders of your own already" in texts(at)
    assert sum(one["own"] for one in handed[-1]["directions"]) == 6
    assert address(at, "own").startswith("0>1")


def test_on_shapes_the_table_says_how_much_each_number_tells(handed):
    at = opened(model="shapes-colour-vae", factors="open")
    (table,) = at.dataframe
    assert list(table.value.columns[1:]) == ["shape", "hue", "size", "turn", "across", "up"]
    shares = table.value.set_index("Number")
    # Each of hue, size and place has a number that tells it, and those given up tell nothing.
    assert (shares.loc[["1", "3", "4", "6"]].max() > 0.15)[["hue", "size", "across", "up"]].all()
    assert shares.loc[["2", "5"]].max().max() < 0.05
    assert "mutual information gap" in texts(at).replace("\n", " ")
    assert not opened(model="sweep-5", factors="open").dataframe


def test_rows_can_be_downloaded(handed):
    at = opened(model="sweep-5")
    assert labels(at.get("download_button")) == ["All rows (PNG)", "All numbers moving (GIF)"]
