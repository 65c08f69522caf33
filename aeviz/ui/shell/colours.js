// The page's colours as a component draws with them, what drawing keeps, and a mark of pictures.

// They mean digits 0 to 9; drawing/map_charts.py says how they were chosen.
const DIGIT_COLOURS = [
  "#89566a", "#dd013a", "#97976f", "#004fff", "#ff3e9c",
  "#cc8602", "#9288eb", "#ba03a4", "#46a1ac", "#007531",
];
const UNNAMED = DIGIT_COLOURS.length; // the dot of a map without labels

// FNV-1a, enough to tell pictures apart.
function hashOf(bytes) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

function kept(cache, name, make) {
  if (!cache.has(name)) cache.set(name, make());
  return cache.get(name);
}

function rgbOf(colour, over) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  for (const layer of [over, colour]) {
    if (!layer) continue;
    context.fillStyle = layer;
    context.fillRect(0, 0, 1, 1);
  }
  return Array.from(context.getImageData(0, 0, 1, 1).data.subarray(0, 3));
}

function mixed(from, to, share) {
  return from.map((c, i) => Math.round(c + share * (to[i] - c)));
}

const css = (rgb) => `rgb(${rgb.join(",")})`;

// As a canvas keeps it: alpha, blue, green, red.
const pixelOf = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

// A picture's bytes -> pixels: ink in the page's own, from paper on; red, green and blue as they are.
// values: count * channels of them from `from` on; out: Uint32Array, written from `to` on.
function writePixels(out, to, values, from, count, channels, ramp) {
  if (channels === 1)
    for (let i = 0; i < count; i++) out[to + i] = ramp[values[from + i]];
  else
    for (let i = 0, v = from; i < count; i++, v += 3)
      out[to + i] = (255 << 24) | (values[v + 2] << 16) | (values[v + 1] << 8) | values[v];
}

// How large the page's text is; 1 for the usual 16 pixels.
const textScale = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

// Everything is drawn in the page's own paper, ink and accent, so that films follow the theme.
function coloursOf(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const paperName = read("--st-background-color", "#fff");
  const paper = rgbOf(paperName);
  const ink = rgbOf(read("--st-text-color", "#16181d"), paperName);
  const dark = paper[0] + paper[1] + paper[2] < 384;
  const line = Number(read("--line-share", 0.16));
  const moment = css(mixed(paper, ink, 0.5));
  return {
    paper: css(paper),
    ink: css(ink),
    // Over 4.5 : 1 on the paper in both themes; presenter mode asks for more.
    dim: css(mixed(paper, ink, Number(read("--dim-share", dark ? 0.68 : 0.72)))),
    line: css(mixed(paper, ink, line)),
    grid: css(mixed(paper, ink, 0.56 * line)),
    moment,
    validation: css(rgbOf(read("--st-primary-color", "#2563c9"), paperName)),
    training: dark ? "#ff8a80" : "#b3261e",
    dark,
    ramp: Uint32Array.from({ length: 256 }, (_, v) => pixelOf(mixed(paper, ink, v / 255))),
    font: style.fontFamily,
    text: textScale(),
    dots: [...DIGIT_COLOURS, moment].map((colour) => rgbOf(colour)),
    cache: new Map(), // what drawing keeps between frames: dot masks, pixel buffers
  };
}
