"""Own pictures in a real Chromium: a zip becomes a data set, a network learns it; a bad file."""

import io

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests.support.uploads import picture_bytes, zip_bytes

# The first training imports TensorFlow and compiles; on a loaded machine that takes its time.
READY = 120_000
COUNT, STEPS = 60, 30


def zipped() -> bytes:
    """Two kinds of 16 x 16: ink on the left half, ink on the right half, some noise in it."""
    random = np.random.default_rng(0)
    members = {}
    for i in range(COUNT):
        picture = np.zeros((16, 16), np.uint8)
        half = picture[2:14, 2:8] if i % 2 == 0 else picture[2:14, 8:14]
        half[:] = random.integers(200, 256, half.shape)
        members[f"{'left' if i % 2 == 0 else 'right'}/{i}.png"] = picture_bytes(picture)
    return zip_bytes(members)


def bring(page, name: str, data: bytes) -> None:
    page.get_by_role("button", name="Use your own").click()
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)


def brightness(tile) -> np.ndarray:
    """Of the left and the right half of a tile's inside, 0 to 255."""
    grey = np.array(Image.open(io.BytesIO(tile.screenshot())).convert("L")).astype(float)
    inside = grey[16:-16, 8:-8]
    middle = inside.shape[1] // 2
    return np.array([inside[:, 4 : middle - 4].mean(), inside[:, middle + 4 : -4].mean()])


def test_a_zip_is_looked_at_kept_and_learned(open_page, check_accessibility):
    page = open_page()
    bring(page, "halves.zip", zipped())
    tiles = page.locator(".st-key-own_panel .own-pictures i")
    expect(tiles.first).to_be_visible(timeout=READY)
    expect(page.get_by_text("60 pictures", exact=False).first).to_be_visible()
    # Ink on the left, in the ink of the theme and of another one without asking the server.
    left, right = brightness(tiles.first)
    assert left < 120 and right > 235
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(500)
    left, right = brightness(tiles.first)
    assert left > 140 and right < 60
    page.emulate_media(color_scheme="light")
    check_accessibility(page)

    page.get_by_label("Name", exact=True).fill("Two halves")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("button", name="Keep these pictures").click()
    expect(page.get_by_role("combobox", name="Pictures")).to_have_value("Two halves")
    page.get_by_text("Advanced: every setting").click()
    steps = page.get_by_label("Steps", exact=True)
    steps.fill(str(STEPS))
    steps.press("Enter")
    expect(page.get_by_text("it takes about")).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    again = page.get_by_role("button", name="Again from the same weights")
    expect(again).to_be_visible(timeout=READY)
    film = page.locator(".film")
    expect(film).to_have_attribute("data-ready", "1")
    assert int(film.get_attribute("data-step")) <= STEPS


def test_a_bad_file_gets_a_sentence(open_page, check_accessibility):
    page = open_page(theme="dark", width=768)
    bring(page, "holiday.zip", b"PK\x03\x04 and then nothing")
    expect(page.get_by_text("holiday.zip is damaged or incomplete")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 768
    check_accessibility(page)


def test_an_upload_that_went_with_its_connection_is_told(open_page):
    page = open_page()
    bring(page, "halves.zip", zipped())
    expect(page.locator(".st-key-own_panel .own-pictures i").first).to_be_visible(timeout=READY)
    page.close()
    again = open_page.another_tab(page, "/?own=open")
    expect(again.get_by_text("and halves.zip with it: choose it once more")).to_be_visible()
    again.get_by_role("button", name="Close", exact=True).click()
    again.get_by_role("button", name="Use your own").click()
    expect(again.get_by_text("Choose", exact=False).first).to_be_visible()
    expect(again.get_by_text("choose it once more")).to_have_count(0)
