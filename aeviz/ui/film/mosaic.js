// The film of the manifold: a picture a moment, the map's units along its sides, and the loss.
// Needs film/draw.js, film/loss_chart.js, film/player.js, shell/colours.js.

// CSS pixels beside and below the picture for the numbers, as the page's still grid has them.
const RULER = { left: 44, bottom: 28, top: 6, right: 14 };
const MOST_STEPS = 9; // between numbers along a side: by 0.5 from -2 to 2
const SIDE_BY_SIDE = 760; // CSS pixels of width from which picture and loss stand side by side

export default function (component) {
  return playFilm(component, { mount, take, layout, draw, describe });
}

function mount(view, find) {
  Object.assign(view, { grid: find(".grid"), ink: null });
}

function take(view, data, before) {
  const { film } = data;
  view.films = [film];
  if (before?.film.key === film.key) return;
  pause(view, false);
  view.position = view.reported = data.frame;
  view.ink = null;
  delete view.root.dataset.drawn;
  unpack(view, film);
}

// JPEG files -> (frames, pixels * pixels * channels) bytes, the shown frame first, then the last ones.
async function unpack(view, film) {
  const { pixels, frames, channels } = film;
  const size = pixels * pixels * channels;
  const ink = new Uint8Array(frames * size);
  const sheet = new OffscreenCanvas(pixels, pixels);
  const context = sheet.getContext("2d", { willReadFrequently: true });
  const shown = Math.round(view.position);
  const others = Array.from({ length: frames }, (_, i) => frames - 1 - i);
  for (const frame of [shown, ...others.filter((one) => one !== shown)]) {
    const file = new Blob([film.pictures[frame]], { type: "image/jpeg" });
    const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" });
    if (!view.turn || view.data.film.key !== film.key) return;
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    const { data } = context.getImageData(0, 0, pixels, pixels);
    for (let i = 0, to = frame * size; i < data.length; i += 4)
      for (let c = 0; c < channels; c++) ink[to++] = data[i + c];
    if (frame !== shown) continue;
    view.ink = ink;
    drawFilm(view);
  }
  drawFilm(view);
  view.root.dataset.drawn = "1";
}

// ---- sizes ---------------------------------------------------------------------------------

function layout(view) {
  const { root, ratio, films: [{ pixels }] } = view;
  const wide = view.width >= SIDE_BY_SIDE;
  const { text } = view.colours;
  const [rulerLeft, rulerBottom] = [RULER.left * text, RULER.bottom * text];
  const across = (wide ? 0.66 : 1) * view.width - rulerLeft - RULER.right;
  const down = Math.min(Math.max(innerHeight - spaceAbove(root, text) - 248 * text, 330), 1340);
  const room = Math.floor(Math.min(across, down) * ratio);
  const times = room / pixels;
  // Twice as large and more: whole squares. Less: no pixel may be wider than its neighbour.
  const side = times >= 2 ? Math.floor(times) * pixels : room;
  view.place = { x: rulerLeft * ratio, y: RULER.top * ratio, side, whole: times >= 2 };
  const left = rulerLeft + side / ratio + RULER.right;
  size(view.grid, left, RULER.top + side / ratio + rulerBottom, ratio);
  root.dataset.columns = wide ? 2 : 1;
  root.style.setProperty("--left", `${left}px`);
  const right = wide ? view.width - left - 40 : view.width;
  layoutLoss(view, right, Math.min(Math.max(0.62 * right, 180), 380));
}

// The room above the page and that of the tour's bar, which their style sheets give in rem.
function spaceAbove(root, text) {
  const given = getComputedStyle(root);
  const rem = (name) => parseFloat(given.getPropertyValue(name)) || 0;
  return 16 * text * (rem("--top") + rem("--tour"));
}

// ---- drawing -------------------------------------------------------------------------------

function draw(view) {
  const context = view.grid.getContext("2d");
  context.clearRect(0, 0, view.grid.width, view.grid.height);
  drawPicture(view, context);
  drawRulers(view, context);
}

function drawPicture(view, context) {
  const { place: { x, y, side, whole }, colours, ratio, films: [{ pixels, channels }] } = view;
  if (view.ink) {
    const ink = blend(view.ink, pixels * pixels * channels, view.shownPosition);
    const sheet = kept(colours.cache, `sheet ${pixels}`, () => new OffscreenCanvas(pixels, pixels));
    const image = kept(colours.cache, `image ${pixels}`, () => new ImageData(pixels, pixels));
    const out = new Uint32Array(image.data.buffer);
    writePixels(out, 0, ink, 0, out.length, channels, colours.ramp);
    sheet.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingEnabled = !whole;
    context.imageSmoothingQuality = "high";
    context.drawImage(sheet, x, y, side, side);
    if (!view.playing) view.root.dataset.ink = hashOf(ink);
  }
  context.strokeStyle = colours.line;
  context.lineWidth = ratio;
  context.strokeRect(x - ratio / 2, y - ratio / 2, side + ratio, side + ratio);
}

// The numbers along the sides; between two frames the range is on its way from one to the other.
function drawRulers(view, context) {
  const { place: { x, y, side }, colours, ratio } = view;
  const [left, right, bottom, top] = drawnAt(view.films[0], view.shownPosition);
  context.strokeStyle = colours.dim;
  context.lineWidth = ratio;
  const tick = 4 * ratio;
  const size = 12 * ratio * colours.text;
  writeIn(context, colours, size, "center");
  context.textBaseline = "top";
  for (const [value, text] of roundNumbers(left, right)) {
    const at = x + ((value - left) / (right - left)) * side;
    line(context, at, y + side, at, y + side + tick);
    context.fillText(text, at, y + side + 2 * tick);
  }
  writeIn(context, colours, size, "right");
  for (const [value, text] of roundNumbers(bottom, top)) {
    const at = y + ((top - value) / (top - bottom)) * side;
    line(context, x - tick, at, x, at);
    context.fillText(text, x - 2 * tick, at);
  }
}

const drawnAt = ({ drawn }, position) =>
  drawn[0].map((_, end) => between(drawn.map((ends) => ends[end]), position));

// Round numbers between low and high, [value, text] each, to one decimal or as many as they need.
function roundNumbers(low, high) {
  const least = (high - low) / MOST_STEPS;
  const base = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].find((times) => times * base >= least) * base;
  const decimals = Math.max(1, -Math.floor(Math.log10(step * 1.0001)));
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++)
    found.push([i * step, (i * step || 0).toFixed(decimals).replace("-", "−")]);
  return found;
}

// ---- words ---------------------------------------------------------------------------------

function describe(view) {
  const [film] = view.films;
  const step = shownStep(view, film);
  const drawn = drawnAt(film, view.shownPosition);
  const ends = drawn.map(number);
  const moment = `at ${stepWords(film, step)}${lossWords(film, step)}`;
  view.grid.setAttribute("aria-label", `The manifold ${moment}; across from ${ends[0]} to `
    + `${ends[1]}, up from ${ends[2]} to ${ends[3]}`);
  view.lossCanvas.setAttribute("aria-label", `Training and validation loss by step, now ${moment}`);
  view.root.dataset.drawnRange = drawn.join(" ");
}
