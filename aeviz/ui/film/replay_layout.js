// Sizes: how large the pictures can be, one column or two, and the canvases that follow from it.
// Needs film/draw.js, film/loss_chart.js.

// Shapes of a row of pictures, from roomy to tight: widths in CSS pixels.
const ROOMY = { name: 116, gap: 8, pad: 4 };
const TIGHT = { name: 98, gap: 4, pad: 1, tight: true };
const COLUMN_GAP = 40;

// The largest pictures, `times` device pixels to a picture's pixel so that all come out equally
// large, whose row is at most `width` wide and whose rows are together at most `height` high.
function tilesWithin(view, shape, width, height) {
  const { side, count } = view.films[0];
  const high = Math.max(2, view.rows.filter((r) => r.canvas && r.kind !== "captions").length);
  for (let times = Math.ceil((160 * view.ratio) / side); times > 0; times--) {
    const inner = (times * side) / view.ratio;
    const tile = inner + 2 * shape.pad;
    const row = shape.name + count * (tile + shape.gap) - shape.gap;
    // The tight shape is the last resort and may be as high as it must.
    const fits = high * (tile + shape.gap) <= height || (shape.tight && inner < 58);
    if (row <= width && fits) return { ...shape, inner, tile };
  }
  return null;
}

function chooseTiles(view) {
  const tall = Math.max(360, 0.5 * innerHeight);
  const withText = (shape) => ({ ...shape, name: shape.name * view.colours.text });
  const [roomy, tight] = [ROOMY, TIGHT].map(withText);
  const enough = (tiles) => tiles && (tiles.inner >= 42 || view.films[0].count > 12) && tiles;
  for (const [shape, beside] of [[roomy, 0.29], [tight, 0.26]]) {
    const room = view.width - COLUMN_GAP - Math.max(300, beside * view.width);
    const tiles = view.width >= 860 && enough(tilesWithin(view, shape, room, tall));
    if (tiles) return { ...tiles, columns: 2 };
  }
  for (const shape of [roomy, tight]) {
    const tiles = enough(tilesWithin(view, shape, view.width, tall));
    if (tiles) return { ...tiles, columns: 1 };
  }
  const { count } = view.films[0];
  const tile = Math.max(12, (view.width - tight.name) / count - tight.gap);
  return { ...tight, tile, inner: tile - 2 * tight.pad, columns: 1 };
}

function layout(view) {
  const tiles = (view.tiles = chooseTiles(view));
  const { count } = view.films[0];
  const rowWidth = count * (tiles.tile + tiles.gap) - tiles.gap;
  const wide = tiles.columns === 2;
  const left = wide ? Math.max(tiles.name + rowWidth, 0.5 * view.width) : view.width;
  view.root.dataset.columns = tiles.columns;
  for (const [name, length] of Object.entries({ left, name: tiles.name, gap: tiles.gap }))
    view.root.style.setProperty(`--${name}`, `${length}px`);
  for (const row of view.rows)
    if (row.canvas) {
      row.box = tileBox(tiles, row, view.ratio, view.colours.text);
      const { width, height, gap } = row.box;
      size(row.canvas, (count * (width + gap) - gap) / view.ratio, height / view.ratio, view.ratio);
    }
  view.anew = true; // sized canvases are blank
  layoutCharts(view, wide ? view.width - left - COLUMN_GAP : view.width, wide);
}

function layoutCharts(view, right, wide) {
  const { text } = view.colours;
  const count = view.films.length;
  const beside = !wide && count === 1 && right >= 600;
  view.root.dataset.beside = beside ? "1" : "0";
  const each = beside ? (right - 32) / 2 : (right - 16 * (count - 1)) / count;
  const tall = innerHeight || 860;
  const mapHeight = Math.min(Math.max((count > 1 ? 0.9 : 0.75) * each, 200),
    Math.max(240, 0.34 * tall), 620);
  const lossWidth = beside ? each : right;
  const lossHeight = beside ? mapHeight
    : Math.min(Math.max(0.44 * right, 160), Math.max(165, 0.22 * tall), 340);
  for (const map of view.maps) size(map, each, mapHeight, view.ratio);
  // Dots and names grow with the map, but slower than it does.
  view.mapScale = view.ratio * text * Math.min(1.6, Math.max(0.85, Math.sqrt(each / 430)));
  layoutLoss(view, lossWidth, lossHeight);
}

// One tile of a row in canvas pixels. A code fills its tile; one row of blocks is half as high.
function tileBox(tiles, row, ratio, text = 1) {
  const { rows, columns } = row.film.codes;
  const share = rows === 1 ? 0.5 : Math.min(1, Math.max(0.5, rows / columns));
  const pixels = (length) => Math.round(length * ratio);
  const width = pixels(tiles.inner) + 2 * pixels(tiles.pad);
  const other = { codes: Math.round(share * width), captions: pixels(18 * text) };
  return {
    x: 0, y: 0, width, height: other[row.kind] ?? width, gap: pixels(tiles.gap),
    pad: row.kind === "codes" ? 0 : pixels(tiles.pad),
    radius: (tiles.tile > 60 ? 6 : 3) * ratio, line: Math.max(1, Math.floor(ratio)),
  };
}

