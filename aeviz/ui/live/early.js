// The map's dots as a plain picture where the chart will be. The browser reads Plotly and draws with
// it for one to three seconds after the model is there; a visitor should not wait for that to see a
// map. It answers no pointer and goes when the chart is drawn, whose dots lie at the same places.
// Needs live/chart.js, shell/component.js.

const EARLY_TRIES = 300; // frames

// early: { view: [left, right, bottom, top], equal, top, dot, coloured, count }, see `EarlyMap`.
function drawEarly(view, tries = 0) {
  const { model, data: { chart: { early, key: name } }, colours } = view;
  endEarly(view);
  if (!early || !view.chart || view.chart.gd) return;
  const home = homeOf(name);
  if (!home || !home.clientHeight) { // its place on the page may come a little later
    if (tries < EARLY_TRIES)
      view.earlyRequest = requestAnimationFrame(() => drawEarly(view, tries + 1));
    return;
  }
  const canvas = element("canvas", "aeviz-early");
  const [width, height] = [home.clientWidth, home.clientHeight - early.top];
  const ratio = devicePixelRatio || 1;
  Object.assign(canvas, { width: width * ratio, height: height * ratio, ariaHidden: "true" });
  Object.assign(canvas.style, {
    position: "absolute", left: "0", top: `${early.top}px`, width: `${width}px`,
    height: `${height}px`, pointerEvents: "none",
  });
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.globalAlpha = 0.8;
  const place = placesIn(early, width, height);
  const { points, labels, count } = model;
  const unnamed = colours.dots.length - 1;
  const kinds = labels && early.coloured ? unnamed : 1;
  for (let kind = 0; kind < kinds; kind++) {
    context.fillStyle = `rgb(${colours.dots[kinds === 1 ? unnamed : kind].join(" ")})`;
    context.beginPath();
    for (let i = 0; i < Math.min(count, early.count); i++) {
      if (kinds > 1 && labels[i] % unnamed !== kind) continue;
      const [x, y] = place(points[2 * i], points[2 * i + 1]);
      context.moveTo(x, y);
      context.arc(x, y, early.dot / 2, 0, 7);
    }
    context.fill();
  }
  home.append(canvas);
  view.early = canvas;
}

// A point of the map -> pixels from the picture's top left corner. Where a unit is equally long on
// both axes, the roomier one shows more than the view.
function placesIn({ view: [left, right, bottom, top], equal }, width, height) {
  let [across, up] = [width / (right - left), height / (top - bottom)];
  if (equal) across = up = Math.min(across, up);
  const [middleX, middleY] = [(left + right) / 2, (bottom + top) / 2];
  return (x, y) => [width / 2 + (x - middleX) * across, height / 2 - (y - middleY) * up];
}

function endEarly(view) {
  cancelAnimationFrame(view.earlyRequest);
  view.early?.remove();
  view.early = null;
}
