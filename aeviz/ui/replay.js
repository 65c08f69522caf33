// The film component: what is on the page, the clock, the controls and the words.
// (The other replay_*.js files stand before this one in the same module.)

const FRAMES_A_SECOND = 6; // a film of 48 frames lasts 8 s
const SHORTEST_FILM = 4; // seconds, so that a film of few frames can be followed too

const PLAY = '<svg viewBox="0 0 12 12" aria-hidden="true"><path d="M2 1v10l9-5z"/></svg>Play';
const PAUSE = '<svg viewBox="0 0 12 12" aria-hidden="true">'
  + '<path d="M2 1h3v10H2zM7 1h3v10H7z"/></svg>Pause';

const views = new WeakMap();

export default function ({ data: [data], parentElement, setStateValue }) {
  const root = parentElement.querySelector(".film");
  let view = views.get(parentElement);
  if (!view || view.root !== root) {
    if (view) view.end();
    view = mount(root);
    views.set(parentElement, view);
  }
  view.send = setStateValue;
  // Streamlit may run the clean-up of an overtaken call after the call that overtook it: only the
  // newest one may end the film.
  const turn = ++view.turn;
  update(view, data);
  return () => {
    if (view.turn !== turn) return;
    view.end();
    if (views.get(parentElement) === view) views.delete(parentElement);
  };
}

function mount(root) {
  const find = (name) => root.querySelector(name);
  const view = {
    root, turn: 0, position: 0, playing: false, films: [], rows: [], reported: null,
    play: find(".play"), scrubber: find(".scrubber"), speed: find(".speed"), save: find(".save"),
    stepText: find(".step"), lossCanvas: find(".loss canvas"), lossBack: null,
    calm: matchMedia("(prefers-reduced-motion: reduce)"),
  };
  const listening = new AbortController();
  const on = (target, type, act) =>
    target.addEventListener(type, act, { signal: listening.signal });
  listen(view, on);
  const refit = () => {
    if (!view.data || !view.turn) return;
    reserveStepWords(view);
    layout(view);
    draw(view);
  };
  const watcher = new ResizeObserver(() => {
    if (root.clientWidth === view.width && devicePixelRatio === view.ratio) return;
    cancelAnimationFrame(view.refit);
    view.refit = requestAnimationFrame(refit);
  });
  watcher.observe(root);
  // Canvas text is drawn in the page's font only once that has been loaded.
  document.fonts.ready.then(refit);
  view.end = () => {
    view.turn = 0;
    listening.abort();
    watcher.disconnect();
    cancelAnimationFrame(view.request);
    cancelAnimationFrame(view.refit);
  };
  return view;
}

function update(view, data) {
  const fresh = data !== view.data;
  view.colours = coloursOf(view.root);
  view.root.style.setProperty("--training", view.colours.training);
  view.root.style.setProperty("--dim", view.colours.dim);
  view.root.style.setProperty("--line", view.colours.line);
  if (fresh) take(view, data);
  reserveStepWords(view);
  layout(view);
  draw(view);
  view.root.dataset.ready = "1";
  if (fresh && view.start) playFromStart(view);
}

function take(view, data) {
  const before = view.data;
  const key = (d) => d && [d.film.key, d.second && d.second.key, d.live].join("\n");
  const another = key(before) !== key(data);
  const atEnd = view.films.length > 0 && view.position >= view.films[0].frames - 1;
  view.data = data;
  view.films = [decodeFilm(data.film), decodeFilm(data.second)].filter(Boolean);
  const last = view.films[0].frames - 1;
  if (another || data.live) pause(view, false);
  const stopped = view.stopped && view.stopped.film === data.film.key ? view.stopped.frame : last;
  if (another || data.frame !== before.frame) view.position = data.frame ?? stopped;
  else if (atEnd && !view.playing) view.position = last;
  view.position = Math.min(view.position, last);
  if (another) view.reported = view.position;
  view.start = another && data.autoplay && !data.live && last > 0 && !view.calm.matches;
  if (view.start) view.position = 0;
  view.mapViews = view.films.map((film, f) => {
    const old = data.live && !another && view.mapViews && view.mapViews[f];
    // While training the range of the newest frame is drawn; going half-way each time is calmer.
    return old ? old.map((v, i) => (v + film.map.view[i]) / 2) : film.map.view;
  });
  build(view);
}

// ---- what is on the page -------------------------------------------------------------------

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function canvas() {
  const made = element("canvas");
  made.setAttribute("role", "img");
  return made;
}

function rowsOf({ films, data }) {
  const first = films[0];
  const rows = [];
  const add = (kind, name, film, note) => rows.push({ kind, name, film, note });
  const lettered = first.labels && (!first.originals || first.labels.some((l) => l.length > 1));
  if (lettered) add("captions", "", first);
  if (first.originals) add("originals", "Original", first);
  else add("absent", "The original pictures are not on this machine.", first);
  if (first.noisy) add("noisy", "With noise", first);
  for (const film of films) {
    const { numbers, averaged, cells } = film.codes;
    const shown = averaged ? `${number(numbers)}, averaged` : `${number(numbers)} numbers`;
    if (films.length > 1) add("title", film.title, film);
    if (cells.length) add("codes", "Its code", film, numbers === 1 ? "1 number" : shown);
    add("redrawn", "Redrawn", film);
    if (data.errors && first.originals) add("errors", "Error", film);
  }
  return rows;
}

// Makes the elements anew only when other rows or maps are wanted: live frames come four times a
// second and must not flicker.
function build(view) {
  const { root, films, data } = view;
  const rows = rowsOf(view);
  const shape = JSON.stringify([rows.map(({ film, ...r }) => r), films.map((f) => f.map.caption)]);
  if (shape !== view.shape) {
    view.shape = shape;
    root.querySelector(".rows").replaceChildren(...rows.map(rowElement));
    root.querySelector(".maps").replaceChildren(...films.map(mapElement));
    root.querySelector(".loss figcaption").replaceChildren(...lossCaption(films));
    view.rows = rows;
  } else rows.forEach((row, i) => (view.rows[i].film = row.film));
  view.maps = [...root.querySelectorAll(".maps canvas")];
  if (view.network !== data.film.network) {
    view.network = data.film.network;
    root.querySelector(".drawing").innerHTML = view.network;
  }
  const still = data.live || films[0].frames < 2;
  for (const control of [view.play, view.scrubber, view.speed]) control.hidden = still;
  view.scrubber.max = films[0].frames - 1;
  view.scrubber.step = "any";
  buildSentences(view);
  showPlaying(view);
}

function rowElement(row) {
  if (row.kind === "absent" || row.kind === "title") return element("p", row.kind, row.name);
  const made = element("div", `row ${row.kind}`);
  const name = element("div", "name", row.name);
  if (row.note) name.append(element("small", "", row.note));
  row.canvas = canvas();
  made.append(name, row.canvas);
  return made;
}

function mapElement(film, f, films) {
  const figure = element("figure");
  const caption = films.length > 1 ? `${film.title}. ${film.map.caption}` : film.map.caption;
  figure.append(canvas(), element("figcaption", "", caption));
  return figure;
}

function lossCaption(films) {
  const parts = ["Loss: ", element("span", "training", "training (red)"), ", ",
    element("span", "validation", "validation (blue)")];
  if (films.length > 1) parts.push(`; solid ${films[0].title}, dashed ${films[1].title}`);
  return parts;
}

// All of a film's sentences lie on top of each other, all but one hidden, so that the place keeps
// the height of the longest and nothing below it moves.
function buildSentences(view) {
  const place = view.root.querySelector(".sentences");
  view.sentences = view.films.map((film) => {
    const block = element("div", "sentence");
    const longest = film.sentences.reduce((a, b) => (b.length > a.length ? b : a), "");
    const shown = element("p");
    const room = element("p", "room");
    room.setAttribute("aria-hidden", "true");
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

// ---- drawing -------------------------------------------------------------------------------

function pixelsOf(view, row) {
  const first = view.films[0];
  const { film } = row;
  const position = positionInStep(first, film, view.shownPosition);
  const redrawn = () => blend(film.redrawn, film.count * film.side * film.side, position);
  switch (row.kind) {
    case "originals": return film.originals;
    case "noisy": return film.noisy;
    case "redrawn": return redrawn();
    case "errors": return difference(first.originals, redrawn());
    default: {
      const { cells, rows, columns } = film.codes;
      return blend(cells, film.count * rows * columns, position);
    }
  }
}

function drawRow(view, row, context, box, scale) {
  const { film } = row;
  if (row.kind === "captions")
    return drawCaptions(context, box, film.labels, scale, view.colours);
  const [columns, rows] = row.kind === "codes"
    ? [film.codes.columns, film.codes.rows] : [film.side, film.side];
  const pixels = pixelsOf(view, row);
  drawTiles(context, box, pixels, film.count, columns, rows, view.colours);
  if (row.kind === "redrawn" && film === view.films[0])
    view.root.dataset.redrawnHash = hashOf(pixels);
}

// Draws everything; while a film plays the rows that never change are left as they are.
function draw(view) {
  if (!view.width || !view.tiles) return;
  view.shownPosition = view.calm.matches ? Math.floor(view.position) : view.position;
  const still = ["originals", "noisy", "captions"];
  for (const row of view.rows)
    if (row.canvas && (view.anew || !(view.playing && still.includes(row.kind)))) {
      const context = row.canvas.getContext("2d");
      context.clearRect(0, 0, row.canvas.width, row.canvas.height);
      drawRow(view, row, context, row.box, view.ratio);
    }
  view.anew = false;
  view.films.forEach((film, f) => drawMapOn(view, film, f));
  const context = view.lossCanvas.getContext("2d");
  context.clearRect(0, 0, view.lossCanvas.width, view.lossCanvas.height);
  context.drawImage(view.lossBack, 0, 0);
  drawMoments(view, context, view.lossAxes, view.ratio);
  tell(view);
}

function drawMapOn(view, film, f) {
  const { width, height } = view.maps[f];
  const context = view.maps[f].getContext("2d");
  drawMap(context, film.map, positionInStep(view.films[0], film, view.shownPosition),
    view.mapViews[f], { x: 0, y: 0, width, height }, view.mapScale, view.colours);
}

function drawMoments(view, context, axes, scale) {
  const steps = view.films.map((film) =>
    stepAt(film, positionInStep(view.films[0], film, view.shownPosition)));
  for (const step of new Set(steps)) drawMoment(context, axes, step, scale, view.colours);
}

// ---- words ---------------------------------------------------------------------------------

// Room for the longest of them, so that the scrubber keeps its length.
function reserveStepWords(view) {
  const context = view.lossCanvas.getContext("2d");
  context.font = `16px ${view.colours.font}`;
  const longest = context.measureText(stepWords(view.films[0], view.films[0].total)).width;
  view.stepText.style.minWidth = `${Math.ceil(longest) + 2}px`;
}

const stepWords = (film, step) => `step ${number(step)} of ${number(film.total)}`;

function tell(view) {
  const { root, films, shownPosition } = view;
  const frame = Math.round(shownPosition);
  const moment = stepWords(films[0], stepAt(films[0], shownPosition));
  root.dataset.frame = frame;
  root.dataset.step = stepAt(films[0], shownPosition);
  view.stepText.textContent = moment;
  const last = Math.max(1, films[0].frames - 1);
  view.scrubber.value = view.position;
  view.scrubber.style.setProperty("--done", `${(100 * view.position) / last}%`);
  view.sentences.forEach((place, f) => {
    const at = Math.round(positionInStep(films[0], films[f], shownPosition));
    const text = films[f].sentences[at] ?? "";
    if (text === place.text) return;
    place.text = text;
    place.shown.replaceChildren(...(text ? words(view, films[f], text) : []));
  });
  if (!view.playing) describe(view, moment);
}

// What is seen, for those who hear the page; not while it plays.
function describe(view, moment) {
  const { films } = view;
  view.scrubber.setAttribute("aria-valuetext", moment);
  const stepOf = (film) => stepAt(film, positionInStep(films[0], film, view.shownPosition));
  const at = (film) => `at ${stepWords(film, stepOf(film))}`;
  const whose = (film) => (films.length > 1 ? `, ${film.title}` : "");
  const of = films[0].labels ? `: ${films[0].labels.join(", ")}` : "";
  const lossWords = (film) => {
    const loss = lossAt(film, "training", stepOf(film));
    return loss === null ? "" : `; training loss ${number(loss)}`;
  };
  const says = {
    captions: () => `What the pictures are of${of}`,
    originals: ({ count }) => `${count} original pictures${of}`,
    noisy: ({ count }) => `${count} pictures with noise, as the network gets them`,
    codes: (film) => `The codes of ${film.count} pictures, numbers in each: ${film.codes.numbers}, `
      + `${at(film)}; ${film.codes.signed ? "mid-grey is 0" : "paper is 0"}`,
    redrawn: (film) => `${film.count} pictures redrawn ${at(film)}${lossWords(film)}`,
    errors: (film) => `Errors of ${film.count} redrawn pictures ${at(film)}`,
  };
  for (const row of view.rows)
    if (row.canvas)
      row.canvas.setAttribute("aria-label", says[row.kind](row.film) + whose(row.film));
  view.maps.forEach((map, f) => map.setAttribute("aria-label",
    `Map of ${number(films[f].map.count)} codes ${at(films[f])}${whose(films[f])}`));
  const losses = films.map((film) => `${at(film)}${lossWords(film)}${whose(film)}`).join("; ");
  view.lossCanvas.setAttribute("aria-label",
    `Training and validation loss by step, now ${losses}`
    + (films[0].floor ? `; ${films[0].floor.label} ${number(films[0].floor.value)}` : ""));
}

function lossAt(film, kind, step) {
  const curve = film.curves.find((c) => c.kind === kind);
  let value = null;
  if (curve)
    for (let i = 0; i < curve.steps.length && curve.steps[i] <= step; i++) value = curve.values[i];
  return value;
}

// ---- controls ------------------------------------------------------------------------------

function listen(view, on) {
  const { play, scrubber, save, root } = view;
  on(play, "click", () => toggle(view));
  on(scrubber, "input", () => {
    pause(view, false);
    view.position = Number(scrubber.value);
    draw(view);
  });
  // Letting go settles on the nearest frame: what is then seen was really drawn by the network.
  on(scrubber, "change", () => settle(view, Number(scrubber.value)));
  on(scrubber, "keydown", (event) => scrubByKey(view, event));
  on(scrubber, "keyup", () => report(view));
  on(root, "keydown", (event) => {
    if (event.key === "Escape") save.open = false;
  });
  on(view.calm, "change", () => view.data && draw(view));
  on(save, "focusout", (event) => {
    if (event.relatedTarget && !save.contains(event.relatedTarget)) save.open = false;
  });
  on(document, "pointerdown", (event) => {
    if (!event.composedPath().includes(save)) save.open = false;
  });
  for (const button of save.querySelectorAll("button"))
    on(button, "click", () => {
      save.open = false;
      savePicture(view, button.dataset.part);
    });
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
    draw(view);
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
  draw(view);
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
  draw(view);
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
  draw(view);
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
