"""Panels of the live decoder on a blank page, with PCA as the model.

They are mounted on a stand-in for the component around them, and get small linear autoencoders:
PCA of scikit-learn's digits and of MNIST.
"""

import json

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from sklearn.decomposition import PCA

from tests.support.server import ROOT

UI = ROOT / "aeviz" / "ui"
SCRIPTS = (
    "shell/component",
    "live/forward",
    "live/told",
    "live/test_pictures",
    "live/paint",
    "live/ink",
    "live/light",
    "live/pins",
    "live/walk",
    "live/draw",
    "live/noise",
    "live/sliders",
)
SHEETS = ("shell/controls.css", "live/decoder.css", "live/panels.css")
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
    paint: (canvas, picture, says, signed) => {
      if (says) Object.assign(canvas, { role: "img", ariaLabel: says });
      canvas.width = canvas.height = model.side;
      const dark = document.body.className === "dark";
      const image = new ImageData(model.side, model.side);
      const { channels } = model;
      if (channels === 3)
        for (let i = 0; i < picture.length; i++) {
          image.data[4 * Math.floor(i / 3) + (i % 3)] = 255 * Math.abs(picture[i]);
          image.data[4 * Math.floor(i / 3) + 3] = 255;
        }
      else picture.forEach((v, i) => {
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
    settings: () => ({}),
    chosen: () => {},
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
</style></head><body><main><h1>Panels</h1><div id="host" class="live"></div></main></body></html>"""


def linear_model(images, labels, latent_dim, *, variational=False, sent=300, channels=1):
    """PCA of (n, values) uint8 pictures as the model the browser is handed, in plain values.

    sent: how many of the pictures themselves go along.
    """
    values = images.shape[1]
    pixels = values // channels
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
        "channels": channels,
        "values": values,
        "latentDim": latent_dim,
        "variational": variational,
        "count": len(images),
        "labels": None if labels is None else labels.tolist(),
        "names": [str(n) for n in range(10)],
        "thing": "digit" if channels == 1 else "picture",
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


def calls(page):
    """What the panel did: shown, marks, sent."""
    return json.loads(page.evaluate("JSON.stringify(calls)"))


def picture_of(page, selector):
    """(pixels,) float: what was last painted on that canvas."""
    return np.array(
        json.loads(page.eval_on_selector(selector, "(canvas) => JSON.stringify(canvas.picture)"))
    )


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


def pins_of(model, *rows):
    """Test pictures as pins."""
    codes = np.reshape(model["codes"], (-1, model["latentDim"]))
    return [{"code": codes[r].tolist(), "x": codes[r, 0], "y": codes[r, 1], "row": r} for r in rows]
