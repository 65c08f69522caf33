"""Own pictures without a browser: bring some, adjust and keep them, open every page with them."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st

from aeviz.checkpoints.store import save_checkpoint
from aeviz.data.catalog import load_dataset
from aeviz.data.own.pictures import Wishes, read_pictures
from aeviz.data.own.store import PICTURES, list_pictures, save_pictures
from aeviz.data.uploads.formats import Upload, find_pictures
from aeviz.networks.limits import fitted
from aeviz.networks.recipes import PRESETS
from aeviz.ui.catalog.uploads import ONE_UPLOAD
from aeviz.ui.own_pictures import panel as own_pictures_panel
from aeviz.ui.own_pictures.drafts import Drafts
from tests.pages.opened_page import address, labels, opened, texts, widget
from tests.support.uploads import npz_bytes, picture_bytes, random_pictures, upload, zip_bytes

LEARN = "learn/page.py"
PAGES = [f"{page}/page.py" for page in ("learn", "latent", "manifold", "meaning", "compression")]
KINDS = ("ash", "birch", "cedar & fir")


def zipped(pictures=None) -> bytes:
    """Sixty pictures of 20 x 12 in three folders."""
    pictures = random_pictures(60, 20, height=12) if pictures is None else pictures
    members = {f"{KINDS[i % 3]}/{i}.png": picture_bytes(p) for i, p in enumerate(pictures)}
    return zip_bytes(members)


def with_upload(*files, at=None):
    """The panel with these files uploaded."""
    at = at or opened(LEARN, own="open")
    at.file_uploader[0].set_value(
        [(name, data, "application/octet-stream") for name, data in files]
    )
    at.run()
    assert not at.exception, [error.message for error in at.exception]
    return at


def kept_pictures(*, labelled=True, side=20, title="Leaves"):
    arrays = {"x_train": random_pictures(60, side)}
    if labelled:
        arrays["y_train"] = np.array(KINDS)[np.arange(60) % 3]
    return save_pictures(read_pictures(upload("p.npz", npz_bytes(**arrays))), title)


def settled(at):
    assert not at.exception, [error.message for error in at.exception]
    return at


# --- the panel -----------------------------------------------------------------------------------


def test_pictures_are_brought_looked_at_and_kept(shelf):
    at = opened(LEARN)
    assert not at.file_uploader
    widget(at.button, "Use your own").click().run()
    with_upload(("leaves.zip", zipped()), at=at)
    assert "60 pictures" in texts(at) and "20 x 20" in texts(at)
    # 8 % to validate, 15 % to test, the rest to train.
    assert "learns from 46 of them, 5 show" in texts(at) and "9 are for the test" in texts(at)
    assert sum('role="listitem"' in one.proto.body for one in at.get("html")) == 1
    assert widget(at.text_input, "Name").value == "leaves"
    widget(at.text_input, "Name").set_value("Autumn <b>leaves</b>").run()
    widget(at.button, "Keep these pictures").click().run()
    settled(at)
    (kept,) = list_pictures()
    assert (kept.title, kept.count, kept.class_names) == ("Autumn bleaves/b", 60, KINDS)
    assert widget(at.selectbox, "Pictures").value == kept.name == address(at, "data")
    assert not at.file_uploader
    assert "no run of this recipe on these pictures yet" in texts(at)


def test_a_refused_upload_is_one_sentence_and_loses_nothing(shelf):
    at = with_upload(("leaves.zip", zipped()))
    widget(at.selectbox, "Size in pixels").set_value("16").run()
    assert "16 x 16" in texts(at)
    widget(at.text_input, "Name").set_value("Mine").run()
    with_upload(("*bad*.zip", b"PK\x03\x04 not a zip"), at=at)
    assert [e.value for e in at.error] == [
        "bad.zip is damaged or incomplete: make or download it again and upload that."
    ]
    assert "Keep these pictures" not in labels(at.button)
    with_upload(("leaves.zip", zipped()), at=at)
    assert not at.error
    assert "16 x 16" in texts(at)
    assert widget(at.selectbox, "Size in pixels").value == "16"
    assert widget(at.text_input, "Name").value == "Mine"


@pytest.mark.parametrize("files", [[("a.csv", b"")], [("a.bin", b"?")], [("few.zip", b"")]])
def test_whatever_comes_no_traceback_is_shown(shelf, files):
    assert len(with_upload(*files).error) == 1


def test_files_of_too_many_bytes_are_refused_before_any_is_read(shelf, monkeypatch):
    data = zipped()
    size = 2 * len(data)
    monkeypatch.setattr("aeviz.data.uploads.formats.LARGEST_UPLOAD", size - 1)

    def unread(*_, **__):
        raise AssertionError("It was read.")

    with monkeypatch.context() as patch:
        patch.setattr(own_pictures_panel, "Upload", unread)
        at = with_upload(("a.zip", data), ("b.zip", data))
    # The sentence is the one that reading them would have ended with.
    with pytest.raises(ValueError, match="uploaded at once") as caught:
        find_pictures([Upload("a.zip", data), Upload("b.zip", data)])
    assert [error.value for error in at.error] == [str(caught.value)]
    with_upload(("a.zip", data), at=at)
    assert not at.error and "60 pictures" in texts(at)


def test_one_upload_is_read_at_a_time_and_the_same_one_once():
    drafts, pictures = Drafts(), read_pictures([Upload("a.zip", zipped())])
    at_once, most, reads = 0, 0, []
    count = threading.Lock()

    def read(upload):
        nonlocal at_once, most
        with count:
            at_once += 1
            most = max(most, at_once)
            reads.append(upload)
        time.sleep(0.05)
        with count:
            at_once -= 1
        return pictures

    def visit(upload):
        assert drafts.get(upload, Wishes(), lambda: read(upload)) is pictures

    threads = [threading.Thread(target=visit, args=(upload,)) for upload in "aabb"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1 and sorted(reads) == ["a", "b"]


def test_a_reading_that_fails_lets_the_next_one_read():
    def stopped():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Drafts().get("a", Wishes(), stopped)
    assert not ONE_UPLOAD.locked()


def test_dark_and_light_and_the_shape_can_be_chosen(shelf):
    # Dark ink on light paper, as suggested; the middle is cut out on demand.
    ink = random_pictures(60, 20, height=12) > 230
    at = with_upload(("a.zip", zipped(np.where(ink, 0, 255).astype(np.uint8))))
    assert "their light parts taken for empty paper" in texts(at) and "filled up" in texts(at)
    widget(at.selectbox, "Dark and light").set_value("no").run()
    assert "taken for empty paper" not in texts(at)
    widget(at.selectbox, "Not square").set_value("crop").run()
    assert "filled up" not in texts(at) and "cut out" in texts(at)


def test_drawings_on_light_paper_are_shown_both_ways(shelf):
    ink = random_pictures(60, 20, height=12) > 230
    at = with_upload(("a.zip", zipped(np.where(ink, 0, 255).astype(np.uint8))))
    widget(at.button, "Read it so: dark and light swapped").click().run()
    settled(at)
    assert "taken for empty paper" not in texts(at)
    assert widget(at.selectbox, "Dark and light").value == "no"


def test_where_an_upload_may_be_read_two_ways_both_are_shown(shelf):
    table = np.random.default_rng(1).integers(0, 4, (200, 65))
    data = "\n".join(",".join(map(str, row)) for row in table.tolist()).encode()
    at = with_upload(("a.csv", data))
    assert "labels from the first column" in texts(at)
    widget(at.button, "Read it so: labels in the last column").click().run()
    settled(at)
    assert "labels from the last column" in texts(at)
    widget(at.button, "Read it so: labels in the first column")
    # Another upload is read as it is most likely meant.
    with_upload(("b.csv", data), at=at)
    assert "labels from the first column" in texts(at)


def test_kinds_are_renamed_and_put_together_before_they_are_kept(shelf):
    at = with_upload(("leaves.zip", zipped()))
    widget(at.text_input, "Kind 0").set_value("Ash tree").run()
    widget(at.text_input, "Kind 2").set_value("birch").run()
    widget(at.button, "Keep these pictures").click().run()
    settled(at)
    (kept,) = list_pictures()
    assert kept.class_names == ("Ash tree", "birch")
    labels = load_dataset(kept.name).labels
    assert np.bincount(labels).tolist() == [20, 40]


def test_pictures_can_be_turned(shelf):
    at = with_upload(("leaves.zip", zipped()))
    widget(at.selectbox, "Turned or mirrored").set_value("left").run()
    assert "turned to the left" in texts(at)


def test_kept_pictures_are_renamed_deleted_and_brought_back(shelf):
    kept = kept_pictures()
    at = opened(LEARN, own="open", data=kept.name)
    assert widget(at.selectbox, "Pictures").value == kept.name
    widget(at.button, "Rename").click().run()
    next(t for t in at.text_input if t.value == "Leaves").set_value("Needles")
    widget(at.button, "Save the name").click().run()
    settled(at)
    assert [one.title for one in list_pictures()] == ["Needles"]
    assert "Needles" in widget(at.selectbox, "Pictures").options
    widget(at.button, "Delete").click().run()
    settled(at)
    assert list_pictures() == [] and "Needles can be brought back" in texts(at)
    assert widget(at.selectbox, "Pictures").value == "mnist"
    widget(at.button, "Undo delete").click().run()
    settled(at)
    assert [one.name for one in list_pictures()] == [kept.name]


def test_deleted_pictures_are_found_again_after_a_reload(shelf):
    first, second = kept_pictures(), kept_pictures(side=12, title="Needles")
    at = opened(LEARN, own="open")
    for _ in range(2):
        widget(at.button, "Delete").click().run()
        settled(at)
    assert list_pictures() == [] and "Undo delete" in labels(at.button)
    # Another visit knows of neither.
    at = opened(LEARN, own="open")
    assert "Undo delete" not in labels(at.button)
    assert "2 deleted, kept for 30 days" in [box.label for box in at.expander]
    assert labels(at.button).count("Bring back") == 2
    assert "Leaves" in texts(at) and "Needles" in texts(at)
    for left in (1, 0):
        widget(at.button, "Bring back").click().run()
        settled(at)
        assert labels(at.button).count("Bring back") == left
    assert {one.name for one in list_pictures()} == {first.name, second.name}


def test_two_of_one_title_are_told_apart(shelf):
    names = {kept_pictures(side=side).name for side in (12, 20)}
    options = widget(opened(LEARN).selectbox, "Pictures").options
    assert all(any(name in option for option in options) for name in names)


def test_a_bad_file_is_set_aside_with_a_sentence_and_the_others_are_there(shelf):
    bad, good = kept_pictures(title="Bad"), kept_pictures(side=12, title="Good")
    bad.path.write_bytes(b"nothing that opens")
    at = opened(LEARN, own="open")
    assert f"{bad.path.name} is damaged and was set aside" in texts(at)
    assert [one.name for one in list_pictures()] == [good.name, f"{bad.name}.bad"]
    assert "Good" in texts(at) and "could not be opened and was set aside" in texts(at)
    widget([b for b in at.button if b.key == f"own.delete.{bad.name}.bad"], "Delete").click().run()
    settled(at)
    assert [one.name for one in list_pictures()] == [good.name]


def test_a_public_showing_shows_what_is_kept_and_takes_nothing(shelf, monkeypatch):
    kept, gone = kept_pictures(), kept_pictures(side=12, title="Gone")
    PICTURES.delete(gone.name)
    monkeypatch.setenv("AEVIZ_READ_ONLY", "1")
    at = opened(LEARN, own="open", data=kept.name)
    assert "switched off in this public showing" in texts(at)
    assert "Leaves" in texts(at)
    assert not at.file_uploader
    assert {"Rename", "Delete"} & set(labels(at.button)) == set()
    assert widget(at.button, "Train").disabled
    assert {"Undo delete", "Bring back"} & set(labels(at.button)) == set()


# --- with a model of them ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(labelled, side) -> a model trained for some steps on `kept_pictures`, each once."""
    from aeviz.training.trainer import train

    made = {}

    def model(labelled: bool, side: int):
        if (labelled, side) not in made:
            with pytest.MonkeyPatch.context() as elsewhere:
                elsewhere.setenv("AEVIZ_HOME", str(tmp_path_factory.mktemp("home")))
                dataset = load_dataset(kept_pictures(labelled=labelled, side=side).name)
            preset = replace(PRESETS["karpathy-2d"], steps=20, published=None)
            made[labelled, side] = train(fitted(preset, images=dataset.n_train), dataset)
        return made[labelled, side]

    return model


@pytest.fixture(params=[(True, 20), (False, 8)], ids=["labelled", "unlabelled"])
def model(request, trained, shelf):
    """A stored model, its pictures kept on this machine."""
    checkpoint = trained(*request.param)
    kept = kept_pictures(labelled=request.param[0], side=request.param[1])
    assert kept.name == checkpoint.dataset
    save_checkpoint(checkpoint, shelf)
    return checkpoint


def link(page: str, model):
    if page.endswith("compression.py"):
        return opened(page, data=model.dataset)
    return opened(page, model=model.name)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_with_own_pictures(model, page):
    at = link(page, model)
    assert not at.error and not at.warning
    assert "Leaves" in " ".join(o for box in at.selectbox for o in box.options)
    said = texts(at)
    assert "digit" not in said and "not on this machine" not in said


def test_the_map_has_the_kinds_names_or_the_error(model):
    at = opened("latent/page.py", model=model.name)
    (chart,) = at.get("plotly_chart")
    labelled = model.test_codes.labels is not None
    for name in ("ash", "birch"):
        assert (name in chart.proto.spec) == labelled
    colours = widget(at.selectbox, "Colour of the dots")
    assert ("colour: kind" in colours.options) == labelled
    assert colours.value == ("class" if labelled else "error")


def test_the_grid_votes_where_there_are_kinds(model):
    at = opened("manifold/page.py", model=model.name)
    assert ("Tint by kind" in labels(at.toggle)) == (model.test_codes.labels is not None)
    settled(widget(at.toggle, "Codes as dots").set_value(True).run())
    settled(widget(at.toggle, "Dim empty places").set_value(True).run())


@pytest.mark.parametrize("which", ["random", "worst", "best"])
def test_all_choices_of_pictures_are_there(model, which):
    at = opened(LEARN, model=model.name)
    box = widget(at.selectbox, "Pictures shown")
    each = "Some of each kind" if model.probe_labels is not None else "The first ten"
    assert each in box.options and not any("ource 2" in option for option in box.options)
    settled(box.set_value(which).run())


def test_pictures_that_turned_bad_are_said_once_and_the_model_opens(model, shelf):
    (kept,) = list_pictures()
    data = bytearray(kept.path.read_bytes())
    data[-1] ^= 1  # which their description does not tell
    kept.path.write_bytes(data)
    st.cache_resource.clear()
    at = link("latent/page.py", model)
    assert texts(at).count("is damaged and was set aside") == 1 and not at.error
    assert [one.name for one in list_pictures()] == [f"{kept.name}.bad"]
    assert "is damaged" not in texts(link("latent/page.py", model))


@pytest.mark.parametrize("page", PAGES)
def test_pictures_deleted_since_are_said_once_and_can_come_back(model, page):
    PICTURES.delete(model.dataset)
    at = link(page, model)
    assert not at.error
    assert texts(at).count("no longer here") == 1
    widget(at.button, "Bring the pictures back").click().run()
    settled(at)
    assert "no longer here" not in texts(at)
    assert [one.name for one in list_pictures()] == [model.dataset]


def test_training_on_few_pictures_makes_the_batch_fit_and_says_so(shelf):
    kept = kept_pictures()
    at = opened(LEARN, data=kept.name)
    said = "There are 46 pictures to learn from, so every step looks at all of them."
    assert said in texts(at)
    assert widget(at.number_input, "Batch size").value == 46
    widget(at.number_input, "Steps").set_value(20).run()
    widget(at.button, "Train").click().run()
    for _ in range(120):
        settled(at.run())
        if any(button.label.startswith("Again") for button in at.button):
            break
        time.sleep(0.5)
    assert "never seen" in texts(at)
    assert len(list(shelf.glob("*.safetensors"))) == 1


def test_a_sweep_offers_them_and_makes_its_batches_fit(shelf):
    kept = kept_pictures(side=28)
    at = opened("compression/page.py", data=kept.name, sweep="source-5")
    assert "no model of Leaves yet" in texts(at)
    assert widget(at.selectbox, "Pictures").value == kept.name
    assert "There are 46 pictures" in texts(at)
    assert not at.error
