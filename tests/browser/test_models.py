"""The page "Models" in a real browser: choose, name, delete, undo, hand on, take in, compare."""

import re
import zipfile

import pytest
from playwright.sync_api import expect

from aeviz.checkpoints.store import list_checkpoints, load_checkpoint, save_checkpoint
from tests.support.made_up_models import made_up_dataset, made_up_model

ROW, HEADER = 38, 36
# Pixels from the left of the list, in three columns.
BOX, NETWORK, TITLE = 16, 70, 200
# The first export loads TensorFlow; on a loaded machine that takes its time.
READY = 120_000


def named_at(page, row, x):
    """Click a line of the list, and return the model in the address."""
    choose_row(page, row, x)
    page.wait_for_timeout(1_500)
    return re.search(r"model=([^&]*)", page.url)[1]


def choose_row(page, row, x=BOX):
    """Click a line of the list, so many pixels from its left: at first its box."""
    box = page.locator(".st-key-model_list canvas").first.bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + HEADER + ROW * row + ROW / 2)


def press(page, name):
    page.get_by_role("button", name=name, exact=True).first.click()


def downloaded(page, name):
    with page.expect_download(timeout=READY) as found:
        page.get_by_role("button", name=re.compile(name)).click()
    return found.value.path()


@pytest.fixture
def own_page(open_page, run_app, tmp_path):
    """The page of a dashboard of one's own with two small models; its folder."""
    folder, shared = tmp_path / "models", open_page.server
    digits = made_up_dataset(8, tests=30, name="digits")
    for name in ("one", "other"):
        save_checkpoint(made_up_model(name, digits, snapshots=True), folder)
    with run_app(folder) as server:
        open_page.server = server
        page = open_page("/models?model=one")
        yield page, folder
        page.close()
    open_page.server = shared


def test_a_model_is_named_deleted_brought_back_and_handed_on(own_page, check_accessibility):
    page, folder = own_page
    heading = page.locator(".model-head h2")
    press(page, "Name and note")
    page.get_by_label("Name", exact=True).fill("Blurry sevens")
    page.get_by_label("Note", exact=True).fill("two lines\nof it")
    press(page, "Save")
    expect(heading).to_have_text("Blurry sevens")
    expect(page.locator(".model-note")).to_have_text("two lines\nof it")

    press(page, "Delete")
    expect(page.get_by_text("“Blurry sevens” is deleted.")).to_be_visible()
    assert not (folder / "one.safetensors").exists()
    check_accessibility(page)
    press(page, "Undo")
    expect(heading).to_have_text("Blurry sevens")
    assert "model=one" in page.url

    press(page, "Download")
    kept = downloaded(page, r"^Everything").read_bytes()
    assert kept == (folder / "one.safetensors").read_bytes()
    with zipfile.ZipFile(downloaded(page, r"^For a notebook")) as keras:
        assert {"config.json", "model.weights.h5"} <= set(keras.namelist())
    page.keyboard.press("Escape")

    # On another machine: not here any more, also not in the trash.
    (folder / "one.safetensors").unlink()
    page.goto(page.url.split("?")[0])
    expect(heading).to_be_visible()
    press(page, "Upload")
    file = {"name": "Their file.safetensors", "mimeType": "application/octet-stream"}
    page.locator("input[type=file]").set_input_files([{**file, "buffer": b"no model"}])
    expect(page.get_by_role("alert").first).to_be_visible()
    page.locator("input[type=file]").set_input_files([{**file, "buffer": kept}])
    expect(heading).to_have_text("Blurry sevens")
    again = next(row for row in list_checkpoints(folder) if row.given_title)
    assert load_checkpoint(again.path).note == "two lines\nof it"


def test_a_click_on_any_cell_of_a_line_chooses_its_model(own_page):
    page, _ = own_page
    page.wait_for_selector(".st-key-model_list canvas")
    page.wait_for_timeout(1_000)
    # The gallery's come after one's own, of which either may be the newest.
    first, second = ("one", "other") if named_at(page, 0, BOX) == "one" else ("other", "one")
    clicks = [(1, TITLE, second), (0, NETWORK, first), (1, TITLE, second), (0, BOX, first)]
    for row, x, name in [*clicks, (1, TITLE, second), (1, NETWORK, second), (0, TITLE, first)]:
        assert named_at(page, row, x) == name


def test_choosing_and_comparing(open_page, check_accessibility):
    page = open_page("/models")
    page.wait_for_selector(".st-key-model_list canvas")
    # The shared dashboard has models of other tests as well: the line is found, not counted.
    search = page.get_by_label("Search", exact=True)
    search.fill("variational mnist gallery")
    search.press("Enter")
    page.wait_for_timeout(1_000)
    # Before it those through convolutions and of a network that is told the digit.
    choose_row(page, 2)
    expect(page.locator(".model-head h2")).to_have_text("Variational autoencoder, 2 numbers")
    assert "model=vae-2d" in page.url
    check_accessibility(page)
    page.get_by_text("Compare two").click()
    # Two that are as good as each other redraw, one that is better redraws.
    expect(page.locator(".said")).to_contain_text(re.compile("redraws? digits"))
    maps = page.locator('[class*="st-key-pair_map"] .js-plotly-plot')
    expect(maps).to_have_count(2, timeout=30_000)
    assert "beside=" in page.url


def test_two_models_in_the_dark_on_a_small_screen(open_page, check_accessibility):
    page = open_page("/models?model=denoising-10&beside=vae-2d", width=768, theme="dark")
    expect(page.locator(".said")).to_contain_text("A redraws digits")
    expect(page.locator(".picture-rows > div")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth") <= 768
    page.wait_for_timeout(1_000)
    check_accessibility(page)
