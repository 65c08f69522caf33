// Pictures on canvases, in the page's own ink, and what else several panels do; the words and
// numbers of a point of the map.
// Needs live/forward.js, live/test_pictures.js, shell/colours.js, shell/component.js.

// The page's colours may have changed: everything painted is painted anew.
function recolour(view) {
  const colours = coloursOf(view.root);
  const same = ["paper", "ink", "validation", "dim"]
    .every((name) => view.colours?.[name] === colours[name]);
  if (same) return;
  view.colours = { ...colours, signed: signedRamp(colours) };
  const { ink, paper, line, dim, training, validation } = colours;
  const soft = "var(--st-secondary-background-color)";
  const names = { ink, paper, line, dim, soft, training, accent: validation };
  for (const [name, value] of Object.entries(names))
    view.root.style.setProperty(`--${name}`, value);
  for (const canvas of view.root.querySelectorAll("canvas")) {
    const painted = view.painted.get(canvas);
    if (painted) paintOn(canvas, painted.picture, view.colours, painted.signed);
  }
  if (view.chart?.gd) view.chart.overlay.colour(view.colours);
}

// 511 colours, from the full blue of -1 over paper to the full red of 1.
function signedRamp({ paper, training, validation }) {
  const [from, red, blue] = [paper, training, validation].map((colour) => rgbOf(colour));
  return Uint32Array.from({ length: 511 }, (_, i) => {
    const share = (i - 255) / 255;
    return pixelOf(mixed(from, share < 0 ? blue : red, Math.abs(share)));
  });
}

// 0..1 (or bytes already) -> bytes, as `dataset.to_bytes` does it.
function bytesOfPicture(picture) {
  if (picture instanceof Uint8Array) return picture;
  const bytes = new Uint8Array(picture.length);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = Math.min(1, Math.max(0, picture[i])) * 255 + 0.5;
  return bytes;
}

// A picture's channels: three times a square is never a square.
const channelsOf = (picture) => (Number.isInteger(Math.sqrt(picture.length)) ? 1 : 3);

// picture: side * side amounts of ink, or three times as many of light, 0..1 or bytes; signed:
// differences, -1..1, of which a pixel in colour has the mean.
function paintOn(canvas, picture, colours, signed = false) {
  const channels = channelsOf(picture);
  const side = Math.sqrt(picture.length / channels);
  if (canvas.width !== side || canvas.height !== side) canvas.width = canvas.height = side;
  const image = kept(colours.cache, `picture ${side}`, () => new ImageData(side, side));
  const words = new Uint32Array(image.data.buffer);
  if (signed)
    for (let i = 0; i < words.length; i++) {
      const [a, b, c] = picture.subarray(i * channels, (i + 1) * channels);
      const off = channels === 1 ? a : (a + b + c) / 3;
      words[i] = colours.signed[255 + Math.round(255 * Math.min(1, Math.max(-1, off)))];
    }
  else writePixels(words, 0, bytesOfPicture(picture), 0, words.length, channels, colours.ramp);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// ---- what several panels do ----------------------------------------------------------------

// A panel's element, made of HTML, and a way to find what is in it.
function panelIn(host, live, html) {
  host.innerHTML = html;
  const root = host.firstElementChild;
  return { root, live, find: (selector) => root.querySelector(selector) };
}

// A picture's place in such HTML; painting it says what it is.
const figureHtml = (name, caption) =>
  `<figure><canvas class="${name}"></canvas><figcaption>${caption}</figcaption></figure>`;

function paintedCanvas(live, picture, says, signed) {
  const canvas = element("canvas");
  live.paint(canvas, picture, says, signed);
  return canvas;
}

// The pictures of codes side by side, as one picture for those who hear the page.
function paintStrip(live, strip, codes, says) {
  strip.replaceChildren(...codes.map((code) => paintedCanvas(live, live.decode(code))));
  strip.ariaLabel = says;
}

// ---- words ---------------------------------------------------------------------------------

const NEAREST_SHOWN = 4; // as many as fit into the line under the picture

function pointWords(view, code, x, y) {
  const { model } = view;
  const parts = [`at (${mapNumber(model, x)}, ${mapNumber(model, y)})`];
  if (model.labels && !model.kinds) {
    const names = nearestDigits(model, code, NEAREST_SHOWN)
      .map(({ row }) => labelOfRow(model, row));
    parts.push(`nearest${model.thing === "digit" ? " digits" : ""}: ${names.join(", ")}`);
  }
  if (view.hint) parts.push(view.hint);
  return parts.join(" · ");
}

// As many decimals as tell one pixel of the map from the next.
function mapNumber(model, value) {
  model.decimals ??= Math.min(4, Math.max(0, Math.ceil(Math.log10(800 / mapSpan(model)))));
  return (Number(value.toFixed(model.decimals)) + 0).toFixed(model.decimals);
}

function mapSpan(model) {
  const { points } = model;
  const end = (furthest) => points.reduce((a, b) => furthest(a, b));
  model.span ??= end(Math.max) - end(Math.min) || 1;
  return model.span;
}
