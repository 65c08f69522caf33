// The page "Compression" in bytes: the same picture by every method at the size that a slider says,
// with how far each pixel is off. All pictures are here already, so a move asks nobody.
// Needs live/paint.js, shell/component.js.

const SEND_AFTER = 300; // milliseconds without a change before the page hears of it
const TICKS = 1000; // of the slider, which is even in the logarithm of bytes

export default function (component) {
  return keepOnPage(component, ".sizes", mountSizes, updateSizes);
}

function mountSizes(root) {
  const find = (name) => root.querySelector(name);
  const view = { root, find, painted: new WeakMap(), numbered: 0, sending: 0 };
  const slider = find("input");
  slider.addEventListener("input", () => {
    view.size = sizeAt(view, Number(slider.value));
    showSize(view);
    tellChosen(view);
  });
  view.end = () => clearTimeout(view.sending);
  return view;
}

function updateSizes(view, before) {
  const { data } = view;
  recolour(view);
  if (before === data) return;
  // What the visitor does meanwhile counts, until another data set is shown.
  if (!before || before.most !== data.most || before.least !== data.least || !view.sending)
    Object.assign(view, { size: data.size, pick: data.pick });
  view.pick = Math.min(view.pick, Math.max(0, data.count - 1));
  buildMethods(view);
  buildPicks(view);
  view.find("input").value = tickAt(view, view.size);
  showSize(view);
  view.root.dataset.ready = "1";
}

const sizeAt = ({ data }, tick) => data.least * (data.most / data.least) ** (tick / TICKS);
const tickAt = ({ data }, size) =>
  Math.round((TICKS * Math.log(size / data.least)) / Math.log(data.most / data.least));

function tellChosen(view) {
  clearTimeout(view.sending);
  view.sending = setTimeout(() => {
    view.sending = 0;
    view.numbered = Math.max(view.numbered + 1, Date.now());
    view.send("chosen", { n: view.numbered, size: view.size, pick: view.pick });
  }, SEND_AFTER);
}

// ---- the methods, side by side -------------------------------------------------------------

function buildMethods(view) {
  const { data } = view;
  const shown = data.methods.filter(({ points }) => points.length);
  view.columns = shown.map((method) => {
    const canvases = { drawn: element("canvas"), off: element("canvas") };
    const figure = element("figure", method.name, element("b", "", method.title),
      element("div", "pair", canvases.drawn, canvases.off), element("figcaption", ""));
    return { method, figure, ...canvases };
  });
  view.find(".methods").replaceChildren(...view.columns.map(({ figure }) => figure));
}

function buildPicks(view) {
  const { data, find } = view;
  const first = data.originals ?? data.methods[0].pictures;
  // The best that is here, where the originals are not.
  const last = data.originals ? 0 : data.methods[0].points.findLastIndex(({ there }) => there);
  find(".picks").replaceChildren(...Array.from({ length: first ? data.count : 0 }, (_, i) => {
    const canvas = element("canvas");
    const button = element("button", "pick", canvas);
    Object.assign(button, { type: "button", ariaLabel: `Look at ${data.names[i]}` });
    button.addEventListener("click", () => {
      view.pick = i;
      showSize(view);
      tellChosen(view);
    });
    paintSized(view, canvas, pictureAt(data, first, last, i));
    return button;
  }));
}

const pictureAt = ({ values, count }, pictures, point, pick) =>
  pictures.subarray((point * count + pick) * values, (point * count + pick + 1) * values);

function paintSized(view, canvas, picture, says = "", signed = false) {
  view.painted.set(canvas, { picture, signed });
  paintOn(canvas, picture, view.colours, signed);
  if (says) Object.assign(canvas, { role: "img", ariaLabel: says });
}

// The point of most bytes that are no more than the size; -1 where all are more.
const pointWithin = ({ points }, size) =>
  points.reduce((found, { bytes }, i) => (bytes <= size * 1.0005 ? i : found), -1);

function showSize(view) {
  const { data, find, root } = view;
  const at = Math.max(0, pointWithin(data.methods[0], view.size));
  find(".says").textContent = data.says[at];
  find(".more").textContent = data.more[at];
  const words = wordsOfSize(view.size);
  find("output").textContent = words;
  find("input").ariaValueText = words;
  for (const column of view.columns) showMethod(view, column);
  find(".picks").querySelectorAll("button").forEach((button, i) =>
    button.setAttribute("aria-pressed", String(i === view.pick)));
  Object.assign(root.dataset, { point: at, pick: view.pick });
}

const wordsOfSize = (size) => `${size < 10 ? size.toFixed(1) : Math.round(size)} bytes`;

function whyUnseen({ name, pictures }, { originals }) {
  if (name === "network" && pictures) return "drawn once its weights are here";
  return originals ? "its plug-in is not installed here" : "drawn once the original pictures are here";
}

function showMethod(view, { method, figure, drawn, off }) {
  const { data } = view;
  const at = pointWithin(method, view.size);
  const caption = figure.querySelector("figcaption");
  figure.dataset.point = at;
  const point = method.points[at];
  const seen = Boolean(point?.there && method.pictures);
  figure.querySelector(".pair").hidden = !seen;
  off.hidden = !data.originals;
  if (!point) caption.textContent = `not under ${method.from} bytes`;
  else {
    const error = point.mse ? `error ${point.mse.toPrecision(2)}` : "nothing lost";
    const decibels = point.psnr === null ? "" : `, ${point.psnr.toFixed(1)} dB`;
    caption.textContent = `${point.words}, ${error}${decibels}`;
    if (!seen && data.count) caption.textContent += `; ${whyUnseen(method, data)}`;
  }
  if (!seen) return;
  const name = data.names[view.pick];
  const picture = pictureAt(data, method.pictures, at, view.pick);
  paintSized(view, drawn, picture, `${name} as ${method.title} in ${point.words}`);
  if (!data.originals) return;
  const original = pictureAt(data, data.originals, 0, view.pick);
  const apart = Float32Array.from(picture, (value, i) => (value - original[i]) / 255);
  paintSized(view, off, apart, `How far each pixel is off`, true);
}
