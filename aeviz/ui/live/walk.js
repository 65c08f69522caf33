// The panel Walk: a path through the code, decoded picture by picture.
// Needs live/ink.js, live/paint.js.

const WALK_HTML = `
<div class="live-panel walk" role="group" aria-label="Walk">
  <div class="line">
    <label>Walk <select class="route" aria-label="Walk">
      <option value="circle">round a circle</option>
      <option value="line">in a straight line between two pins</option>
      <option value="path">through all pins</option>
    </select></label>
    <label class="ends">from <select class="from" aria-label="From pin"></select></label>
    <label class="ends">to <select class="to" aria-label="To pin"></select></label>
    <label class="round"><input type="checkbox" class="closed"> and back to the first</label>
  </div>
  <p class="missing" role="status"></p>
  <div class="walking">
    <div class="line">
      <button type="button" class="play">Play</button>
      <input type="range" class="scrubber" min="0" value="0" aria-label="Place on the walk">
      <span class="place"></span>
    </div>
    <div class="line">
      <label class="steps-line">Pictures <input type="range" class="steps" aria-label="Pictures">
        <output class="count"></output></label>
      <label>Speed <select class="speed" aria-label="Speed">
        <option value="4">slow</option>
        <option value="10" selected>medium</option>
        <option value="25">fast</option>
      </select></label>
    </div>
    <figure>
      <div class="strip" role="img"></div>
      <figcaption>Pictures along the walk, evenly spaced</figcaption>
    </figure>
    <div class="line">
      <button type="button" class="gif">Make a GIF</button>
      <a class="saved" hidden>Save the GIF</a>
      <span class="making" role="status"></span>
    </div>
  </div>
</div>`;

const WALK_PARTS = [
  "route", "from", "to", "closed", "missing", "walking", "play", "scrubber", "place", "steps",
  "speed", "strip", "saved", "making",
];

const FEWEST_STEPS = 10; // fewer would jump from digit to digit
const MOST_STEPS = 120; // at the slowest speed half a minute
const FIRST_STEPS = 60; // six seconds at medium speed
const STRIP_PICTURES = 10; // about 38 pixels each, the smallest a digit can be read at

// ---- paths: plain functions, `steps` places each -------------------------------------------

// [x, y] on a circle, anticlockwise from its right end. The last place is one step before the
// first, so that the walk can go round without a stop.
function circlePath([x, y], radius, steps) {
  return Array.from({ length: steps }, (_, i) => {
    const angle = (2 * Math.PI * i) / steps;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
}

// Codes along the straight lines from one waypoint (a code of any length) to the next, all steps
// equally long. An open path has both ends; a closed one stops one step before its start.
function waypointPath(waypoints, steps, closed) {
  const corners = closed ? [...waypoints, waypoints[0]] : waypoints;
  const along = [0]; // length of the way to each corner
  for (let i = 1; i < corners.length; i++)
    along.push(along[i - 1] + Math.hypot(...corners[i].map((v, k) => v - corners[i - 1][k])));
  const stride = along.at(-1) / (closed ? steps : steps - 1);
  let leg = 0;
  return Array.from({ length: steps }, (_, i) => {
    const at = i * stride;
    while (leg < corners.length - 2 && along[leg + 1] < at) leg++;
    const length = along[leg + 1] - along[leg];
    const share = length > 0 ? Math.min(1, (at - along[leg]) / length) : 0;
    return Float32Array.from(corners[leg], (v, k) => v + share * (corners[leg + 1][k] - v));
  });
}

const linePath = (from, to, steps) => waypointPath([from, to], steps, false);

// A circle through the thick of the map: round the median of the points ([x, y, x, y ...]), at
// their median distance from it. The source shows such a walk without saying how large it is.
function circleOfPoints(points) {
  const median = (values) => quantile(Float64Array.from(values).sort(), 0.5);
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  const [x, y] = [median(xs), median(ys)];
  return { middle: [x, y], radius: median(xs.map((v, i) => Math.hypot(v - x, ys[i] - y))) };
}

// ---- the panel -----------------------------------------------------------------------------

function mountWalk(host, live) {
  const view = {
    ...panelIn(host, live, WALK_HTML),
    pins: [], path: null, position: 0, playing: false, shown: false, link: null,
    asked: Date.now(), // a number no earlier request had, also when the panel is made anew
    waiting: false,
  };
  for (const name of WALK_PARTS) view[name] = view.find(`.${name}`);
  Object.assign(view.steps, { min: FEWEST_STEPS, max: MOST_STEPS, value: FIRST_STEPS });
  view.circle = circleOfPoints(live.model.points);
  for (const control of [view.route, view.from, view.to, view.closed])
    live.listen(control, "change", () => {
      newPath(view, 0);
      tellRoute(view);
    });
  live.listen(view.steps, "input", () => newPath(view, view.position / view.path.codes.length));
  for (const control of [view.steps, view.scrubber])
    live.listen(control, "change", () => tellRoute(view));
  live.listen(view.speed, "change", () => forgetGif(view));
  live.listen(view.play, "click", () => {
    if (!view.playing) return playWalk(view);
    pauseWalk(view);
    tellRoute(view);
  });
  live.listen(view.scrubber, "input", () => {
    pauseWalk(view);
    standAt(view, Number(view.scrubber.value));
  });
  live.listen(view.find(".gif"), "click", () => askForGif(view));
  const linked = live.settings().route;
  if (linked) {
    view.linked = linked; // its pins come with the first update
    view.route.value = linked.kind === "round" ? "path" : linked.kind;
    view.closed.checked = linked.kind === "round";
    view.steps.value = linked.steps;
  }
  newPath(view, shareOf(linked));
  return {
    update: (data) => updateWalk(view, data ?? {}),
    retold: () => view.shown && showPath(view),
    show: () => {
      view.shown = true;
      showPath(view);
    },
    hide: () => {
      view.shown = false;
      pauseWalk(view);
      live.mark("walk", []);
    },
    end: () => {
      pauseWalk(view);
      forgetGif(view);
    },
  };
}

function updateWalk(view, data) {
  const pins = (Array.isArray(data.pins) ? data.pins : []).filter(
    (pin) => pin && pin.code && pin.code.length === view.live.model.latentDim);
  if (JSON.stringify(pins) !== JSON.stringify(view.pins)) {
    view.pins = pins;
    for (const [select, end] of [[view.from, 0], [view.to, pins.length - 1]]) {
      const chosen = select.options.length < 2 ? end : select.value;
      select.replaceChildren(...pins.map((pin, i) => new Option(`pin ${i + 1}`, i)));
      select.value = chosen < pins.length ? chosen : end;
    }
    const { linked } = view;
    view.linked = null;
    if (linked && linked.kind === "line" && Math.max(linked.start, linked.end) < pins.length)
      [view.from.value, view.to.value] = [linked.start, linked.end];
    // A circle does not hang on the pins: it walks on while one is set.
    if (view.route.value !== "circle") newPath(view, shareOf(linked));
  }
  takeGif(view, data.gif);
}

// How far along it a link's walk stands: in the middle of its picture, whatever is rounded.
const shareOf = (linked) => (linked ? (linked.place + 0.5) / linked.steps : 0);

function tellRoute(view) {
  const kind = view.route.value === "path" && view.closed.checked ? "round" : view.route.value;
  const [start, end] = [view.from, view.to].map((select) => Math.max(0, select.selectedIndex));
  view.live.chosen("route", {
    kind, start, end, steps: Number(view.steps.value), place: Math.floor(view.position),
  });
}

// The codes of the walk and their places on the map, or null where pins are missing.
function pathOf(view) {
  const { live, pins } = view;
  const steps = Number(view.steps.value);
  if (view.route.value === "circle") {
    const spots = circlePath(view.circle.middle, view.circle.radius, steps);
    return { codes: spots.map(([x, y]) => live.lift(x, y)), spots, closed: true };
  }
  if (pins.length < 2) return null;
  const through = view.route.value === "path";
  const closed = through && view.closed.checked;
  const codes = through ? waypointPath(pins.map((pin) => pin.code), steps, closed)
    : linePath(pins[view.from.value].code, pins[view.to.value].code, steps);
  return { codes, spots: codes.map((code) => live.project(code)), closed };
}

// Lays the path anew and stands `share` of the way along it.
function newPath(view, share) {
  const { root } = view;
  const kind = view.route.value;
  forgetGif(view);
  view.path = pathOf(view);
  if (!view.path || kind !== root.dataset.kind) pauseWalk(view);
  root.dataset.kind = kind;
  for (const end of root.querySelectorAll(".ends"))
    end.hidden = kind !== "line" || view.pins.length < 2;
  root.querySelector(".round").hidden = kind !== "path" || view.pins.length < 2;
  view.walking.hidden = !view.path;
  view.missing.textContent = view.path ? ""
    : "Pin two places first: press two places on the map, then come back here.";
  view.find(".count").textContent = view.steps.value;
  if (view.path) {
    const { length } = view.path.codes;
    root.dataset.steps = length;
    view.scrubber.max = length - 1;
    view.position = Math.min(length - 1, Math.floor(share * length));
    drawStrip(view);
  }
  if (view.shown) showPath(view);
}

function showPath(view) {
  const { live, path } = view;
  if (!path) return live.mark("walk", []);
  const [first] = path.spots;
  const points = path.closed ? [...path.spots, first] : path.spots;
  live.mark("walk", [{ kind: "line", x: first[0], y: first[1], points }]);
  standAt(view, view.position);
}

function standAt(view, position) {
  const { root, live, path } = view;
  view.position = position;
  const step = Math.floor(position);
  root.dataset.step = step;
  view.scrubber.value = step;
  view.place.textContent = `${step + 1} of ${path.codes.length}`;
  view.scrubber.setAttribute("aria-valuetext", `picture ${view.place.textContent}`);
  view.scrubber.style.setProperty("--done", `${(100 * step) / (path.codes.length - 1)}%`);
  live.show(path.codes[step], `Walk, picture ${view.place.textContent}`);
}

function drawStrip({ strip, path: { codes, closed }, live }) {
  const open = closed ? 0 : 1; // an open path's last place is in the strip
  const stride = (codes.length - open) / (STRIP_PICTURES - open);
  const shown = Array.from({ length: STRIP_PICTURES }, (_, i) => codes[Math.round(i * stride)]);
  paintStrip(live, strip, shown, `${STRIP_PICTURES} pictures along the walk`);
}

// ---- playing -------------------------------------------------------------------------------

function playWalk(view) {
  const last = view.path.codes.length - 1;
  if (!view.path.closed && view.position >= last) standAt(view, 0);
  showWalking(view, true);
  view.before = performance.now();
  view.live.frame((now) => walkOn(view, now));
}

function walkOn(view, now) {
  if (!view.playing) return;
  const { codes, closed } = view.path;
  // A tab that was hidden goes on where it was.
  const passed = Math.min(100, Math.max(0, now - view.before)) / 1000;
  view.before = now;
  let position = view.position + passed * Number(view.speed.value);
  const arrived = !closed && position >= codes.length - 1;
  position = closed ? position % codes.length : Math.min(codes.length - 1, position);
  if (Math.floor(position) === Math.floor(view.position)) view.position = position;
  else standAt(view, position);
  if (arrived) return pauseWalk(view);
  view.live.frame((next) => walkOn(view, next));
}

function pauseWalk(view) {
  showWalking(view, false);
  view.position = Math.floor(view.position);
}

function showWalking(view, playing) {
  view.playing = playing;
  view.root.dataset.playing = playing ? "1" : "0";
  view.play.textContent = playing ? "Pause" : "Play";
}

// ---- the GIF: made by the server, which has a library for it --------------------------------

function askForGif(view) {
  forgetGif(view);
  view.waiting = true;
  view.making.textContent = "Making the GIF.";
  view.live.send("walk", {
    n: ++view.asked,
    codes: view.path.codes.map((code) => Array.from(code, (v) => Math.round(v * 1e4) / 1e4)),
    delay_ms: Math.round(1000 / Number(view.speed.value)),
  });
}

// gif: { n, bytes } with the number of the request it answers.
function takeGif(view, gif) {
  if (!view.waiting || gif?.n !== view.asked) return;
  view.waiting = false;
  view.link = URL.createObjectURL(new Blob([gif.bytes], { type: "image/gif" }));
  Object.assign(view.saved, { href: view.link, download: "walk.gif", hidden: false });
  view.making.textContent = "";
}

function forgetGif(view) {
  if (view.link) URL.revokeObjectURL(view.link);
  view.link = null;
  view.waiting = false;
  view.saved.hidden = true;
  view.saved.removeAttribute("href");
  view.making.textContent = "";
}
