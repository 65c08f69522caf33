// The loss chart: axes, curves, floors and the names written on them.
// place: {x, y, width, height} in canvas pixels; scale: canvas pixels to a CSS pixel.
// Needs film/draw.js, shell/component.js.

const number = (value) =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(3));

function line(context, ...[fromX, fromY, toX, toY]) {
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
}

// Three or four round values between low and high, on a logarithmic or a linear axis.
function ticksBetween(low, high, logarithmic) {
  const found = [];
  if (logarithmic)
    for (const digits of [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8]]) {
      found.length = 0;
      for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
        for (const digit of digits) found.push(+(digit * 10 ** power).toPrecision(3));
      const inside = found.filter((v) => v >= low && v <= high);
      if (inside.length >= 3) {
        const stride = Math.ceil(inside.length / 4);
        return inside.filter((_, i) => i % stride === 0);
      }
    }
  const rough = (high - low) / 2.5;
  const base = 10 ** Math.floor(Math.log10(rough));
  const step = [5, 2, 1].map((m) => m * base).find((s) => s <= rough) || base;
  const ticks = [];
  for (let v = Math.ceil(low / step) * step; v <= high; v += step) ticks.push(+v.toPrecision(6));
  return ticks;
}

// Where steps and losses lie on a chart of all the films' curves.
function lossAxes(films, place, scale) {
  const curves = films.flatMap((film) => film.curves);
  const values = (kinds) =>
    curves.filter((c) => kinds.includes(c.kind)).flatMap((c) => c.values);
  const main = [...values(["training", "validation"]),
    ...films.flatMap((film) => (film.floor ? [film.floor.value] : []))];
  if (!main.length) main.push(0.01, 1);
  // A part that starts at almost nothing (a KL term) must not flatten the curves that matter.
  const parts = values(["extra"]).filter((v) => v > Math.min(...main) / 50);
  let low = Math.min(...main, ...parts);
  let high = Math.max(...main, ...parts);
  const logarithmic = low > 0;
  const warp = logarithmic ? Math.log10 : (v) => v;
  // Where all losses are much the same (the first moments of a run) the chart shows a range anyway.
  const least = logarithmic ? 0.3 : 0.2 * Math.abs(high) + 1e-9;
  const spread = warp(high) - warp(low);
  const margin = Math.max(0.07 * spread, (least - spread) / 2);
  const bottom = warp(low) - margin;
  const top = warp(high) + margin;
  const steps = curves.flatMap((c) => c.steps).filter((s) => s > 0);
  const start = Math.max(1, Math.min(...steps, Infinity) === Infinity ? 1 : Math.min(...steps));
  const end = Math.max(start * 10, ...films.map((film) => film.total));
  const ticks = logarithmic
    ? ticksBetween(10 ** bottom, 10 ** top, true) : ticksBetween(bottom, top, false);
  // Seven and a half pixels a figure at the size of the axes' type.
  const left = Math.max(46, 12 + 7.5 * Math.max(0, ...ticks.map((t) => number(t).length)));
  const box = {
    x: place.x + left * scale, y: place.y + 4 * scale,
    width: place.width - left * scale, height: place.height - 28 * scale,
  };
  return {
    box, start, end, logarithmic, ticks,
    x: (step) => box.x +
      (Math.log(Math.max(step, start) / start) / Math.log(end / start)) * box.width,
    y: (value) => box.y + box.height * (1 - (warp(value) - bottom) / (top - bottom)),
  };
}

function drawAxes(context, axes, scale, colours) {
  const { box } = axes;
  writeIn(context, colours, 12.5 * scale, "right");
  context.strokeStyle = colours.grid;
  context.lineWidth = scale;
  for (const tick of axes.ticks) {
    const y = Math.round(axes.y(tick)) + 0.5;
    if (y < box.y + 2 || y > box.y + box.height) continue;
    line(context, box.x, y, box.x + box.width, y);
    context.fillText(number(tick), box.x - 8 * scale, y);
  }
  const y = box.y + box.height + 16 * scale;
  const first = `step ${number(axes.start)}`;
  const last = number(axes.end);
  context.textAlign = "left";
  context.fillText(first, box.x, y);
  context.textAlign = "right";
  context.fillText(last, box.x + box.width, y);
  let taken = box.x + context.measureText(first).width + 14 * scale;
  const limit = box.x + box.width - context.measureText(last).width - 14 * scale;
  context.textAlign = "center";
  for (let step = 10 ** Math.ceil(Math.log10(axes.start + 1)); step < axes.end; step *= 10) {
    const half = context.measureText(number(step)).width / 2;
    if (axes.x(step) - half < taken || axes.x(step) + half > limit) continue;
    context.fillText(number(step), axes.x(step), y);
    taken = axes.x(step) + half + 14 * scale;
  }
}

// The points of a curve that can be drawn: on a logarithmic axis those above 0.
function polyline(axes, curve) {
  const points = curve.steps.map((step, i) => [axes.x(step), axes.y(curve.values[i])]);
  return points.filter(([, y]) => Number.isFinite(y));
}

function drawCurve(context, line, kind, dashed, scale, colours) {
  const part = kind === "extra";
  context.strokeStyle = part ? colours.dim : colours[kind];
  context.lineWidth = (part ? 1.1 : 2) * scale;
  context.setLineDash(dashed ? [6 * scale, 4 * scale] : []);
  context.lineJoin = "round";
  context.beginPath();
  for (const point of line) context.lineTo(...point);
  context.stroke();
  if (line.length !== 1) return;
  context.fillStyle = context.strokeStyle;
  context.beginPath();
  context.arc(...line[0], 3 * scale, 0, 2 * Math.PI);
  context.fill();
}

// ---- names on the lines --------------------------------------------------------------------

function heightAt(line, x) {
  if (!line.length || x < line[0][0] || x > line.at(-1)[0]) return NaN;
  const i = Math.max(1, line.findIndex((point) => point[0] >= x));
  const [[x0, y0], [x1, y1]] = [line[i - 1], line[i] ?? line[i - 1]];
  return x1 > x0 ? y0 + ((x - x0) / (x1 - x0)) * (y1 - y0) : y1;
}

// How much of a name at (left, middle) would lie on lines or on names already written.
function crowding(place, lines, taken) {
  let hits = 0;
  for (let i = 0; i <= 12; i++) {
    const x = place.left + (i / 12) * place.width;
    for (const line of lines) if (Math.abs(heightAt(line, x) - place.middle) < place.half) hits++;
  }
  const meets = (other) => Math.abs(other.middle - place.middle) < 2 * place.half
    && other.left < place.left + place.width && place.left < other.left + other.width;
  return hits + 100 * taken.filter(meets).length;
}

// Writes each name on its own line where it covers least: at the right, left or middle, above it
// or below. names: {text, line}; lines: all that are drawn.
function drawLineNames(context, axes, names, lines, scale, colours) {
  const { box } = axes;
  writeIn(context, colours, 12.5 * scale, "left");
  context.lineWidth = 3 * scale;
  context.lineJoin = "round";
  context.strokeStyle = colours.paper;
  const taken = [];
  const half = 9 * scale;
  for (const { text, line } of names) {
    const { width } = context.measureText(text);
    let best = null;
    for (const share of [1, 0, 0.5])
      for (const side of [-1, 1]) {
        const left = box.x + share * (box.width - width - 6 * scale);
        const middle = heightAt(line, left + width / 2) + side * (half + 2 * scale);
        if (!(middle > box.y + half && middle < box.y + box.height - half)) continue;
        const place = { left, middle, width, half };
        place.crowding = crowding(place, lines, taken);
        if (!best || place.crowding < best.crowding) best = place;
      }
    if (!best) continue;
    taken.push(best);
    context.strokeText(text, best.left, best.middle);
    context.fillText(text, best.left, best.middle);
  }
}

// ---- the whole chart -----------------------------------------------------------------------

// The films' floors, each once.
function floorsOf(films) {
  const floors = films.map((film) => film.floor).filter(Boolean);
  return [...new Map(floors.map((floor) => [`${floor.label} ${floor.value}`, floor])).values()];
}

// The chart without the line that moves; returns its axes.
function drawLoss(context, films, place, scale, colours) {
  const axes = lossAxes(films, place, scale);
  const { box } = axes;
  drawAxes(context, axes, scale, colours);
  const names = [];
  const lines = [];
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  for (const floor of floorsOf(films)) {
    const y = Math.round(axes.y(floor.value)) + 0.5;
    const ends = [[box.x, y], [box.x + box.width, y]];
    context.strokeStyle = colours.dim;
    context.lineWidth = scale;
    context.setLineDash([4 * scale, 4 * scale]);
    line(context, ...ends.flat());
    names.push({ text: floor.label, line: ends });
    lines.push(ends);
  }
  films.forEach((film, f) => {
    for (const kind of ["extra", "training", "validation"])
      for (const curve of film.curves.filter((c) => c.kind === kind && c.steps.length)) {
        const line = polyline(axes, curve);
        drawCurve(context, line, kind, f > 0, scale, colours);
        lines.push(line);
        if (kind === "extra" && f === 0) names.push({ text: curve.name, line });
      }
  });
  context.restore();
  drawLineNames(context, axes, names, lines, scale, colours);
  return axes;
}

const LONGEST_NAME = 0.45; // of the chart's width; longer ones cover curves and each other

// The name of a run beside the line at its moment, on the side that has room.
function nameMoment(context, colours, text, { box, x, y }, scale) {
  writeIn(context, colours, 12.5 * scale, "left");
  context.lineWidth = 3 * scale;
  context.lineJoin = "round";
  context.strokeStyle = colours.paper;
  const { width } = context.measureText(text);
  if (width > LONGEST_NAME * box.width) return;
  const gap = 5 * scale;
  const right = x + gap + width <= box.x + box.width;
  const left = right ? x + gap : Math.max(box.x, x - gap - width);
  context.strokeText(text, left, y);
  context.fillText(text, left, y);
}

function drawMoments(view, context, { box, end, x: across }, scale) {
  const steps = view.films.map((film) => shownStep(view, film));
  const apart = new Set(steps).size > 1;
  const text = scale * view.colours.text;
  steps.forEach((step, f) => {
    const x = Math.round(across(Math.min(step, end))) - 0.5;
    const y = box.y + (10 + 18 * f) * text;
    context.strokeStyle = view.colours.moment;
    context.lineWidth = scale;
    // As its curves are: the caption says whose they are where the names are too long to stand here.
    context.setLineDash(f ? [4 * scale, 4 * scale] : []);
    line(context, x, box.y, x, box.y + box.height);
    context.setLineDash([]);
    if (apart) nameMoment(context, view.colours, view.films[f].title, { box, x, y }, text);
  });
}

// The chart's own canvas, so large in CSS pixels, and all of the chart that stays.
function layoutLoss(view, width, height) {
  const { lossCanvas, ratio, colours } = view;
  size(lossCanvas, width, height, ratio);
  view.lossBack = new OffscreenCanvas(lossCanvas.width, lossCanvas.height);
  view.lossAxes = drawLoss(view.lossBack.getContext("2d"), view.films,
    { x: 0, y: 0, width: lossCanvas.width, height: lossCanvas.height }, ratio * colours.text,
    colours);
}

function drawLossNow(view) {
  const context = view.lossCanvas.getContext("2d");
  context.clearRect(0, 0, view.lossCanvas.width, view.lossCanvas.height);
  context.drawImage(view.lossBack, 0, 0);
  drawMoments(view, context, view.lossAxes, view.ratio);
}

// ---- in words ----------------------------------------------------------------------------

function lossWords(film, step) {
  const curve = film.curves.find((c) => c.kind === "training");
  const loss = curve?.values[curve.steps.findLastIndex((s) => s <= step)];
  return loss === undefined ? "" : `; training loss ${number(loss)}`;
}

function lossCaption(films) {
  const parts = ["Loss: ", element("span", "training", "training (red)"), ", ",
    element("span", "validation", "validation (blue)")];
  if (films.length > 1) parts.push(`; solid ${films[0].title}, dashed ${films[1].title}`);
  return parts;
}
