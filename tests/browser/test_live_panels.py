"""Walk, Draw, Noise and Sliders: the functions against oracles, the panels under real events.

The panels run on a blank page, mounted on a stand-in for the component around them, with small
linear autoencoders: PCA of scikit-learn's digits and of MNIST.
"""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from tests.browser.conftest import ROOT

UI = ROOT / "aeviz" / "ui"
SCRIPTS = ("live/forward", "live/walk", "live/ink", "live/draw", "live/noise", "live/sliders")
PAD = 336  # pixels of the drawing pad, the PAD of live/draw.js

# What live/decoder.js hands to the panels, with every call written down.
STAND_IN = """
function standIn(model) {
  for (const name of ["points", "codes", "base", "centre", "axes"])
    model[name] = model[name] && Float32Array.from(model[name]);
  for (const layer of [...model.encoder, ...model.decoder])
    for (const name of ["kernel", "bias"]) layer[name] = Float32Array.from(layer[name]);
  model.labels = model.labels && Uint8Array.from(model.labels);
  model.images = model.images && Uint8Array.from(model.images);
  const stop = new AbortController();
  window.calls = { shown: [], marks: {}, sent: [], painted: [] };
  window.live = {
    model,
    decode: (code) => forward(model.decoder, code),
    encode: (picture) => encodeWith(model, picture),
    lift: (x, y) => liftPoint(model, x, y),
    project: (code) => projectCode(model, code),
    nearest: (code, k) => nearestDigits(model, code, k),
    paint: (canvas, picture, { signed }) => {
      canvas.width = canvas.height = model.side;
      const dark = document.body.className === "dark";
      const image = new ImageData(model.side, model.side);
      picture.forEach((v, i) => {
        const ink = 255 * Math.min(1, Math.abs(v));
        image.data.set(signed ? [v > 0 ? 255 : 0, 0, v < 0 ? 255 : 0, ink]
          : [...(dark ? [ink, ink, ink] : [255 - ink, 255 - ink, 255 - ink]), 255], 4 * i);
      });
      canvas.getContext("2d").putImageData(image, 0, 0);
      canvas.picture = Array.from(picture);
    },
    show: (code, caption) => calls.shown.push({ code: Array.from(code), caption }),
    mark: (name, marks) => (calls.marks[name] = marks),
    send: (name, value) => calls.sent.push({ name, value }),
    stands: () => ({}),
    left: () => {},
    calm: matchMedia("(prefers-reduced-motion: reduce)"),
    listen: (target, type, handler, options) =>
      target.addEventListener(type, handler, { ...options, signal: stop.signal }),
    frame: (callback) => requestAnimationFrame(callback),
  };
  window.finish = () => stop.abort();
}
"""
PAGE = """<!doctype html><html lang="en"><head><title>Panels</title><style>
body { --ink: #15181e; --dim: #5a6270; --line: #dfe2e7; --paper: #ffffff; --accent: #2563c9;
  --soft: #eff0f3; margin: 16px; width: 420px; background: var(--paper); color: var(--ink);
  font-family: system-ui, sans-serif; }
body.dark { --ink: #ecebe6; --dim: #a3a9b4; --line: #32363f; --paper: #16181d;
  --accent: #6ea3ff; --soft: #24272d; }
</style></head><body><main><h1>Panels</h1><div id="host"></div></main></body></html>"""


# --- models and pages ----------------------------------------------------------------------------


def linear_model(images, labels, latent_dim, *, variational=False, sent=300):
    """PCA of (n, pixels) uint8 pictures as the model the browser is handed, in plain values.

    sent: how many of the pictures themselves go along.
    """
    pixels = images.shape[1]
    pca = PCA(latent_dim, random_state=0).fit(images / 255)
    codes = pca.transform(images / 255)
    kernel, bias = pca.components_.T, -pca.mean_ @ pca.components_.T
    if variational:
        spread = 0.02 * np.random.default_rng(0).normal(size=kernel.shape)
        kernel = np.hstack([kernel, spread])
        bias = np.hstack([bias, np.log(np.linspace(0.04, 0.4, latent_dim))])
    axes = np.eye(2, latent_dim)
    return {
        "key": f"pca-{latent_dim}",
        "side": round(pixels**0.5),
        "pixels": pixels,
        "latentDim": latent_dim,
        "variational": variational,
        "count": len(images),
        "labels": None if labels is None else labels.tolist(),
        "names": [str(n) for n in range(10)],
        "thing": "digit",
        "points": (codes @ axes.T).ravel().tolist(),
        "codes": codes.ravel().tolist() if latent_dim <= 64 else None,
        "images": images[:sent].ravel().tolist() if sent else None,
        "imageCount": sent,
        "base": codes.mean(axis=0).tolist(),
        "centre": [0.0] * latent_dim,
        "axes": axes.ravel().tolist(),
        "shown": None,
        "far": 1.0,
        "encoder": [_layer(kernel, bias)],
        "decoder": [_layer(pca.components_, pca.mean_)],
    }


def _layer(kernel, bias):
    return {
        "inputs": kernel.shape[0],
        "units": kernel.shape[1],
        "activation": "linear",
        "kernel": kernel.ravel().tolist(),
        "bias": bias.tolist(),
    }


def decoded(model, code):
    """(pixels,) float: the decoder's one linear layer, by NumPy."""
    layer = model["decoder"][0]
    kernel = np.reshape(layer["kernel"], (layer["inputs"], layer["units"]))
    return np.asarray(code) @ kernel + layer["bias"]


def encoded(model, picture):
    """(latent_dim,) float: the encoder's one linear layer, by NumPy; a VAE's means."""
    layer = model["encoder"][0]
    kernel = np.reshape(layer["kernel"], (layer["inputs"], layer["units"]))
    return (np.asarray(picture).ravel() @ kernel + layer["bias"])[: model["latentDim"]]


@pytest.fixture(scope="module")
def small_digits():
    """scikit-learn's digits: (300, 64) uint8 and their labels."""
    images, labels = load_digits(return_X_y=True)
    return (images[:300] * 255 / 16).astype(np.uint8), labels[:300].astype(np.uint8)


@pytest.fixture(scope="module")
def mnist_model(mnist):
    """PCA with ten numbers of 600 MNIST test pictures, and those pictures."""
    images = mnist.test_images[:600].reshape(600, -1)
    return linear_model(images, mnist.test_labels[:600], 10, sent=50), images


@pytest.fixture
def blank_page(browser):
    """`blank_page(**context)` -> a page with the panels' functions; fails on any script error."""
    contexts, errors = [], []

    def start(**options):
        context = browser.new_context(viewport={"width": 460, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.set_content(PAGE)
        page.add_style_tag(content=(UI / "live" / "panels.css").read_text())
        page.add_script_tag(content="\n".join((UI / f"{n}.js").read_text() for n in SCRIPTS))
        page.add_script_tag(content=STAND_IN)
        return page

    yield start
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture
def open_panel(blank_page):
    """`open_panel("Draw", model, data={}, **context)` -> the page with that panel shown."""

    def start(name, model, data=None, theme="light", **options):
        page = blank_page(**options)
        page.evaluate("(theme) => (document.body.className = theme)", theme)
        # As text: Playwright takes its time over each number of a list.
        page.evaluate("(model) => standIn(JSON.parse(model))", json.dumps(model))
        page.evaluate(
            f"""(data) => {{
                window.panel = mount{name}(document.getElementById("host"), live);
                panel.update(data);
                panel.show();
            }}""",
            data or {},
        )
        return page

    return start


def calls(page):
    """What the panel did: shown, marks, sent."""
    return json.loads(page.evaluate("JSON.stringify(calls)"))


def picture_of(page, selector):
    """(pixels,) float: what was last painted on that canvas."""
    return np.array(
        json.loads(page.eval_on_selector(selector, "(canvas) => JSON.stringify(canvas.picture)"))
    )


# --- walks: paths against closed forms -----------------------------------------------------------


def test_a_circle_is_walked_in_equal_steps(blank_page):
    made = blank_page().evaluate("circlePath([0.5, -1], 2.5, 36)")
    angles = 2 * np.pi * np.arange(36) / 36
    assert np.allclose(made, np.c_[0.5 + 2.5 * np.cos(angles), -1 + 2.5 * np.sin(angles)])


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("numbers", [2, 7])
def test_a_path_goes_through_its_pins_at_one_speed(blank_page, numbers, closed):
    pins = np.random.default_rng(1).normal(size=(5, numbers))
    made = blank_page().evaluate(
        "([pins, closed]) => waypointPath(pins, 90, closed).map((code) => [...code])",
        [pins.tolist(), closed],
    )
    corners = np.vstack([pins, pins[:1]]) if closed else pins
    way = np.r_[0, np.linalg.norm(np.diff(corners, axis=0), axis=1).cumsum()]
    places = np.linspace(0, way[-1], 90, endpoint=not closed)
    expected = np.stack([np.interp(places, way, corner) for corner in corners.T], axis=1)
    assert np.abs(np.array(made) - expected).max() < 1e-5


def test_a_path_between_pins_on_one_spot_stays_there(blank_page):
    made = blank_page().evaluate("waypointPath([[1, 2], [1, 2]], 10, false).map((c) => [...c])")
    assert np.array_equal(made, np.tile([1, 2], (10, 1)))


def test_the_circle_goes_through_the_thick_of_the_map(blank_page):
    points = np.random.default_rng(2).normal(size=(501, 2)).astype(np.float32)
    made = blank_page().evaluate(
        "(points) => circleOfPoints(Float32Array.from(points))", points.ravel().tolist()
    )
    middle = np.median(points, axis=0)
    assert np.allclose(made["middle"], middle, atol=1e-6)
    away = np.linalg.norm(points - middle, axis=1)
    assert made["radius"] == pytest.approx(np.median(away), abs=1e-5)


# --- ink: against NumPy and Pillow ---------------------------------------------------------------

STROKES = {
    "7": [[(70, 80), (250, 84), (150, 290)]],
    "4": [[(110, 60), (80, 190), (240, 190)], [(190, 110), (185, 300)]],
    "1": [[(150, 70), (160, 270)]],
    "0": [[(168 + 70 * np.cos(t), 170 + 110 * np.sin(t)) for t in np.linspace(0, 6.28, 40)]],
    "small 2": [[(60, 70), (85, 55), (100, 75), (62, 118), (104, 118)]],
}


def drawn_by_pillow(strokes, width=30):
    """(PAD, PAD) float in 0..1: round strokes with soft edges."""
    sheet = Image.new("L", (PAD, PAD))
    pen = ImageDraw.Draw(sheet)
    for stroke in strokes:
        pen.line(stroke, fill=255, width=width, joint="curve")
        for x, y in stroke:
            pen.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=255)
    return np.asarray(sheet.filter(ImageFilter.GaussianBlur(1.5)), dtype=np.float64) / 255


def made_by_numpy(ink, side, box):
    """As MNIST's authors describe it: fitted into box x box pixels, then moved by whole pixels
    until the centre of mass is at the middle."""
    rows, columns = (np.nonzero((ink > 0.3).any(axis=1 - a))[0] for a in (0, 1))
    (top, bottom), (left, right) = ((a[0], a[-1] + 1) for a in (rows, columns))
    cell = max(bottom - top, right - left) / box
    size = [int(np.ceil(n / cell - 1e-6)) for n in (right - left, bottom - top)]
    margin = 200  # whole cells around a narrow digit may reach beyond the sheet
    sheet = Image.fromarray(np.pad(ink, margin).astype(np.float32))
    middles = ((left + right) / 2 + margin, (top + bottom) / 2 + margin)
    start = [m - n * cell / 2 for m, n in zip(middles, size, strict=True)]
    end = [m + n * cell / 2 for m, n in zip(middles, size, strict=True)]
    digit = np.asarray(sheet.resize(size, Image.Resampling.BOX, box=(*start, *end)))
    y, x = (np.average(np.arange(n), weights=digit.sum(1 - a)) for a, n in enumerate(digit.shape))
    picture = np.zeros((2 * side, 2 * side))
    top, left = round(side - y), round(side - x)
    picture[top : top + size[1], left : left + size[0]] = digit
    return picture[side // 2 : -side // 2, side // 2 : -side // 2]


def in_browser(page, name, ink, *more):
    """A function of live/ink.js of (ink, width, height, ...), as an array."""
    out = page.evaluate(
        f"""([ink, size, more]) => {{
            const made = {name}(Float32Array.from(JSON.parse(ink)), ...size, ...more);
            return made && JSON.stringify([...made]);
        }}""",
        [json.dumps(np.ravel(ink).tolist()), list(ink.shape[::-1]), more],
    )
    return None if out is None else np.array(json.loads(out))


def test_areas_are_averaged_exactly(blank_page):
    ink = np.random.default_rng(3).random((23, 31))
    x, y, cell, columns, rows = 2.3, -1.7, 2.6, 9, 8  # begins above the sheet
    made = in_browser(blank_page(), "areaAverage", ink, x, y, cell, columns, rows)
    # The integral of the ink from the corner to any place, so that an area is four look-ups.
    sums = np.pad(ink.cumsum(0).cumsum(1), ((1, 0), (1, 0)))

    def integral(v, u):
        v, u = np.clip(v, 0, 23), np.clip(u, 0, 31)
        along = np.stack([np.interp(u, np.arange(32), line) for line in sums])
        return np.stack([np.interp(v, np.arange(24), column) for column in along.T], axis=1)

    edges = integral(y + cell * np.arange(rows + 1), x + cell * np.arange(columns + 1))
    expected = np.diff(np.diff(edges, axis=0), axis=1) / cell**2
    assert np.abs(made.reshape(rows, columns) - expected).max() < 1e-6


@pytest.mark.parametrize("digit", STROKES)
def test_strokes_become_a_picture_as_mnist_was_made(blank_page, digit):
    ink = drawn_by_pillow(STROKES[digit])
    made = in_browser(blank_page(), "centredInk", ink, 28).reshape(28, 28)
    rows, columns = (np.nonzero((made > 0.02).any(axis=1 - a))[0] for a in (0, 1))
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    assert abs(longer - 20) <= 1
    assert min(rows[0], columns[0]) >= 0 and max(rows[-1], columns[-1]) <= 27
    for axis in (0, 1):
        mass = np.average(np.arange(28), weights=made.sum(axis=1 - axis))
        assert abs(mass - 14) <= 0.5
    expected = made_by_numpy(ink, 28, 20)
    assert made.mean() == pytest.approx(expected.mean(), rel=0.03)
    # Where the centre of mass is half-way between two pixels, either is right.
    moves = [np.roll(expected, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    assert min(np.abs(made - moved).mean() for moved in moves) < 0.01


def test_the_middle_is_where_mnist_has_it(mnist):
    """The premise: 28 / 2, counting pixels from 0, within half a pixel in every test picture."""
    images = mnist.test_images.reshape(-1, 28, 28).astype(np.float64)
    for axis in (1, 2):
        weights = images.sum(axis=3 - axis)
        mass = (weights * np.arange(28)).sum(1) / weights.sum(1)
        assert np.abs(mass - 14).max() <= 0.5 + 1e-3


def test_eight_by_eight_digits_fill_their_picture(blank_page, small_digits):
    images, labels = small_digits
    heights = (images.reshape(-1, 8, 8).max(axis=2) > 0).sum(axis=1)
    assert (heights == 8).all()  # the premise
    model = linear_model(images, labels, 10)
    codes = np.reshape(model["codes"], (-1, 10))
    usual = np.median(np.linalg.norm(codes[:150] - codes[150:], axis=1))
    page, away = blank_page(), []
    for row in range(20):
        large = Image.fromarray(images[row].reshape(8, 8)).resize((80, 80), Image.Resampling.BOX)
        sheet = np.zeros((200, 160))
        sheet[30:110, 50:130] = np.asarray(large) / 255
        made = in_browser(page, "centredInk", sheet, 8)
        assert (made.reshape(8, 8).max(axis=1) > 0).all()
        away.append(np.linalg.norm(encoded(model, made) - codes[row]) / usual)
    assert np.median(away) < 0.45  # its box is whole pixels, its place is not


def test_no_ink_makes_no_picture(blank_page):
    assert in_browser(blank_page(), "centredInk", np.zeros((40, 50)), 28) is None


def test_uncentred_ink_is_only_shrunk(blank_page):
    ink = drawn_by_pillow(STROKES["small 2"])
    page = blank_page()
    page.evaluate("() => (window.shrunk = (ink, size, _, side) => shrunkInk(ink, size, side))")
    made = in_browser(page, "shrunk", ink, 28)
    expected = ink.reshape(28, 12, 28, 12).mean(axis=(1, 3)).ravel()
    assert np.abs(made - expected).max() < 1e-6


# --- photos --------------------------------------------------------------------------------------


def photo_of(picture, *, dark_paper=False, shadow=0.0, size=(500, 400), share=0.6, at=(0.5, 0.5)):
    """The PNG of a "photo" of (28, 28) uint8 ink: scaled, off the middle, with grain and shadow."""
    width, height = size
    side = int(share * min(size))
    large = Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)
    ink = np.zeros((height, width))
    top, left = int(at[1] * (height - side)), int(at[0] * (width - side))
    ink[top : top + side, left : left + side] = np.asarray(large) / 255
    light = 0.92 - shadow * np.linspace(0, 1, width)
    grey = light * (1 - 0.85 * ink)
    grey += np.random.default_rng(0).normal(0, 0.012, grey.shape)
    grey = 1 - grey if dark_paper else grey
    return png_of((np.clip(grey, 0, 1) * 255).astype(np.uint8))


def png_of(array):
    """The bytes of a PNG of a uint8 array."""
    out = io.BytesIO()
    Image.fromarray(array).save(out, format="PNG")
    return out.getvalue()


def choose_photo(page, content, name="photo.png", mime="image/png"):
    """Through the file field; returns the sentence that came of it."""
    page.evaluate("document.querySelector('.note').textContent = ''")
    before = page.evaluate("calls.shown.length")
    page.locator(".photo").set_input_files({"name": name, "mimeType": mime, "buffer": content})
    page.wait_for_function(
        "(n) => calls.shown.length > n || document.querySelector('.note').textContent", arg=before
    )
    return page.locator(".note").text_content()


PHOTOS = {
    "dark on light": {},
    "light on dark": {"dark_paper": True},
    "small, in a corner": {"share": 0.3, "at": (0.1, 0.9)},
    "in shadow": {"shadow": 0.45},
    "high and narrow": {"size": (300, 600), "at": (0.2, 0.1)},
}


@pytest.mark.parametrize("kind", PHOTOS)
def test_a_photo_of_a_test_digit_gets_nearly_its_code(open_panel, mnist_model, kind):
    model, images = mnist_model
    page = open_panel("Draw", model)
    codes = np.reshape(model["codes"], (-1, 10))
    usual = np.median(np.linalg.norm(codes[:300] - codes[300:], axis=1))
    away = []
    for row in range(10):
        assert choose_photo(page, photo_of(images[row].reshape(28, 28), **PHOTOS[kind])) == ""
        code = page.evaluate("calls.shown.at(-1).code")
        away.append(np.linalg.norm(codes[row] - code) / usual)
    assert np.median(away) < 0.25 and max(away) < 0.5


def test_specks_and_a_table_edge_are_no_part_of_the_digit(blank_page):
    grey = np.full((200, 200), 0.9)
    grey[60:140, 90:106] = 0.1  # a one
    grey[20:23, 20:23] = 0.1  # a speck
    grey[:, 190:] = 0.2  # the table
    rgba = np.repeat((grey * 255).astype(np.uint8)[..., None], 4, axis=2)
    rgba[..., 3] = 255
    made = blank_page().evaluate(
        "(rgba) => [...inkOfPhoto(Uint8ClampedArray.from(rgba), 200, 200).ink]",
        rgba.ravel().tolist(),
    )
    expected = np.zeros((200, 200))
    expected[60:140, 90:106] = 1
    assert np.abs(np.reshape(made, (200, 200)) - expected).max() < 0.05


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"not a picture at all", "can't read that file"),
        (png_of(np.full((90, 90), 240, np.uint8)), "no digit to be seen"),
        (
            png_of(np.random.default_rng(0).normal(200, 6, (90, 90)).astype(np.uint8)),
            "no digit to be seen",
        ),
        (png_of(np.full((1, 1), 240, np.uint8)), "no digit to be seen"),
    ],
    ids=["text", "blank", "grain", "one pixel"],
)
def test_an_unusable_file_gets_one_sentence(open_panel, small_digits, content, says):
    page = open_panel("Draw", linear_model(*small_digits, 2))
    assert says in choose_photo(page, content)
    assert page.locator(".clear").is_disabled()


def drop_file(page, file):
    """Drop a file on the pad; `file` is JavaScript that makes it."""
    page.evaluate(
        f"""() => {{
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add({file});
            document.querySelector(".pad").dispatchEvent(
                new DragEvent("drop", {{ dataTransfer, bubbles: true, cancelable: true }}));
        }}"""
    )


def test_a_photo_can_be_dropped(open_panel, mnist_model):
    model, images = mnist_model
    page = open_panel("Draw", model)
    photo = base64.b64encode(photo_of(images[0].reshape(28, 28))).decode()
    bytes_of = f"Uint8Array.from(atob('{photo}'), (c) => c.charCodeAt(0))"
    drop_file(page, f"new File([{bytes_of}], 'seven.png', {{ type: 'image/png' }})")
    page.wait_for_function("calls.shown.length > 0")
    assert page.locator(".nearest").text_content().startswith("Nearest digits: 7")


def test_a_huge_file_is_not_even_read(open_panel, small_digits):
    page = open_panel("Draw", linear_model(*small_digits, 2))
    drop_file(page, "new File([new Uint8Array(20 * 2 ** 20 + 1)], 'huge.png')")
    page.get_by_text("That file is larger than 20 MB. Choose a smaller picture.").wait_for()


# --- drawing -------------------------------------------------------------------------------------


def draw(page, strokes, *, lift=True):
    """With the mouse, on the pad; coordinates of the pad's own pixels."""
    box = page.locator(".pad").bounding_box()
    for stroke in strokes:
        on_page = [(box["x"] + x * 220 / PAD, box["y"] + y * 220 / PAD) for x, y in stroke]
        page.mouse.move(*on_page[0])
        page.mouse.down()
        for place in on_page[1:]:
            page.mouse.move(*place, steps=4)
        if lift:
            page.mouse.up()


def next_frames(page, count=2):
    for _ in range(count):
        page.evaluate("new Promise(requestAnimationFrame)")


def test_drawing_reconstructs_as_the_mouse_moves(open_panel, mnist_model):
    model, _ = mnist_model
    page = open_panel("Draw", model)
    draw(page, STROKES["7"], lift=False)
    next_frames(page)
    picture, redrawn = picture_of(page, ".input"), picture_of(page, ".redrawn")
    assert 0.04 < picture.mean() < 0.25
    assert np.abs(redrawn - decoded(model, encoded(model, picture))).max() < 1e-4
    assert calls(page)["shown"] == [] and calls(page)["marks"]["draw"] == []  # not while drawing
    page.mouse.up()
    done = calls(page)
    code = encoded(model, picture_of(page, ".input"))
    assert np.allclose(done["shown"][-1]["code"], code, atol=1e-4)
    (mark,) = done["marks"]["draw"]
    assert mark["kind"] == "pen" and np.allclose([mark["x"], mark["y"]], code[:2], atol=1e-4)
    codes = np.reshape(model["codes"], (-1, 10))
    rows = np.linalg.norm(codes - code, axis=1).argsort()[:6]
    nearest = ", ".join(str(model["labels"][row]) for row in rows)
    assert page.locator(".nearest").text_content() == f"Nearest digits: {nearest}"


def test_the_pen_is_as_thick_as_mnists(open_panel, mnist_model):
    model, images = mnist_model
    page = open_panel("Draw", model)
    amounts = []
    for digit in ("7", "4", "0"):
        draw(page, STROKES[digit])
        amounts.append(picture_of(page, ".input").mean())
        page.locator(".clear").click()
    low, high = np.percentile(images.mean(axis=1) / 255, [10, 90])
    assert low < np.mean(amounts) < high


def test_the_toggle_shows_the_drawing_as_it_lies(open_panel, mnist_model):
    page = open_panel("Draw", mnist_model[0])
    draw(page, STROKES["small 2"])
    centred = picture_of(page, ".input").reshape(28, 28)
    page.get_by_label("Centred like MNIST").uncheck()
    as_drawn = picture_of(page, ".input").reshape(28, 28)
    assert (centred.max(axis=1) > 0.05).sum() >= 19
    ink_rows = np.nonzero(as_drawn.max(axis=1) > 0.05)[0]
    assert ink_rows[0] >= 2 and ink_rows[-1] <= 12  # where it was drawn: 55 to 118 of 336
    assert calls(page)["marks"]["draw"][0]["kind"] == "pen"


def test_undo_and_clear(open_panel, mnist_model):
    page = open_panel("Draw", mnist_model[0])
    draw(page, STROKES["4"][:1])
    first = picture_of(page, ".input")
    draw(page, STROKES["4"][1:])
    assert not np.allclose(first, picture_of(page, ".input"))
    page.get_by_role("button", name="Undo").press("Enter")
    assert np.allclose(first, picture_of(page, ".input"))
    page.get_by_role("button", name="Clear").press("Enter")
    assert picture_of(page, ".input").max() == 0
    assert calls(page)["marks"]["draw"] == []
    assert page.get_by_text("Draw a digit here").is_visible()
    assert page.locator(".nearest").text_content() == ""


def test_a_stroke_can_be_cleared_while_it_is_drawn(open_panel, mnist_model):
    page = open_panel("Draw", mnist_model[0])
    draw(page, STROKES["1"], lift=False)
    page.get_by_role("button", name="Clear").press("Enter")
    page.mouse.move(100, 100, steps=3)
    next_frames(page)
    page.mouse.up()
    assert picture_of(page, ".input").max() == 0


def test_a_finger_draws(open_panel, mnist_model):
    page = open_panel("Draw", mnist_model[0], has_touch=True)
    box = page.locator(".pad").bounding_box()
    browser_input = page.context.new_cdp_session(page)

    def touch(kind, *points):
        places = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in points]
        browser_input.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", (60, 50))
    for step in range(1, 15):
        touch("touchMove", (60 + 6 * step, 50))
    for step in range(1, 15):
        touch("touchMove", (144 - 4 * step, 50 + 9 * step))
    next_frames(page)
    assert picture_of(page, ".input").max() > 0.5
    assert calls(page)["shown"] == []
    touch("touchEnd")
    page.wait_for_function("calls.shown.length === 1")
    assert page.evaluate("scrollY") == 0
    assert page.locator(".nearest").text_content().startswith("Nearest digits: ")


@pytest.mark.parametrize("sent", [300, 0])
def test_an_example_can_be_drawn_by_keyboard(open_panel, small_digits, sent):
    model = linear_model(*small_digits, 10, sent=sent)
    page = open_panel("Draw", model)
    page.locator(".centred").uncheck()  # the picture as it is, enlarged and shrunk again
    page.get_by_role("button", name="Draw an example").press("Enter")
    note = page.locator(".note").text_content()
    assert note.startswith("This is test picture ")
    assert note.endswith(", as the model draws it.") is (sent == 0)
    row = int(note.split()[4].rstrip(":").replace(",", "")) - 1
    codes = np.reshape(model["codes"], (-1, 10))
    away = np.linalg.norm(codes - calls(page)["shown"][-1]["code"], axis=1)
    usual = np.median(np.linalg.norm(codes[:150] - codes[150:], axis=1))
    assert away[row] < 0.4 * usual


def test_drawing_is_in_the_ink_of_the_theme(open_panel, mnist_model):
    for theme, ink in (("light", 0x15), ("dark", 0xEC)):
        page = open_panel("Draw", mnist_model[0], theme=theme)
        draw(page, STROKES["1"])
        colour = page.eval_on_selector(
            ".pad", "(pad) => [...pad.getContext('2d').getImageData(155, 170, 1, 1).data]"
        )
        assert abs(colour[0] - ink) <= 1 and colour[3] == 255


# --- a variational model's cloud -----------------------------------------------------------------


def test_the_ring_is_the_cloud_at_two_standard_deviations(blank_page):
    random = np.random.default_rng(4)
    numbers = 5
    plane = np.linalg.qr(random.normal(size=(numbers, 2)))[0].T
    mean, log_variance = random.normal(size=numbers), random.normal(-1, 1, numbers)
    made = blank_page().evaluate(
        """([mean, logVariance, axes]) => cloudOutline(mean, logVariance,
            (code) => axes.map((axis) => axis.reduce((s, v, k) => s + v * (code[k] - 0.3), 0)))""",
        [mean.tolist(), log_variance.tolist(), plane.tolist()],
    )
    covariance = plane @ np.diag(np.exp(log_variance)) @ plane.T
    middle = plane @ (mean - 0.3)
    assert np.allclose([made["x"], made["y"]], middle)
    away = np.array(made["points"]) - middle
    squares = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away)
    assert np.allclose(squares, 4)  # Mahalanobis distance 2
    assert np.allclose([made["ry"], made["rx"]], 2 * np.linalg.eigvalsh(covariance) ** 0.5)
    first = np.array([np.cos(made["angle"]), np.sin(made["angle"])])
    assert np.allclose(covariance @ first, (made["rx"] / 2) ** 2 * first)


def test_samples_come_from_the_cloud(blank_page):
    made = np.array(
        blank_page().evaluate(
            """Array.from({ length: 20000 }, () =>
                [...sampledCode([1, -2], [Math.log(0.25), Math.log(4)], Math.random)])"""
        )
    )
    assert np.allclose(made.mean(axis=0), [1, -2], atol=0.08)
    assert np.allclose(made.std(axis=0), [0.5, 2], rtol=0.04)
    assert abs(np.corrcoef(made.T)[0, 1]) < 0.04


def test_a_variational_drawing_can_be_resampled(open_panel, small_digits):
    page = open_panel("Draw", linear_model(*small_digits, 2, variational=True))
    assert page.locator(".uncertain").is_hidden()
    draw(page, STROKES["0"])
    kinds = [mark["kind"] for mark in calls(page)["marks"]["draw"]]
    assert kinds == ["ellipse", "pen"]
    page.get_by_role("button", name="Resample").press("Enter")
    pictures = page.eval_on_selector_all(".samples canvas", "(all) => all.map((c) => c.picture)")
    assert len({tuple(p) for p in pictures}) == 8
    marks = calls(page)["marks"]["draw"]
    assert [mark["kind"] for mark in marks] == ["ellipse", "pen", *["dot"] * 8]
    page.get_by_role("button", name="Clear").click()
    assert page.locator(".uncertain").is_hidden()


def test_a_plain_model_has_no_cloud(open_panel, small_digits):
    page = open_panel("Draw", linear_model(*small_digits, 2))
    draw(page, STROKES["0"])
    assert page.locator(".uncertain").is_hidden()
    assert [mark["kind"] for mark in calls(page)["marks"]["draw"]] == ["pen"]


# --- noise ---------------------------------------------------------------------------------------


def test_more_noise_only_wipes_more(blank_page):
    made = blank_page().evaluate(
        """() => {
            const order = wipeOrder(784, Math.random);
            const picture = new Float32Array(784).fill(1);
            return [[...order], [0, 0.1, 0.35, 0.8, 1].map((s) => [...wiped(picture, order, s)])];
        }"""
    )
    order, pictures = made[0], np.array(made[1])
    assert sorted(order) == list(range(784))
    assert [784 - p.sum() for p in pictures] == [0, 78, 274, 627, 784]
    assert (np.diff(pictures, axis=0) <= 0).all()


@pytest.mark.parametrize("percent", [0, 40, 100])
def test_noise_is_cleaned_and_measured(open_panel, small_digits, percent):
    model = linear_model(*small_digits, 10)
    page = open_panel("Noise", model, {"noise": 0.4})
    page.locator(".share").fill(str(percent))
    original, noisy, cleaned, error = (
        picture_of(page, f"canvas.{name}") for name in ("original", "noisy", "cleaned", "error")
    )
    assert (noisy[noisy != original] == 0).all()
    assert np.abs(cleaned - decoded(model, encoded(model, noisy))).max() < 1e-4
    assert np.abs(error - (cleaned - original)).max() < 1e-6
    before, after = ((p - original) ** 2 for p in (noisy, cleaned))
    words = f"Error: {before.mean():.3f} before, {after.mean():.3f} after."
    assert page.locator(".errors").text_content().startswith(words)
    assert page.locator(".amount output").text_content() == f"{percent} %"
    line, clean, dirty = calls(page)["marks"]["noise"]
    codes = [encoded(model, p)[:2] for p in (original, noisy)]
    assert np.allclose(line["points"], codes, atol=1e-4)
    assert np.allclose([[m["x"], m["y"]] for m in (clean, dirty)], codes, atol=1e-4)
    assert np.allclose(calls(page)["shown"][-1]["code"], encoded(model, noisy), atol=1e-4)


def test_the_noise_follows_the_keyboard_and_its_buttons(open_panel, small_digits):
    page = open_panel("Noise", linear_model(*small_digits, 10))
    slider = page.get_by_role("slider", name="Pixels wiped out")
    assert slider.get_attribute("aria-valuetext") == "30 percent"
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "31 percent"
    noisy, original = picture_of(page, "canvas.noisy"), picture_of(page, "canvas.original")
    page.get_by_role("button", name="Other noise").click()
    assert not np.array_equal(noisy, picture_of(page, "canvas.noisy"))
    assert np.array_equal(original, picture_of(page, "canvas.original"))
    page.get_by_role("button", name="Another digit").click()
    assert not np.array_equal(original, picture_of(page, "canvas.original"))


def test_what_to_expect_of_the_noise_is_said(open_panel, small_digits):
    model = linear_model(*small_digits, 10, sent=0)
    page = open_panel("Noise", model)
    assert "never saw noise" in page.locator(".expect").text_content()
    assert "Originals are not on this computer" in page.locator(".source").text_content()
    codes = np.reshape(model["codes"], (-1, 10))
    pictures = np.clip([decoded(model, code) for code in codes], 0, 1)
    shown = picture_of(page, "canvas.original")
    assert np.abs(pictures - shown).max(axis=1).min() < 1e-4
    page.evaluate("panel.update({ noise: 0.4 })")
    assert "up to 40 % of the pixels" in page.locator(".expect").text_content()
    assert page.locator(".amount output").text_content() == "40 %"


def test_the_drawn_digit_can_be_made_noisy(open_panel, mnist_model):
    page = open_panel("Draw", mnist_model[0])
    draw(page, STROKES["7"])
    drawn = picture_of(page, ".input")
    page.evaluate(
        """() => {
            panel.hide();
            const host = document.body.appendChild(document.createElement("div"));
            window.noise = mountNoise(host, live);
            noise.update({});
            noise.show();
        }"""
    )
    assert calls(page)["marks"]["draw"] == []
    page.get_by_role("button", name="My drawing").click()
    assert np.array_equal(picture_of(page, "canvas.original"), drawn)
    assert page.locator(".source").text_content() == "This is your drawing."


# --- sliders -------------------------------------------------------------------------------------


@pytest.mark.parametrize("numbers", [2, 10, 40])
def test_every_number_has_a_slider_that_decodes(open_panel, small_digits, numbers):
    model = linear_model(*small_digits, numbers)
    page = open_panel("Sliders", model)
    sliders = page.get_by_role("slider")
    assert sliders.count() == numbers
    codes = np.reshape(model["codes"], (-1, numbers))
    lows, highs = np.percentile(codes.astype(np.float32), [0.5, 99.5], axis=0)
    for k in (0, numbers - 1):
        slider = page.get_by_role("slider", name=f"Number {k + 1} of the code", exact=True)
        assert float(slider.get_attribute("min")) == pytest.approx(lows[k], abs=1e-4)
        assert float(slider.get_attribute("max")) == pytest.approx(highs[k], abs=1e-4)
        before = calls(page)["shown"][-1]["code"]
        slider.press("ArrowRight")
        after = np.array(calls(page)["shown"][-1]["code"])
        moved = (highs[k] - lows[k]) / 200
        assert after[k] - before[k] == pytest.approx(moved, abs=0.51 * moved + 1e-5)
        assert np.array_equal(np.delete(after, k), np.delete(before, k))
        slider.press("End")
        largest = calls(page)["shown"][-1]["code"][k]
        assert largest == pytest.approx(highs[k], abs=1.01 * moved)
        assert slider.get_attribute("aria-valuetext") == f"{largest:.2f}"


def test_sliders_go_to_the_mean_and_to_any_test_picture(open_panel, small_digits):
    model = linear_model(*small_digits, 10)
    page = open_panel("Sliders", model)
    codes = np.reshape(model["codes"], (-1, 10))
    page.get_by_role("button", name="Random digit").click()
    shown = calls(page)["shown"][-1]
    row = np.linalg.norm(codes - shown["code"], axis=1).argmin()
    assert np.allclose(shown["code"], codes[row], atol=1e-5)
    assert shown["caption"] == f"Sliders, test picture {row + 1}: {model['labels'][row]}"
    values = [float(s) for s in page.locator(".sliders output").all_text_contents()]
    assert np.allclose(values, codes[row], atol=0.0051)
    page.get_by_role("button", name="Back to the mean").click()
    assert np.allclose(calls(page)["shown"][-1]["code"], codes.mean(axis=0), atol=1e-5)


def test_sliders_start_at_the_last_shown_code_and_reach_it(open_panel, small_digits):
    page = open_panel("Sliders", linear_model(*small_digits, 2))
    page.evaluate("live.shown = [40, -0.25]; panel.hide(); panel.show();")
    assert calls(page)["shown"][-1]["code"] == [40, -0.25]
    first = page.get_by_role("slider", name="Number 1 of the code")
    assert first.get_attribute("max") == "40"
    assert page.locator(".sliders output").all_text_contents() == ["40.00", "-0.25"]


def test_the_density_strip_counts_codes(blank_page):
    values = np.random.default_rng(5).normal(size=(4000, 3)).astype(np.float32)
    page = blank_page()
    made = page.evaluate(
        """(codes) => {
            const model = { codes: Float32Array.from(codes), latentDim: 3, count: 4000 };
            const { low, high, density } = rangeOfNumber(model, 1);
            return { low, high, density: [...density] };
        }""",
        values.ravel().tolist(),
    )
    low, high = np.percentile(values[:, 1], [0.5, 99.5])
    assert [made["low"], made["high"]] == pytest.approx([low, high], abs=1e-5)
    counts = np.histogram(values[:, 1], bins=24, range=(low, high))[0]
    assert np.abs(np.array(made["density"]) - counts / counts.max()).max() < 2 / counts.max()


def test_a_number_that_never_changes_still_has_a_slider(open_panel, small_digits):
    model = linear_model(*small_digits, 2)
    model["codes"][1::2] = [0.5] * 300
    model["base"][1] = 0.5
    page = open_panel("Sliders", model)
    slider = page.get_by_role("slider", name="Number 2 of the code")
    assert [slider.get_attribute("min"), slider.get_attribute("max")] == ["0", "1"]


def test_a_long_code_gets_a_sentence_in_place_of_sliders(open_panel, mnist):
    images = mnist.test_images[:200].reshape(200, -1)
    page = open_panel("Sliders", linear_model(images, mnist.test_labels[:200], 100, sent=0))
    assert "This code has 100 numbers" in page.locator(".hint").text_content()
    assert page.get_by_role("slider").count() == 0 and page.get_by_role("button").count() == 0


# --- the panel Walk ------------------------------------------------------------------------------


def pins_of(model, *rows):
    """Test pictures as pins."""
    codes = np.reshape(model["codes"], (-1, model["latentDim"]))
    return [{"code": codes[r].tolist(), "x": codes[r, 0], "y": codes[r, 1], "row": r} for r in rows]


def test_a_walk_round_the_circle_plays_and_goes_round(open_panel, small_digits):
    model = linear_model(*small_digits, 5)
    page = open_panel("Walk", model)
    panel = page.locator(".walk")
    assert panel.get_attribute("data-playing") == "0"  # never by itself
    page.get_by_label("Pictures", exact=True).fill("12")
    page.get_by_label("Speed").select_option("25")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("calls.shown.length > 30")
    page.get_by_role("button", name="Pause").click()
    step = int(panel.get_attribute("data-step"))
    shown = calls(page)["shown"]
    points = np.reshape(model["points"], (-1, 2)).astype(np.float32)
    middle = np.median(points, axis=0)
    radius = np.median(np.linalg.norm(points - middle, axis=1))
    angle = 2 * np.pi * step / 12
    place = middle + radius * np.array([np.cos(angle), np.sin(angle)])
    assert np.allclose(shown[-1]["code"], [*place, 0, 0, 0], atol=1e-4)
    assert shown[-1]["caption"] == f"Walk, picture {step + 1} of 12"
    (line,) = calls(page)["marks"]["walk"]
    assert line["kind"] == "line" and len(line["points"]) == 13
    assert line["points"][0] == line["points"][-1]
    page.wait_for_timeout(300)
    assert len(calls(page)["shown"]) == len(shown)


def test_a_line_between_two_pins_runs_through_the_full_codes(open_panel, small_digits):
    model = linear_model(*small_digits, 5)
    pins = pins_of(model, 3, 8, 20)
    page = open_panel("Walk", model, {"pins": pins})
    page.get_by_role("combobox", name="Walk").select_option("line")
    scrubber = page.get_by_role("slider", name="Place on the walk")
    scrubber.press("End")
    assert np.allclose(calls(page)["shown"][-1]["code"], pins[2]["code"], atol=1e-5)
    page.get_by_label("To pin").select_option("1")
    for key, share in (("Home", 0), ("ArrowRight", 1 / 59), ("End", 1)):
        scrubber.press(key)
        expected = (1 - share) * np.array(pins[0]["code"]) + share * np.array(pins[1]["code"])
        assert np.allclose(calls(page)["shown"][-1]["code"], expected, atol=1e-5)
    strip = page.eval_on_selector_all(".strip canvas", "(all) => all.map((c) => c.picture)")
    assert len(strip) == 10
    for picture, pin in ((strip[0], pins[0]), (strip[-1], pins[1])):
        assert np.abs(picture - decoded(model, pin["code"])).max() < 1e-4


def test_an_open_walk_stops_at_its_end_and_starts_anew(open_panel, small_digits):
    model = linear_model(*small_digits, 5)
    page = open_panel("Walk", model, {"pins": pins_of(model, 1, 2, 3)})
    page.get_by_role("combobox", name="Walk").select_option("path")
    page.locator(".steps").fill("10")
    page.get_by_label("Speed").select_option("25")
    page.get_by_role("button", name="Play").click()
    page.locator(".walk[data-step='9'][data-playing='0']").wait_for()
    page.get_by_role("button", name="Play").click()
    page.locator(".walk[data-playing='1']").wait_for()
    page.locator(".walk[data-step='9'][data-playing='0']").wait_for()
    page.get_by_label("and back to the first").check()
    assert len(calls(page)["marks"]["walk"][0]["points"]) == 11


def test_missing_pins_are_asked_for(open_panel, small_digits):
    model = linear_model(*small_digits, 5)
    page = open_panel("Walk", model)
    page.get_by_role("combobox", name="Walk").select_option("line")
    assert "Pin two places first" in page.locator(".missing").text_content()
    assert page.get_by_role("button", name="Play").is_hidden()
    assert calls(page)["marks"]["walk"] == []
    page.evaluate("(pins) => panel.update({ pins })", pins_of(model, 0, 1))
    assert page.locator(".missing").text_content() == ""
    assert page.get_by_role("button", name="Play").is_visible()


def test_a_gif_is_asked_for_and_saved(open_panel, small_digits, tmp_path):
    model = linear_model(*small_digits, 5)
    page = open_panel("Walk", model, {"gif": "R0lGODlhb2xk"})  # an old one is not offered
    assert page.locator(".saved").is_hidden()
    page.get_by_role("button", name="Make a GIF").click()
    (request,) = calls(page)["sent"]
    assert request["name"] == "walk" and request["value"]["delay_ms"] == 100
    codes = np.array(request["value"]["codes"])
    assert codes.shape == (60, 5) and np.array_equal(codes, codes.round(4))
    drawn = (np.clip([decoded(model, c) for c in codes], 0, 1) * 255).astype(np.uint8)
    frames = [Image.fromarray(picture.reshape(8, 8)) for picture in drawn]
    made = io.BytesIO()
    frames[0].save(made, format="GIF", save_all=True, append_images=frames[1:], duration=100)
    gif = base64.b64encode(made.getvalue()).decode()
    page.evaluate("([gif, n]) => panel.update({ gif: { n, base64: gif } })", [gif, 1])
    assert page.locator(".saved").is_hidden()  # the answer to another request
    number = request["value"]["n"]
    page.evaluate("([gif, n]) => panel.update({ gif: { n, base64: gif } })", [gif, number])
    with page.expect_download() as download:
        page.get_by_role("link", name="Save the GIF").click()
    download.value.save_as(tmp_path / "walk.gif")
    assert (tmp_path / "walk.gif").read_bytes() == made.getvalue()
    page.locator(".steps").fill("20")  # another walk: that GIF is not of it
    assert page.locator(".saved").is_hidden()


def test_the_gif_is_let_go_at_the_end(open_panel, small_digits):
    page = open_panel("Walk", linear_model(*small_digits, 2))
    page.evaluate(
        """() => {
            window.links = new Set();
            const [make, revoke] = [URL.createObjectURL, URL.revokeObjectURL];
            URL.createObjectURL = (b) => { const l = make(b); links.add(l); return l; };
            URL.revokeObjectURL = (l) => { links.delete(l); revoke(l); };
        }"""
    )
    page.get_by_role("button", name="Make a GIF").click()
    page.evaluate("panel.update({ gif: 'R0lGODlh' })")
    assert page.evaluate("links.size") == 1
    page.evaluate("panel.end()")
    assert page.evaluate("links.size") == 0


# --- all panels ----------------------------------------------------------------------------------

PANELS = ("Walk", "Draw", "Noise", "Sliders")


@pytest.mark.parametrize("name", PANELS)
def test_a_hidden_panel_is_still_and_leaves_no_marks(open_panel, small_digits, name):
    model = linear_model(*small_digits, 2, variational=True)
    page = open_panel(name, model, {"pins": None, "gif": None})
    if name == "Walk":
        page.get_by_role("button", name="Play").click()
    if name == "Draw":
        draw(page, STROKES["1"])
    page.evaluate("panel.hide()")
    next_frames(page, 3)
    shown = len(calls(page)["shown"])
    page.evaluate("panel.update({}); panel.update(undefined)")
    next_frames(page, 10)
    assert len(calls(page)["shown"]) == shown
    assert not calls(page)["marks"].get(name.lower())
    page.evaluate("panel.show()")
    page.evaluate("panel.end(); finish()")
    assert len(calls(page)["shown"]) == shown + 1


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("width", [340, 420, 640])
def test_nothing_sticks_out(open_panel, small_digits, name, width):
    model = linear_model(*small_digits, 64, variational=True)
    page = open_panel(name, model, {"pins": pins_of(model, 1, 2)})
    page.set_viewport_size({"width": width + 40, "height": 900})
    page.evaluate("(width) => (document.body.style.width = `${width}px`)", width)
    if name == "Draw":
        draw(page, STROKES["0"])
        page.get_by_role("button", name="Resample").click()
    if name == "Walk":
        page.get_by_role("combobox", name="Walk").select_option("line")
    sticking = page.evaluate(
        """(width) => [...document.querySelectorAll("#host *")].filter((e) => {
            const box = e.getBoundingClientRect();
            return box.width && (box.left < 15 || box.right > 17 + width);
        }).map((e) => e.outerHTML.slice(0, 80))""",
        width,
    )
    assert not sticking


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PANELS)
def test_accessibility(open_panel, check_accessibility, small_digits, name, theme):
    model = linear_model(*small_digits, 10, variational=True)
    page = open_panel(name, model, {"pins": pins_of(model, 1, 2)}, theme=theme)
    if name == "Draw":
        draw(page, STROKES["0"])
        page.get_by_role("button", name="Resample").click()
    check_accessibility(page)
