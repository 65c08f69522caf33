"""The film component by itself: a small app, films of known pixels, a real browser."""

import time

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import opener_of
from tests.support.layout import assert_apart
from tests.support.server import served

FRAMES, PICTURES, SIDE, POINTS = 48, 10, 28, 2000
STEPS = np.unique(np.geomspace(1, 10_000, FRAMES + 9).round().astype(int))[-FRAMES:]

APP = """
import dataclasses
import streamlit as st
from aeviz.data.picture_shape import PictureShape
from aeviz.ui.film.replay import replay
from tests.browser.test_replay import made_film

st.set_page_config(layout="wide")
st.title("Films")
mode = st.query_params.get("mode", "one")
film = made_film()
second = made_film(key="second", seed=1) if mode in ("two", "apart") else None
if mode == "apart":
    second = dataclasses.replace(second, steps=2 * second.steps, total_steps=20_000)
if mode == "absent":
    film = dataclasses.replace(film, originals=None)
if mode == "live":
    newest = {name: getattr(film, name)[-1:] for name in
              ("steps", "reconstructions", "codes", "map_points", "sentences")}
    film = dataclasses.replace(film, **newest)
stopped = replay(film, key="film", second=second, live=mode == "live", show_errors=True)
st.write(f"stopped at {stopped}")
"""


def made_film(key="first", seed=0):
    """48 frames of random pictures, 2,000 points that drift, a falling loss."""
    from aeviz.data.picture_shape import PictureShape
    from aeviz.ui.film.replay import Film

    rng = np.random.default_rng(seed)
    pixels = SIDE * SIDE
    ends = rng.normal(size=(POINTS, 2))
    growing = np.linspace(0.1, 1.0, FRAMES)[:, None, None]
    records = np.arange(1, 10_001, 50)
    loss = 0.08 / records**0.1
    return Film(
        key=key,
        title=f"The {key} film",
        steps=STEPS,
        total_steps=10_000,
        shape=PictureShape(SIDE),
        labels=tuple("0123456789"),
        originals=rng.integers(0, 256, (PICTURES, pixels), dtype=np.uint8),
        noisy=None,
        reconstructions=rng.integers(0, 256, (FRAMES, PICTURES, pixels), dtype=np.uint8),
        codes=rng.normal(size=(FRAMES, PICTURES, 2)),
        map_points=growing * ends,
        map_labels=(np.arange(POINTS) % 10).astype(np.uint8),
        map_caption="Where the digits lie in the code",
        loss_steps=records,
        train_loss=loss,
        validation_loss=loss * 1.05,
        floor=(0.05, "PCA with 2 numbers"),
        sentences=tuple(f"**Loss {i}.** Sentence {i} of the {key} film." for i in range(FRAMES)),
    )


def fnv_1a(data):
    """The 32-bit FNV-1a hash, from its definition (Fowler, Noll, Vo; RFC 9923)."""
    value = 0x811C9DC5
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return f"{value:08x}"


@pytest.fixture(scope="module")
def film_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("film-app")
    script = folder / "app.py"
    script.write_text(APP)
    with served(script, folder) as server:
        yield server


@pytest.fixture
def open_film(browser, film_server):
    """`open_film(mode="one", **window)` -> (page, its film element)."""
    with opener_of(browser, film_server) as opener:

        def start(mode="one", **window):
            page = opener(f"/?mode={mode}", **window)
            film = page.locator(".film[data-ready='1']")
            film.wait_for()
            return page, film

        yield start


def test_the_pictures_shown_are_the_frames_own(open_film):
    page, film = open_film()
    frames = made_film().reconstructions
    slider = page.get_by_role("slider", name="Moment of training")
    slider.focus()
    for press, frame in (("Home", 0), ("ArrowRight", 1), ("PageUp", 6), ("End", FRAMES - 1)):
        page.keyboard.press(press)
        assert film.get_attribute("data-frame") == str(frame)
        assert film.get_attribute("data-redrawn-hash") == fnv_1a(frames[frame].tobytes())
        words = f"step {STEPS[frame]:,} of 10,000"
        assert slider.get_attribute("aria-valuetext") == words
        assert page.get_by_text(f"Sentence {frame} of the first film.").last.is_visible()


def test_the_frame_comes_back_when_the_viewer_lets_go(open_film):
    page, film = open_film()
    page.get_by_text(f"stopped at {FRAMES - 1}", exact=True).wait_for()
    slider = page.get_by_role("slider", name="Moment of training")
    slider.fill("12.3")
    page.get_by_text("stopped at 12", exact=True).wait_for()
    assert film.get_attribute("data-frame") == "12"
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=8)
    page.wait_for_timeout(500)
    assert page.get_by_text("stopped at 12", exact=True).is_visible()  # nothing while dragging
    page.mouse.up()
    page.get_by_text(f"stopped at {film.get_attribute('data-frame')}", exact=True).wait_for()
    assert 33 < int(film.get_attribute("data-frame")) < 43


@pytest.mark.alone
@pytest.mark.parametrize("mode", ["one", "two"])
def test_it_plays_at_thirty_frames_a_second(open_film, mode):
    page, film = open_film(mode)
    began = time.monotonic()
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1500)
    early = int(film.get_attribute("data-frame"))
    assert 0 < early < FRAMES // 2
    page.locator(".film[data-fps]").wait_for(timeout=60_000)
    assert 7 < time.monotonic() - began < 14
    assert film.get_attribute("data-frame") == str(FRAMES - 1)
    assert float(film.get_attribute("data-fps")) >= 30


def test_pause_stops_on_a_real_frame(open_film):
    page, film = open_film()
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Pause").click()
    frame = int(film.get_attribute("data-frame"))
    page.get_by_text(f"stopped at {frame}", exact=True).wait_for()
    expected = fnv_1a(made_film().reconstructions[frame].tobytes())
    assert film.get_attribute("data-redrawn-hash") == expected


def test_without_motion_it_steps_from_frame_to_frame(open_film):
    page, film = open_film()
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name="Play").click()
    hashes = {fnv_1a(frame.tobytes()) for frame in made_film().reconstructions}
    for _ in range(20):
        assert film.get_attribute("data-redrawn-hash") in hashes
        page.wait_for_timeout(40)


@pytest.mark.parametrize("mode, names", [("two", 0), ("apart", 1)])
def test_two_moments_on_the_loss_chart_are_named(open_film, mode, names):
    page, _ = open_film(mode)
    page.evaluate("""() => {
        const write = CanvasRenderingContext2D.prototype.fillText;
        window.written = [];
        CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
            window.written.push(text);
            return write.call(this, text, ...place);
        };
    }""")
    page.get_by_role("slider", name="Moment of training").focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(500)
    written = page.evaluate("window.written")
    assert [written.count(f"The {key} film") for key in ("first", "second")] == [names] * 2


def test_ink_follows_the_theme(open_film):
    page, film = open_film()
    read = """(film) => {
        const canvas = film.querySelector(".originals canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, 64, canvas.height);
        let [least, most] = [255, 0];
        for (let i = 0; i < data.length; i += 4)
            if (data[i + 3] === 255) [least, most] = [Math.min(least, data[i]),
                Math.max(most, data[i])];
        return [least, most];
    }"""
    for theme, paper, ink in (("light", 255, 0x15), ("dark", 0x16, 0xEC)):
        page.emulate_media(color_scheme=theme)
        page.wait_for_timeout(1500)
        least, most = film.evaluate(read)
        assert abs(least - min(paper, ink)) <= 3 and abs(most - max(paper, ink)) <= 3


@pytest.mark.parametrize("part", ["Pictures", "Map", "Loss"])
def test_pictures_for_slides(open_film, part, tmp_path):
    page, _ = open_film("two")
    page.get_by_text("PNG", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=part, exact=True).click()
    path = tmp_path / "slide.png"
    download.value.save_as(path)
    with Image.open(path) as slide:
        assert slide.width == 1920
        assert len(slide.convert("L").getcolors()) > 50


def test_live_shows_the_newest_frame_without_controls(open_film):
    page, film = open_film("live")
    assert film.get_attribute("data-step") == "10000"
    assert page.get_by_text("step 10,000 of 10,000").is_visible()
    assert page.get_by_role("slider").count() == 0
    assert page.get_by_role("button", name="Play").count() == 0


def test_missing_originals_are_said_in_words(open_film):
    page, film = open_film("absent")
    assert page.get_by_text("The original pictures are not on this machine.").is_visible()
    assert film.locator(".originals, .errors").count() == 0
    assert film.locator(".redrawn canvas").is_visible()


@pytest.mark.parametrize("width", [768, 1024, 1400, 1920, 2560])
@pytest.mark.parametrize("mode", ["one", "two"])
def test_nothing_overlaps_or_sticks_out(open_film, mode, width):
    _, film = open_film(mode, width=width, height=900)
    assert_apart(
        film, "canvas, figcaption, .name, .sentences, .play, .scrubber, .step, .speed, summary"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(open_film, check_accessibility, theme):
    page, film = open_film("two", theme=theme)
    check_accessibility(page)
    names = film.locator("canvas").evaluate_all("all => all.map((c) => c.ariaLabel)")
    assert all(names) and len(names) == 10
    assert any("10 pictures redrawn at step 10,000" in name for name in names)
