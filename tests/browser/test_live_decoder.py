"""The live decoder by itself: a small app with a native chart, a known model, a real browser."""

import base64
import dataclasses
import itertools
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.gallery.recipes import GALLERY, WITHOUT_WEIGHTS
from aeviz.networks.autoencoder import ACTIVATIONS, Autoencoder, Layer
from aeviz.networks.half_precision import in_half_precision
from tests.browser.conftest import ROOT, AppServer, PageOpener, _free_port, _wait_until_healthy

POINTS, SIDE = 2_000, 28
SPAN = 4.0  # the map goes from -SPAN to SPAN at first

APP = """
from tests.browser.test_live_decoder import app

app()
"""


# --- the app under test ------------------------------------------------------------------------


def made_autoencoder(latent_dim=2, pixels=SIDE * SIDE):
    """Random weights, large enough that every place has another picture. Exactly float16."""
    rng = np.random.default_rng(0)

    def layer(inputs, units, activation, scale):
        kernel = rng.normal(0, scale / np.sqrt(inputs), (inputs, units))
        bias = rng.normal(0, 0.1, units)
        return Layer(*(a.astype(np.float16).astype(np.float32) for a in (kernel, bias)), activation)

    encoder = (layer(pixels, 50, "tanh", 3), layer(50, latent_dim, "linear", 1.5))
    decoder = (
        layer(latent_dim, 50, "tanh", 1.5),
        layer(50, 50, "tanh", 1.5),
        layer(50, pixels, "sigmoid", 3),
    )
    return Autoencoder(encoder, decoder)


def made_decoder(latent_dim=2, images=0, count=POINTS):
    """A map of codes; each class lies a little elsewhere."""
    from aeviz.latent.plane import LatentPlane
    from aeviz.ui.live.component import Decoder

    rng = np.random.default_rng(1)
    labels = (np.arange(count) % 10).astype(np.uint8)
    codes = rng.normal(0, 0.8, (count, latent_dim)) + rng.normal(0, 1, (10, latent_dim))[labels]
    axes = np.linalg.qr(rng.normal(size=(latent_dim, 2)))[0].T if latent_dim > 2 else np.eye(2)
    plane = LatentPlane(np.zeros(latent_dim), axes)
    codes = codes.astype(np.float16).astype(np.float32)
    return Decoder(
        key=f"made-{latent_dim}-{images}-{count}",
        autoencoder=made_autoencoder(latent_dim),
        side=SIDE,
        points=plane.project(codes),
        labels=labels,
        names=tuple("0123456789"),
        codes=codes,
        plane=plane,
        base=codes.mean(axis=0),
        pixels=made_images(images) if images else None,
        far=0.5,
    )


def made_images(count):
    return np.random.default_rng(2).integers(0, 256, (count, SIDE * SIDE), dtype=np.uint8)


def made_figure(decoder, kind="gl", title=""):
    """As the page's: a trace a class, rows in customdata, clicks anywhere, no hovering."""
    import plotly.graph_objects as go

    trace = go.Scattergl if kind == "gl" else go.Scatter
    figure = go.Figure()
    labels = np.zeros(len(decoder.points)) if decoder.labels is None else decoder.labels
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        x, y = decoder.points[rows].T
        marker = {"size": 4, "opacity": 0.7}
        figure.add_trace(
            trace(
                x=x,
                y=y,
                customdata=rows.astype(np.uint16),
                mode="markers",
                marker=marker,
                name=str(label),
            )
        )
    figure.update_layout(
        height=600,
        margin={"l": 0, "r": 0, "t": 40, "b": 0},
        dragmode="pan",
        hovermode=False,
        clickanywhere=True,
        title=title,
        legend={"orientation": "h", "y": 1, "yanchor": "bottom"},
    )
    axis = {"range": [-SPAN, SPAN], "zeroline": False}
    return figure.update_layout(xaxis=axis, yaxis=axis)


def app():
    import streamlit as st

    st.set_page_config(layout="wide")
    pages = [
        st.Page(map_page, title="Map", url_path="map"),
        st.Page(other_page, title="Elsewhere", url_path="elsewhere", default=True),
    ]
    st.navigation(pages, position="top").run()


def other_page():
    import streamlit as st

    st.title("Elsewhere")


def map_page():
    import streamlit as st

    from aeviz.ui.live.component import live_decoder

    asked, kept = st.query_params, st.session_state
    asked_for = (("dim", 2), ("images", 0), ("points", POINTS))
    decoder = made_decoder(*(int(asked.get(name, usual)) for name, usual in asked_for))
    if asked.get("bare"):
        bare = {"labels": None, "codes": None, "key": f"bare {decoder.key}"}
        decoder = dataclasses.replace(decoder, **bare)
    pins = kept.setdefault("pins", ())
    title = f"Figure {kept.setdefault('figure', 1)}"
    left, right = st.columns([2, 1], gap="large")
    with left:
        with st.container(key="map"):
            st.plotly_chart(
                made_figure(decoder, asked.get("kind", "gl"), title),
                key="chart",
                config={"scrollZoom": True, "displayModeBar": False, "doubleClick": "reset"},
                alt="A map",
            )
        if st.button("Other figure"):
            kept.figure += 1
            st.rerun()
        st.button("Rerun")
    with right:
        events = live_decoder(
            decoder,
            chart="map",
            key="live",
            pins=pins,
            show=asked.get("show", "dots"),
            compact=bool(asked.get("compact")),
        )
    if events.pinned and events.pinned.n != kept.get("pinned"):
        kept.pinned, kept.pins = events.pinned.n, (*pins, events.pinned.pin)
        st.rerun()
    if events.unpinned and events.unpinned.n != kept.get("unpinned"):
        kept.unpinned, index = events.unpinned.n, events.unpinned.index
        kept.pins = () if index is None else (*pins[:index], *pins[index + 1 :])
        st.rerun()
    rows = [pin.row for pin in pins]
    st.write(f"pinned rows {rows}, tab {events.tab}")


@pytest.fixture(scope="module")
def live_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live-app")
    script, log_path = folder / "app.py", folder / "streamlit.log"
    script.write_text(APP)
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless", "true"]
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--server.port", str(port)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = AppServer(f"http://127.0.0.1:{port}", process.pid, folder, log_path)
    try:
        _wait_until_healthy(process, server)
        yield server
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def open_map(browser, live_server):
    """`open_map(query="", **window)` -> (page, the component's element), ready for the pointer."""
    opener = PageOpener(browser, live_server)

    def start(query="", **window):
        page = opener(f"/map?{query}", **window)
        return page, ready(page)

    yield start
    opener.close()
    assert not opener.errors, "the browser reported:\n" + "\n".join(opener.errors)


def ready(page):
    live = page.locator(".live[data-ready='1'][data-chart='1']")
    live.wait_for(timeout=60_000)
    return live


# --- what is seen, and what should be ----------------------------------------------------------


def plot_box(page):
    return page.locator(".st-key-map .nsewdrag").bounding_box()


def move(page, across, down):
    """Move the pointer to this share of the plot area; returns where that is on the map, which
    Plotly itself says."""
    box = plot_box(page)
    x, y = box["x"] + round(across * box["width"]), box["y"] + round(down * box["height"])
    page.mouse.move(x, y)
    page.wait_for_timeout(100)
    return point_at(page, x, y)


def point_at(page, x, y):
    return page.evaluate(
        """([x, y]) => {
            const gd = document.querySelector(".st-key-map .js-plotly-plot");
            const box = gd.querySelector(".nsewdrag").getBoundingClientRect();
            const { xaxis, yaxis } = gd._fullLayout;
            return [xaxis.p2d(x - box.left), yaxis.p2d(y - box.top)];
        }""",
        [x, y],
    )


def shown(live):
    """The large picture off its canvas, (784,) from 0 for white paper to 1 for full ink."""
    return live.locator(".picture").evaluate(
        """(canvas) => {
            const { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            const [paper, ink] = [255, 0x15];
            return [...data].filter((_, i) => i % 4 === 0).map((v) => (paper - v) / (paper - ink));
        }"""
    )


def shown_point(live):
    return [float(live.get_attribute(f"data-{axis}")) for axis in "xy"]


def assert_decodes(live, point, decoder=None):
    """The picture is what NumPy makes of this point of the map, and the component says so."""
    decoder = decoder or made_decoder()
    code = decoder.plane.lift(np.array([point]))
    expected = decoder.autoencoder.decode(code)[0]
    np.testing.assert_allclose(shown_point(live), point, atol=1e-6)
    # Half a grey level, and the same again for the ink's own rounding.
    np.testing.assert_allclose(shown(live), expected, atol=2 / 255)


def empty_and_dot(page, decoder=None):
    """Pixels of an empty place and of a lone dot, and the dot's row."""
    points = (decoder or made_decoder()).points
    box = plot_box(page)

    def pixels(point):
        across, down = (point[0] + SPAN) / (2 * SPAN), (SPAN - point[1]) / (2 * SPAN)
        return float(box["x"] + across * box["width"]), float(box["y"] + down * box["height"])

    inside = np.flatnonzero((np.abs(points) < 0.85 * SPAN).all(axis=1))
    apart = [np.partition(np.square(points - points[i]).sum(1), 1)[1] for i in inside]
    row = int(inside[np.argmax(apart)])
    return pixels((-0.85 * SPAN, 0.85 * SPAN)), pixels(points[row]), row


# --- the forward pass --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def forward_page(browser):
    page = browser.new_page()
    page.add_script_tag(path=ROOT / "aeviz" / "ui" / "live" / "forward.js")
    yield page
    page.close()


def in_browser(page, autoencoder, codes, images):
    """(decoded codes, what the encoder gives for the images, log-variances or None) from JS."""
    from aeviz.latent.plane import latent_plane
    from aeviz.ui.live.component import Decoder, packed

    points = np.zeros((1, 2))
    decoder = Decoder(
        key=str(id(autoencoder)),
        autoencoder=autoencoder,
        side=round(autoencoder.pixels**0.5),
        points=points,
        labels=None,
        names=(),
        codes=None,
        plane=latent_plane(codes),
        base=codes.mean(axis=0),
        far=1.0,
    )
    decoded, means, log_variances = page.evaluate(
        """([base64, codes, images]) => {
            const model = decodeNetwork(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
            const encoded = images.map((image) => encodeWith(model, Float32Array.from(image)));
            return [codes.map((code) => [...forward(model.decoder, Float32Array.from(code))]),
                encoded.map(({ mean }) => [...mean]),
                encoded.map(({ logVariance }) => logVariance && [...logVariance])];
        }""",
        [base64.b64encode(packed(decoder)).decode(), codes.tolist(), images.tolist()],
    )
    log_variances = None if log_variances[0] is None else np.array(log_variances)
    return np.array(decoded), np.array(means), log_variances


def keras_twin(autoencoder):
    """(encoder, decoder) of Keras, built as training builds them, with the same weights."""
    from aeviz.networks.recipes import Preset
    from aeviz.training.loop import build_model

    *encoder, _ = autoencoder.encoder
    *decoder, readout = autoencoder.decoder
    preset = Preset(
        name="twin",
        title="Twin",
        summary="",
        encoder=tuple(layer.kernel.shape[1] for layer in encoder),
        latent_dim=autoencoder.latent_dim,
        decoder=tuple(layer.kernel.shape[1] for layer in decoder),
        activation=(*encoder, *decoder, readout)[0].activation,
        output_activation=readout.activation,
        variational=autoencoder.variational,
    )
    models = build_model(preset, autoencoder.pixels, seed=0)
    for model, layers in zip(models, (autoencoder.encoder, autoencoder.decoder), strict=True):
        model.set_weights([weights for one in layers for weights in (one.kernel, one.bias)])
    return models


def digits_images(count):
    from aeviz.data.catalog import load_dataset

    return load_dataset("digits").test_images[:count].astype(np.float32) / 255


@pytest.mark.parametrize("variational", [False, True], ids=["plain", "variational"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_javascript_numpy_and_keras_agree(forward_page, activation, variational):
    rng = np.random.default_rng(4)
    images, codes = digits_images(5), rng.normal(size=(5, 3)).astype(np.float32)

    def stack(*widths, readout):
        made = []
        for inputs, units in itertools.pairwise(widths):
            kernel, bias = rng.normal(0, inputs**-0.5, (inputs, units)), rng.normal(0, 0.3, units)
            last = len(made) == len(widths) - 2
            made.append(Layer(half_(kernel), half_(bias), readout if last else activation))
        return tuple(made)

    encoder = stack(64, 40, 20, 6 if variational else 3, readout="linear")
    autoencoder = Autoencoder(encoder, stack(3, 20, 40, 64, readout="sigmoid"), variational)
    keras_encoder, keras_decoder = keras_twin(autoencoder)
    decoded, means, log_variances = in_browser(forward_page, autoencoder, codes, images)
    np.testing.assert_allclose(decoded, autoencoder.decode(codes), atol=1e-5)
    np.testing.assert_allclose(decoded, keras_decoder(codes), atol=1e-4)
    encoded = np.asarray(keras_encoder(images))
    np.testing.assert_allclose(means, autoencoder.encode(images), atol=1e-5)
    np.testing.assert_allclose(means, encoded[:, :3], atol=1e-4)
    if variational:
        np.testing.assert_allclose(log_variances, encoded[:, 3:], atol=1e-4)
    else:
        assert log_variances is None


def half_(array):
    return array.astype(np.float16).astype(np.float32)


@pytest.mark.parametrize("name", [n for n in GALLERY if n not in WITHOUT_WEIGHTS])
def test_every_model_that_comes_along_agrees(forward_page, name):
    checkpoint = load_checkpoint(PRETRAINED / f"{name}.safetensors")
    autoencoder = in_half_precision(checkpoint.autoencoder)
    images = np.random.default_rng(5).random((2, autoencoder.pixels), dtype=np.float32)
    codes = autoencoder.encode(images)
    decoded, means, log_variances = in_browser(forward_page, autoencoder, codes, images)
    oracle = [
        np.asarray(m(x))
        for m, x in zip(keras_models(checkpoint, autoencoder), (images, codes), strict=True)
    ]
    numbers = autoencoder.latent_dim
    np.testing.assert_allclose(decoded, autoencoder.decode(codes), atol=1e-4)
    np.testing.assert_allclose(decoded, oracle[1], atol=1e-4)
    np.testing.assert_allclose(means, oracle[0][:, :numbers], atol=1e-4, rtol=1e-5)
    if autoencoder.variational:
        np.testing.assert_allclose(log_variances, oracle[0][:, numbers:], atol=1e-4, rtol=1e-5)


def keras_models(checkpoint, autoencoder):
    from aeviz.training.loop import build_model

    models = build_model(checkpoint.preset, autoencoder.pixels, seed=0)
    for model, layers in zip(models, (autoencoder.encoder, autoencoder.decoder), strict=True):
        model.set_weights([weights for one in layers for weights in (one.kernel, one.bias)])
    return models


def test_nearest_codes_are_the_nearest(forward_page):
    rng = np.random.default_rng(6)
    table, at = rng.normal(size=(500, 7)).astype(np.float32), rng.normal(size=7)
    found = forward_page.evaluate(
        "([table, at]) => nearestRows(Float32Array.from(table), Float32Array.from(at), 5)",
        [table.ravel().tolist(), at.tolist()],
    )
    distance = np.linalg.norm(table - at.astype(np.float32), axis=1)
    assert [one["row"] for one in found] == np.argsort(distance)[:5].tolist()
    np.testing.assert_allclose([one["distance"] for one in found], np.sort(distance)[:5], rtol=1e-5)


def test_two_numbers_of_a_code_in_place_of_its_plane(forward_page):
    model = "{ shown: [1, 3], base: [9, 8, 7, 6], latentDim: 4 }"
    assert forward_page.evaluate(f"[...liftPoint({model}, 0.5, -2)]") == [9, 0.5, 7, -2]
    assert forward_page.evaluate(f"projectCode({model}, [1, 2, 3, 4])") == [2, 4]


def test_every_half_precision_number_is_read(forward_page):
    table = forward_page.evaluate("[...halfTable()].map((v) => (Number.isFinite(v) ? v : null))")
    exact = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
    finite = np.isfinite(exact)
    np.testing.assert_array_equal(np.array(table, dtype=float)[finite], exact[finite])
    assert [v is None for v in table] == (~finite).tolist()


# --- pointer, zoom, a chart that is replaced ---------------------------------------------------


def test_every_place_is_decoded_wherever_the_chart_has_gone(open_map):
    page, live = open_map()
    assert_decodes(live, move(page, 0.5, 0.5))
    assert "nearest digits: " in live.locator(".caption").inner_text()
    assert not live.locator(".warning").inner_text()
    assert_decodes(live, move(page, 0.02, 0.03))  # no dot for hundreds of pixels
    assert live.locator(".warning").inner_text().startswith("Far from every digit")

    before = move(page, 0.6, 0.4)
    page.mouse.wheel(0, -120)
    page.wait_for_timeout(600)
    after = move(page, 0.61, 0.4)
    assert abs(after[0] - before[0]) < 0.01 * 2 * SPAN  # one step of the pointer is less of the map
    assert_decodes(live, after)

    page.mouse.down()  # a drag moves the map and pins nothing
    page.mouse.move(700, 300, steps=4)
    page.mouse.up()
    page.wait_for_timeout(400)
    assert_decodes(live, move(page, 0.3, 0.6))
    assert live.locator(".card").count() == 0

    page.locator(".st-key-map .legendtoggle").first.click()
    page.wait_for_timeout(800)
    assert_decodes(live, move(page, 0.4, 0.5))

    page.get_by_role("button", name="Other figure").click()
    page.get_by_text("Figure 2").wait_for()
    page.wait_for_timeout(300)
    assert_decodes(live, move(page, 0.45, 0.55))

    page.set_viewport_size({"width": 1100, "height": 800})
    page.wait_for_timeout(800)
    assert_decodes(live, move(page, 0.7, 0.3))

    # The node itself taken away, as Streamlit and Plotly may do at any time.
    page.evaluate(
        """() => {
            const gd = document.querySelector(".st-key-map .js-plotly-plot");
            const [parent, twin] = [gd.parentNode, gd.cloneNode(false)];
            const { data, layout } = gd;
            twin.replaceChildren();
            parent.replaceChild(twin, gd);
            return Plotly.newPlot(twin, data, layout, { scrollZoom: true });
        }"""
    )
    page.wait_for_timeout(800)
    assert page.locator(".aeviz-overlay").count() == 1
    assert_decodes(live, move(page, 0.55, 0.5))


def test_a_code_of_five_numbers_is_lifted_from_its_plane(open_map):
    page, live = open_map("dim=5")
    decoder = made_decoder(5)
    assert_decodes(live, move(page, 0.3, 0.3), decoder)
    point = move(page, 0.55, 0.62)
    assert_decodes(live, point, decoder)
    code = decoder.plane.lift(np.array([point]))
    near = np.argsort(np.linalg.norm(decoder.codes - code, axis=1))[:4]
    names = ", ".join(str(decoder.labels[row]) for row in near)
    assert f"nearest digits: {names} " in live.locator(".caption").inner_text()


def test_long_codes_without_labels(open_map):
    page, live = open_map("dim=70&bare=1")
    assert_decodes(live, move(page, 0.3, 0.3), made_decoder(70))
    assert "nearest" not in live.locator(".caption").inner_text()
    _, dot, row = empty_and_dot(page, made_decoder(70))
    page.mouse.click(*dot)
    page.get_by_text(f"pinned rows [{row}]").wait_for()
    assert live.get_by_text("70 numbers, from").is_visible()
    assert live.get_by_text(f"test picture {row + 1:,}", exact=True).is_visible()


# --- pins --------------------------------------------------------------------------------------


def test_pins_in_empty_space_and_on_a_dot(open_map):
    page, live = open_map("images=2000")
    empty, dot, row = empty_and_dot(page)
    page.mouse.click(*empty)
    card = live.locator(".card")
    card.wait_for()
    assert card.get_attribute("data-row") == ""
    page.get_by_text("pinned rows [None]").wait_for()
    page.wait_for_timeout(400)  # or Plotly takes the next click for the second of a double click
    page.mouse.click(dot[0] + 2, dot[1] - 2)
    page.get_by_text(f"pinned rows [None, {row}]").wait_for()
    decoder = made_decoder(images=POINTS)
    np.testing.assert_allclose(shown_point(live), decoder.points[row], atol=1e-6)
    card = live.locator(".card").nth(1)
    label = decoder.labels[row]
    assert card.get_by_text(f"a real {label}").is_visible()
    redrawn = decoder.autoencoder.decode(decoder.codes[row : row + 1])[0]
    error = np.mean(np.square(redrawn - made_images(POINTS)[row] / 255))
    assert card.get_by_text(f"error {error:.3f}").is_visible()
    distance = np.linalg.norm(decoder.codes - decoder.codes[row], axis=1)
    nearest = [other for other in np.argsort(distance, kind="stable") if other != row][:5]
    listed = card.locator(".near li").evaluate_all("all => all.map((e) => Number(e.dataset.row))")
    assert listed == nearest
    words = card.locator(".bars").get_attribute("aria-label")
    assert words == "Code: " + ", ".join(f"{v:.2f}" for v in decoder.codes[row])
    assert page.locator(".aeviz-overlay text").all_text_contents() == ["1", "2"]

    live.get_by_role("button", name="Remove pin 1").click()
    page.get_by_text(f"pinned rows [{row}]").wait_for()
    assert live.locator(".card").count() == 1


def test_a_double_click_pins_nothing_and_quick_pins_all_arrive(open_map):
    page, live = open_map()
    box = plot_box(page)
    x, y = box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"]
    page.mouse.dblclick(x, y)
    page.wait_for_timeout(1500)
    page.get_by_text("pinned rows []").wait_for()
    assert live.locator(".card").count() == 0
    overlay = page.get_by_role("application", name="Map of codes")
    overlay.focus()
    for _ in range(3):  # faster than the server answers
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Enter")
    assert live.locator(".card").count() == 3
    page.get_by_text(re.compile(r"pinned rows \[\w+, \w+, \w+\]")).wait_for()
    page.wait_for_timeout(500)
    assert live.locator(".card").count() == 3
    live.get_by_role("button", name="Remove all pins").click()
    page.get_by_text("pinned rows []").wait_for()
    assert live.locator(".card").count() == 0


def test_a_dot_whose_original_is_not_here_and_one_the_legend_hides(open_map):
    page, live = open_map()
    _, dot, row = empty_and_dot(page)
    label = made_decoder().labels[row]
    page.mouse.click(*dot)
    assert live.get_by_text("original not on this computer").is_visible()
    assert live.locator(".card .error").count() == 0
    assert live.locator(".near[data-kind='redrawn']").count() == 1
    page.get_by_text(f"pinned rows [{row}]").wait_for()
    live.get_by_role("button", name="Remove pin 1").click()
    page.get_by_text("pinned rows []").wait_for()
    page.locator(".st-key-map .legendtoggle").nth(int(label)).click()
    page.wait_for_timeout(1200)
    page.mouse.click(*dot)
    page.get_by_text("pinned rows [None]").wait_for()


def test_a_pin_does_not_send_the_model_again(browser, live_server):
    from aeviz.ui.live.component import packed

    page = browser.new_page(viewport={"width": 1400, "height": 860})
    sizes = []
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda data: sizes.append(len(data))),
    )
    page.goto(f"{live_server.url}/map?images=1000")
    ready(page)
    whole = len(packed(made_decoder(images=1000)))
    assert sum(sizes) > whole
    sizes.clear()
    empty, _, _ = empty_and_dot(page)
    page.mouse.click(*empty)
    page.get_by_text("pinned rows [None]").wait_for()
    page.get_by_role("button", name="Rerun").click()
    page.wait_for_timeout(1000)
    page.close()
    assert sum(sizes) < whole / 2


# --- keyboard, fingers -------------------------------------------------------------------------


def test_the_keyboard_moves_the_point_and_pins(open_map):
    page, live = open_map()
    overlay = page.get_by_role("application", name="Map of codes")
    overlay.focus()
    start = shown_point(live)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    step = 2 * SPAN / 100
    point = [start[0] + step, start[1] - step]
    assert_decodes(live, point)
    page.keyboard.press("Shift+ArrowLeft")
    point = [point[0] - 10 * step, point[1]]
    assert_decodes(live, point)
    for _ in range(12):
        page.keyboard.press("Shift+ArrowUp")
    assert shown_point(live)[1] == SPAN  # not off the map
    spoken = live.locator(".spoken")
    page.wait_for_timeout(800)
    assert spoken.inner_text().startswith("at (") and spoken.get_attribute("aria-live") == "polite"
    page.keyboard.press("Enter")
    page.get_by_text("pinned rows [None]").wait_for()
    tab = live.get_by_role("tab", name="Pins")
    tab.focus()
    page.keyboard.press("ArrowRight")
    assert live.get_by_role("tab", name="Walk").get_attribute("aria-selected") == "true"
    page.get_by_text("tab walk").wait_for()
    page.keyboard.press("End")
    page.get_by_text("tab sliders").wait_for()
    page.get_by_role("button", name="Rerun").click()
    page.wait_for_timeout(700)
    assert live.get_by_role("tab", name="Sliders").get_attribute("aria-selected") == "true"
    assert live.get_by_role("tabpanel", name="Sliders").is_visible()


def test_one_finger_explores_and_two_zoom(browser, live_server):
    context = browser.new_context(viewport={"width": 1024, "height": 768}, has_touch=True)
    page = context.new_page()
    page.goto(f"{live_server.url}/map")
    live = ready(page)
    page.wait_for_timeout(500)
    fingers = context.new_cdp_session(page)

    def touch(kind, *places):
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(60)

    def ranges():
        layout = "document.querySelector('.st-key-map .js-plotly-plot').layout"
        return page.evaluate(f"[...{layout}.xaxis.range, ...{layout}.yaxis.range]")

    box = plot_box(page)
    x, y = round(box["x"] + 0.5 * box["width"]), round(box["y"] + 0.5 * box["height"])
    before, scrolled = ranges(), page.evaluate("scrollY")
    touch("touchStart", (x, y))
    assert_decodes(live, point_at(page, x, y))
    for i in range(1, 6):
        touch("touchMove", (x + 20 * i, y - 25 * i))
    assert_decodes(live, point_at(page, x + 100, y - 125))
    touch("touchEnd")
    page.wait_for_timeout(300)
    assert ranges() == before and page.evaluate("scrollY") == scrolled  # neither box nor scroll
    assert page.locator(".zoombox").count() == 0 and live.locator(".card").count() == 0

    touch("touchStart", (x - 60, y))
    touch("touchStart", (x - 60, y), (x + 60, y))
    for i in range(1, 7):
        touch("touchMove", (x - 60 - 10 * i, y), (x + 60 + 10 * i, y))
    touch("touchEnd")
    page.wait_for_timeout(700)
    zoomed = ranges()
    # Twice as far apart: half the map, with its middle where it was.
    assert (zoomed[1] - zoomed[0]) / (before[1] - before[0]) == pytest.approx(0.5, rel=0.05)
    assert point_at(page, x, y) == pytest.approx([0, 0], abs=0.1)

    held = point_at(page, x, y)
    touch("touchStart", (x - 60, y))
    touch("touchStart", (x - 60, y), (x + 60, y))
    for i in range(1, 6):
        touch("touchMove", (x - 60 + 12 * i, y + 8 * i), (x + 60 + 12 * i, y + 8 * i))
    touch("touchEnd")
    page.wait_for_timeout(700)
    # What was under the fingers has gone with them, and nothing has grown.
    assert point_at(page, x + 60, y + 40) == pytest.approx(held, abs=0.1)
    panned = ranges()
    assert panned[1] - panned[0] == pytest.approx(zoomed[1] - zoomed[0], rel=0.02)

    touch("touchStart", (x, y))
    touch("touchEnd")
    page.get_by_text("pinned rows [").wait_for()
    live.locator(".card").wait_for()
    assert "tap to pin" in live.locator(".caption").inner_text()
    context.close()


# --- little pictures ---------------------------------------------------------------------------


def test_little_pictures_never_overlap(browser):
    page = browser.new_page()
    page.add_script_tag(path=ROOT / "aeviz" / "ui" / "live" / "overlay.js")
    rng = np.random.default_rng(8)
    places = (rng.random((2000, 2)) * [700, 500]).round(2)
    chosen = page.evaluate(
        "(places) => chooseThumbnails(Float32Array.from(places), null, 700, 500, 32)",
        places.ravel().tolist(),
    )
    page.close()
    apart = np.abs(places[chosen][:, None] - places[chosen][None]).max(axis=2)
    np.fill_diagonal(apart, np.inf)
    assert apart.min() >= 31.9
    # Nobody is left out who had room.
    rest = np.setdiff1d(np.arange(2000), chosen)
    assert np.abs(places[rest][:, None] - places[chosen][None]).max(axis=2).min(axis=1).max() < 32.1


def test_pictures_in_place_of_dots_and_no_panels(open_map):
    page, live = open_map("show=pictures&compact=1")
    assert live.get_by_role("tab").count() == 0 and not live.locator(".panels").is_visible()
    assert live.get_by_text("as the model redraws them").is_visible()
    canvas = page.locator(".aeviz-overlay canvas")
    whole = page.locator(".aeviz-overlay canvas[data-missing='0']")
    whole.wait_for()
    count = int(canvas.get_attribute("data-pictures"))
    assert 80 < count < 700
    drawn = canvas.evaluate("(c) => c.toDataURL()")
    assert_decodes(live, move(page, 0.4, 0.4))
    for _ in range(6):
        page.mouse.wheel(0, -120)
    page.wait_for_timeout(1000)
    whole.wait_for()
    assert int(canvas.get_attribute("data-pictures")) != count
    assert canvas.evaluate("(c) => c.toDataURL()") != drawn


# --- the rest ----------------------------------------------------------------------------------


def test_light_and_dark(open_map, check_accessibility):
    page, live = open_map("images=10")
    empty, dot, _ = empty_and_dot(page)
    page.mouse.click(*empty)
    page.get_by_text("pinned rows [None]").wait_for()
    page.wait_for_timeout(600)
    page.mouse.click(*dot)
    live.locator(".card").nth(1).wait_for()
    page.wait_for_timeout(800)
    check_accessibility(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(1000)
    check_accessibility(page)
    point = move(page, 0.4, 0.4)
    np.testing.assert_allclose(shown_point(live), point, atol=1e-6)
    expected = made_decoder().autoencoder.decode(made_decoder().plane.lift(np.array([point])))[0]
    assert np.corrcoef(shown(live), expected)[0, 1] < -0.99  # more ink is lighter
    live.get_by_role("tab", name="Noise").click()
    check_accessibility(page)


# Counts what the component's own code has set going and not taken back; the browser names that
# code after the component in every stack trace.
COUNTING = """
(() => {
  const ours = () => /aeviz_live/.test(new Error().stack);
  const open = (window.stillOpen = {
    listeners: new Set(), watchers: new Set(), timers: new Set(), frames: new Set(), intervals: 0,
  });
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, act, options) {
    if (ours()) {
      const entry = `${type} on ${this.constructor.name} ${Math.random()}`;
      const signal = options && options.signal;
      if (!(signal && signal.aborted)) open.listeners.add(entry);
      if (signal) add.call(signal, "abort", () => open.listeners.delete(entry));
      (this.kept ??= []).push([type, act, entry]);
    }
    return add.call(this, type, act, options);
  };
  EventTarget.prototype.removeEventListener = function (type, act, options) {
    for (const [t, a, entry] of this.kept ?? [])
      if (t === type && a === act) open.listeners.delete(entry);
    return remove.call(this, type, act, options);
  };
  for (const name of ["MutationObserver", "ResizeObserver", "IntersectionObserver"]) {
    const { observe, disconnect } = window[name].prototype;
    window[name].prototype.observe = function (...rest) {
      if (ours()) open.watchers.add(this);
      return observe.apply(this, rest);
    };
    window[name].prototype.disconnect = function () {
      open.watchers.delete(this);
      return disconnect.call(this);
    };
  }
  const { setTimeout: later, clearTimeout: forget, setInterval: every } = window;
  const { requestAnimationFrame: frame, cancelAnimationFrame: drop } = window;
  window.setTimeout = (act, ...rest) => {
    if (!ours()) return later(act, ...rest);
    const id = later((...all) => (open.timers.delete(id), act(...all)), ...rest);
    open.timers.add(id);
    return id;
  };
  window.clearTimeout = (id) => (open.timers.delete(id), forget(id));
  window.setInterval = (...rest) => (ours() && open.intervals++, every(...rest));
  window.requestAnimationFrame = (act) => {
    if (!ours()) return frame(act);
    const id = frame((now) => (open.frames.delete(id), act(now)));
    open.frames.add(id);
    return id;
  };
  window.cancelAnimationFrame = (id) => (open.frames.delete(id), drop(id));
})();
"""


def test_leaving_the_page_leaves_nothing_behind(browser, live_server):
    page = browser.new_page(viewport={"width": 1400, "height": 860})
    page.add_init_script(COUNTING)
    left = """() => Object.fromEntries(Object.entries(stillOpen)
        .map(([name, all]) => [name, all.size === undefined ? all : all.size]))"""
    page.goto(f"{live_server.url}/map?show=pictures")
    live = ready(page)
    move(page, 0.4, 0.4)
    page.keyboard.press("Tab")
    for tab in ("Draw", "Noise", "Sliders", "Walk"):
        live.get_by_role("tab", name=tab).click()
    live.get_by_role("button", name="Play").click()
    page.mouse.click(plot_box(page)["x"] + 50, plot_box(page)["y"] + 50)  # its answer is waited for
    busy = page.evaluate(left)
    assert busy["listeners"] > 20 and busy["watchers"] >= 1 and busy["timers"] >= 1
    page.get_by_role("link", name="Elsewhere").click()
    page.get_by_role("heading", name="Elsewhere").wait_for()
    page.locator(".js-plotly-plot").wait_for(state="detached")
    page.wait_for_timeout(800)
    nothing = {"listeners": 0, "watchers": 0, "timers": 0, "frames": 0, "intervals": 0}
    still = page.evaluate("[...stillOpen.listeners]")
    assert page.evaluate(left) == nothing, still
    assert page.locator(".aeviz-overlay").count() == 0
    page.get_by_role("link", name="Map").click()
    assert_decodes(ready(page), move(page, 0.5, 0.4))
    page.close()
