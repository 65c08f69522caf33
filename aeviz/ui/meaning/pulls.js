// The sliders of the page "Meaning": one for each direction that has a name, with how far to trust
// it; and the buttons that pull for whoever asks in words.
// Needs meaning/stage.js, shell/component.js.

// Buttons: their words, the direction, and how far to pull, or "level" for as far as makes it zero.
const WISHES = [
  ["Straighten it", "slant", "level"],
  ["Bolder", "thickness", 1],
  ["Thinner", "thickness", -1],
];

const CROWDED = "With so few numbers the pictures lie too close together: whatever makes one bolder "
  + "soon makes another thing of it. Models with ten numbers or more have room for directions.";

function buildPulls(view) {
  const { data, find, live } = view;
  view.sliders.clear();
  const [good, doubtful] = [[], []];
  for (const one of data.directions) (one.works ? good : doubtful).push(pullElement(view, one));
  const wishes = WISHES.flatMap(([words, name, how]) => {
    const direction = data.directions.find((one) => one.name === name && one.works);
    if (!direction) return [];
    const button = element("button", "", words);
    button.type = "button";
    live.listen(button, "click", () => grant(view, direction, how));
    return [button];
  });
  find(".good").replaceChildren(
    ...(wishes.length ? [element("div", "line wishes", ...wishes)] : []), ...good);
  const box = find(".doubtful");
  box.hidden = !doubtful.length;
  box.open ||= !good.length && doubtful.length > 0;
  find(".doubtful summary").textContent = good.length
    ? `Not to be trusted in this model (${doubtful.length})`
    : "No direction in this code does what its name says";
  find(".doubtful .why").textContent = good.length ? "" : CROWDED;
  find(".doubtful .pulls").replaceChildren(...doubtful);
}

function pullElement(view, direction) {
  const { live, data } = view;
  const { name, title, less, more, words, own } = direction;
  const input = element("input");
  Object.assign(input, {
    type: "range", min: -data.furthest, max: data.furthest, step: 0.05, ariaLabel: title,
  });
  input.dataset.pull = name;
  const value = element("output");
  const reset = element("button", "zero", own ? "Remove" : "×");
  Object.assign(reset, { type: "button", ariaLabel: own ? `Remove ${title}` : `Reset ${title}` });
  const ends = element("span", "ends",
    element("i", "", less), element("b", "", title), element("i", "", more));
  const spark = element("button", "spark", sparkOf(direction));
  Object.assign(spark, { type: "button", ariaLabel: `How far to trust ${title}` });
  const about = element("p", "about", words);
  const unfold = (open) => {
    about.hidden = !open;
    spark.ariaExpanded = String(open);
  };
  unfold(false);
  live.listen(spark, "click", () => unfold(about.hidden));
  const box = element("div", "pull", element("span", "track", input, ends), value, reset, spark,
    about);
  live.listen(input, "input", () => {
    pullTo(view, name, Number(input.value), { keep: false });
  });
  live.listen(input, "change", () => pullTo(view, name, Number(input.value), { keep: true }));
  live.listen(reset, "click", () => {
    if (own) view.send("dropped", { n: Date.now(), name });
    else pullTo(view, name, 0, { keep: true });
  });
  view.sliders.set(name, { input, value, direction, reset });
  return box;
}

// keep: the hand lets go, so that it can be undone; until then only the picture follows.
function pullTo(view, name, amount, { keep }) {
  view.pulling ??= view.hand;
  const pulls = { ...view.hand.pulls, [name]: amount };
  if (keep) {
    view.hand = view.pulling;
    view.pulling = null;
    if ((view.hand.pulls[name] ?? 0) !== amount) change(view, { pulls });
    return;
  }
  view.hand = { ...view.hand, pulls };
  writePull(view, name);
  showCode(view, codeInHand(view));
}

// As far as a wish says, and not beyond where codes lie.
function grant(view, direction, how) {
  const { name, vector, slope, level, low, high } = direction;
  const code = codeInHand(view);
  const now = view.hand.pulls[name] ?? 0;
  let by = how;
  if (how === "level") {
    const dot = (other) => slope.reduce((sum, v, k) => sum + v * other[k], 0);
    by = -(level + dot(code)) / dot(vector);
  }
  const place = placeAlong(view, direction, code);
  const to = now + Math.min(Math.max(place + by, low), high) - place;
  const { furthest } = view.data;
  pullTo(view, name, Math.round(20 * Math.min(Math.max(to, -furthest), furthest)) / 20,
    { keep: true });
}

// Where a code lies along a direction, in spreads from the mean code.
function placeAlong({ data }, { vector }, code) {
  let [along, square] = [0, 0];
  for (let k = 0; k < code.length; k++) {
    along += (code[k] - data.numbers.mean[k]) * vector[k];
    square += vector[k] ** 2;
  }
  return square ? along / square : 0;
}

function placeSliders(view) {
  for (const [name, { input }] of view.sliders) {
    input.value = view.hand.pulls[name] ?? 0;
    writePull(view, name);
  }
}

function writePull(view, name) {
  const { input, value, direction, reset } = view.sliders.get(name);
  const pull = Number(input.value);
  const words = pull ? `${pull > 0 ? "+" : "−"}${Math.abs(pull).toFixed(1)}` : "0";
  value.textContent = words;
  input.setAttribute("aria-valuetext", words);
  if (!direction.own) reset.style.visibility = pull ? "visible" : "hidden";
  // Beyond where codes lie the track is dimmed.
  const { furthest } = view.data;
  const place = placeAlong(view, direction, codeInHand(view)) - pull;
  const share = (at) => `${50 + (50 * Math.min(Math.max(at, -furthest), furthest)) / furthest}%`;
  input.style.setProperty("--from", share(direction.low - place));
  input.style.setProperty("--to", share(direction.high - place));
}

// How the measured attribute moved over held-out pictures: the middle of them, and most of them.
function sparkOf({ curve, own }) {
  if (own || !curve) return "?";
  const steps = curve.length / 3;
  const most = Math.max(...curve.map(Math.abs)) || 1;
  const point = (line, i) =>
    `${((i / (steps - 1)) * 60 + 2).toFixed(1)},${(14 - (12 * curve[line * steps + i]) / most).toFixed(1)}`;
  const all = [...Array(steps).keys()];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 64 28");
  svg.ariaHidden = "true";
  for (const [kind, points] of [
    ["band", [...all.map((i) => point(0, i)), ...all.map((i) => point(2, i)).reverse()]],
    ["middle", all.map((i) => point(1, i))],
  ]) {
    const shape = document.createElementNS(svg.namespaceURI, kind === "band" ? "polygon" : "polyline");
    shape.setAttribute("class", kind);
    shape.setAttribute("points", points.join(" "));
    svg.append(shape);
  }
  return svg;
}
