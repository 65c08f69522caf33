// The film of pictures, map and loss: what is on the page, and how it is drawn at one moment.
// Needs film/draw.js, film/loss_chart.js, film/player.js, film/replay_layout.js,
// film/replay_slides.js, shell/colours.js, shell/component.js.

export default function (component) {
  return playFilm(component, { mount, take, layout, draw, describe });
}

function mount(view, find, on) {
  Object.assign(view, { rows: [], save: find(".save") });
  listenToMenu(view, on);
}

function take(view, data, before) {
  const key = (d) => d && [d.film.key, d.second?.key, d.live].join("\n");
  const another = key(before) !== key(data);
  const atEnd = view.films.length > 0 && view.position >= view.films[0].frames - 1;
  view.films = [data.film, data.second].filter(Boolean);
  const last = view.films[0].frames - 1;
  if (another || data.live) pause(view, false);
  const stopped = view.stopped?.film === data.film.key ? view.stopped.frame : last;
  if (another || data.frame !== before.frame) view.position = data.frame ?? stopped;
  else if (atEnd && !view.playing) view.position = last;
  view.position = Math.min(view.position, last);
  if (another) view.reported = view.position;
  view.start = another && data.autoplay && !data.live && last > 0 && !view.calm.matches;
  if (view.start) view.position = 0;
  view.mapViews = view.films.map((film, f) => {
    const old = data.live && !another && view.mapViews?.[f];
    // While training the range of the newest frame is drawn; going half-way each time is calmer.
    return old ? old.map((v, i) => (v + film.map.view[i]) / 2) : film.map.view;
  });
  build(view);
}

// ---- what is on the page -------------------------------------------------------------------

const canvas = () => Object.assign(element("canvas"), { role: "img" });

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
    view.rows = rows;
  } else rows.forEach((row, i) => (view.rows[i].film = row.film));
  view.maps = [...root.querySelectorAll(".maps canvas")];
  if (view.network !== data.film.network) {
    view.network = data.film.network;
    root.querySelector(".drawing").innerHTML = view.network;
  }
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

// ---- drawing -------------------------------------------------------------------------------

function pixelsOf(view, row) {
  const { film } = row;
  const position = positionIn(view, film);
  const redrawn = () => blend(film.redrawn, film.count * film.side ** 2 * film.channels, position);
  switch (row.kind) {
    case "originals": return film.originals;
    case "noisy": return film.noisy;
    case "redrawn": return redrawn();
    case "errors": return difference(view.films[0].originals, redrawn(), film.channels);
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

// While a film plays the rows that never change are left as they are.
function draw(view) {
  const still = ["originals", "noisy", "captions"];
  for (const row of view.rows)
    if (row.canvas && (view.anew || !(view.playing && still.includes(row.kind)))) {
      const context = row.canvas.getContext("2d");
      context.clearRect(0, 0, row.canvas.width, row.canvas.height);
      drawRow(view, row, context, row.box, view.ratio * view.colours.text);
    }
  view.anew = false;
  view.films.forEach((film, f) => {
    const { width, height } = view.maps[f];
    drawMap(view.maps[f].getContext("2d"), film.map, positionIn(view, film), view.mapViews[f],
      { x: 0, y: 0, width, height }, view.mapScale, view.colours);
  });
}

// ---- words ---------------------------------------------------------------------------------

// What is seen, for those who hear the page; not while it plays.
function describe(view) {
  const { films } = view;
  const at = (film) => `at ${stepWords(film, shownStep(view, film))}`;
  const lossOf = (film) => lossWords(film, shownStep(view, film));
  const whose = (film) => (films.length > 1 ? `, ${film.title}` : "");
  const of = films[0].labels ? `: ${films[0].labels.join(", ")}` : "";
  const says = {
    captions: () => `What the pictures are of${of}`,
    originals: ({ count }) => `${count} original pictures${of}`,
    noisy: ({ count }) => `${count} pictures with noise, as the network gets them`,
    codes: (film) => `The codes of ${film.count} pictures, numbers in each: ${film.codes.numbers}, `
      + `${at(film)}; ${film.codes.signed ? "mid-grey is 0" : "paper is 0"}`,
    redrawn: (film) => `${film.count} pictures redrawn ${at(film)}${lossOf(film)}`,
    errors: (film) => `Errors of ${film.count} redrawn pictures ${at(film)}`,
  };
  for (const row of view.rows)
    if (row.canvas)
      row.canvas.setAttribute("aria-label", says[row.kind](row.film) + whose(row.film));
  view.maps.forEach((map, f) => map.setAttribute("aria-label",
    `Map of ${number(films[f].map.count)} codes ${at(films[f])}${whose(films[f])}`));
  const losses = films.map((film) => `${at(film)}${lossOf(film)}${whose(film)}`).join("; ");
  view.lossCanvas.setAttribute("aria-label",
    `Training and validation loss by step, now ${losses}`
    + (films[0].floor ? `; ${films[0].floor.label} ${number(films[0].floor.value)}` : ""));
}

// ---- the menu ------------------------------------------------------------------------------

function listenToMenu(view, on) {
  const { save, root } = view;
  on(root, "keydown", (event) => {
    if (event.key === "Escape") save.open = false;
  });
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
