// The panel Draw: a pad for one picture, or a photo, encoded and redrawn as it comes about. Of a model
// of grey pictures it takes ink, of one in colour whatever colours there are.
// Needs live/ink.js, live/light.js, live/paint.js, live/test_pictures.js, live/told.js.

const DRAW_HTML = `
<div class="live-panel draw" role="group" aria-label="Draw">
  <div class="beside">
    <div class="sheet">
      <canvas class="pad" role="img"></canvas>
      <span class="here"></span>
    </div>
    <div class="two">
      ${figureHtml("input", "The model gets")}
      ${figureHtml("redrawn", "The model draws")}
    </div>
  </div>
  <div class="line">
    <button type="button" class="undo" disabled>Undo</button>
    <button type="button" class="clear" disabled>Clear</button>
    <button type="button" class="example">Draw an example</button>
    <label class="button">Use a photo<input type="file" class="photo" accept="image/*"></label>
  </div>
  <div class="line colours" hidden>
    <label>Pen <input type="color" class="pen-colour" value="#ff9500"></label>
    <label>Ground <input type="color" class="ground"></label>
  </div>
  <label class="check"><input type="checkbox" class="centred" checked>
    <span class="centred-name"></span></label>
  <label class="which" hidden>It is <select><option value="">as it looks</option></select></label>
  <p class="note" role="status"></p>
  <p class="nearest" role="status"></p>
  <div class="uncertain" hidden>
    <p>The ring on the map holds 86 in 100 of the codes this model would give your drawing.</p>
    <div class="line"><button type="button" class="resample">Resample</button>
      <span>Draws eight codes from that cloud.</span></div>
    <div class="strip samples" role="img" aria-label="No samples yet" hidden></div>
  </div>
</div>`;

const PAD = 336; // pixels of the pad: 12 for each of 28, 42 for each of 8
// Share of the pad: a digit that fills four fifths of it has MNIST's strokes, 2.3 of 20 pixels.
const PEN_WIDTH = 0.09;
const BRUSH_WIDTH = 0.2; // in colour it is planes that are drawn: a dab is half of a small shape
// Widths and strengths that make one stroke: its edge is soft, as MNIST's are.
const SOFT_STROKE = [[1.15, 0.35], [1, 0.5], [0.8, 1]];
const SAMPLES = 8;

// What was drawn last, for the panel Noise: a picture, 0..1, for each `live`.
const drawnInk = new WeakMap();

// ---- plain functions: a variational encoder's cloud -----------------------------------------

// The cloud's outline on the map at two standard deviations: [x, y] middle, half axes, the angle
// of the first (anticlockwise, in the map's units), and a polygon to draw. `project` takes a code
// to its point on the map and is affine; through it the variances become a 2 x 2 covariance.
function cloudOutline(mean, logVariance, project) {
  const [x, y] = project(mean);
  let [xx, xy, yy] = [0, 0, 0];
  for (let k = 0; k < mean.length; k++) {
    const moved = Float64Array.from(mean);
    moved[k] += 1;
    const [u, v] = project(moved);
    const variance = Math.exp(logVariance[k]);
    xx += variance * (u - x) ** 2;
    xy += variance * (u - x) * (v - y);
    yy += variance * (v - y) ** 2;
  }
  const apart = Math.hypot((xx - yy) / 2, xy);
  const rx = 2 * Math.sqrt((xx + yy) / 2 + apart);
  const ry = 2 * Math.sqrt(Math.max(0, (xx + yy) / 2 - apart));
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const points = Array.from({ length: 65 }, (_, i) => {
    const [p, q] = [rx * Math.cos((i * Math.PI) / 32), ry * Math.sin((i * Math.PI) / 32)];
    return [x + p * Math.cos(angle) - q * Math.sin(angle),
      y + p * Math.sin(angle) + q * Math.cos(angle)];
  });
  return { x, y, rx, ry, angle, points };
}

// One code out of the cloud; normal numbers by Box and Muller's formula.
function sampledCode(mean, logVariance, random) {
  return Float32Array.from(mean, (m, k) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return m + Math.exp(logVariance[k] / 2) * normal;
  });
}

// ---- the panel -----------------------------------------------------------------------------

function mountDraw(host, live) {
  const view = {
    ...panelIn(host, live, DRAW_HTML), inColour: live.model.channels > 1,
    items: [], pen: null, shown: false, drawing: false, code: null, samples: [], turn: 0,
  };
  const { find } = view;
  view.pad = find(".pad");
  view.pad.width = view.pad.height = PAD;
  view.context = view.pad.getContext("2d", { willReadFrequently: true });
  const digits = live.model.thing === "digit";
  view.pad.setAttribute("aria-label", `Pad to draw a ${live.model.thing} on`);
  find(".here").textContent = `Draw a ${live.model.thing} here`;
  find(".centred").checked = digits; // others may lie anywhere in their square
  find(".check").hidden = view.inColour;
  find(".colours").hidden = !view.inColour;
  if (view.inColour) find(".ground").value = groundOf(live.decode(live.model.base), live.model.side);
  find(".centred-name").textContent = live.model.side === 28 && digits ? "Centred like MNIST"
    : digits ? "Sized and centred like the pictures the model knows" : "Sized and centred";
  const { kinds } = live.model;
  find(".which").hidden = !kinds;
  for (let kind = 0; kind < kinds; kind++)
    find(".which select").append(new Option(nameOfKind(live.model, kind), kind));
  listenToPen(view);
  listenToPhotos(view);
  const act = (name, type, handler) => live.listen(find(name), type, handler);
  act(".undo", "click", () => setItems(view, view.items.slice(0, -1)));
  act(".clear", "click", () => setItems(view, []));
  act(".example", "click", () => drawExample(view));
  act(".centred", "change", () => penLifted(view));
  act(".ground", "input", () => soon(view));
  act(".ground", "change", () => penLifted(view));
  act(".resample", "click", () => resample(view));
  act(".which select", "change", () => penLifted(view));
  return {
    update: () => paintPad(view), // perhaps in the colours of another theme
    show: () => {
      view.shown = true;
      penLifted(view);
    },
    hide: () => {
      view.shown = view.drawing = false;
      view.pen = null;
      live.mark("draw", []);
    },
    end: () => view.turn++,
  };
}

function setItems(view, items, note = "") {
  view.turn++; // a photo still being read is no longer wanted
  view.pen = null; // nor the rest of a stroke
  view.items = items;
  view.find(".note").textContent = note;
  penLifted(view);
}

function listenToPen(view) {
  const { live, pad } = view;
  const placeOf = (event) => {
    const { left, top } = pad.getBoundingClientRect();
    const scale = PAD / pad.clientWidth;
    return [(event.clientX - left - pad.clientLeft) * scale,
      (event.clientY - top - pad.clientTop) * scale];
  };
  live.listen(pad, "pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    view.pen = event.pointerId;
    view.turn++;
    view.find(".note").textContent = "";
    const colour = view.find(".pen-colour").value;
    view.items = [...view.items, { points: [placeOf(event)], colour }];
    soon(view);
  });
  live.listen(pad, "pointermove", (event) => {
    if (event.pointerId !== view.pen) return;
    const every = event.getCoalescedEvents?.() ?? [];
    view.items.at(-1).points.push(...(every.length ? every : [event]).map(placeOf));
    soon(view);
  });
  for (const type of ["pointerup", "pointercancel"])
    live.listen(pad, type, (event) => {
      if (event.pointerId !== view.pen) return;
      view.pen = null;
      penLifted(view);
    });
}

function listenToPhotos(view) {
  const { live, root, find } = view;
  live.listen(find(".photo"), "change", (event) => {
    takePhoto(view, event.target.files[0]);
    event.target.value = ""; // the same file may be chosen again
  });
  live.listen(root, "dragover", (event) => event.preventDefault());
  live.listen(root, "drop", (event) => {
    event.preventDefault();
    takePhoto(view, event.dataTransfer.files[0]);
  });
}

async function takePhoto(view, file) {
  if (!file) return;
  const turn = ++view.turn;
  const { sheet, problem } = await (view.inColour ? sheetInColour : sheetOfPhoto)(file, PAD);
  if (turn !== view.turn) return; // drawn on, or another photo, or gone
  if (problem) view.find(".note").textContent = problem;
  else setItems(view, [{ sheet }]);
}

// A test picture on the pad, for hands that cannot draw.
function drawExample(view) {
  const { live } = view;
  const { picture, name, original } = testPicture(live, someRow(live));
  const note = original ? `This is ${name}.` : `This is ${name}, as the model draws it.`;
  const { side } = live.model;
  const sheet = view.inColour ? sheetOfLight(picture, side, PAD)
    : sheetOfInk(picture, side, side, PAD);
  setItems(view, [{ sheet }], note);
}

// One redrawing a frame, however many moves there were.
function soon(view) {
  if (view.drawing) return;
  view.drawing = true;
  view.live.frame(() => {
    view.drawing = false;
    refreshDrawing(view);
  });
}

// ---- from the pad to the pictures ------------------------------------------------------------

function paintPad({ context, items, pad, inColour, find }) {
  context.globalCompositeOperation = "source-over";
  context.clearRect(0, 0, PAD, PAD);
  context.lineCap = context.lineJoin = "round";
  if (inColour) {
    context.fillStyle = find(".ground").value;
    context.fillRect(0, 0, PAD, PAD);
  }
  for (const { points, sheet, colour } of items) {
    if (sheet) context.drawImage(sheet, 0, 0);
    else
      for (const [width, strength] of SOFT_STROKE) {
        context.lineWidth = width * (inColour ? BRUSH_WIDTH : PEN_WIDTH) * PAD;
        context.strokeStyle = colour + Math.round(255 * strength).toString(16);
        context.beginPath();
        context.moveTo(...points[0]);
        for (const point of points) context.lineTo(...point);
        context.stroke();
      }
  }
  if (inColour) return;
  // Ink is how opaque a pixel is; its colour is the theme's and means nothing.
  context.globalCompositeOperation = "source-in";
  context.fillStyle = getComputedStyle(pad).color;
  context.fillRect(0, 0, PAD, PAD);
}

function padInk({ context }) {
  const { data } = context.getImageData(0, 0, PAD, PAD);
  const ink = new Float32Array(PAD * PAD);
  for (let i = 0; i < ink.length; i++) ink[i] = data[4 * i + 3] / 255;
  return ink;
}

function pictureOnPad(view) {
  const { side } = view.live.model;
  if (view.inColour) return lightOf(view.context.getImageData(0, 0, PAD, PAD).data, PAD, side);
  const ink = padInk(view);
  if (!inkBounds(ink, PAD, PAD)) return null;
  return view.find(".centred").checked ? centredInk(ink, PAD, PAD, side)
    : shrunkInk(ink, PAD, side);
}

function refreshDrawing(view) {
  const { live, find, root } = view;
  paintPad(view);
  const picture = view.items.length ? pictureOnPad(view) : null;
  for (const name of [".undo", ".clear"]) find(name).disabled = !view.items.length;
  find(".here").hidden = view.items.length > 0;
  if (picture) drawnInk.set(live, picture);
  else drawnInk.delete(live);
  const said = find(".which select").value;
  view.code = picture && live.encode(picture, said === "" ? undefined : Number(said));
  const paint = (name, pixels, says) => live.paint(find(name),
    pixels ?? new Float32Array(live.model.values), pixels ? says : "Nothing drawn yet");
  paint(".input", picture, "Your drawing as the model gets it");
  paint(".redrawn", picture && live.decode(view.code.mean, view.code.kind),
    "Your drawing, redrawn by the model");
  root.dataset.code = picture ? Array.from(view.code.mean, (v) => v.toFixed(4)).join(" ") : "";
}

// The drawing stands still: where it lies, and what lies near.
function penLifted(view) {
  const { live, code, find } = (refreshDrawing(view), view);
  view.samples = [];
  find(".uncertain").hidden = !code?.logVariance;
  find(".samples").hidden = true;
  find(".nearest").textContent = !code ? "" : find(".which select").value === "" && live.model.kinds
    ? `As a ${nameOfKind(live.model, code.kind)} it is redrawn best.`
    : nearestWords(live, code.mean, code.kind);
  if (!view.shown) return;
  markDrawing(view);
  if (code) live.show(code.mean, "Your drawing, redrawn", code.kind);
}

function markDrawing({ live, code, samples }) {
  if (!code) return live.mark("draw", []);
  const [x, y] = live.project(code.mean);
  const marks = [{ kind: "pen", x, y }];
  if (code.logVariance) {
    const outline = cloudOutline(code.mean, code.logVariance, live.project);
    marks.unshift({ kind: "ellipse", ...outline });
  }
  for (const sample of samples) {
    const [u, v] = live.project(sample);
    marks.push({ kind: "dot", x: u, y: v });
  }
  live.mark("draw", marks);
}

function resample(view) {
  const { live, code } = view;
  const strip = view.find(".samples");
  view.samples = Array.from({ length: SAMPLES },
    () => sampledCode(code.mean, code.logVariance, Math.random));
  paintStrip(live, strip, view.samples, `${SAMPLES} pictures of codes out of the cloud`);
  strip.hidden = false;
  markDrawing(view);
}
