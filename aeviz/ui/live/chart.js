// Attaching to a native Plotly chart: where its axes are, what the pointer and the keys do on it.
// Only what Plotly documents is used: its events, `layout.xaxis.range`, and the drag rectangle
// (class nsewdrag) for the place of the plot area. Plotly or Streamlit may replace the chart at any
// time (a rerun, another theme, another size); the new one is then attached to.
// Needs live/normal.js, live/overlay.js, live/still.js, live/touch.js, shell/component.js.

const SNAP_PIXELS = 6; // a click this near to a dot means the dot
const SNAP_FINGER = 14; // a fingertip is less exact
const KEY_STEP = 1 / 100; // of the range, with Shift 1 / 10
const SETTLED = 150; // milliseconds; the wheel zooms in many small steps
const ZOOM_WORDS = `${/Mac/.test(navigator.platform) ? "⌘" : "Ctrl"} and the wheel zoom`;
const SAME_CLICK = 10; // pixels; two quick clicks further apart are two clicks

// The container with this key.
const homeOf = (key) =>
  document.querySelector(`.${CSS.escape(`st-key-${key.trim().replace(/[^a-zA-Z0-9_-]/g, "-")}`)}`);

// name: the key of the container the chart is in. act: what to do:
//   attached(chart), detached()   a chart is there, or gone
//   point(x, y, how)              the pointer, a finger or a key is at this point of the map
//   pin(x, y, how)                this point is to be pinned; how: "mouse", "touch" or "keys"
//   unpin()                       the last pin was the first half of a double click
//   moved()                       zoomed, panned, resized: places in pixels have changed
//   viewed(ends)                  zoomed or panned to [left, right, bottom, top], and settled; null
//                                 for a double click
// gaussian: whether its axes count in shares of the standard normal distribution.
function watchChart(name, act, gaussian = false) {
  const chart = {
    name, act, gaussian, units: gaussian ? GAUSSIAN : EVEN,
    gd: null, x: [0, 1], y: [0, 1], pointer: null, request: 0, rows: null, seen: null,
    overlay: null, listening: null, gdListeners: [], settling: 0,
  };
  const watcher = new MutationObserver(() => attachedStill(chart) || attach(chart));
  watcher.observe(document.body, { childList: true, subtree: true });
  // Whoever presses a button after a zoom means it after that zoom.
  const press = ({ target }) => {
    if (chart.settling && !chart.gd?.contains(target)) viewed(chart);
  };
  document.addEventListener("pointerdown", press, true);
  attach(chart);
  chart.end = () => {
    watcher.disconnect();
    document.removeEventListener("pointerdown", press, true);
    clearTimeout(chart.settling);
    endStill(chart);
    detach(chart);
  };
  return chart;
}

// Plotly gives a chart a new `on` when it is drawn from scratch; handlers are then gone with the
// old one though the node has stayed.
const attachedStill = ({ gd, on }) => gd !== null && gd.isConnected && gd.on === on;

function attach(chart) {
  const gd = homeOf(chart.name)?.querySelector(".js-plotly-plot") ?? null;
  if (chart.gd && chart.gd !== gd) showStill(chart);
  detach(chart);
  const drawn = gd && gd.on && gd.querySelector(".nsewdrag") && rangeOf(gd.layout, "xaxis");
  if (!drawn) return;
  const listening = new AbortController();
  Object.assign(chart, { gd, on: gd.on, listening, overlay: makeOverlay(gd) });
  readView(chart);
  const { signal } = listening;
  listenToPointer(chart, signal);
  gd.addEventListener("wheel", (event) => turned(chart, event), { signal, capture: true });
  chart.overlay.whole.addEventListener("click", () => showWhole(chart), { signal });
  chart.overlay.host.addEventListener("keydown", (event) => steer(chart, event), { signal });
  listenToFingers(chart, signal);
  watchForStill(chart);
  const on = (type, act) => {
    gd.on(type, act);
    chart.gdListeners.push([type, act]);
  };
  on("plotly_click", (event) => clicked(chart, event));
  on("plotly_doubleclick", () => (chart.doubled = performance.now()));
  on("plotly_relayouting", (changes) => readView(chart, changes));
  on("plotly_relayout", (changes) => {
    readView(chart);
    // Plotly says this also of what nobody did, such as another size.
    const changed = Object.keys(changes ?? {});
    if (changed.some((name) => /^[xy]axis\.range/.test(name))) {
      clearTimeout(chart.settling);
      chart.settling = setTimeout(() => viewed(chart), SETTLED);
    } else if (changes?.["xaxis.autorange"]) viewed(chart, null); // by two quick clicks, also apart
  });
  on("plotly_afterplot", () => readView(chart));
  chart.act.attached(chart);
}

function detach(chart) {
  if (!chart.gd) return;
  chart.listening.abort();
  chart.hiding.disconnect();
  cancelAnimationFrame(chart.request);
  cancelAnimationFrame(chart.touch.request);
  if (chart.gd.on === chart.on && chart.gd.removeListener)
    for (const [type, act] of chart.gdListeners) chart.gd.removeListener(type, act);
  chart.overlay.end();
  Object.assign(chart, { gd: null, on: null, overlay: null, gdListeners: [], request: 0 });
  chart.act.detached();
}

function viewed(chart, ends = [...chart.x, ...chart.y].map(chart.units.toMap)) {
  clearTimeout(chart.settling);
  chart.settling = 0;
  chart.act.viewed(ends);
}

// ---- zoom ----------------------------------------------------------------------------------

// Without Ctrl (which two fingers on a trackpad send too) the page scrolls, unless the map has been
// clicked since the pointer came. Plotly turns as far as the wheel says: it is told no more than
// the map allows.
function turned(chart, event) {
  if (!event.ctrlKey && !event.metaKey && !chart.clicked) {
    event.stopPropagation();
    chart.overlay.say(ZOOM_WORDS);
    return;
  }
  const [narrowest, widest] = chart.gd.layout.meta?.widths ?? [0, Infinity];
  const width = Math.abs(chart.x[1] - chart.x[0]);
  const room = WHEEL_SCALE * Math.log(event.deltaY < 0 ? width / narrowest : widest / width);
  const turn = Math.min(Math.abs(event.deltaY), WHEEL_MOST, Math.max(0, room));
  Object.defineProperty(event, "deltaY", { value: Math.sign(event.deltaY) * turn });
}

// A map that keeps its whole view itself goes back to it; another is drawn anew.
function showWhole(chart) {
  const { gd } = chart;
  if (!gd.layout.xaxis.autorangeoptions) viewed(chart, null);
  else if (gd.layout.xaxis.autorange) viewed(chart, null); // drawn zoomed
  else window.Plotly.relayout(gd, { "xaxis.autorange": true, "yaxis.autorange": true });
}

// ---- where things are ----------------------------------------------------------------------

function rangeOf(layout, axis) {
  const [from, to] = layout?.[axis]?.range?.map(Number) ?? [];
  return Number.isFinite(from) && Number.isFinite(to) && from !== to ? [from, to] : null;
}

// The ranges of the axes. While a drag or the wheel is at work they are in Plotly's event only:
// `changes` holds "xaxis.range[0]" and so on.
function readView(chart, changes = {}) {
  if (!chart.gd) return;
  for (const axis of ["x", "y"]) {
    const range = rangeOf(chart.gd.layout, `${axis}axis`) ?? chart[axis];
    chart[axis] = range.map((end, i) => changes[`${axis}axis.range[${i}]`] ?? end);
  }
  const area = plotArea(chart);
  if (!area || !area.width || !area.height) return;
  noteStill(chart);
  chart.overlay.place(area);
  const { meta, xaxis: { autorange, autorangeoptions } } = chart.gd.layout;
  chart.overlay.whole.hidden = !(meta?.zoomed || (autorangeoptions && autorange === false));
  chart.act.moved();
}

const plotArea = ({ gd }) => gd.querySelector(".nsewdrag")?.getBoundingClientRect();

// A place in the window -> a point of the map, or null outside the plot area.
function pointAt(chart, clientX, clientY) {
  const area = plotArea(chart);
  if (!area || !area.width) return null;
  const across = (clientX - area.left) / area.width;
  const down = (clientY - area.top) / area.height;
  if (!(across >= 0 && across <= 1 && down >= 0 && down <= 1)) return null;
  const { x, y, units: { toMap } } = chart;
  return [toMap(x[0] + across * (x[1] - x[0])), toMap(y[1] - down * (y[1] - y[0]))];
}

// A point of the map -> CSS pixels from the plot area's top left corner.
function placeOf({ x, y, overlay, units: { toChart } }, px, py) {
  return [
    ((toChart(px) - x[0]) / (x[1] - x[0])) * overlay.width,
    ((y[1] - toChart(py)) / (y[1] - y[0])) * overlay.height,
  ];
}

// ---- which dots are on the chart -----------------------------------------------------------

// Plotly's Python side sends arrays as { dtype, bdata } with base64 bytes.
function numbersOf(values) {
  if (!values || values.bdata === undefined) return values ?? [];
  return numbersIn(Uint8Array.from(atob(values.bdata), (c) => c.charCodeAt(0)).buffer, values.dtype);
}

// 1 for each row whose dot is on the chart and not hidden by the legend, or null where the chart's
// dots don't say which rows they are (in `customdata`): all count then.
function rowsShown(chart, count) {
  const traces = chart.gd ? chart.gd.data.filter((trace) => trace.customdata) : [];
  const seen = traces.map((trace) => trace.visible !== "legendonly" && trace.visible !== false);
  const same = chart.seen && chart.seen.data === chart.gd.data
    && String(chart.seen.seen) === String(seen);
  if (same) return chart.rows;
  chart.seen = { data: chart.gd && chart.gd.data, seen };
  chart.rows = traces.length ? new Uint8Array(count) : null;
  traces.forEach((trace, t) => {
    if (seen[t]) for (const row of numbersOf(trace.customdata)) chart.rows[row] = 1;
  });
  return chart.rows;
}

// The row of the dot that is meant by this point, or null in empty space.
function dotAt(chart, points, x, y, within) {
  const shown = rowsShown(chart, points.length / 2);
  const { toChart } = chart.units;
  const perX = chart.overlay.width / (chart.x[1] - chart.x[0]);
  const perY = chart.overlay.height / (chart.y[1] - chart.y[0]);
  const [meantX, meantY] = [toChart(x), toChart(y)];
  let [best, row] = [within * within, null];
  for (let i = 0, k = 0; k < points.length; i++, k += 2) {
    const across = perX * (toChart(points[k]) - meantX);
    const square = across ** 2 + (perY * (toChart(points[k + 1]) - meantY)) ** 2;
    if (square <= best && (!shown || shown[i])) [best, row] = [square, i];
  }
  return row;
}

// ---- pointer, clicks, keys -----------------------------------------------------------------

function listenToPointer(chart, signal) {
  const { gd } = chart;
  const on = (target, type, act) => target.addEventListener(type, act, { signal, passive: true });
  on(gd, "pointermove", (event) => follow(chart, event));
  on(gd, "pointerdown", ({ pointerType }) => (chart.clicked = pointerType !== "touch"));
  on(gd, "pointerleave", ({ buttons }) => (chart.clicked = buttons > 0));
  // While it draws a rectangle Plotly covers the page, and the chart hears of no move.
  on(document, "pointermove", (event) => {
    const drawing = chart.clicked && event.buttons && gd.layout.dragmode === "zoom";
    if (drawing && !gd.contains(event.target)) follow(chart, event);
  });
}

// The newest place wins; at most one picture more than one a frame. Drawn at once and not in the
// next frame's callback: browsers hand out most moves shortly before a frame, but not all, and for
// the others that would be a frame later.
function follow(chart, event) {
  if (event.pointerType === "touch" || overButtons(event)) return;
  chart.pointer = [event.clientX, event.clientY];
  if (!chart.request) drawPointer(chart);
}

function drawPointer(chart) {
  const [x, y] = chart.pointer;
  chart.request = requestAnimationFrame(() => {
    chart.request = 0;
    if (chart.pointer[0] !== x || chart.pointer[1] !== y) drawPointer(chart);
  });
  const at = pointAt(chart, x, y);
  if (at) chart.act.point(...at, "mouse");
}

// The legend, the tool bar and a button of ours may lie on the plot area.
const overButtons = (event) =>
  Boolean(event.composedPath()[0].closest?.(".legend, .modebar-container, .whole"));

// Plotly tells a click from a drag and, with `clickanywhere` in the layout, reports it in empty
// space too. Where its hovering is switched off it gives no xvals, but the place of the click.
function clicked(chart, { xvals, yvals, event }) {
  const known = xvals && yvals && Number.isFinite(xvals[0]) && Number.isFinite(yvals[0]);
  const { toMap } = chart.units;
  const at = known ? [toMap(xvals[0]), toMap(yvals[0])]
    : event && pointAt(chart, event.clientX, event.clientY);
  if (!at) return;
  // Or a move just before the click would take the picture away from the dot that was meant.
  cancelAnimationFrame(chart.request);
  chart.request = 0;
  if (!secondClick(chart, event)) chart.act.pin(...at, "mouse");
  else if (!(event.detail > 2)) {
    chart.act.unpin();
    viewed(chart, null);
  }
}

// A double click resets the view and is no wish for a pin. The browser counts clicks on one spot;
// Plotly takes any two quick ones for a double click and says so just before it reports the second.
function secondClick(chart, event) {
  const before = chart.clickAt;
  chart.clickAt = [event.clientX, event.clientY];
  if (event.detail > 1) return true;
  const doubled = chart.doubled !== undefined && performance.now() - chart.doubled < 100;
  const apart = before && Math.hypot(before[0] - event.clientX, before[1] - event.clientY);
  return doubled && apart <= SAME_CLICK;
}

function steer(chart, event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const step = event.shiftKey ? 10 * KEY_STEP : KEY_STEP;
  const { toChart, toMap } = chart.units;
  const [x, y] = chart.at?.map(toChart)
    ?? [(chart.x[0] + chart.x[1]) / 2, (chart.y[0] + chart.y[1]) / 2];
  const across = step * (chart.x[1] - chart.x[0]);
  const up = step * (chart.y[1] - chart.y[0]);
  const to = {
    ArrowLeft: [x - across, y], ArrowRight: [x + across, y],
    ArrowDown: [x, y - up], ArrowUp: [x, y + up],
  }[event.key];
  if (event.key === "Enter" || event.key === " ") chart.act.pin(toMap(x), toMap(y), "keys");
  else if (to)
    chart.act.point(toMap(between(to[0], chart.x)), toMap(between(to[1], chart.y)), "keys");
  else return;
  event.preventDefault();
}

const between = (value, [a, b]) => Math.min(Math.max(a, b), Math.max(Math.min(a, b), value));
