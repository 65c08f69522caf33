"""A small app with the live decoder, a native chart and a known model; what is seen of it."""

import dataclasses

import numpy as np

from aeviz.data.picture_shape import PictureShape
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.layers import Layer

POINTS, SIDE = 2_000, 28
SPAN = 4.0  # the map goes from -SPAN to SPAN at first
APP = """
from tests.support.live_map import app

app()
"""


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
    from aeviz.ui.live.decoder import Decoder

    rng = np.random.default_rng(1)
    labels = (np.arange(count) % 10).astype(np.uint8)
    codes = rng.normal(0, 0.8, (count, latent_dim)) + rng.normal(0, 1, (10, latent_dim))[labels]
    axes = np.linalg.qr(rng.normal(size=(latent_dim, 2)))[0].T if latent_dim > 2 else np.eye(2)
    plane = LatentPlane(np.zeros(latent_dim), axes)
    codes = codes.astype(np.float16).astype(np.float32)
    return Decoder(
        key=f"made-{latent_dim}-{images}-{count}",
        autoencoder=made_autoencoder(latent_dim),
        shape=PictureShape(SIDE),
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

    from aeviz.drawing.map_charts import zoom_limits

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
    figure.update_layout(meta=zoom_limits(SPAN / 50, 16 * SPAN, False))
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

    from aeviz.ui.live.component import MapChart, Panels, live_decoder

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
            MapChart("map", asked.get("show", "dots")),
            key="live",
            pins=pins,
            panels=None if asked.get("compact") else Panels(),
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


def ready(page):
    live = page.locator(".live[data-ready='1'][data-chart='1']")
    live.wait_for(timeout=60_000)
    return live


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


def zoom(page, turn, times=1):
    """Turn the wheel with Ctrl."""
    page.keyboard.down("Control")
    for _ in range(times):
        page.mouse.wheel(0, turn)
    page.keyboard.up("Control")


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
