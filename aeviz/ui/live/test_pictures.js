// The test pictures that a model comes with: their codes, names and pixels; which of them are near.
// Needs live/told.js.

function codeOfRow(live, row) {
  const { codes, points, latentDim } = live.model;
  if (!codes) return live.lift(points[2 * row], points[2 * row + 1]);
  return codes.slice(row * latentDim, (row + 1) * latentDim);
}

// What a test picture shows: "7", "Shirt", or null where nobody said.
function labelOfRow({ labels, names }, row) {
  if (!labels) return null;
  return String(names?.[labels[row]] ?? labels[row]);
}

function nameOfRow(model, row) {
  const label = labelOfRow(model, row);
  const name = `test picture ${(row + 1).toLocaleString("en")}`;
  return label === null ? name : `${name}: ${label}`;
}

// A test picture's own pixels (bytes) where the browser has them, else null.
function originalOf({ images, imageCount, values }, row) {
  return row < imageCount ? images.subarray(row * values, (row + 1) * values) : null;
}

// What the model makes of a test picture.
const redrawn = (live, row) => live.decode(codeOfRow(live, row), kindOfRow(live.model, row));

// A test picture, 0..1: the original where it is here, else the model's own drawing.
function testPicture(live, row) {
  const original = originalOf(live.model, row);
  const picture = original ? Float32Array.from(original, (v) => v / 255)
    : redrawn(live, row).map((v) => Math.min(1, Math.max(0, v)));
  return { picture, name: nameOfRow(live.model, row), original };
}

function someRow({ model: { images, imageCount, count } }) {
  return Math.floor(Math.random() * (images ? imageCount : count));
}

const NEAREST = 6; // about as many as fit into a line

// Of a model that is told what it draws, codes say nothing of that: `kind` is what was told.
function nearestWords(live, code, kind) {
  const { model } = live;
  if (model.kinds) return `Drawn as ${nameOfKind(model, kind)}`;
  const rows = live.nearest(code, NEAREST).map(({ row }) => row);
  if (!model.labels)
    return `Nearest test pictures: ${rows.map((r) => (r + 1).toLocaleString("en")).join("; ")}`;
  const names = rows.map((row) => labelOfRow(model, row));
  const what = model.thing === "digit" ? "Nearest digits" : "Nearest";
  return `${what}: ${names.join(", ")}`;
}
