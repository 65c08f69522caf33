// Pictures for slides: what the film shows now, drawn anew at the size of a slide.
// Needs film/draw.js, film/loss_chart.js, film/player.js, film/replay.js, film/replay_layout.js,
// shell/component.js.

const SLIDE_WIDTH = 1920;
const SLIDE_HEIGHT = 1080;

function slide(view, height) {
  const made = new OffscreenCanvas(SLIDE_WIDTH, height);
  const context = made.getContext("2d");
  context.fillStyle = view.colours.paper;
  context.fillRect(0, 0, made.width, made.height);
  return [made, context];
}

function writeLine(view, context, text, x, y, points, colour) {
  writeIn(context, view.colours, points, "left", colour);
  context.fillText(text, x, y);
}

// The rows as on the page, larger: tiles as wide as a slide allows, pixels whole squares.
function slideOfRows(view) {
  const edge = 48;
  const shape = { name: 190, gap: 10, pad: 4 };
  const { side, count } = view.films[0];
  const room = (SLIDE_WIDTH - 2 * edge - shape.name + shape.gap) / count - shape.gap;
  const times = Math.max(1, Math.floor(Math.min(400, room - 2 * shape.pad) / side));
  const tiles = { ...shape, inner: times * side, tile: times * side + 2 * shape.pad };
  const lines = view.rows.map((row) =>
    row.canvas ? (row.kind === "captions" ? 40 : tileBox(tiles, row, 1).height) : 40);
  const height = 2 * edge + 60 + lines.reduce((sum, line) => sum + line + shape.gap, 0);
  const [made, context] = slide(view, height);
  let y = edge;
  view.rows.forEach((row, i) => {
    const middle = y + lines[i] / 2;
    writeLine(view, context, row.name, edge, row.note ? middle - 14 : middle, 30, view.colours.ink);
    if (row.note) writeLine(view, context, row.note, edge, middle + 20, 22, view.colours.dim);
    if (row.canvas) {
      const box = tileBox(tiles, row, 1);
      drawRow(view, row, context,
        { ...box, x: edge + shape.name, y, height: lines[i], radius: 10, line: 2 }, 2);
    }
    y += lines[i] + shape.gap;
  });
  writeFoot(view, context, edge, height - edge);
  return made;
}

function slideOfMaps(view) {
  const [made, context] = slide(view, SLIDE_HEIGHT);
  const { films } = view;
  const width = SLIDE_WIDTH / films.length;
  films.forEach((film, f) => {
    const place = { x: f * width + 40, y: 40, width: width - 80, height: SLIDE_HEIGHT - 170 };
    drawMap(context, film.map, positionIn(view, film), view.mapViews[f], place, 2.4, view.colours);
    if (films.length > 1)
      writeLine(view, context, film.title, place.x, SLIDE_HEIGHT - 105, 28, view.colours.dim);
  });
  writeFoot(view, context, 60, SLIDE_HEIGHT - 56);
  return made;
}

function slideOfLoss(view) {
  const [made, context] = slide(view, SLIDE_HEIGHT);
  const axes = drawLoss(context, view.films,
    { x: 60, y: 50, width: SLIDE_WIDTH - 120, height: SLIDE_HEIGHT - 180 }, 2.2, view.colours);
  drawMoments(view, context, axes, 2.2);
  writeFoot(view, context, 60, SLIDE_HEIGHT - 56, `. ${view.lossKey.textContent}`);
  return made;
}

function writeFoot(view, context, x, y, more = "") {
  const film = view.films[0];
  const titles = view.films.map((f) => f.title).join(" and ");
  const moment = stepWords(film, stepAt(film, view.shownPosition));
  writeLine(view, context, `${titles}, ${moment}${more}`, x, y, 28, view.colours.dim);
}

async function savePicture(view, part) {
  const made = { rows: slideOfRows, map: slideOfMaps, loss: slideOfLoss }[part](view);
  const film = view.films[0];
  const name = `${film.title} step ${stepAt(film, view.shownPosition)} ${part}`;
  const link = element("a");
  link.href = URL.createObjectURL(await made.convertToBlob({ type: "image/png" }));
  link.download = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
