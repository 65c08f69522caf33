// What is drawn over a chart: the ring at the point, the marks of the panels, little pictures in
// place of dots. It lies in the chart's node, lets every click through, and is what the keyboard
// reaches. A shadow root keeps its few styles from the page's.
// Needs live/chart.js, live/paint.js, live/test_pictures.js, shell/colours.js, shell/component.js.

const OVERLAY_STYLE = `
:host { position: absolute; overflow: hidden; pointer-events: none; z-index: 5; }
:host(:focus-visible) { outline: 2px solid var(--accent); outline-offset: -2px; }
canvas, svg { position: absolute; inset: 0; width: 100%; height: 100%; }
canvas { image-rendering: pixelated; }
/* Layers of their own: without one, moving the ring would draw 10,000 dots anew each time. */
svg, .ring { will-change: transform; }
.ring { position: absolute; left: -8px; top: -8px; width: 16px; height: 16px;
  box-sizing: border-box; border: 3px solid var(--accent); border-radius: 50%;
  box-shadow: 0 0 0 1.5px var(--paper), inset 0 0 0 1.5px var(--paper); }
.ring[hidden] { display: none; }
.line { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
.under { fill: none; stroke: var(--paper); stroke-width: 5; stroke-linejoin: round; opacity: .8; }
.ellipse { fill: var(--accent); fill-opacity: .14; stroke: var(--accent); stroke-width: 1.5; }
.dot { fill: var(--accent); stroke: var(--paper); stroke-width: 1.5; }
.pen { fill: var(--paper); stroke: var(--ink); stroke-width: 2.5; }
.pin { r: 0.625rem; fill: var(--paper); stroke: var(--ink); stroke-width: 1.5; }
.whole, .how { position: absolute; margin: 0; padding: 0.4rem 0.75rem; background: var(--paper);
  color: var(--ink); font: 0.875rem var(--font); border: 1px solid; border-radius: 0.5rem; }
.whole { top: 0.5rem; right: 0.5rem; min-height: 2.5rem; pointer-events: auto; cursor: pointer; }
.whole:focus-visible { outline: 2px solid var(--accent); }
.how { bottom: 1rem; left: 50%; translate: -50%; }
.whole[hidden], .how[hidden] { display: none; }
text { fill: var(--ink); font: 600 0.75rem var(--font); text-anchor: middle; }
`;

const SAID_FOR = 1500; // milliseconds

const OVERLAY_NAME = "Map of codes. The arrow keys move the point, with Shift in larger steps; "
  + "Enter pins it.";

function makeOverlay(gd) {
  const host = element("div", "aeviz-overlay");
  // The arrow keys move a point in two directions, which no other role stands for.
  Object.assign(host, { tabIndex: 0, role: "application", ariaLabel: OVERLAY_NAME });
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = `<style>${OVERLAY_STYLE}</style>
    <canvas aria-hidden="true"></canvas><svg aria-hidden="true"></svg>
    <div class="ring" hidden></div><p class="how" hidden></p>
    <button type="button" class="whole" hidden>Whole map</button>`;
  const [canvas, svg, ring, how, whole] = ["canvas", "svg", ".ring", ".how", ".whole"]
    .map((name) => root.querySelector(name));
  gd.append(host);
  const overlay = { host, canvas, svg, whole, width: 0, height: 0, saying: 0 };
  overlay.say = (words) => {
    Object.assign(how, { textContent: words, hidden: false });
    clearTimeout(overlay.saying);
    overlay.saying = setTimeout(() => (how.hidden = true), SAID_FOR);
  };
  overlay.place = (area) => {
    const origin = (host.offsetParent ?? document.documentElement).getBoundingClientRect();
    const { width, height } = area;
    Object.assign(host.style, {
      left: `${area.left - origin.left}px`, top: `${area.top - origin.top}px`,
      width: `${width}px`, height: `${height}px`,
    });
    Object.assign(overlay, { width, height });
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  };
  overlay.ringAt = (place) => {
    ring.hidden = place === null;
    if (place) ring.style.transform = `translate(${place[0]}px, ${place[1]}px)`;
  };
  overlay.colour = ({ validation, paper, ink, font }) => {
    const names = { "--accent": validation, "--paper": paper, "--ink": ink, "--font": font };
    for (const [name, value] of Object.entries(names)) host.style.setProperty(name, value);
  };
  overlay.end = () => {
    clearTimeout(overlay.saying);
    host.remove();
  };
  return overlay;
}

// ---- marks ---------------------------------------------------------------------------------

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Marks are { kind, x, y, ... } in the map's own units:
//   dot               a filled dot
//   pin   label       a circle with the pin's number
//   pen               a diamond: what was drawn by hand
//   line  points      [[x, y], ...]
//   ellipse points    its outline: where the axes differ in scale, no ellipse in pixels
// at: ([x, y]) -> place in pixels.
function shapesOf(mark, at) {
  const [x, y] = at([mark.x, mark.y]);
  const path = (points) => points.map((point) => at(point).map((v) => v.toFixed(1))).join(" ");
  switch (mark.kind) {
    case "pin":
      return [
        shape("circle", { class: "pin", cx: x, cy: y, r: 10 }),
        shape("text", { x, y: y + 4.5 }, mark.label ?? ""),
      ];
    case "pen":
      return [shape("path", { class: "pen", d: `M${x} ${y - 13}l13 13l-13 13l-13 -13z` })];
    case "line":
      return ["under", "line"].map((name) =>
        shape("polyline", { class: name, points: path(mark.points) }));
    case "ellipse":
      return [shape("polygon", { class: "ellipse", points: path(mark.points) })];
    default:
      return [shape("circle", { class: "dot", cx: x, cy: y, r: 5 })];
  }
}

// marks: a Map from the panels' names to their marks; later ones lie above.
function drawMarks(chart, marks) {
  const at = ([x, y]) => placeOf(chart, x, y);
  const finite = (mark) => Number.isFinite(mark.x) && Number.isFinite(mark.y);
  const shapes = [...marks.values()].flat().filter(finite).flatMap((mark) => shapesOf(mark, at));
  chart.overlay.svg.replaceChildren(...shapes);
}

// ---- little pictures in place of dots ------------------------------------------------------

const THUMBNAIL = 28; // CSS pixels, or the nearest whole multiple of the pictures' own
const THUMBNAIL_EDGE = 1; // the digit's colour round each
const THUMBNAIL_GAP = 2;
const THUMBNAILS_KEPT = 4000;
const DECODING_TIME = 8; // milliseconds of a frame; half of it stays for the pointer

const thumbnailSize = (side) =>
  side * Math.max(1, Math.round(THUMBNAIL / side)) + 2 * THUMBNAIL_EDGE;

// Which rows get a picture: one after the other, each that touches none chosen before it. Those in
// `first` (shown before a zoom) go first, so that the map does not flicker.
// places: 2N pixels. shown: 1 for each row that counts, or null. pitch: size and gap of a picture.
function chooseThumbnails(places, shown, width, height, pitch, first = []) {
  const columns = Math.ceil(width / pitch) + 2;
  const cells = new Int32Array(columns * (Math.ceil(height / pitch) + 2)).fill(-1);
  const chosen = [];
  const touches = (row, cell) => {
    for (let dy = -columns; dy <= columns; dy += columns)
      for (let dx = -1; dx <= 1; dx++) {
        const other = cells[cell + dy + dx];
        if (other >= 0 && Math.abs(places[2 * other] - places[2 * row]) < pitch
          && Math.abs(places[2 * other + 1] - places[2 * row + 1]) < pitch) return true;
      }
    return false;
  };
  const consider = (row) => {
    const [x, y] = [places[2 * row], places[2 * row + 1]];
    if ((shown && !shown[row]) || !(x >= 0 && x < width && y >= 0 && y < height)) return;
    const cell = (1 + Math.floor(y / pitch)) * columns + 1 + Math.floor(x / pitch);
    if (touches(row, cell)) return;
    cells[cell] = row;
    chosen.push(row);
  };
  first.forEach(consider);
  for (let row = 0; row < places.length / 2; row++) consider(row);
  return chosen;
}

// Originals where the browser has any: then only the pictures it has, so that all are of one kind.
function thumbnailWords({ imageCount, count }) {
  if (!imageCount) return "Pictures: as the model redraws them.";
  if (imageCount >= count) return "Pictures: the originals.";
  return `Pictures: originals of the first ${imageCount.toLocaleString("en")}.`;
}

// thumbs: { model, live, request, kept, rows }; request: the frame that will decode more of them.
function drawThumbnails(thumbs, chart, colours) {
  const { model } = thumbs;
  const { canvas, width, height } = chart.overlay;
  const count = model.imageCount ? Math.min(model.imageCount, model.count) : model.count;
  const places = new Float32Array(2 * count);
  const [fromX, fromY] = placeOf(chart, 0, 0);
  const [toX, toY] = placeOf(chart, 1, 1);
  for (let i = 0; i < places.length; i += 2) {
    places[i] = fromX + model.points[i] * (toX - fromX);
    places[i + 1] = fromY + model.points[i + 1] * (toY - fromY);
  }
  const size = thumbnailSize(model.side);
  thumbs.rows = chooseThumbnails(places, rowsShown(chart, model.count), width, height,
    size + THUMBNAIL_GAP, thumbs.rows);
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const sheet = new OffscreenCanvas(model.side, model.side);
  const until = performance.now() + DECODING_TIME;
  let missing = 0;
  for (const row of thumbs.rows) {
    if (!thumbs.kept.has(row) && performance.now() > until) missing++;
    else drawThumbnail(thumbs, context, sheet, row, places, size, colours);
  }
  canvas.dataset.pictures = thumbs.rows.length - missing;
  canvas.dataset.missing = missing;
  cancelAnimationFrame(thumbs.request);
  if (missing)
    thumbs.request = requestAnimationFrame(() => {
      if (chart.gd) drawThumbnails(thumbs, chart, colours);
    });
}

function drawThumbnail(thumbs, context, sheet, row, places, size, colours) {
  const { model, live, kept } = thumbs;
  if (!kept.has(row))
    kept.set(row, originalOf(model, row) ?? bytesOfPicture(redrawn(live, row)));
  if (kept.size > THUMBNAILS_KEPT) kept.delete(kept.keys().next().value);
  paintOn(sheet, kept.get(row), colours);
  const left = Math.round(places[2 * row] - size / 2);
  const top = Math.round(places[2 * row + 1] - size / 2);
  context.fillStyle = model.labels ? DIGIT_COLOURS[model.labels[row] % 10] : colours.moment;
  context.fillRect(left, top, size, size);
  const inner = size - 2 * THUMBNAIL_EDGE;
  context.drawImage(sheet, left + THUMBNAIL_EDGE, top + THUMBNAIL_EDGE, inner, inner);
}

function clearThumbnails(chart) {
  chart.overlay.canvas.width = 0;
  delete chart.overlay.canvas.dataset.pictures;
}
