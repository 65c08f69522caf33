// Drawing of films: functions of decoded arrays, colours and a canvas context.
// "position" is a frame number with a fraction: 3.25 is a quarter of the way from frame 3 to 4.
// Needs shell/colours.js.

// ---- moments -------------------------------------------------------------------------------

function between(values, position) {
  const i = Math.floor(position);
  const next = values[Math.min(i + 1, values.length - 1)];
  return values[i] + (position - i) * (next - values[i]);
}

const stepAt = (film, position) => Math.round(between(film.steps, position));

function positionOf(film, step) {
  const { steps } = film;
  if (step <= steps[0]) return 0;
  for (let i = 1; i < steps.length; i++)
    if (step <= steps[i]) return i - 1 + (step - steps[i - 1]) / (steps[i] - steps[i - 1]);
  return steps.length - 1;
}

// The moment of a film that goes with the shown one of the first: the same step where both runs are
// equally long, else the same share of the training.
function positionIn({ films: [first], shownPosition }, film) {
  if (film === first) return shownPosition;
  const step = between(first.steps, shownPosition);
  return positionOf(film, first.total > 0 ? (step * film.total) / first.total : step);
}

const shownStep = (view, film) => stepAt(film, positionIn(view, film));

// Frame `position` of (frames, size) bytes; between two frames, their mixture.
function blend(values, size, position) {
  const first = Math.floor(position);
  const share = position - first;
  const a = first * size;
  if (share === 0) return values.subarray(a, a + size);
  const out = new Uint8ClampedArray(size);
  for (let i = 0, b = a + size; i < size; i++)
    out[i] = values[a + i] + share * (values[b + i] - values[a + i]);
  return out;
}

// How far each pixel is off; of one in colour, the mean of its channels.
function difference(a, b, channels) {
  const out = new Uint8Array(a.length / channels);
  for (let i = 0, v = 0; i < out.length; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++, v++) sum += Math.abs(a[v] - b[v]);
    out[i] = sum / channels;
  }
  return out;
}

// ---- canvases and rows of pictures ---------------------------------------------------------

// One canvas pixel to one pixel of the screen.
function size(target, width, height, ratio) {
  target.width = Math.max(1, Math.round(width * ratio));
  target.height = Math.max(1, Math.round(height * ratio));
  target.style.width = `${target.width / ratio}px`;
  target.style.height = `${target.height / ratio}px`;
}

// size: in canvas pixels, with a weight before it where it has one.
function writeIn(context, colours, size, align, ink = colours.dim) {
  context.font = `${size}px ${colours.font}`;
  context.fillStyle = ink;
  context.textAlign = align;
  context.textBaseline = "middle";
}

// Draws `count` little pictures side by side. box: {x, y, width, height, gap, pad, radius, line} of
// one tile and the way to the next, in canvas pixels; pictures are `columns` x `rows` cells.
function drawTiles(context, box, pixels, count, columns, rows, colours) {
  const { sheet, ink, image } = kept(colours.cache, `sheet ${columns * count} ${rows}`, () => {
    const made = new OffscreenCanvas(columns * count, rows);
    return { sheet: made, ink: made.getContext("2d"), image: new ImageData(made.width, rows) };
  });
  const words = new Uint32Array(image.data.buffer);
  const channels = pixels.length / (count * columns * rows);
  for (let p = 0; p < count; p++)
    for (let y = 0; y < rows; y++)
      writePixels(words, y * sheet.width + p * columns, pixels,
        (p * rows + y) * columns * channels, columns, channels, colours.ramp);
  ink.putImageData(image, 0, 0);

  context.imageSmoothingEnabled = false;
  context.lineWidth = box.line;
  context.strokeStyle = colours.line;
  const inset = box.line / 2;
  for (let p = 0; p < count; p++) {
    const x = box.x + p * (box.width + box.gap);
    context.beginPath();
    context.roundRect(x + inset, box.y + inset, box.width - box.line, box.height - box.line,
      box.radius);
    context.save();
    context.clip();
    context.drawImage(sheet, p * columns, 0, columns, rows, x + box.pad, box.y + box.pad,
      box.width - 2 * box.pad, box.height - 2 * box.pad);
    context.restore();
    context.stroke();
  }
}

function drawCaptions(context, box, labels, scale, colours) {
  writeIn(context, colours, 12 * scale, "center");
  labels.forEach((label, p) => {
    let text = label;
    while (text.length > 2 && context.measureText(text).width > box.width + box.gap / 2)
      text = text.replace(/.…?$/, "…");
    context.fillText(text, box.x + p * (box.width + box.gap) + box.width / 2,
      box.y + box.height / 2);
  });
}

// ---- the map -------------------------------------------------------------------------------

// How much of each pixel a dot covers, for dots that begin at each quarter of a pixel, so that they
// glide. Dots are mixed into the pixels here and not by canvas calls: without a graphics card 2,000
// of those cost a film half its frames.
function dotMasks(radius, strength) {
  const cell = Math.ceil(2 * radius) + 2;
  const masks = [];
  for (let phase = 0; phase < 16; phase++) {
    const mask = new Float32Array(cell * cell);
    const cx = cell / 2 + (phase % 4) / 4 - 0.5;
    const cy = cell / 2 + (phase >> 2) / 4 - 0.5;
    for (let y = 0; y < cell; y++)
      for (let x = 0; x < cell; x++) {
        const outside = Math.hypot(x - cx, y - cy) - radius;
        mask[y * cell + x] = strength * Math.min(1, Math.max(0, 0.5 - outside));
      }
    masks.push(mask);
  }
  return { cell, masks };
}

function plotDot(image, { cell, masks }, x, y, [red, green, blue]) {
  const { data, width, height } = image;
  const left = Math.floor(x - cell / 2 + 0.5);
  const top = Math.floor(y - cell / 2 + 0.5);
  const phase = Math.floor(4 * (x - cell / 2 + 0.5 - left))
    + 4 * Math.floor(4 * (y - cell / 2 + 0.5 - top));
  const mask = masks[phase];
  const fromX = Math.max(0, -left);
  const toX = Math.min(cell, width - left);
  const toY = Math.min(cell, height - top);
  for (let v = Math.max(0, -top); v < toY; v++)
    for (let u = fromX; u < toX; u++) {
      const share = mask[v * cell + u];
      if (share === 0) continue;
      const i = 4 * ((top + v) * width + left + u);
      data[i] += share * (red - data[i]);
      data[i + 1] += share * (green - data[i + 1]);
      data[i + 2] += share * (blue - data[i + 2]);
    }
}

// view: [left, right, bottom, top] in the map's own units. place: x, y, width, height in whole
// canvas pixels.
function drawMap(context, map, position, view, place, scale, colours) {
  const { width, height } = place;
  const first = Math.floor(position);
  const share = position - first;
  const a = first * map.count * 2;
  const b = share > 0 ? a + map.count * 2 : a;
  const perX = ((map.span[0] / 65535) * width) / (view[1] - view[0]);
  const perY = ((-map.span[1] / 65535) * height) / (view[3] - view[2]);
  const fromX = ((map.low[0] - view[0]) / (view[1] - view[0])) * width;
  const fromY = ((view[3] - map.low[1]) / (view[3] - view[2])) * height;
  // A handful of dots may be larger than a thousand; all are as large as the page's text asks for.
  const radius = 2.3 * scale * colours.text * Math.min(2, Math.max(1, (300 / map.count) ** 0.3));
  const dots = kept(colours.cache, `dots ${radius}`,
    () => dotMasks(radius, colours.dark ? 0.85 : 0.75));
  const image = kept(colours.cache, `image ${width} ${height}`,
    () => new ImageData(width, height));
  const sums = new Float64Array(3 * (UNNAMED + 1));

  new Uint32Array(image.data.buffer).fill(colours.ramp[0]);
  for (let i = 0; i < map.count; i++) {
    const p = map.points[a + 2 * i];
    const q = map.points[a + 2 * i + 1];
    const x = fromX + perX * (p + share * (map.points[b + 2 * i] - p));
    const y = fromY + perY * (q + share * (map.points[b + 2 * i + 1] - q));
    const label = map.labels ? Math.min(map.labels[i], UNNAMED) : UNNAMED;
    plotDot(image, dots, x, y, colours.dots[label]);
    sums[3 * label] += x;
    sums[3 * label + 1] += y;
    sums[3 * label + 2] += 1;
  }
  context.putImageData(image, place.x, place.y);
  if (!map.labels) return;
  drawNames(context, namesOnMap(map, sums, place, scale), place, scale, colours);
}

// Each digit's name at the middle of its dots, pushed apart just far enough to be read.
function namesOnMap(map, sums, { width, height }, scale) {
  const names = [];
  for (let digit = 0; digit < UNNAMED; digit++) {
    const n = sums[3 * digit + 2];
    if (!n) continue;
    // The tiny circle gives names that start on one spot a way to part.
    const angle = (digit / UNNAMED) * 2 * Math.PI;
    names.push({
      text: map.names?.[digit] ?? String(digit),
      x: sums[3 * digit] / n + Math.cos(angle) * scale,
      y: sums[3 * digit + 1] / n + Math.sin(angle) * scale,
    });
  }
  const apart = (map.names ? 34 : 22) * scale;
  for (let round = 0; round < 12; round++)
    for (let i = 0; i < names.length; i++)
      for (let j = 0; j < i; j++) {
        const dx = names[i].x - names[j].x;
        const dy = names[i].y - names[j].y;
        const distance = Math.hypot(dx, dy) || 1e-6;
        if (distance >= apart) continue;
        const push = (apart - distance) / 4 / distance;
        names[i].x += dx * push;
        names[i].y += dy * push;
        names[j].x -= dx * push;
        names[j].y -= dy * push;
      }
  const margin = 14 * scale;
  for (const name of names) {
    name.x = Math.min(width - margin, Math.max(margin, name.x));
    name.y = Math.min(height - margin, Math.max(margin, name.y));
  }
  return names;
}

function drawNames(context, names, place, scale, colours) {
  const size = (names.some((name) => name.text.length > 2) ? 15 : 24) * scale;
  writeIn(context, colours, `700 ${size}`, "center", colours.ink);
  context.lineJoin = "round";
  context.lineWidth = 5 * scale;
  context.strokeStyle = colours.paper;
  for (const { text, x, y } of names) {
    const half = context.measureText(text).width / 2; // a long one stays on the map
    const middle = place.x + Math.max(half, Math.min(place.width - half, x));
    context.strokeText(text, middle, place.y + y);
    context.fillText(text, middle, place.y + y);
  }
}
