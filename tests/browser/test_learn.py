"""The page "Watch it learn" on the real MNIST in a real Chromium, from Train to GIF."""

import csv
import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

# Enough for the digits to come into focus, few enough for a busy machine.
STEPS = 4_000
# The first training imports TensorFlow and compiles; on a loaded machine that takes its time.
READY = 120_000


@pytest.fixture
def page(mnist, open_page):
    """The page as a newcomer finds it; whatever a test left training is stopped afterwards."""
    page = open_page()
    expect(film(page)).to_have_attribute("data-ready", "1", timeout=READY)
    yield page
    last = open_page.another_tab(page)
    last.wait_for_timeout(1_500)
    if button(last, "Stop").count():
        button(last, "Stop").click()
        wait_for_replay(last)


def film(page):
    return page.locator(".film")


def shown(page, name: str) -> str:
    return film(page).get_attribute(f"data-{name}")


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def set_number(page, label: str, value) -> None:
    box = page.get_by_label(label, exact=True)
    box.fill(str(value))
    box.press("Enter")


def progress_step(page) -> int:
    words = page.get_by_test_id("stProgress").first.inner_text()
    match = re.search(r"Step ([\d,]+) of", words)
    return int(match[1].replace(",", "")) if match else 0


def wait_for_step(page, step: int) -> None:
    page.wait_for_function(
        """step => {
            const bar = document.querySelector('[data-testid=stProgress]');
            const match = bar && bar.innerText.match(/Step ([\\d,]+) of/);
            return match && Number(match[1].replaceAll(',', '')) >= step;
        }""",
        arg=step,
        timeout=READY,
    )


def wait_for_replay(page) -> None:
    expect(button(page, "Again from the same weights")).to_be_visible(timeout=READY)
    expect(page.get_by_role("slider", name="Moment of training")).to_be_visible()


def short_run(page, steps: int = STEPS) -> None:
    page.get_by_text("Advanced: every setting").click()
    set_number(page, "Steps", steps)
    expect(page.get_by_text("it takes about")).to_be_visible()
    button(page, "Train").click()


def test_a_stranger_finds_a_film_playing(page):
    expect(page.get_by_role("heading", name="Watch it learn")).to_be_visible()
    first = shown(page, "redrawn-hash")
    expect(film(page)).not_to_have_attribute("data-redrawn-hash", first, timeout=READY)


@pytest.mark.alone
def test_train_on_mnist_pause_step_stop_scrub_play_and_keep(page, app_server, tmp_path):
    short_run(page)
    wait_for_step(page, 1)
    button(page, "Pause").click()
    expect(button(page, "Resume")).to_be_visible()
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stProgress]').innerText.includes('paused')"
    )
    paused, early = progress_step(page), shown(page, "redrawn-hash")
    assert paused < STEPS

    button(page, "One step").click()
    wait_for_step(page, paused + 1)
    assert progress_step(page) == paused + 1

    button(page, "Resume").click()
    wait_for_step(page, max(paused + 1, STEPS // 2))
    middle = shown(page, "redrawn-hash")
    wait_for_replay(page)
    slider = page.get_by_role("slider", name="Moment of training")
    slider.press("End")
    late = shown(page, "redrawn-hash")
    assert len({early, middle, late}) == 3
    assert int(shown(page, "step")) == STEPS

    slider.press("Home")
    assert int(shown(page, "step")) == 0
    start = shown(page, "redrawn-hash")
    assert start != late
    button(page, "Play").click()
    expect(button(page, "Play")).to_be_visible(timeout=READY)
    assert shown(page, "redrawn-hash") == late
    assert float(shown(page, "fps")) >= 30

    with page.expect_download() as download:
        button(page, "GIF").click()
    path = tmp_path / "film.gif"
    download.value.save_as(path)
    with Image.open(path) as gif:
        assert gif.n_frames >= 40
        assert gif.width >= 1_000

    with page.expect_download() as download:
        button(page, "CSV of the losses").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    validation = [float(r["validation_loss"]) for r in rows if r["validation_loss"]]
    assert validation[-1] < validation[0] / 2
    assert len(list(app_server.home.glob("*.safetensors"))) >= 1


def test_stop_keeps_what_there_is_and_a_closed_tab_ends_nothing(open_page, page):
    short_run(page, 200_000)
    wait_for_step(page, 1)
    # Anybody sees it, but only the one who started it may stop it.
    other = open_page()
    expect(other.get_by_text("Somebody else started this training")).to_be_visible(timeout=READY)
    assert not button(other, "Stop").count()
    again = open_page.another_tab(page)
    page.close()
    wait_for_step(again, 1)
    button(again, "Stop").click()
    wait_for_replay(again)
    expect(again.get_by_text("Stopped by hand")).to_be_visible()


def test_a_second_run_waits_in_line_and_can_leave_it(open_page, page):
    short_run(page, 200_000)
    wait_for_step(page, 1)
    second = open_page("/?recipe=linear-100")
    # The visitor lands on the run under way; another recipe is theirs to pick.
    second.get_by_role("combobox", name="Recipe").click()
    second.get_by_role("option", name="Linear autoencoder").click()
    button(second, "Train").click()
    expect(second.get_by_text("Waiting its turn: number 1 in line")).to_be_visible(timeout=READY)
    button(second, "Leave the line").click()
    expect(second.get_by_text("Cancelled before it began")).to_be_visible()
    button(page, "Stop").click()
    wait_for_replay(page)


def test_slow_motion_and_a_new_learning_rate_while_it_runs(page):
    short_run(page, 200_000)
    wait_for_step(page, 1)
    page.get_by_role("combobox", name="Speed", exact=True).first.click()
    page.get_by_role("option", name="slower").click()
    page.wait_for_timeout(5_000)
    before = progress_step(page)
    page.wait_for_timeout(2_000)
    assert 5 <= progress_step(page) - before <= 60
    button(page, "Stop").click()
    wait_for_replay(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page, check_accessibility, theme):
    page = open_page(theme=theme)
    expect(film(page)).to_have_attribute("data-ready", "1", timeout=READY)
    page.get_by_text("Advanced: every setting").click()
    page.wait_for_timeout(800)
    check_accessibility(page)


def test_two_tabs_show_the_speed_the_run_has(open_page, page):
    short_run(page, 200_000)
    wait_for_step(page, 1)
    other = open_page.another_tab(page)
    speeds = [tab.get_by_role("combobox", name="Speed", exact=True).first for tab in (page, other)]
    expect(speeds[1]).to_have_value("full speed", timeout=READY)
    speeds[0].click()
    page.get_by_role("option", name="slower").click()
    for _ in range(6):  # each tab asks for news four times a second
        other.wait_for_timeout(500)
    for speed in speeds:
        expect(speed).to_have_value("slower")
    before = progress_step(other)
    other.wait_for_timeout(2_000)
    assert progress_step(other) - before <= 60
    button(page, "Stop").click()
    expect(page.get_by_test_id("stProgress").first).to_contain_text("Stopping")
    wait_for_replay(page)


def test_another_page_tells_that_a_training_is_under_way_and_over(page):
    short_run(page, 200_000)
    wait_for_step(page, 1)
    page.get_by_role("link", name="Models", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("^Training, [0-9]+%"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Training, ")).click()
    button(page, "Stop").click()
    wait_for_replay(page)
    expect(page.get_by_text("The model is saved")).to_be_visible()
    page.get_by_role("link", name="Models", exact=True).click()
    expect(page.get_by_text("stopped early").first).to_be_visible()
