// Ink: turning strokes or a photo into a picture as MNIST was made. Plain functions; "ink" is
// width x height numbers row by row, 0 for paper and 1 for full ink.

const FAINTEST_INK = 0.05; // paler is paper
// A stroke's soft edge belongs to a digit's box from this share of its strongest ink on: MNIST test
// digits enlarged to the size of the pad come back nearest to themselves with 0.2 to 0.5.
const EDGE_INK = 0.3;

// The box around the ink, {x, y, width, height} in whole pixels, or null where there is none.
function inkBounds(ink, width, height) {
  const strongest = ink.reduce((most, v) => Math.max(most, v), 0);
  if (strongest <= FAINTEST_INK) return null;
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (ink[y * width + x] < EDGE_INK * strongest) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

// Of each cell the pixels it covers along one axis, and how much of the cell each of them fills.
function cellShares(start, cell, cells, length) {
  return Array.from({ length: cells }, (_, c) => {
    const from = start + c * cell;
    const to = from + cell;
    const shares = [];
    for (let i = Math.max(0, Math.floor(from)); i < Math.min(length, Math.ceil(to)); i++)
      shares.push([i, (Math.min(to, i + 1) - Math.max(from, i)) / cell]);
    return shares;
  });
}

// Shrinks by averaging areas: columns x rows square cells, `cell` pixels wide, the first at (x, y).
// All may be fractions; what lies outside the ink counts as paper.
function areaAverage(ink, width, height, x, y, cell, columns, rows) {
  const across = cellShares(x, cell, columns, width);
  const down = cellShares(y, cell, rows, height);
  const line = new Float64Array(width);
  const out = new Float32Array(columns * rows);
  for (let r = 0; r < rows; r++) {
    line.fill(0);
    for (const [i, share] of down[r])
      for (let x = 0, k = i * width; x < width; x++, k++) line[x] += share * ink[k];
    for (let c = 0; c < columns; c++)
      for (const [i, share] of across[c]) out[r * columns + c] += share * line[i];
  }
  return out;
}

// The middle of the ink as [x, y]; a pixel's own middle is a whole number.
function centreOfMass(picture, columns) {
  let [sum, x, y] = [0, 0, 0];
  for (let i = 0; i < picture.length; i++) {
    sum += picture[i];
    x += picture[i] * (i % columns);
    y += picture[i] * Math.floor(i / columns);
  }
  return [x / sum, y / sum];
}

// The digit as the pictures of a data set were made, or null where there is no ink.
// MNIST (LeCun and others): fitted into 20 of 28 pixels, then moved by whole pixels until the
// centre of mass is at the middle. That is pixel side / 2: in all 10,000 test images the centre of
// mass lies between 13.5 and 14.5. Other sizes in proportion.
// scikit-learn's 8 x 8 digits fill their picture (all 1,797 are 8 pixels high), box in the middle.
function centredInk(ink, width, height, side) {
  const box = inkBounds(ink, width, height);
  if (!box) return null;
  const longer = Math.max(box.width, box.height);
  if (side <= 8) {
    const [x, y] = [box.x + (box.width - longer) / 2, box.y + (box.height - longer) / 2];
    return areaAverage(ink, width, height, x, y, longer / side, side, side);
  }
  const cell = longer / Math.round((side * 20) / 28);
  const columns = Math.ceil(box.width / cell - 1e-6);
  const rows = Math.ceil(box.height / cell - 1e-6);
  const x = box.x + (box.width - columns * cell) / 2;
  const y = box.y + (box.height - rows * cell) / 2;
  const digit = areaAverage(ink, width, height, x, y, cell, columns, rows);
  const [massX, massY] = centreOfMass(digit, columns);
  // A very lopsided digit goes as far as the picture's edge and loses nothing.
  const placed = (mass, length) =>
    Math.min(side - length, Math.max(0, Math.round(side / 2 - mass)));
  const [left, top] = [placed(massX, columns), placed(massY, rows)];
  const picture = new Float32Array(side * side);
  for (let r = 0; r < rows; r++)
    picture.set(digit.subarray(r * columns, (r + 1) * columns), (top + r) * side + left);
  return picture;
}

// The whole square sheet, shrunk to side x side.
const shrunkInk = (ink, size, side) => areaAverage(ink, size, size, 0, 0, size / side, side, side);

// ---- photos --------------------------------------------------------------------------------

// Below this difference in brightness (of 1) between strokes and paper nobody could read a digit.
const LEAST_CONTRAST = 0.12;
// One digit never covers more: the fullest MNIST test image has ink on 40 of 100 pixels.
const MOST_INK = 0.6;
// The paper's brightness is measured in 8 x 8 fields: wider than a stroke, finer than a shadow.
const PAPER_FIELDS = 8;

// Brightness 0..1 of red, green, blue, alpha bytes (ITU-R BT.601), seen on white paper.
function greyOf(rgba) {
  const grey = new Float32Array(rgba.length / 4);
  for (let i = 0, k = 0; i < grey.length; i++, k += 4) {
    const light = 0.299 * rgba[k] + 0.587 * rgba[k + 1] + 0.114 * rgba[k + 2];
    grey[i] = 1 - (1 - light / 255) * (rgba[k + 3] / 255);
  }
  return grey;
}

// Where `share` of the way through the sorted values lies, between two of them in proportion.
function quantile(sorted, share) {
  const at = share * (sorted.length - 1);
  const i = Math.floor(at);
  return sorted[i] + (at - i) * ((sorted[i + 1] ?? sorted[i]) - sorted[i]);
}

// How bright the paper is at each pixel: the bright end of what is near, so that strokes do not
// count, going evenly from field to field, so that shadows do.
function paperBrightness(grey, width, height) {
  const field = (length) => (i) => Math.round((i * length) / PAPER_FIELDS);
  const [column, row] = [field(width), field(height)];
  const fields = new Float32Array(PAPER_FIELDS ** 2);
  for (let r = 0; r < PAPER_FIELDS; r++)
    for (let c = 0; c < PAPER_FIELDS; c++) {
      const near = [];
      const bottom = row(Math.min(PAPER_FIELDS, r + 2));
      const right = column(Math.min(PAPER_FIELDS, c + 2));
      for (let y = row(Math.max(0, r - 1)); y < bottom; y += 2)
        for (let x = column(Math.max(0, c - 1)); x < right; x += 2) near.push(grey[y * width + x]);
      fields[r * PAPER_FIELDS + c] = near.length
        ? quantile(Float32Array.from(near).sort(), 0.8) : 1;
    }
  const between = (i, length) => {
    const at = Math.min(PAPER_FIELDS - 1, Math.max(0, ((i + 0.5) / length) * PAPER_FIELDS - 0.5));
    const first = Math.min(PAPER_FIELDS - 2, Math.floor(at));
    return [first, at - first];
  };
  const paper = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const [r, down] = between(y, height);
    for (let x = 0; x < width; x++) {
      const [c, along] = between(x, width);
      const k = r * PAPER_FIELDS + c;
      const upper = fields[k] + along * (fields[k + 1] - fields[k]);
      const lower = fields[k + PAPER_FIELDS]
        + along * (fields[k + PAPER_FIELDS + 1] - fields[k + PAPER_FIELDS]);
      paper[y * width + x] = upper + down * (lower - upper);
    }
  }
  return paper;
}

// The value that best parts strokes from paper, and the mean on either side (Otsu 1979).
function partedAt(values) {
  const counts = new Float64Array(256);
  for (const v of values) counts[Math.min(255, Math.floor(v * 256))]++;
  let total = 0;
  counts.forEach((n, i) => (total += n * i));
  let best = { apart: -1 };
  let [below, sum] = [0, 0];
  for (let i = 0; i < 255; i++) {
    below += counts[i];
    sum += counts[i] * i;
    const above = values.length - below;
    if (!below || !above) continue;
    const [low, high] = [sum / below, (total - sum) / above];
    const apart = below * above * (high - low) ** 2;
    if (apart > best.apart)
      best = { apart, at: (i + 1) / 256, low: (low + 0.5) / 256, high: (high + 0.5) / 256 };
  }
  return best.apart < 0 ? { at: 1, low: values[0], high: values[0] } : best;
}

// Numbers the patches of ink that hang together: [patch of each pixel, patches], patch 0 is paper.
function patchesOf(ink, width) {
  const patch = new Int32Array(ink.length);
  const patches = [null];
  const stack = [];
  const visit = (i) => {
    if (patch[i] || ink[i] <= FAINTEST_INK) return;
    patch[i] = patches.length;
    stack.push(i);
  };
  for (let start = 0; start < ink.length; start++) {
    visit(start);
    if (!stack.length) continue;
    const found = { ink: 0, atEdge: false };
    while (stack.length) {
      const i = stack.pop();
      const x = i % width;
      found.ink += ink[i];
      if (x === 0 || x === width - 1 || i < width || i >= ink.length - width) found.atEdge = true;
      if (x > 0) visit(i - 1);
      if (x < width - 1) visit(i + 1);
      if (i >= width) visit(i - width);
      if (i < ink.length - width) visit(i + width);
    }
    patches.push(found);
  }
  return [patch, patches];
}

// Takes away specks, and what runs off the edge (a table, a ruled line, a thumb) where there is
// something inside that can be the digit.
function keepDigit(ink, width) {
  const [patch, patches] = patchesOf(ink, width);
  const real = patches.slice(1);
  const most = Math.max(0, ...real.map((p) => p.ink));
  const inside = Math.max(0, ...real.filter((p) => !p.atEdge).map((p) => p.ink));
  const trusted = inside > 0.1 * most;
  const least = 0.05 * (trusted ? inside : most);
  const kept = patches.map((p) => p && p.ink >= least && !(trusted && p.atEdge));
  for (let i = 0; i < ink.length; i++) if (!kept[patch[i]]) ink[i] = 0;
}

// A photo's pixels (red, green, blue, alpha bytes) as { ink }, or { problem } in one sentence.
// Light strokes on a dark ground are turned round; the ground and its shadows are taken away.
function inkOfPhoto(rgba, width, height) {
  const blank = "There is no digit to be seen in that picture. Try a dark pen on plain paper.";
  const grey = greyOf(rgba);
  const sorted = Float32Array.from(grey).sort();
  const [dark, middle, light] = [0.01, 0.5, 0.99].map((share) => quantile(sorted, share));
  if (light - middle > middle - dark) for (let i = 0; i < grey.length; i++) grey[i] = 1 - grey[i];
  const paper = paperBrightness(grey, width, height);
  const darker = grey.map((g, i) => Math.max(0, paper[i] - g));
  const { at, low, high } = partedAt(darker);
  if (high - low < LEAST_CONTRAST) return { problem: blank };
  const from = (low + at) / 2; // between the paper's grain and the palest stroke
  const ink = darker.map((d) => Math.min(1, Math.max(0, (d - from) / (high - from))));
  keepDigit(ink, width);
  const inked = ink.reduce((n, v) => n + (v > FAINTEST_INK), 0) / ink.length;
  if (inked === 0) return { problem: blank };
  if (inked > MOST_INK)
    return { problem: "That is not one digit on plain paper. Try a photo of a single digit." };
  return { ink };
}

// ---- files and sheets ----------------------------------------------------------------------

const LARGEST_PHOTO = 20 * 2 ** 20; // bytes: more than a telephone's camera makes

// Ink as a square canvas, as large as fits and in its middle: how opaque a pixel is, is its ink.
function sheetOfInk(ink, width, height, size) {
  const small = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  ink.forEach((v, i) => (image.data[4 * i + 3] = Math.round(255 * Math.min(1, Math.max(0, v)))));
  small.getContext("2d").putImageData(image, 0, 0);
  const sheet = new OffscreenCanvas(size, size);
  const context = sheet.getContext("2d");
  context.imageSmoothingQuality = "high";
  const scale = size / Math.max(width, height);
  context.drawImage(small, (size - width * scale) / 2, (size - height * scale) / 2,
    width * scale, height * scale);
  return sheet;
}

// An image file as { photo }, to be closed, or { problem } in one sentence.
async function openedPhoto(file) {
  if (file.size > LARGEST_PHOTO)
    return { problem: "That file is larger than 20 MB. Choose a smaller picture." };
  const photo = await createImageBitmap(file).catch(() => null);
  return photo ? { photo }
    : { problem: "This browser can't read that file. Choose a PNG or JPEG." };
}

// An image file as { sheet } of the ink in it, or { problem } in one sentence.
async function sheetOfPhoto(file, size) {
  const { photo, problem: unread } = await openedPhoto(file);
  if (unread) return { problem: unread };
  const scale = size / Math.max(photo.width, photo.height);
  const width = Math.max(1, Math.round(photo.width * scale));
  const height = Math.max(1, Math.round(photo.height * scale));
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(photo, 0, 0, width, height);
  photo.close();
  const { data } = context.getImageData(0, 0, width, height);
  const { ink, problem } = inkOfPhoto(data, width, height);
  return problem ? { problem } : { sheet: sheetOfInk(ink, width, height, size) };
}
