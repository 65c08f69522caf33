// The panel Pins: every pinned point in full, cards side by side, each numbered as on the map. And
// pins on their way to the page and back.
// Needs live/decoder.js, live/paint.js, live/test_pictures.js, live/told.js, shell/component.js.

const PINS_HTML = `
<div class="live-panel pins" role="group" aria-label="Pins">
  <p class="missing"></p>
  <ol class="cards"></ol>
  <p class="legend"></p>
  <button type="button" class="unpin-all">Remove all pins</button>
</div>`;

const PIN_NEIGHBOURS = 5;
const CODE_LINES = 10; // up to here each number has a line with its bar
const CODE_BARS = 64; // up to here each number has a bar; more are summed up in words
const SCALE_CODES = 2000; // codes looked at to find how long the longest bar is

function mountPins(host, live) {
  const view = { ...panelIn(host, live, PINS_HTML), cards: "", scale: codeScale(live.model) };
  const { root, find } = view;
  live.listen(find(".unpin-all"), "click", () => live.unpin(null));
  live.listen(root, "click", (event) => {
    const button = event.target.closest(".unpin");
    if (button) live.unpin(Number(button.dataset.pin));
  });
  return { update: (data) => updatePins(view, data) };
}

function updatePins(view, { pins }) {
  const { root, find } = view;
  const cards = JSON.stringify([pins, view.live.told]);
  if (cards === view.cards) return; // another tab, another theme: nothing moves, focus stays
  view.cards = cards;
  const list = find(".cards");
  const focused = root.getRootNode().activeElement?.dataset.pin;
  list.replaceChildren(...pins.map((pin, i) => pinCard(view, pin, i)));
  root.dataset.pins = pins.length;
  find(".missing").textContent = pins.length ? ""
    : "Press anywhere on the map: the point is kept here, with its code and what lies near.";
  find(".unpin-all").hidden = pins.length < 2;
  find(".legend").textContent = find("figure.error")
    ? "Error: red is too much ink, blue too little." : "";
  // Who has just removed a pin by key goes on with the next one.
  if (focused !== undefined) list.children[Math.min(focused, pins.length - 1)]
    ?.querySelector(".unpin").focus();
}

// ---- one card ------------------------------------------------------------------------------

function pinCard(view, pin, i) {
  const { live } = view;
  const code = Float32Array.from(pin.code);
  const pictures = pin.row === null ? [pictureOf(live, "decoded", live.decode(code), "decoded")]
    : realDigit(live, pin, code);
  const card = element("li", "card", pinHead(live, pin, i), ...pictures,
    codeElement(view, code), nearElement(live, pin, code));
  Object.assign(card.dataset, { pin: i, row: pin.row ?? "" });
  return card;
}

function pinHead({ model }, pin, i) {
  const button = element("button", "unpin", "×");
  Object.assign(button, { type: "button", ariaLabel: `Remove pin ${i + 1}` });
  button.dataset.pin = i;
  return element("div", "pin-head", element("b", "number", i + 1),
    element("span", "what", pinTitle(model, pin)), button);
}

// Where a pin lies on this map: by its code, since x and y may be another map's of the same codes.
function placeOnMap({ points }, live, { row, code }) {
  return row === null ? live.project(code) : [points[2 * row], points[2 * row + 1]];
}

// "a real 7", "a real shirt", "test picture 12", "a point".
function pinTitle(model, { row }) {
  if (row === null) return "a point";
  const label = labelOfRow(model, row);
  return label === null ? nameOfRow(model, row) : `a real ${label}`;
}

// The original, what the model makes of it, and the difference.
function realDigit(live, pin, code) {
  const original = pin.original ?? originalOf(live.model, pin.row);
  const decoded = live.decode(code, kindOfRow(live.model, pin.row));
  const again = pictureOf(live, "decoded", decoded, "redrawn");
  if (original) {
    const wrong = decoded.map((v, k) => v - original[k] / 255);
    const mean = wrong.reduce((sum, v) => sum + v * v, 0) / wrong.length;
    return [pictureOf(live, "original", original, "original"), again,
      pictureOf(live, "error", wrong, `error ${mean.toFixed(3)}`, true)];
  }
  const blank = element("div", "blank", "original not on this computer");
  const made = [element("figure", "original absent", blank), again];
  if (Number.isFinite(pin.error))
    made.push(element("p", "note", `error ${pin.error.toFixed(3)}`));
  return made;
}

function pictureOf(live, kind, picture, words, signed = false) {
  return element("figure", kind, paintedCanvas(live, picture, `Picture: ${words}`, signed),
    element("figcaption", "", words));
}

// ---- the code ------------------------------------------------------------------------------

// How large a number of a code gets: a full bar. The 99.5th percentile, so that one stray code
// does not make all bars short.
function codeScale({ codes, points, latentDim }) {
  const sizes = (codes ?? points).slice(0, SCALE_CODES * (codes ? latentDim : 2)).map(Math.abs);
  return sizes.sort()[Math.floor(0.995 * (sizes.length - 1))] || 1;
}

function codeElement({ scale }, code) {
  const { length } = code;
  if (length > CODE_BARS) {
    const [least, most] = [Math.min(...code), Math.max(...code)].map((v) => v.toFixed(2));
    return element("div", "code", element("p", "note",
      `${length.toLocaleString("en")} numbers, from ${least} to ${most}`));
  }
  const words = Array.from(code, (v) => v.toFixed(2));
  const bars = element("div", length > CODE_LINES ? "bars many" : "bars");
  Object.assign(bars, { role: "img", ariaLabel: `Code: ${words.join(", ")}` });
  code.forEach((value, k) => {
    const bar = element("span", "bar");
    const share = Math.max(-1, Math.min(1, value / scale));
    bar.style.setProperty("--from", `${50 + 50 * Math.min(0, share)}%`);
    bar.style.setProperty("--long", `${50 * Math.abs(share)}%`);
    bar.title = words[k];
    bars.append(bar);
    if (length <= CODE_LINES) bars.append(element("span", "value", words[k]));
  });
  if (length <= CODE_LINES) return element("div", "code", bars);
  return element("div", "code", bars, element("details", "",
    element("summary", "", `${length} numbers`), element("p", "note", words.join(" "))));
}

// ---- what lies near ------------------------------------------------------------------------

// All as originals or all as the model redraws them: a mixture could not be compared.
function nearElement(live, pin, code) {
  const { model } = live;
  const near = live.nearest(code, PIN_NEIGHBOURS + 1).map(({ row }) => row)
    .filter((row) => row !== pin.row).slice(0, PIN_NEIGHBOURS);
  const originals = near.every((row) => row < model.imageCount);
  const items = near.map((row) => {
    const picture = originals ? originalOf(model, row) : redrawn(live, row);
    const item = element("li", "", paintedCanvas(live, picture, nameOfRow(model, row)),
      element("small", "", labelOfRow(model, row) ?? row + 1));
    item.dataset.row = row;
    return item;
  });
  const words = originals ? "nearest" : "nearest, redrawn";
  const box = element("div", "near", element("span", "note", words), element("ul", "", ...items));
  box.dataset.kind = originals ? "originals" : "redrawn";
  return box;
}

// ---- on the way to the page ----------------------------------------------------------------

const PATIENCE = 20000; // milliseconds; what the page has not done by then it will not do
const SAME_PLACE = 1 / 400; // of the map: how exactly a pin comes back from the page

// The page keeps the pins. What it has not done yet is shown all the same, at once, and sent one
// after the other: a state that changes twice before Python looks would lose the first change.
// Requests: { kind: "pin" or "unpin", pin } or { kind: "clear" }.
const allPins = ({ data, requests, model }) => pinsAfter(data.pins, requests, model);

function pinsAfter(pins, requests, model) {
  let after = [...pins];
  for (const { kind, pin } of requests) {
    const place = pin ? placeOfPin(after, pin, model) : -1;
    if (kind === "clear") after = [];
    else after = after.filter((_, i) => i !== place); // a digit pinned twice is pinned once
    if (kind === "pin") after.push(pin);
  }
  return after;
}

function placeOfPin(pins, pin, model) {
  const near = SAME_PLACE * mapSpan(model);
  return pins.findLastIndex(({ row, x, y }) =>
    row === pin.row && Math.abs(x - pin.x) <= near && Math.abs(y - pin.y) <= near);
}

// index: the pin's place among all that are shown; null for all.
function requestUnpin(view, index) {
  const pin = allPins(view)[index];
  if (index === null) request(view, { kind: "clear" });
  else if (pin) request(view, { kind: "unpin", pin });
}

function request(view, wish) {
  view.requests.push(wish);
  if (view.requests.length === 1) sendRequest(view);
  refresh(view);
}

function sendRequest(view) {
  const [{ kind, pin }] = view.requests;
  const { pins } = view.data;
  const n = nextNumber(view);
  view.waiting = setTimeout(() => requestDone(view), PATIENCE);
  if (kind === "pin") view.send("pinned", { n, x: pin.x, y: pin.y, code: pin.code, row: pin.row });
  else if (kind === "clear") view.send("unpinned", { n, index: null });
  else view.send("unpinned", { n, index: placeOfPin(pins, pin, view.model) });
}

function settleRequests(view) {
  const { requests, data, model } = view;
  if (!requests.length || !model) return;
  const [{ kind, pin }] = requests;
  const there = kind === "clear" ? data.pins.length > 0 : placeOfPin(data.pins, pin, model) >= 0;
  if (there === (kind === "pin")) requestDone(view);
}

function requestDone(view) {
  clearTimeout(view.waiting);
  view.requests.shift();
  if (view.requests.length) sendRequest(view);
  refresh(view);
}

function forgetRequests(view) {
  clearTimeout(view.waiting);
  view.requests = [];
}
