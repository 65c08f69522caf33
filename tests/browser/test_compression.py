"""The page "Compression" in a real browser: one selection for table and chart, cards, sweeps."""

import re

import pytest
from playwright.sync_api import expect

from aeviz.checkpoints.store import PRETRAINED, list_checkpoints, load_checkpoint
from aeviz.ui.compression.views import in_order
from aeviz.ui.pictures.watched import compared

CHART = ".st-key-loss_chart"
# Pixels from the left of the table, the second and third in other columns.
BOX, PICTURE, TITLE = 16, 110, 260
# The first training imports TensorFlow; on a loaded machine that takes its time.
READY = 120_000


def wait_for_cards(page):
    """Until the chart is drawn and answers the pointer."""
    page.wait_for_selector(".cards[data-ready='1']", state="attached", timeout=60_000)
    page.wait_for_timeout(300)


@pytest.fixture
def open_compression(open_page):
    def start(query="", **window):
        page = open_page(f"/compression?{query}", **window)
        wait_for_cards(page)
        return page

    return start


def dot(page, name):
    """The middle of a model's dot, in pixels of the window."""
    return page.evaluate(
        """([chart, name]) => {
            const gd = document.querySelector(`${chart} .js-plotly-plot`);
            const area = gd.querySelector(".nsewdrag").getBoundingClientRect();
            for (const { customdata, x, y } of gd.data) {
                const i = customdata ? [...customdata].indexOf(name) : -1;
                if (i < 0) continue;
                const share = ([low, high], value) => (Math.log10(value) - low) / (high - low);
                const { xaxis, yaxis } = gd.layout;
                return [area.left + share(xaxis.range, x[i]) * area.width,
                        area.bottom - share(yaxis.range, y[i]) * area.height];
            }
            return null;
        }""",
        [CHART, name],
    )


def rings(page):
    return page.evaluate(f"document.querySelector('{CHART} .js-plotly-plot').data.at(-1).x.length")


def wait_for_rings(page, count):
    page.wait_for_function(
        """([chart, count]) => {
            const gd = document.querySelector(`${chart} .js-plotly-plot`);
            return gd?.data?.at(-1).x.length === count;
        }""",
        arg=[CHART, count],
        timeout=20_000,
    )


def card(page):
    return page.evaluate(
        f"document.querySelector('{CHART} .js-plotly-plot > [aria-hidden]').shadowRoot"
        ".querySelector('.card:not([hidden])')?.innerText ?? ''"
    )


@pytest.fixture(scope="module")
def row_of():
    """`row_of(name)`: where the gallery's model stands in the table, counted from 0."""
    models = [load_checkpoint(one.path) for one in list_checkpoints(PRETRAINED)]
    order = in_order(compared(model) for model in models if model.dataset == "mnist")
    return [one.row.name for one in order].index


def tick(page, row, x=BOX):
    """Click a row of the table, so many pixels from its left: its box, or a cell."""
    box = page.locator(".st-key-loss_table canvas").first.bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + 37 + 44 * row + 22)


def chosen(page):
    found = re.search(r"[?&]rows=([^&]*)", page.url)
    return found[1].replace("%2C", ",").split(",") if found else None


def test_one_selection_for_table_and_chart_kept_in_the_address(open_compression, row_of):
    page = open_compression("rows=denoising-10")
    said = page.locator(".said")
    # What PCA means stands between, to be read when asked for.
    expect(said).to_contain_text(re.compile("10 numbers .* 784: 78 times smaller; PCA .* loses"))
    page.mouse.move(*dot(page, "stacked-100"))
    page.wait_for_timeout(200)
    assert card(page).startswith("Stacked autoencoder, 100 numbers")
    assert rings(page) == 1  # a card is no choice

    page.mouse.click(*dot(page, "stacked-100"))
    wait_for_rings(page, 2)
    expect(said).to_contain_text("100 numbers instead of 784: 7.8 times smaller")
    assert chosen(page) == ["denoising-10", "stacked-100"]
    expect(page.locator(".same-digits i")).to_have_count(3)

    wait_for_cards(page)
    tick(page, row_of("stacked-100"))
    wait_for_rings(page, 1)
    expect(said).to_contain_text("10 numbers instead of 784: 78 times smaller")
    assert chosen(page) == ["denoising-10"]

    page.reload()
    wait_for_cards(page)
    wait_for_rings(page, 1)
    expect(said).to_contain_text("10 numbers instead of 784")
    tick(page, row_of("stacked-100"))
    wait_for_rings(page, 2)
    # Sorted by the visitor, a row is still the same model.
    header = page.locator(".st-key-loss_table canvas").first.bounding_box()
    page.mouse.click(header["x"] + 340, header["y"] + 18)
    page.wait_for_timeout(400)
    assert rings(page) == 2


def test_a_click_on_any_cell_chooses_its_row_and_another_one_leaves_it_out(
    open_compression, row_of
):
    page = open_compression("rows=denoising-10")
    row = row_of("stacked-100")
    for x, rows in (
        (TITLE, ["denoising-10", "stacked-100"]),
        (TITLE, ["denoising-10"]),
        (PICTURE, ["denoising-10", "stacked-100"]),
        (BOX, ["denoising-10"]),
        (TITLE, ["denoising-10", "stacked-100"]),
    ):
        tick(page, row, x)
        wait_for_rings(page, len(rows))
        page.wait_for_timeout(300)
        assert chosen(page) == rows


def test_on_a_phone_a_dot_shows_its_digits_where_it_was_touched(browser, app_server):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(f"{app_server.url}/compression?rows=denoising-10")
    wait_for_cards(page)
    page.locator(CHART).scroll_into_view_if_needed()
    x, y = dot(page, "stacked-100")
    page.touchscreen.tap(x, y)
    wait_for_rings(page, 2)
    wait_for_cards(page)
    assert card(page).startswith("Stacked autoencoder, 100 numbers")
    seen = page.evaluate(f"""() => {{
        const host = document.querySelector('{CHART} .js-plotly-plot > [aria-hidden]');
        const box = host.shadowRoot.querySelector(".card").getBoundingClientRect();
        const drawn = host.shadowRoot.querySelector("img").naturalWidth > 0;
        return [box.left, box.right, box.bottom, drawn]; }}""")
    assert seen[0] >= 0 and seen[1] <= 390 and seen[2] <= 844 and seen[3]
    page.touchscreen.tap(x, dot(page, "stacked-100")[1] + 200)
    page.wait_for_timeout(400)
    assert card(page) == ""
    context.close()


def test_on_a_phone_the_titles_of_the_curves_stand_apart(open_compression):
    page = open_compression("rows=sweep-300,sweep-32,sweep-2", width=390, height=844)
    titles = [
        page.get_by_text(f"Made to size, {n} numbers", exact=True).first for n in (300, 32, 2)
    ]
    for title in titles:
        expect(title).to_be_attached(timeout=20_000)
    page.wait_for_timeout(1_000)
    boxes = [title.bounding_box() for title in titles]
    for i, a in enumerate(boxes):
        assert 0 <= a["x"] and a["x"] + a["width"] <= 390
        for b in boxes[:i]:
            apart = a["x"] >= b["x"] + b["width"] or b["x"] >= a["x"] + a["width"]
            assert apart or a["y"] >= b["y"] + b["height"] or b["y"] >= a["y"] + a["height"]


@pytest.fixture
def own_server(run_app, tmp_path):
    """`own_server()` starts a dashboard on a folder that outlives it."""
    return lambda: run_app(tmp_path / "models")


def open_sweep(opener, server, query):
    opener.server = server
    page = opener(f"/compression?{query}")
    return page


def set_field(page, label, value):
    box = page.locator(".st-key-sweep_panel").get_by_label(label, exact=True)
    box.fill(value)
    box.press("Enter")


def fill_sweep(page, sizes, steps="400"):
    panel = page.locator(".st-key-sweep_panel")
    set_field(page, "Code sizes", sizes)
    set_field(page, "Hidden layers", "none")
    set_field(page, "Steps for each model", steps)
    panel.get_by_role("combobox", name="Pictures").click()
    page.get_by_role("option", name="Small digits").click()
    page.wait_for_timeout(800)
    return panel


def test_a_sweep_is_cancelled_and_after_a_restart_only_what_is_missing_is_trained(
    open_page, own_server, check_accessibility, tmp_path
):
    (tmp_path / "models").mkdir()
    shared = open_page.server
    with own_server() as server:
        page = open_sweep(open_page, server, "sweep=own&data=digits")
        panel = fill_sweep(page, "1, 65")
        expect(panel.get_by_text("is more than the 64 pixels")).to_be_visible()
        expect(panel.get_by_role("button", name="Start")).to_be_disabled()
        # More than the fastest machine takes before the cancel.
        set_field(page, "Steps for each model", "3000000")
        set_field(page, "Code sizes", "1, 2")
        panel.get_by_role("button", name="Start").click()
        expect(panel.get_by_text(re.compile("step [1-9]"))).to_be_visible(timeout=READY)
        # Somebody else finds it under way and can only look on; who began it may come back.
        other = open_sweep(open_page, server, "sweep=own&data=digits")
        expect(other.get_by_role("button", name="Cancel")).to_be_disabled(timeout=READY)
        other.close()
        again = open_page.another_tab(page, "/compression?sweep=own&data=digits")
        cancel = again.get_by_role("button", name="Cancel")
        expect(cancel).to_be_visible()
        cancel.click()
        expect(again.get_by_text("0 of 2 models are there, 2 cancelled")).to_be_visible(
            timeout=10_000
        )
        again.get_by_role("button", name="Another sweep").click()
        panel = fill_sweep(again, "1, 2")
        panel.get_by_role("button", name="Start").click()
        expect(panel.get_by_text("2 of 2 models are there")).to_be_visible(timeout=READY)
        expect(panel.locator(".there")).to_have_count(2)
        assert len(list((tmp_path / "models").glob("*.safetensors"))) == 2
        page.close()
        again.close()
    with own_server() as server:
        page = open_sweep(open_page, server, "sweep=own&data=digits&published=none")
        panel = fill_sweep(page, "1, 2, 3")
        expect(panel.get_by_text("2 of 3 models are there already")).to_be_visible()
        panel.get_by_role("button", name="Start").click()
        expect(panel.get_by_text("3 of 3 models are there")).to_be_visible(timeout=READY)
        expect(panel.get_by_text("was there already")).to_have_count(2)
        gallery = sum(one.dataset == "digits" for one in list_checkpoints(PRETRAINED))
        expect(page.get_by_text(f"{gallery + 3} models;")).to_be_visible()
        check_accessibility(page)
        assert len(list((tmp_path / "models").glob("*.safetensors"))) == 3
        page.close()
    open_page.server = shared


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_compression, check_accessibility, theme):
    page = open_compression("sweep=own&rows=denoising-10,stacked-100&errors=1", theme=theme)
    page.wait_for_timeout(1_000)
    check_accessibility(page)
