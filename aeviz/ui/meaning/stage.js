// The page "Meaning": the picture in hand, what it begins as, and what is done and undone with it.
// Needs live/draw.js, live/forward.js, live/paint.js, live/test_pictures.js, live/told.js,
// meaning/pulls.js, meaning/rows.js, shell/colours.js, shell/component.js.

const MOST_UNDONE = 100; // steps that can be undone
const SEND_AFTER = 150; // milliseconds without a change before the page hears of it

export default function (component) {
  return keepOnPage(component, ".meaning", mountMeaning, updateMeaning);
}

function mountMeaning(root) {
  const find = (name) => root.querySelector(name);
  const view = {
    root, find, model: null, live: null, painted: new WeakMap(), hand: null, past: [],
    rows: [], sliders: new Map(), opening: 0, telling: 0, numbered: 0, dropping: new Set(),
    listening: new AbortController(),
  };
  const { signal } = view.listening;
  document.addEventListener("aeviz-model-here",
    ({ detail }) => takeMeaning(view, detail.key, detail.bytes), { signal });
  find(".back").addEventListener("click", () => undo(view), { signal });
  find(".reset").addEventListener("click",
    () => change(view, { pulls: {}, moves: {} }), { signal });
  view.end = () => {
    view.opening++;
    clearTimeout(view.telling);
    clearTimeout(view.row?.waiting);
    view.listening.abort();
    view.modelListening?.abort();
  };
  return view;
}

function updateMeaning(view, before) {
  const { data } = view;
  recolour(view);
  for (const row of view.rows) paintRow(view, row);
  if (view.model?.key !== data.model) {
    delete view.root.dataset.ready;
    const take = (bytes) => takeMeaning(view, data.model, bytes);
    document.dispatchEvent(new CustomEvent("aeviz-model-wanted",
      { detail: { key: data.model, take } }));
  } else if (before && before !== data) {
    buildBegins(view);
    rebuildPulls(view);
  }
}

function takeMeaning(view, key, bytes) {
  if (!view.turn || !view.data || key !== view.data.model || view.model?.key === key) return;
  view.modelListening?.abort();
  view.modelListening = new AbortController();
  view.model = decodeNetwork(bytes);
  view.live = liveOf(view);
  clearTimeout(view.telling);
  Object.assign(view, { past: [], pulling: null, quiet: false });
  view.dropping.clear();
  clearPad(view);
  const { row, code, pulls, moves, kind } = view.data.start;
  const { base } = view.model;
  const own = row === null ? Float32Array.from(code ?? base) : null;
  view.hand = { row, code: own, pulls, moves, kind: kind ?? undefined };
  view.hand.mean = row === null && !code;
  view.row = mountTold(view.find(".told"), view.live, (as) => change(view, { kind: as }));
  buildBegins(view);
  buildPulls(view);
  buildRows(view);
  showHand(view);
  Object.assign(view.root.dataset, { model: key, ready: "1" });
}

// What the panel Draw uses of a model.
function liveOf(view) {
  const { model } = view;
  return {
    model,
    decode: (code, kind = view.hand.kind) => forward(model.decoder, code, kind),
    encode: (picture, kind) => encodeWith(model, picture, kind),
    project: () => [0, 0],
    nearest: (code, k) => nearestDigits(model, code, k),
    paint: (canvas, picture, says, signed = false) => {
      view.painted.set(canvas, { picture, signed });
      paintOn(canvas, picture, view.colours, signed);
      if (says) Object.assign(canvas, { role: "img", ariaLabel: says });
    },
    mark: () => {},
    show: (code, _, kind) => view.quiet || begin(view, { code: code.slice(), kind }),
    listen: (target, type, handler, options = {}) =>
      target.addEventListener(type, handler, { ...options, signal: view.modelListening.signal }),
    frame: (callback) => {
      const { opening } = view;
      requestAnimationFrame((now) => opening === view.opening && callback(now));
    },
  };
}

// ---- the code in hand ----------------------------------------------------------------------

function beginOf({ hand, live, model }) {
  if (hand.row !== null) return codeOfRow(live, hand.row);
  return hand.mean ? model.base : hand.code;
}

// What it begins as, with all pulls and moves but those of number `without` of the code.
function codeInHand(view, without = -1) {
  const { hand, data } = view;
  const code = Float32Array.from(beginOf(view));
  for (const { name, vector } of data.directions) {
    const pull = hand.pulls[name] ?? 0;
    if (pull) for (let k = 0; k < code.length; k++) code[k] += pull * vector[k];
  }
  for (const [k, move] of Object.entries(hand.moves))
    if (Number(k) !== without) code[k] += move * data.numbers.spread[k];
  return code;
}

// A change that can be undone: rows are drawn anew and the page hears of it.
function change(view, what) {
  const before = view.pulling ?? view.hand; // a slider may be on its way
  const after = { ...view.hand, ...what };
  view.pulling = null;
  if (wordsOfHand(before) !== wordsOfHand(after))
    view.past = [...view.past, before].slice(-MOST_UNDONE);
  view.hand = after;
  showHand(view);
  tellHand(view);
}

const wordsOfHand = ({ row, mean, code, pulls, moves, kind }) => JSON.stringify([row, mean, kind,
  code && Array.from(code), Object.entries(pulls).filter(([, pull]) => pull).sort(),
  Object.entries(moves).filter(([, move]) => move)]);

// Another picture in hand: sliders hold for it too, but what was done to single numbers does not.
// A model that is told what it draws is told what that picture shows, where this is known.
function begin(view, what) {
  const own = what.row === undefined ? what.kind : kindOfRow(view.model, what.row);
  const kind = own ?? view.hand.kind;
  change(view, { row: null, mean: false, code: null, moves: {}, ...what, kind });
}

function undo(view) {
  const before = view.past.pop();
  if (!before) return;
  view.pulling = null;
  view.hand = before;
  showHand(view);
  tellHand(view);
}

function tellHand(view) {
  clearTimeout(view.telling);
  view.telling = setTimeout(() => {
    const { row, mean, code, pulls, moves, kind } = view.hand;
    view.numbered = Math.max(view.numbered + 1, Date.now());
    view.send("held", {
      n: view.numbered, model: view.model.key, row,
      code: row !== null || mean ? null : Array.from(code), pulls, moves, kind: kind ?? null,
    });
  }, SEND_AFTER);
}

// ---- what is seen --------------------------------------------------------------------------

function showHand(view) {
  const { hand, live, find } = view;
  const begin = beginOf(view);
  const original = hand.row === null ? null : originalOf(live.model, hand.row);
  find(".real").hidden = !original;
  if (original) live.paint(find(".original"), original, "The original");
  live.paint(find(".unpulled"), live.decode(begin), "As it was");
  find(".back").disabled = !view.past.length;
  find(".reset").disabled = !isPulled(hand);
  for (const one of view.root.querySelectorAll(".begins [aria-pressed]"))
    one.ariaPressed = String(one.dataset.begin === "mean" && hand.mean);
  placeSliders(view);
  showCode(view, codeInHand(view));
  drawRows(view);
}

const isPulled = ({ pulls, moves }) =>
  Object.values(pulls).some(Boolean) || Object.values(moves).some(Boolean);

// The large picture of any code, and the words under it; says: what is being tried with it.
function showCode(view, code, says = "") {
  const { live, find, root } = view;
  const picture = live.decode(code);
  const words = says || handWords(view, code);
  live.paint(find(".picture"), picture, `The decoder's picture. ${words}`);
  find(".caption").textContent = words;
  showTold(view.row, code, view.hand.kind);
  root.dataset.picture = hashOf(bytesOfPicture(picture));
  root.dataset.code = Array.from(code, (v) => v.toFixed(4)).join(" ");
}

function handWords(view, code) {
  const { hand, live } = view;
  const whose = hand.row !== null ? nameOfRow(live.model, hand.row)
    : hand.mean ? "the mean of all codes" : "your picture";
  const words = [`${whose[0].toUpperCase()}${whose.slice(1)}`];
  if (live.model.labels) words.push(nearestWords(live, code, hand.kind).toLowerCase());
  if (isBeyond(view, code)) words.push("pulled beyond all codes: a guess");
  return words.join(" · ");
}

// ---- what it begins as ---------------------------------------------------------------------

function buildBegins(view) {
  const { find, live, data } = view;
  const { thing } = live.model;
  const button = (words, act, begin) => {
    const made = element("button", "", words);
    made.type = "button";
    if (begin) Object.assign(made, { ariaPressed: "false" }).dataset.begin = begin;
    live.listen(made, "click", act);
    return made;
  };
  find(".begins").replaceChildren(
    button(`Another ${thing}`, () => begin(view, { row: someRow(live) })),
    button("Draw one", () => togglePad(view), "draw"),
    button("Mean of all", () => begin(view, { mean: true }), "mean"),
    ...data.pins.map(({ code, row }, i) => button(`Pin ${i + 1}`,
      () => begin(view, row === null ? { code: Float32Array.from(code) } : { row }))),
  );
  find(".begins [data-begin=draw]").style.display = "var(--tab-draw, inline-flex)";
  find(".begins [data-begin=draw]").ariaPressed = null;
  find(".begins [data-begin=draw]").ariaExpanded = String(!find(".pad-place").hidden);
}

function clearPad(view) {
  view.pad = null;
  view.find(".pad-place").hidden = true;
  view.find(".pad-place").replaceChildren();
}

function togglePad(view) {
  const place = view.find(".pad-place");
  place.hidden = !place.hidden;
  view.find(".begins [data-begin=draw]").ariaExpanded = String(!place.hidden);
  if (view.pad?.of !== view.model) {
    place.replaceChildren();
    view.pad = { of: view.model, panel: mountDraw(place, view.live) };
  }
  view.quiet = true; // what was drawn before is not in hand again for being seen
  if (place.hidden) view.pad.panel.hide();
  else view.pad.panel.show();
  view.quiet = false;
}
