// The player of a film: its life on the page, the clock, Play, scrubber and keys, the words under
// them. Two components use it (replay.js and mosaic.js), which say what a film looks like:
//   mount(view, find, on)   what they need besides; on(target, type, handler) ends with the view
//   take(view, data, before)   new data, and what was there before: sets view.films
//   layout(view)   fit the canvases to view.width
//   draw(view), describe(view)   draw what films do not share at view.shownPosition; say it
// A film has `frames`, `steps`, `total` and `sentences`; the first of view.films gives the pace.
// Needs film/draw.js, film/loss_chart.js, shell/colours.js, shell/component.js.

const FRAMES_A_SECOND = 6; // a film of 48 frames lasts 8 s
const SHORTEST_FILM = 4; // seconds, so that a film of few frames can be followed too

const PLAY = '<svg viewBox="0 0 12 12" aria-hidden="true"><path d="M2 1v10l9-5z"/></svg>Play';
const PAUSE = '<svg viewBox="0 0 12 12" aria-hidden="true">'
  + '<path d="M2 1h3v10H2zM7 1h3v10H7z"/></svg>Pause';

function playFilm(component, act) {
  return keepOnPage(component, ".film", (root) => mountFilm(root, act), updateFilm);
}

function mountFilm(root, act) {
  const find = (name) => root.querySelector(name);
  const view = {
    root, act, position: 0, playing: false, films: [], reported: null,
    play: find(".play"), scrubber: find(".scrubber"), speed: find(".speed"),
    stepText: find(".step"), lossCanvas: find(".loss canvas"), lossKey: find(".loss figcaption"),
    calm: matchMedia("(prefers-reduced-motion: reduce)"),
  };
  const listening = new AbortController();
  const on = (target, type, handler) =>
    target.addEventListener(type, handler, { signal: listening.signal });
  listenToControls(view, on);
  act.mount(view, find, on);
  const refit = () => {
    if (view.data && view.turn) fitFilm(view);
  };
  const watcher = new ResizeObserver(() => {
    const same = root.clientWidth === view.width && devicePixelRatio === view.ratio;
    if (same && view.colours?.text === textScale()) return;
    cancelAnimationFrame(view.refit);
    view.refit = requestAnimationFrame(refit);
  });
  watcher.observe(root);
  // Canvas text is drawn in the page's font only once that has been loaded.
  document.fonts.ready.then(refit);
  view.end = () => {
    listening.abort();
    watcher.disconnect();
    cancelAnimationFrame(view.request);
    cancelAnimationFrame(view.refit);
  };
  return view;
}

function updateFilm(view, before) {
  const fresh = view.data !== before;
  if (fresh) {
    view.act.take(view, view.data, before);
    view.lossKey.replaceChildren(...lossCaption(view.films));
    placeScrubber(view);
    buildSentences(view);
    showPlaying(view);
  }
  fitFilm(view);
  view.root.dataset.ready = "1";
  if (fresh && view.start) playFromStart(view);
}

function fitFilm(view) {
  view.colours = coloursOf(view.root);
  for (const name of ["training", "dim", "line"])
    view.root.style.setProperty(`--${name}`, view.colours[name]);
  reserveStepWords(view);
  view.width = view.root.clientWidth;
  view.ratio = devicePixelRatio || 1;
  if (view.width) view.act.layout(view);
  drawFilm(view);
}

function drawFilm(view) {
  if (!view.width) return;
  view.shownPosition = view.calm.matches ? Math.floor(view.position) : view.position;
  view.act.draw(view);
  drawLossNow(view);
  tellMoment(view);
  if (!view.playing) view.act.describe(view);
}

function placeScrubber(view) {
  view.scrubber.max = view.films[0].frames - 1;
  const still = view.data.live || view.films[0].frames < 2;
  for (const control of [view.play, view.scrubber, view.speed]) control.hidden = still;
}

// ---- words ---------------------------------------------------------------------------------

// All of a film's sentences lie on top of each other, all but one hidden, so that the place keeps
// the height of the longest and nothing below it moves.
function buildSentences(view) {
  const place = view.root.querySelector(".sentences");
  view.sentences = view.films.map((film) => {
    const block = element("div", "sentence");
    const longest = film.sentences.reduce((a, b) => (b.length > a.length ? b : a), "");
    const shown = element("p");
    const room = Object.assign(element("p", "room"), { ariaHidden: "true" });
    room.replaceChildren(...words(view, film, longest));
    block.append(room, shown);
    return { block, shown, text: null };
  });
  place.replaceChildren(...view.sentences.map((s) => s.block));
}

function words(view, film, sentence) {
  const [, bold, rest] = /^(?:\*\*(.+?)\*\*)?([^]*)$/.exec(sentence);
  const title = view.films.length > 1 ? [element("span", "whose", `${film.title}: `)] : [];
  return [...title, ...(bold ? [element("strong", "", bold)] : []), rest];
}

// Room for the longest of them, so that the scrubber keeps its length.
function reserveStepWords(view) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.font = `${16 * view.colours.text}px ${view.colours.font}`;
  const longest = context.measureText(momentWords(view, (film) => film.total)).width;
  view.stepText.style.minWidth = `${Math.ceil(longest) + 2}px`;
}

// Of two runs of unequal length, the step of each: their totals stand in the chart.
function momentWords({ films: [first, second] }, stepOf) {
  if (!second || second.total === first.total) return stepWords(first, stepOf(first));
  return `steps ${number(stepOf(first))} and ${number(stepOf(second))}`;
}

const stepWords = (film, step) => `step ${number(step)} of ${number(film.total)}`;

// Says in words and on the scrubber what is shown.
function tellMoment(view) {
  const { root, films, shownPosition } = view;
  const step = stepAt(films[0], shownPosition);
  const moment = momentWords(view, (film) => shownStep(view, film));
  Object.assign(root.dataset, { frame: Math.round(shownPosition), step });
  view.stepText.textContent = moment;
  const last = Math.max(1, films[0].frames - 1);
  view.scrubber.value = view.position;
  view.scrubber.style.setProperty("--done", `${(100 * view.position) / last}%`);
  view.sentences.forEach((place, f) => {
    const at = Math.round(positionIn(view, films[f]));
    const text = films[f].sentences[at] ?? "";
    if (text === place.text) return;
    place.text = text;
    place.shown.replaceChildren(...(text ? words(view, films[f], text) : []));
  });
  if (!view.playing) view.scrubber.setAttribute("aria-valuetext", moment);
}

// ---- controls ------------------------------------------------------------------------------

function listenToControls(view, on) {
  const { play, scrubber } = view;
  on(play, "click", () => toggle(view));
  on(scrubber, "input", () => {
    pause(view, false);
    view.position = Number(scrubber.value);
    drawFilm(view);
  });
  // Letting go settles on the nearest frame: what is then seen was really drawn by the network.
  on(scrubber, "change", () => settle(view, Number(scrubber.value)));
  on(scrubber, "keydown", (event) => scrubByKey(view, event));
  on(scrubber, "keyup", () => report(view));
  on(view.calm, "change", () => view.data && drawFilm(view));
}

function scrubByKey(view, event) {
  const here = Math.round(view.position);
  const last = view.films[0].frames - 1;
  const to = {
    ArrowRight: here + 1, ArrowUp: here + 1, ArrowLeft: here - 1, ArrowDown: here - 1,
    PageUp: here + 5, PageDown: here - 5, Home: 0, End: last,
  }[event.key];
  if (event.key === " ") toggle(view);
  else if (to === undefined) return;
  else {
    pause(view, false);
    view.position = Math.min(last, Math.max(0, to));
    drawFilm(view);
  }
  event.preventDefault();
}

function toggle(view) {
  if (view.playing) pause(view, true);
  else if (view.position >= view.films[0].frames - 1) playFromStart(view);
  else start(view);
}

function playFromStart(view) {
  view.start = false;
  view.position = 0;
  start(view);
}

function start(view) {
  drawFilm(view);
  view.playing = true;
  view.times = [];
  view.before = performance.now();
  showPlaying(view);
  view.request = requestAnimationFrame((now) => tick(view, now));
}

function tick(view, now) {
  if (!view.playing) return;
  const passed = Math.max(0, now - view.before);
  view.before = now;
  view.times.push(passed);
  const last = view.films[0].frames - 1;
  const pace = Math.min(FRAMES_A_SECOND, last / SHORTEST_FILM) * Number(view.speed.value);
  // A tab that was hidden goes on where it was.
  view.position = Math.min(last, view.position + (Math.min(passed, 100) / 1000) * pace);
  if (view.position >= last) return pause(view, true);
  drawFilm(view);
  view.request = requestAnimationFrame((next) => tick(view, next));
}

function pause(view, telling) {
  if (!view.playing) return;
  view.playing = false;
  cancelAnimationFrame(view.request);
  const times = view.times.slice(1).sort((a, b) => a - b);
  if (times.length) view.root.dataset.fps = (1000 / times[times.length >> 1]).toFixed(1);
  showPlaying(view);
  if (telling) settle(view, view.position);
}

function settle(view, position) {
  view.position = Math.round(position);
  drawFilm(view);
  report(view);
}

// Back to Python, only when the viewer has stopped somewhere else than before.
function report(view) {
  const frame = Math.round(view.position);
  if (view.reported === frame || view.playing || view.data.live) return;
  view.reported = frame;
  view.stopped = { film: view.films[0].key, frame };
  view.send("stopped", view.stopped);
}

function showPlaying(view) {
  const face = view.playing ? PAUSE : PLAY;
  if (view.face === face) return;
  view.face = face;
  view.play.innerHTML = face;
}
