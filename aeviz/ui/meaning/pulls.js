// The sliders of the page "Meaning": one for each direction that has a name, with how far to trust
// it; and the buttons that pull for whoever asks in words.
// Needs meaning/stage.js, shell/component.js.

// Buttons: their words, the direction, and how far to pull, or "level" until it stands upright.
const WISHES = [
  ["Straighten it", "slant", "level"],
  ["Bolder", "thickness", 1],
  ["Thinner", "thickness", -1],
];

const HALVINGS = 8; // of a slider: finer than its steps
const SLACK = 0.5; // spreads beyond the ends: one code in forty lies there anyway

const CROWDED = "With so few numbers the pictures lie too close together: whatever makes one bolder "
  + "soon makes another thing of it. Models with ten numbers or more have room for directions.";

function buildPulls(view) {
  const { data, find, live } = view;
  view.built = wordsOfDirections(view);
  view.sliders.clear();
  const [good, doubtful] = [[], []];
  for (const one of data.directions)
    if (!view.dropping.has(one.name)) (one.works ? good : doubtful).push(pullElement(view, one));
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
  const pulled = data.directions.some(({ name, works }) => !works && view.hand.pulls[name]);
  box.open ||= pulled || (!good.length && doubtful.length > 0);
  find(".doubtful summary").textContent = good.length
    ? `Not to be trusted in this model (${doubtful.length})`
    : "No direction in this code does what its name says";
  find(".doubtful .why").textContent = good.length ? "" : CROWDED;
  find(".doubtful .pulls").replaceChildren(...doubtful);
}

// The page has told something new: other directions, or only what was done here.
function rebuildPulls(view) {
  if (wordsOfDirections(view) === view.built) return;
  const names = new Set(view.data.directions.map(({ name }) => name));
  for (const name of view.dropping) if (!names.has(name)) view.dropping.delete(name);
  buildPulls(view);
  showHand(view);
  pullAsMade(view);
}

// What has just been made is seen at once: as far as its groups are apart, where codes still lie.
function pullAsMade(view) {
  const { made, directions, furthest } = view.data;
  const direction = directions.find(({ name }) => name === made);
  if (!direction || view.made === made) return;
  view.made = made;
  const most = direction.high - placeAlong(view, direction, codeInHand(view));
  const pull = Math.min(direction.apart, Math.max(most, 1), furthest);
  pullTo(view, made, Math.round(20 * pull) / 20, { keep: true });
}

const wordsOfDirections = ({ data }) =>
  JSON.stringify(data.directions.map(({ name, title, words }) => [name, title, words]));

// Gone at once; the page is told of all that are gone, since it may not have heard of the last one.
function drop(view, name) {
  view.dropping.add(name);
  const { [name]: _, ...pulls } = view.hand.pulls;
  view.numbered = Math.max(view.numbered + 1, Date.now());
  view.send("dropped", { n: view.numbered, names: [...view.dropping] });
  buildPulls(view);
  change(view, { pulls });
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
    if (own) drop(view, name);
    else pullTo(view, name, 0, { keep: true });
    input.focus(); // the button is gone
  });
  view.sliders.set(name, { input, value, direction, reset });
  return box;
}

// keep: the hand lets go, so that it can be undone; until then only the picture follows.
function pullTo(view, name, amount, { keep }) {
  const pulls = { ...view.hand.pulls, [name]: amount };
  if (keep) return change(view, { pulls });
  view.pulling ??= view.hand;
  view.hand = { ...view.hand, pulls };
  writePull(view, name);
  showCode(view, codeInHand(view));
}

// As far as a wish says, and not beyond where codes lie.
function grant(view, direction, how) {
  const { name, low, high } = direction;
  const { furthest } = view.data;
  const now = view.hand.pulls[name] ?? 0;
  const place = placeAlong(view, direction, codeInHand(view)) - now;
  const [least, most] = [Math.max(low - place, -furthest), Math.min(high - place, furthest)];
  const to = how === "level" ? uprightAt(view, direction, least, most) : now + how;
  pullTo(view, name, Math.round(20 * Math.min(Math.max(to, least), most)) / 20, { keep: true });
}

// The pull between two ends at which the drawn picture leans least, by halving where it changes
// from one side to the other.
function uprightAt(view, { name, vector }, least, most) {
  const bare = codeInHand(view);
  const now = view.hand.pulls[name] ?? 0;
  const leans = (pull) =>
    slantOf(view.live.decode(bare.map((v, k) => v + (pull - now) * vector[k])), view.model.side);
  let [from, to] = [least, most];
  if (leans(from) > 0) return from;
  if (leans(to) < 0) return to;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (from + to) / 2;
    if (leans(middle) > 0) to = middle;
    else from = middle;
  }
  return (from + to) / 2;
}

// How far the strokes of a grey picture move to the right for each pixel up, as
// latent/attributes.py has it.
function slantOf(picture, side) {
  const at = (x, y) => (x < 0 || y < 0 || x >= side || y >= side ? 0
    : Math.min(1, Math.max(0, picture[y * side + x])));
  let [both, level] = [0, 0];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const right = at(x + 1, y) - at(x - 1, y);
      both += right * (at(x, y + 1) - at(x, y - 1));
      level += right * right;
    }
  return level ? both / level : 0;
}

// Whether a slider pulls a code to where no codes lie.
function isBeyond(view, code) {
  return view.data.directions.some((direction) => {
    if (!view.hand.pulls[direction.name]) return false;
    const place = placeAlong(view, direction, code);
    return place < direction.low - SLACK || place > direction.high + SLACK;
  });
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
