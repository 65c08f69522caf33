"""The page "Models" without a browser: the list, one model, two models, what can be done."""

from dataclasses import replace
from functools import partial

import pytest
import streamlit as st

from aeviz.checkpoints import library as checkpoints_library
from aeviz.checkpoints.checkpoint import CheckpointError
from aeviz.checkpoints.library import rename_model
from aeviz.checkpoints.store import list_checkpoints, load_checkpoint, save_checkpoint
from aeviz.networks.limits import MOST_STEPS_BEFORE
from aeviz.networks.recipes import PRESETS
from aeviz.networks.settings import LONGEST_RUN
from aeviz.ui.catalog import cache as catalog_cache
from aeviz.ui.catalog import registries
from aeviz.ui.catalog.uploads import ONE_UPLOAD
from aeviz.ui.models import actions as models_actions
from tests.pages.opened_page import address, charts, hurt, keep, labels, texts, widget
from tests.pages.opened_page import opened as opened_at
from tests.support.folder_troubles import NO_FILES, no_file
from tests.support.made_up_models import made_up_dataset, made_up_model

PAGE = "models/page.py"
opened = partial(opened_at, PAGE)


def said(at) -> str:
    return " ".join(element.proto.body for element in at.get("html")) + texts(at)


def listed(at) -> list[str]:
    return list(at.dataframe[0].value["title"])


def links(at) -> dict[str, str]:
    return {e.proto.label: e.proto.query_string for e in at.get("page_link")}


def test_a_name_that_was_given_stands_on_every_page(shelf):
    for name in ("one", "other"):
        keep(shelf, name, snapshots=True)
    rename_model("one", "My best")
    assert "My best" in listed(opened())
    learn = opened_at("learn/page.py", model="other")
    assert any(o.startswith("My best, ") for o in widget(learn.selectbox, "Run").options)
    assert any(o.startswith("My best, ") for o in widget(learn.selectbox, "Beside it").options)
    for page in ("latent", "manifold"):
        at = opened_at(f"{page}/page.py", model="one")
        assert "My best" in widget(at.selectbox, "Model").options
    assert "My best" in listed(opened_at("compression/page.py"))


def test_a_file_with_capitals_in_its_name_opens_on_every_page(shelf):
    keep(shelf, "one", snapshots=True)
    (shelf / "one.safetensors").rename(shelf / "My_Model.safetensors")
    for page in ("models", "latent", "manifold"):
        at = opened_at(f"{page}/page.py", model="My_Model")
        assert address(at, "model") == "My_Model" and not at.warning and not at.error
    at = opened_at("learn/page.py", like="My_Model")
    assert "recipe of a stored model" in texts(at) and not at.warning


# --- the list ---


def test_it_opens_on_the_gallery(tmp_path, monkeypatch):
    # Without the models that tests before it have trained.
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path))
    at = opened()
    assert at.title[0].value == "Models"
    gallery = list_checkpoints()
    assert len(listed(at)) == len(gallery)
    assert address(at, "model") == gallery[0].name
    assert links(at)["Latent space"] == f"model={gallery[0].name}"
    assert "Layers of the network" in said(at) and "On test images" in said(at)
    # It stays as it is, and the page says why.
    assert not {"Delete", "Save"} & set(labels(at.button))
    assert "It came with aeviz" in texts(at)


@pytest.mark.parametrize(
    "asked", ["/etc/passwd", "../secret", "x.safetensors", "a\0b", "~/x.safetensors", " "]
)
def test_a_link_is_no_way_to_other_files(shelf, asked):
    with pytest.raises(CheckpointError, match="no model of that name"):
        catalog_cache.checkpoint(asked)
    at = opened_at("learn/page.py", like=asked)
    assert not at.exception and "passwd is not" not in texts(at)


def test_a_link_opens_its_model_and_the_other_pages_follow(shelf):
    keep(shelf, "one", snapshots=True)
    keep(shelf, "other", snapshots=True)
    at = opened(model="other")
    assert address(at, "model") == "other"
    assert {"Watch it learn", "Latent space", "Manifold", "Compression"} < set(links(at))
    at.switch_page("latent/page.py").run()
    assert widget(at.selectbox, "Model").value == "other"


def test_compression_chooses_the_model_a_link_names(shelf):
    keep(shelf, "one", snapshots=True)
    keep(shelf, "other", snapshots=True)
    for name in ("one", "other"):
        at = opened_at("compression/page.py", model=name)
        assert address(at, "rows") == name and address(at, "model") is None


def test_a_bad_link_is_said_and_opens_another(shelf):
    keep(shelf, "one")
    at = opened(model="no-such-model")
    assert len(at.warning) == 1 and address(at, "model") == "one"


def test_no_model_at_all(shelf):
    at = opened()
    assert "There is no model yet" in texts(at) and not at.dataframe


def test_many_are_searched(shelf):
    for i in range(12):
        keep(shelf, f"model-{i}", latent_dim=2 + i % 2)
    at = opened()
    assert len(listed(at)) == 12
    widget(at.text_input, "Search").set_value("model-3").run()
    assert len(listed(at)) == 1
    widget(at.text_input, "Search").set_value("nothing like it").run()
    assert "No model fits" in texts(at) and not at.exception


def test_a_bad_file_is_a_sentence_and_the_others_open(shelf):
    keep(shelf, "good")
    (shelf / "bad.safetensors").write_bytes(b"not a model")
    at = opened(model="bad")
    assert len(at.error) == 1 and at.error[0].value.endswith(".")
    assert "bad" in " ".join(listed(at)) and not list(shelf.glob("bad*"))
    assert not opened(model="good").error
    widget(at.button, "Delete").click().run()
    assert not at.exception and not at.error and listed(at) == [listed(opened())[0]]


def test_a_damaged_file_is_a_sentence_and_can_be_deleted(shelf):
    keep(shelf, "good")
    keep(shelf, "hurt")
    path = hurt(shelf, "hurt")
    at = opened(model="hurt")
    assert len(at.error) == 1 and at.error[0].value.endswith(".")
    widget(at.button, "Delete").click().run()
    assert not at.exception and not at.error and not path.exists()
    assert len(listed(at)) == 1 and address(at, "model") == "good"


# --- what can be done ---


@pytest.mark.timeout(60)  # a pipe would have it wait for ever
@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_listed_and_can_be_deleted(shelf, kind):
    keep(shelf, "good")
    no_file(shelf, "odd", kind)
    for page in ("learn", "latent", "manifold", "meaning", "compression"):
        assert not opened_at(f"{page}/page.py").exception
    at = opened(model="odd")
    assert "odd.safetensors cannot be read" in texts(at)
    widget(at.button, "Delete").click().run()
    assert "odd (cannot be read)” is deleted" in texts(at)
    assert [row.name for row in list_checkpoints(shelf)] == ["good"]
    widget(at.button, "Undo").click().run()
    assert {row.name for row in list_checkpoints(shelf)} == {"good", "odd"}


def test_a_name_and_a_note_are_kept_and_shown_as_text(shelf):
    keep(shelf, "one")
    at = opened()
    widget(at.text_input, "Name").set_value("My <b>first</b>")
    widget(at.text_area, "Note").set_value("<script>alert(1)</script>\nblurry sevens")
    widget(at.button, "Save").click().run()
    assert not at.exception and not at.error
    model = load_checkpoint("one")
    assert model.given_title and "<" not in model.given_title and "first" in model.given_title
    assert "blurry sevens" in model.note
    assert "<script" not in said(at) and "blurry sevens" in said(at)
    assert model.given_title in listed(at)
    widget(at.text_input, "Name").set_value("")
    widget(at.button, "Save").click().run()
    assert load_checkpoint("one").given_title == ""


def test_delete_with_undo(shelf):
    keep(shelf, "one")
    keep(shelf, "other")
    at = opened(model="one")
    widget(at.button, "Delete").click().run()
    assert not (shelf / "one.safetensors").exists() and address(at, "model") == "other"
    assert "is deleted" in said(at)
    widget(at.button, "Undo").click().run()
    assert (shelf / "one.safetensors").exists() and address(at, "model") == "one"
    assert "is deleted" not in said(at)
    # Somebody else's are in the list of deleted ones.
    widget(at.button, "Delete").click().run()
    another = opened()
    assert "Undo" not in labels(another.button)
    widget(another.button, "Bring back").click().run()
    assert address(another, "model") == "one" and not another.exception


def test_its_own_bytes_are_handed_out_and_come_back(shelf):
    keep(shelf, "one")
    data = (shelf / "one.safetensors").read_bytes()
    at = opened()
    upload = at.get("file_uploader")[0]
    upload.upload("strange name (1).safetensors", data).run()
    assert not at.exception and not at.error
    assert [row.name for row in list_checkpoints()] == ["one"]
    (shelf / "one.safetensors").unlink()
    at = opened()
    at.get("file_uploader")[0].upload("strange name (1).safetensors", data).run()
    [row] = list_checkpoints()
    assert row.path.read_bytes() == data and address(at, "model") == row.name
    assert not at.exception and not at.error and at.get("file_uploader")[0].value is None


def test_a_strangers_file_is_a_sentence(shelf):
    keep(shelf, "one")
    at = opened()
    at.get("file_uploader")[0].upload("evil.safetensors", b"\x80\x04evil").run()
    assert len(at.error) == 1 and at.error[0].value.endswith(".")
    assert len(listed(at)) == 1 and not at.exception


def test_a_refused_file_is_read_once_however_often_the_page_runs(shelf, monkeypatch):
    keep(shelf, "one")
    reads, add = [], checkpoints_library.add_model

    def counted(name, data):
        assert ONE_UPLOAD.locked()
        reads.append(name)
        return add(name, data)

    monkeypatch.setattr(checkpoints_library, "add_model", counted)
    at = opened()
    at.get("file_uploader")[0].upload("evil.safetensors", b"\x80\x04evil").run()
    said_first = [error.value for error in at.error]
    at.run()
    at.run()
    assert len(said_first) == 1 and [error.value for error in at.error] == said_first
    assert reads == ["evil.safetensors"] and not ONE_UPLOAD.locked()
    # Another file, though of the same name, is another.
    at.get("file_uploader")[0].set_value(("evil.safetensors", b"", "application/octet-stream"))
    at.run()
    assert reads == ["evil.safetensors"] * 2 and len(at.error) == 1


def test_keras_bytes_are_the_exports(shelf, monkeypatch):
    model = keep(shelf, "one")
    monkeypatch.setattr(
        "aeviz.training.keras_models.to_keras", lambda m: f"keras of {m.name}".encode()
    )
    assert models_actions.keras_file(model) == b"keras of one"


@pytest.mark.parametrize("public", ["", "1"])
def test_nobody_has_a_public_showing_load_tensorflow(shelf, monkeypatch, public):
    keep(shelf, "one")
    monkeypatch.setenv("AEVIZ_READ_ONLY", public)
    offered = {button.proto.label for button in opened().get("download_button")}
    assert any(label.startswith("Everything (") for label in offered)
    assert ("For a notebook (.keras)" in offered) is not bool(public)


@pytest.fixture
def started(monkeypatch):
    """What was asked of the training queue, which trains nothing here."""
    asked = []
    registries.run_registry.forget()
    registry = registries.run_registry()

    def start(dataset, preset, seed=0, *, owner="", continue_from=""):
        asked.append((dataset, preset.steps, seed, continue_from))
        return "no-such-run"

    monkeypatch.setattr(registry, "start", start)
    return asked


def test_going_on_starts_a_run_from_it(shelf, started):
    keep(shelf, "one", seed=7)
    at = opened()
    assert "afresh" in texts(at)
    widget(at.number_input, "Steps more").set_value(123).run()
    widget(at.button, "Start").click().run()
    assert not at.exception and at.title[0].value == "Watch it learn"
    assert started == [("mnist", 123, 7, "one")]


def test_training_it_again_sets_its_recipe(shelf):
    model = keep(shelf, "one", seed=7, dataset=made_up_dataset(8, name="digits"))
    assert links(opened())["Train it again"] == "like=one"
    at = opened_at("learn/page.py", like="one")
    assert widget(at.selectbox, "Recipe").value == model.preset.name
    assert widget(at.selectbox, "Pictures").value == "digits"
    assert widget(at.number_input, "Seed").value == 7
    assert widget(at.text_input, "Encoder layers, from picture to code").value == ""
    assert address(at, "like") == "one"
    other = next(name for name in PRESETS if name != model.preset.name)
    widget(at.selectbox, "Recipe").set_value(other).run()
    assert address(at, "recipe") == other and not at.exception


@pytest.mark.parametrize("like", ["no-such-model", "../../etc/passwd"])
def test_a_recipe_that_is_not_there_is_a_sentence(shelf, like):
    at = opened_at("learn/page.py", like=like)
    assert len(at.warning) == 1 and address(at, "like") is None


def test_steps_of_a_continued_model_count_the_earlier_ones(shelf):
    model = made_up_model("one", made_up_dataset(), snapshots=True)
    figures = {"steps": 500.0}
    model = replace(model, figures=figures, continued_from="before", steps_before=4_000)
    save_checkpoint(model, shelf)
    at = opened()
    assert "4,000 steps behind it: it has taken 4,500 steps so far." in texts(at)
    more = widget(at.number_input, "Steps more")
    assert "4,500 steps so far" in more.help and more.value == 4_500 // 4
    for steps in (500, model.preset.steps):  # what it took, and what its recipe says
        assert f"{steps:,} steps, after 4,000 of earlier models" in said(at)

    def again(at):
        return next(e.proto for e in at.get("page_link") if e.proto.label == "Train it again").help

    assert "new network from its first step" in again(at) and "4,500 steps" in again(at)
    save_checkpoint(replace(model, autoencoder=None), shelf)
    assert "not the same one" in texts(opened())
    save_checkpoint(made_up_model("before", made_up_dataset(), snapshots=True), shelf)
    at = opened(model="one")
    assert "goes on once more with the earlier model" in again(at)
    assert "give the same network" in texts(at)


def test_a_very_long_training_can_be_gone_on_with(shelf):
    model = made_up_model("one", made_up_dataset(), snapshots=True)
    far = replace(model, continued_from="before", steps_before=MOST_STEPS_BEFORE - 1)
    save_checkpoint(far, shelf)
    assert widget(opened().number_input, "Steps more").value <= LONGEST_RUN


# --- two models ---


def test_two_are_compared():
    at = opened(model="karpathy-2d", beside="vae-2d")
    assert "redraws digits" in said(at) and "more exactly" in said(at)
    assert charts(at) == 2 and not at.dataframe
    assert "<em>better</em>" in said(at)
    assert not at.error and not at.warning


def test_comparing_begins_with_a_fitting_second_model(shelf):
    keep(shelf, "one", snapshots=True)
    keep(shelf, "small", dataset=made_up_dataset(8, name="digits"), snapshots=True)
    keep(shelf, "other", snapshots=True)
    at = opened(model="one")
    widget(at.toggle, "Compare two").set_value(True).run()
    assert (address(at, "model"), address(at, "beside")) == ("one", "other")
    assert "equally well" in said(at) or "not measured" in said(at)
    widget(at.selectbox, "B").set_value("small").run()
    assert "cannot be compared" in said(at) and not at.exception
    widget(at.toggle, "Compare two").set_value(False).run()
    assert address(at, "beside") is None and len(at.dataframe) == 1


def test_a_single_model_has_nothing_beside_it(shelf):
    keep(shelf, "one")
    assert widget(opened().toggle, "Compare two").disabled


# --- without weights, and in public ---


def test_without_weights_it_can_be_looked_at_and_trained_again(shelf):
    model = made_up_model("light", made_up_dataset(), snapshots=True)
    save_checkpoint(replace(model, autoencoder=None), shelf)
    at = opened()
    assert "without its weights" in texts(at)
    assert {"Watch it learn", "Compression", "Train it again"} <= set(links(at))
    assert not {"Latent space", "Manifold"} & set(links(at))
    assert "Steps more" not in labels(at.number_input)
    keep(shelf, "whole", snapshots=True)
    at = opened(model="light", beside="whole")
    assert charts(at) == 2 and widget(at.selectbox, "A").value == "light"
    assert "Original" not in said(at) and "Error of A" not in said(at) and not at.error


def test_a_public_showing_only_shows(shelf, monkeypatch):
    keep(shelf, "one")
    monkeypatch.setenv("AEVIZ_READ_ONLY", "1")
    at = opened()
    assert "public showing" in texts(at)
    assert not {"Delete", "Save", "Start"} & set(labels(at.button))
    assert not at.get("file_uploader") and "Latent space" in links(at)
    assert "Train it again" not in links(at)


def test_a_run_that_was_stopped_early_is_marked(shelf):
    made = made_up_model("halted", made_up_dataset(), snapshots=True)
    save_checkpoint(replace(made, figures={"steps": 300.0}))
    at = opened(model="halted")
    assert "300 steps, stopped early" in said(at)
    (row,) = list_checkpoints(shelf)
    assert row.stopped_early
    table = at.dataframe[0].value
    assert list(table["title"]) == ["Karpathy's, stopped early"]


@pytest.mark.parametrize(
    ("preset", "steps", "early"),
    [
        ({"steps": 300}, 300, False),
        ({"steps": 300}, 299, True),
        ({"steps": 300, "patience": 100}, 101, False),  # it got no better for 100 steps
        ({"steps": 300, "patience": 100}, 99, True),
    ],
)
def test_only_who_stops_a_run_ends_it_early(shelf, preset, steps, early):
    made = made_up_model("made", made_up_dataset(), snapshots=True)
    save_checkpoint(
        replace(made, preset=replace(made.preset, **preset), figures={"steps": float(steps)})
    )
    assert [row.stopped_early for row in list_checkpoints(shelf)] == [early]


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Asia/Tokyo", "02 Jan 2026, 12:04"), ("America/New_York", "01 Jan 2026, 22:04")],
)
def test_times_are_by_the_browsers_clock(shelf, monkeypatch, zone, day):
    keep(shelf, "one")  # 2026-01-02T03:04:05+00:00
    monkeypatch.setattr(type(st.context), "timezone", property(lambda context: zone))
    assert f"trained {day}" in said(opened(model="one"))


def test_a_clock_that_nobody_knows_is_the_servers(shelf, monkeypatch):
    keep(shelf, "one")
    for zone in ("Mars/Olympus", "../../etc/passwd", "", None):
        monkeypatch.setattr(type(st.context), "timezone", property(lambda context, z=zone: z))
        assert "trained 0" in said(opened(model="one"))
