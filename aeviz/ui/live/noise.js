// The panel Noise: a picture, the same with pixels masked, and what the model makes of that.
// Needs live/draw.js, live/paint.js, live/test_pictures.js, live/told.js.

const NOISE_HTML = `
<div class="live-panel noise" role="group" aria-label="Noise">
  <div class="line">
    <button type="button" class="another"></button>
    <button type="button" class="mine" hidden>My drawing</button>
    <button type="button" class="other">Other noise</button>
  </div>
  <label class="amount">Pixels wiped out
    <input type="range" class="share" min="0" max="100" aria-label="Pixels wiped out">
    <output></output>
  </label>
  <div class="four">
    ${figureHtml("original", "Original")}
    ${figureHtml("noisy", 'With noise<span class="before"></span>')}
    ${figureHtml("cleaned", 'Cleaned<span class="after"></span>')}
    ${figureHtml("error", "Error")}
  </div>
  <p class="errors"></p>
  <p class="source"></p>
  <p class="expect"></p>
</div>`;

// Enough to see what noise does, where the model itself was trained without any.
const FIRST_NOISE = 0.3;
const SEEDS = 10000; // noises that a link can tell apart

// ---- plain functions -----------------------------------------------------------------------

// Numbers 0..1, the same for the same seed (mulberry32).
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// The pixel numbers 0 .. pixels - 1 in random order (Fisher and Yates): those first in it are
// masked first, so that more noise only ever masks more.
function maskOrder(pixels, random) {
  const order = Uint32Array.from({ length: pixels }, (_, i) => i);
  for (let i = pixels - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

// A copy with `share` (0..1) of the pixels, all their channels, set to 0 as in training.
function masked(picture, order, share) {
  const out = Float32Array.from(picture);
  const channels = picture.length / order.length;
  for (let i = 0; i < Math.round(share * order.length); i++)
    out.fill(0, order[i] * channels, (order[i] + 1) * channels);
  return out;
}

function meanSquaredError(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum / a.length;
}

// ---- the panel -----------------------------------------------------------------------------

function mountNoise(host, live) {
  const { masked: linked } = live.settings();
  const view = {
    ...panelIn(host, live, NOISE_HTML), shown: false, picture: null, touched: Boolean(linked),
  };
  const { find } = view;
  view.share = find(".share");
  view.share.value = linked ? linked.percent : 100 * FIRST_NOISE;
  newOrder(view, linked ? linked.seed : Math.floor(Math.random() * SEEDS));
  find(".another").textContent = `Another ${live.model.thing}`;
  live.listen(find(".another"), "click", () => {
    takeTestPicture(view, someRow(live));
    tellNoise(view);
  });
  live.listen(find(".mine"), "click", () => takePicture(view,
    { picture: drawnInk.get(live), name: "your drawing", row: null, kind: undefined }, "drawn"));
  live.listen(find(".other"), "click", () => {
    newOrder(view, Math.floor(Math.random() * SEEDS));
    drawNoise(view);
    tellNoise(view);
  });
  live.listen(view.share, "input", () => {
    view.touched = true;
    drawNoise(view);
  });
  live.listen(view.share, "change", () => tellNoise(view));
  return {
    update: (data) => {
      const percent = Math.round(100 * (Number(data?.noise) || 0));
      find(".expect").textContent = percent
        ? `This model was trained on pictures with up to ${percent} % of the pixels wiped out.`
        : "This model never saw noise in training: a little does no harm, more of it soon turns "
          + `the ${live.model.thing} into a blur or another ${live.model.thing}.`;
      if (view.touched || !percent || Number(view.share.value) === percent) return;
      view.share.value = percent;
      if (view.shown) drawNoise(view);
    },
    show: () => {
      view.shown = true;
      find(".mine").hidden = !drawnInk.has(live);
      if (view.picture) return drawNoise(view);
      takeTestPicture(view, linked ? linked.row : someRow(live));
      if (!linked) tellNoise(view);
    },
    hide: () => {
      view.shown = false;
      live.mark("noise", []);
    },
  };
}

function newOrder(view, seed) {
  view.seed = seed;
  view.order = maskOrder(view.live.model.pixels, randomFrom(seed));
}

// For the address, which has no room for a drawing.
function tellNoise({ live, share, row, seed }) {
  if (row !== null) live.chosen("masked", { percent: Number(share.value), row, seed });
}

function takeTestPicture(view, row) {
  const { picture, name, original } = testPicture(view.live, row);
  const kind = kindOfRow(view.live.model, row);
  takePicture(view, { picture, name, row, kind }, original ? "original" : "redrawn");
}

function takePicture(view, taken, kind) {
  Object.assign(view, taken);
  view.root.dataset.picture = kind;
  view.find(".source").textContent = `This is ${taken.name}.${kind === "redrawn"
    ? " Originals are not on this computer; this is the model's own picture." : ""}`;
  drawNoise(view);
}

function drawNoise(view) {
  const { live, root, find, picture } = view;
  const percent = Number(view.share.value);
  const noisy = masked(picture, view.order, percent / 100);
  const { mean: clean, kind } = live.encode(picture, view.kind);
  const code = live.encode(noisy, kind).mean;
  const cleaned = live.decode(code, kind);
  const paint = (name, ...what) => live.paint(find(`canvas.${name}`), ...what);
  const before = meanSquaredError(picture, noisy).toFixed(3);
  const after = meanSquaredError(picture, cleaned).toFixed(3);
  paint("original", picture, `Original, ${view.name}`);
  paint("noisy", noisy, `The same with ${percent} % of its pixels wiped out, error ${before}`);
  paint("cleaned", cleaned, `Cleaned by the model, error ${after}`);
  paint("error", cleaned.map((v, i) => v - picture[i]), "Where the cleaned picture is wrong", true);
  find(".amount output").textContent = `${percent} %`;
  view.share.setAttribute("aria-valuetext", `${percent} percent`);
  view.share.style.setProperty("--done", `${percent}%`);
  find(".before").textContent = before;
  find(".after").textContent = after;
  find(".errors").textContent = `Error: ${before} before, ${after} after. In the last picture `
    + "red is too much ink, blue too little.";
  Object.assign(root.dataset, { percent, before, after });
  const points = [clean, code].map(live.project);
  const dots = points.map(([x, y]) => ({ kind: "dot", x, y }));
  live.mark("noise", [{ ...dots[0], kind: "line", points }, ...dots]);
  live.show(code, `Cleaned, ${percent} % of the pixels were wiped out`, kind);
}
