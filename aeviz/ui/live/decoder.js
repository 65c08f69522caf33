// The live decoder: the large picture, its words, the tabs under it, and what they share (`live`).
// Needs live/chart.js, live/draw.js, live/early.js, live/forward.js, live/noise.js,
// live/overlay.js, live/paint.js, live/pins.js, live/sliders.js, live/test_pictures.js,
// live/told.js, live/walk.js, shell/colours.js, shell/component.js.

const PANELS = [
  ["pins", "Pins", mountPins],
  ["walk", "Walk", mountWalk],
  ["draw", "Draw", mountDraw],
  ["noise", "Noise", mountNoise],
  ["sliders", "Sliders", mountSliders],
];

const SPEAK_AFTER = 500; // milliseconds without a key press before the place is read out

const HINTS = { mouse: "click to pin", touch: "tap to pin", keys: "Enter pins it" };
const farWords = ({ thing }) => `Far from every ${thing}: a guess.`;

export default function (component) {
  return keepOnPage(component, ".live", mountLive, updateLive);
}

function mountLive(root) {
  const find = (name) => root.querySelector(name);
  const view = {
    root, model: null, live: null, chart: null, panels: new Map(), tab: null,
    at: null, marks: new Map(), thumbnails: null, requests: [], requested: 0,
    opening: 0, speaking: 0, waiting: 0, hint: "", painted: new WeakMap(), told: null, row: null,
    picture: find(".picture"), caption: find(".caption"), warning: find(".warning"),
    kind: find(".kind"), spoken: find(".spoken"), tabs: find(".tabs"), place: find(".panels"),
    listening: new AbortController(),
  };
  const { signal } = view.listening;
  document.addEventListener("aeviz-model-here",
    ({ detail }) => takeModel(view, detail.key, detail.bytes), { signal });
  document.addEventListener("aeviz-pointed", ({ detail: { from, together, at } }) => {
    if (from !== view && together === view.data.chart.together && view.model) showPlace(view, ...at);
  }, { signal });
  buildTabs(view, signal);
  view.end = () => {
    view.listening.abort();
    endEarly(view);
    endModel(view);
    if (view.chart) view.chart.end();
    view.chart = null;
  };
  return view;
}

function updateLive(view, before) {
  const { data } = view;
  recolour(view);
  const theme = view.colours.dark ? "dark" : "light";
  if (data.chart.theme && data.chart.theme !== theme) view.send("theme", theme);
  view.root.dataset.compact = data.compact ? "1" : "0";
  if (!before || before.tab !== data.tab) chooseTab(view, data.tab, false);
  const { key, gaussian } = data.chart;
  if (view.chart?.name !== key || view.chart.gaussian !== gaussian) watch(view);
  if (!view.model || view.model.key !== data.model) wantModel(view);
  settleRequests(view);
  refresh(view);
}

// Counts up also when the component is made anew, so that no event looks like an earlier one.
const nextNumber = (view) => (view.requested = Math.max(view.requested + 1, Date.now()));

// What may have changed with new data, a new model or a pin.
function refresh(view) {
  const { model, data } = view;
  if (!model || model.key !== data.model) return;
  const pins = allPins(view);
  view.marks.set("pins", pins.map((one, i) => {
    const [x, y] = placeOnMap(model, view.live, one);
    return { kind: "pin", x, y, label: i + 1 };
  }));
  redrawChart(view);
  if (data.compact) return;
  openPanel(view);
  for (const panel of view.panels.values()) panel.update?.({ ...data, pins });
}

// ---- the model -----------------------------------------------------------------------------

function wantModel(view) {
  endModel(view);
  delete view.root.dataset.ready;
  view.caption.textContent = "The decoder is on its way.";
  const { model: key } = view.data;
  document.dispatchEvent(new CustomEvent("aeviz-model-wanted", {
    detail: { key, take: (bytes) => takeModel(view, key, bytes) },
  }));
}

function takeModel(view, key, bytes) {
  if (!view.turn || !view.data || key !== view.data.model) return;
  if (view.model && view.model.key === key) return; // decoded already
  view.model = decodeNetwork(bytes);
  view.modelListening = new AbortController();
  view.live = makeLive(view);
  view.thumbnails = { model: view.model, live: view.live, request: 0, kept: new Map(), rows: [] };
  view.told = view.data.told;
  // Of two maps that follow one pointer the grids are drawn as one kind.
  const place = view.root.querySelector(".told");
  view.row = view.model.kinds && !view.data.chart.together
    ? mountTold(place, view.live, (kind) => tell(view, kind)) : null;
  place.hidden = !view.row;
  firstPicture(view);
  drawEarly(view);
  const long = (view.model.names ?? []).some((name) => name.length > 1);
  Object.assign(view.root.dataset, { model: key, names: long ? "long" : "short" });
  view.root.dataset.ready = "1";
  refresh(view);
}

function endModel(view) {
  view.opening++;
  clearTimeout(view.speaking);
  forgetRequests(view);
  if (view.thumbnails) cancelAnimationFrame(view.thumbnails.request);
  for (const panel of view.panels.values()) panel.end?.();
  view.panels.clear();
  view.place.replaceChildren();
  view.open = null;
  view.marks.clear();
  clearTimeout(view.row?.waiting);
  if (view.modelListening) view.modelListening.abort();
  Object.assign(view, { model: null, live: null, thumbnails: null, at: null, row: null });
}

// All is drawn as another kind from now on.
function tell(view, kind) {
  turnTo(view, kind);
  showPoint(view, view.live.shown, view.caption.textContent, view.at);
  view.panels.get(view.open)?.retold?.();
  refresh(view);
}

function turnTo(view, kind) {
  if (kind === undefined || kind === view.told) return;
  view.told = kind;
  view.send("told", { n: nextNumber(view), kind });
}

// A digit, and not the mean of all: nobody would know what to make of that.
function firstPicture(view) {
  const { model, live } = view;
  const code = codeOfRow(live, 0);
  const [x, y] = model.points;
  showPoint(view, code, pointWords(view, code, x, y), [x, y]);
}

// What the panels may use; see the top of each live_*.js file for what it does with it.
function makeLive(view) {
  const { model } = view;
  return {
    model,
    shown: null,
    get told() {
      return view.told;
    },
    decode: (code, kind = view.told) => forward(model.decoder, code, kind),
    encode: (picture, kind) => encodeWith(model, picture, kind),
    lift: (x, y) => liftPoint(model, x, y),
    project: (code) => projectCode(model, code),
    nearest: (code, k) => nearestDigits(model, code, k),
    // says: what the picture is, for those who cannot see it.
    paint: (canvas, picture, says, signed = false) => {
      view.painted.set(canvas, { picture, signed });
      paintOn(canvas, picture, view.colours, signed);
      if (says) Object.assign(canvas, { role: "img", ariaLabel: says });
    },
    show: (code, words, kind) => {
      turnTo(view, kind);
      showPoint(view, code, words);
    },
    mark: (name, marks) => {
      view.marks.set(name, marks);
      if (view.chart.gd) drawMarks(view.chart, view.marks);
    },
    send: (name, value) => view.send(name, value),
    // What a panel is to show at first, and telling what the viewer chose in it.
    settings: () => view.data.settings,
    chosen: (name, setting) => view.send(name, { n: nextNumber(view), ...setting }),
    unpin: (index) => requestUnpin(view, index),
    listen: (target, type, handler, options = {}) =>
      target.addEventListener(type, handler, { ...options, signal: view.modelListening.signal }),
    // Of no effect once the panel is hidden.
    frame: (callback) => {
      const { opening } = view;
      requestAnimationFrame((now) => opening === view.opening && callback(now));
    },
  };
}

// ---- the chart -----------------------------------------------------------------------------

function watch(view) {
  if (view.chart) view.chart.end();
  view.chart = null;
  const act = {
    attached: (chart) => {
      view.root.dataset.chart = "1";
      endEarly(view);
      if (view.colours) chart.overlay.colour(view.colours);
      if (view.chart) redrawChart(view);
    },
    detached: () => delete view.root.dataset.chart,
    moved: () => view.chart && redrawChart(view),
    point: (x, y, how) => pointed(view, x, y, how),
    pin: (x, y, how) => pin(view, x, y, how),
    unpin: () => {
      requestUnpin(view, allPins(view).length - 1);
      if (!view.data.compact) chooseTab(view, view.tabBefore, true);
    },
    viewed: (ends) => view.send("view", { n: nextNumber(view), ends }),
  };
  view.chart = watchChart(view.data.chart.key, act, view.data.chart.gaussian);
  redrawChart(view);
}

// Everything that lies on the map, at its place.
function redrawChart(view) {
  const { chart, data, model } = view;
  if (!chart || !chart.gd) return;
  chart.at = view.at;
  chart.overlay.ringAt(view.at && placeOf(chart, ...view.at));
  drawMarks(chart, view.marks);
  const pictures = model && data.chart.show === "pictures";
  if (pictures) drawThumbnails(view.thumbnails, chart, view.colours);
  else clearThumbnails(chart);
  view.kind.hidden = !pictures;
  if (pictures) view.kind.textContent = thumbnailWords(model);
}

function pointed(view, x, y, how) {
  if (!view.model) return;
  view.hint = HINTS[how];
  showPlace(view, x, y);
  if (how === "keys") speak(view, view.caption.textContent);
  const { together } = view.data.chart;
  if (together)
    document.dispatchEvent(new CustomEvent("aeviz-pointed",
      { detail: { from: view, together, at: [x, y] } }));
}

function showPlace(view, x, y) {
  const code = view.live.lift(x, y);
  showPoint(view, code, pointWords(view, code, x, y), [x, y]);
}

// The large picture, its words and the ring. at: where on the map, if it is not the code's own
// place there.
function showPoint(view, code, words, at = view.live.project(code)) {
  const { root, live, model, chart } = view;
  const picture = live.decode(code);
  live.shown = code;
  const as = model.kinds ? `, as ${nameOfKind(model, view.told)}` : "";
  live.paint(view.picture, picture, `The decoder's picture ${words}${as}`);
  if (view.row) showTold(view.row, code, view.told);
  view.at = at;
  if (chart && chart.gd) {
    chart.at = at;
    chart.overlay.ringAt(placeOf(chart, ...at));
  }
  const far = farnessOf(model, ...at) > 1;
  view.warning.textContent = far ? farWords(model) : "";
  view.caption.textContent = words;
  Object.assign(root.dataset, {
    x: at[0], y: at[1], far: far ? "1" : "0", picture: hashOf(bytesOfPicture(picture)),
  });
}

// For those who hear the page: after the last of several key presses, not after each.
function speak(view, words) {
  clearTimeout(view.speaking);
  view.speaking = setTimeout(() => {
    view.spoken.textContent = [words, view.warning.textContent].filter(Boolean).join(". ");
  }, SPEAK_AFTER);
}

// ---- pins ----------------------------------------------------------------------------------

function pin(view, x, y, how) {
  const { model, live } = view;
  if (!model) return;
  const row = dotAt(view.chart, model.points, x, y, how === "touch" ? SNAP_FINGER : SNAP_PIXELS);
  const at = row === null ? [x, y] : [model.points[2 * row], model.points[2 * row + 1]];
  const code = row === null ? live.lift(x, y) : codeOfRow(live, row);
  view.hint = HINTS[how];
  showPoint(view, code, pointWords(view, code, ...at), at);
  view.tabBefore = view.tab;
  // In a walk a new pin is one more place to walk to.
  if (!view.data.compact && view.tab !== "walk") chooseTab(view, "pins", true);
  request(view, { kind: "pin", pin: { x: at[0], y: at[1], code: Array.from(code), row } });
  speak(view, `Pinned as number ${allPins(view).length}`);
}

// ---- tabs ----------------------------------------------------------------------------------

function buildTabs(view, signal) {
  view.tabs.replaceChildren(); // the component may have been here before, and its tabs still are
  for (const [name, title] of PANELS) {
    const tab = element("button", "tab", title);
    Object.assign(tab, { type: "button", id: `tab-${name}`, role: "tab" });
    tab.dataset.tab = name;
    tab.setAttribute("aria-controls", "panel");
    tab.style.display = `var(--tab-${name}, block)`; // a link for a class leaves some out
    view.tabs.append(tab);
  }
  view.tabs.addEventListener("click", ({ target }) => {
    if (target.dataset.tab) chooseTab(view, target.dataset.tab, true);
  }, { signal });
  view.tabs.addEventListener("keydown", (event) => tabByKey(view, event), { signal });
}

function tabByKey(view, event) {
  const tabs = [...view.tabs.children].filter((tab) => tab.checkVisibility());
  const here = tabs.findIndex((tab) => tab.dataset.tab === view.tab);
  const last = tabs.length - 1;
  const to = {
    ArrowRight: here === last ? 0 : here + 1, ArrowLeft: here === 0 ? last : here - 1,
    Home: 0, End: last,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  chooseTab(view, tabs[to].dataset.tab, true);
  tabs[to].focus();
}

// telling: the viewer chose it, so that the page may put it into its address.
function chooseTab(view, name, telling) {
  if (!PANELS.some(([known]) => known === name) || view.tab === name) return;
  view.tab = name;
  for (const tab of view.tabs.children) {
    const chosen = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
  }
  view.place.setAttribute("aria-labelledby", `tab-${name}`);
  if (view.model) refresh(view);
  if (telling) view.send("tab", name);
}

// Mounts the chosen panel, when it is first wanted, and shows it alone.
function openPanel(view) {
  if (view.open === view.tab) return;
  if (view.panels.has(view.open)) view.panels.get(view.open).hide?.();
  view.opening++;
  view.open = view.tab;
  if (!view.panels.has(view.tab)) {
    const [, , mount] = PANELS.find(([name]) => name === view.tab);
    const host = element("div", "panel");
    host.dataset.panel = view.tab;
    view.place.append(host);
    const panel = mount(host, view.live);
    view.panels.set(view.tab, panel);
    panel.update?.({ ...view.data, pins: allPins(view) });
  }
  for (const host of view.place.children) host.hidden = host.dataset.panel !== view.tab;
  view.panels.get(view.tab).show?.();
}
