// Pictures on canvases, in the page's own ink; the words and numbers of a point of the map.
// Needs live/forward.js, live/sliders.js, shell/colours.js.

// The page's colours may have changed: everything painted is painted anew.
function recolour(view) {
  const colours = coloursOf(view.root);
  const same = view.colours && view.colours.paper === colours.paper
    && view.colours.ink === colours.ink && view.colours.validation === colours.validation
    && view.colours.dim === colours.dim;
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
  if (view.chart && view.chart.gd) view.chart.overlay.colour(view.colours);
}

// 511 colours, from the full blue of -1 over paper to the full red of 1.
function signedRamp({ paper, training, validation }) {
  const [from, red, blue] = [paper, training, validation].map((colour) => rgbOf(colour));
  return Uint32Array.from({ length: 511 }, (_, i) => {
    const share = (i - 255) / 255;
    const [r, g, b] = mixed(from, share < 0 ? blue : red, Math.abs(share));
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
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

// picture: side*side amounts of ink, 0..1 or bytes; signed: differences, -1..1.
function paintOn(canvas, picture, colours, signed = false) {
  const side = Math.round(Math.sqrt(picture.length));
  if (canvas.width !== side || canvas.height !== side) canvas.width = canvas.height = side;
  const image = kept(colours.cache, `picture ${side}`, () => new ImageData(side, side));
  const words = new Uint32Array(image.data.buffer);
  if (signed)
    for (let i = 0; i < words.length; i++)
      words[i] = colours.signed[255 + Math.round(255 * Math.min(1, Math.max(-1, picture[i])))];
  else {
    const bytes = bytesOfPicture(picture);
    for (let i = 0; i < words.length; i++) words[i] = colours.ramp[bytes[i]];
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// ---- words ---------------------------------------------------------------------------------

const NEAREST_SHOWN = 4; // as many as fit into the line under the picture

function pointWords(view, code, x, y) {
  const { model } = view;
  const parts = [`at (${mapNumber(model, x)}, ${mapNumber(model, y)})`];
  if (model.labels) {
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
  if (model.span) return model.span;
  let low = Infinity;
  let high = -Infinity;
  for (const v of model.points) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  model.span = high - low || 1;
  return model.span;
}
