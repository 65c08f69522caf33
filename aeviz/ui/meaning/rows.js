// The rows of the page "Meaning": each a number of the code, taken from low to high round the picture
// in hand. The pointer along a row draws that value; a press keeps it.
// Needs live/paint.js, meaning/stage.js, shell/colours.js, shell/component.js.

const FEW_ROWS = 4; // so many have the whole width
const ROW_BUDGET = 6; // milliseconds of drawing rows in a frame, so that a slider stays quick
const KEY_STEP = 0.25; // spreads of the codes that an arrow key moves a number

function buildRows(view) {
  const { data, find } = view;
  const { order, given_up: givenUp } = data.numbers;
  view.rows = order.map((k) => rowElement(view, k));
  const used = view.rows.filter(({ k }) => !givenUp.includes(k));
  const idle = view.rows.filter(({ k }) => givenUp.includes(k));
  const grid = (rows) =>
    element("div", rows.length > FEW_ROWS ? "grid many" : "grid", ...rows.map(({ box }) => box));
  const folded = (words, rows, why = "") => element("details", "more",
    element("summary", "", words), ...(why ? [element("p", "why", why)] : []), grid(rows));
  const [first, rest] = [used.slice(0, data.open), used.slice(data.open)];
  const parts = [grid(first)];
  if (rest.length)
    parts.push(folded(`${rest.length} more ${rest.length === 1 ? "number" : "numbers"}, `
      + "which change the picture less", rest));
  if (idle.length)
    parts.push(folded(`${idle.length} ${idle.length === 1 ? "number" : "numbers"} given up`, idle,
      "These say nothing of the picture: the encoder gives every picture the same cloud, and the "
      + "decoder has learnt to overlook it. It is called posterior collapse, and comes of the "
      + "price that a variational autoencoder pays for each nat that a number tells."));
  find(".rows").replaceChildren(...parts);
  for (const box of find(".rows").querySelectorAll("details"))
    view.live.listen(box, "toggle", () => drawRows(view));
}

function rowElement(view, k) {
  const { data, live } = view;
  const { reach, numbers } = data;
  const strip = element("canvas", "strip");
  Object.assign(strip, { tabIndex: 0, role: "slider", ariaLabel: `Number ${k + 1} of the code` });
  Object.assign(strip, { ariaValueMin: -reach, ariaValueMax: reach, ariaValueNow: 0 });
  const mark = element("i", "mark");
  const kl = numbers.kl ? `${numbers.kl[k].toFixed(2)} nats` : "";
  const name = element("p", "name", `Number ${k + 1}`, element("small", "", kl));
  const row = { k, strip, mark, pictures: [], stale: true };
  row.box = element("div", "row", name, element("div", "place", strip, mark));
  row.box.dataset.number = k;
  const moveAt = (event) => {
    const { left, width } = strip.getBoundingClientRect();
    // The first picture's middle is one end, the last one's the other.
    const share = ((event.clientX - left) / width) * data.steps - 0.5;
    return Math.min(Math.max((share / (data.steps - 1)) * 2 - 1, -1), 1) * reach;
  };
  live.listen(strip, "pointermove", (event) => tryMove(view, row, moveAt(event)));
  live.listen(strip, "pointerdown", (event) => {
    if (event.pointerType === "touch") strip.setPointerCapture(event.pointerId);
    tryMove(view, row, moveAt(event));
  });
  live.listen(strip, "pointerleave", () => leaveRow(view, row));
  live.listen(strip, "pointercancel", () => leaveRow(view, row));
  live.listen(strip, "click", (event) => keepMove(view, row, moveAt(event)));
  live.listen(strip, "keydown", (event) => {
    const now = view.hand.moves[k] ?? 0;
    const to = {
      ArrowRight: now + KEY_STEP, ArrowUp: now + KEY_STEP, ArrowLeft: now - KEY_STEP,
      ArrowDown: now - KEY_STEP, Home: -reach, End: reach, Escape: 0,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    keepMove(view, row, Math.min(Math.max(to, -reach), reach));
  });
  return row;
}

// ---- the pointer on a row ------------------------------------------------------------------

function tryMove(view, row, move) {
  const code = codeInHand(view, row.k);
  code[row.k] += move * view.data.numbers.spread[row.k];
  markMove(view, row, move);
  const way = Math.abs(move).toFixed(1);
  showCode(view, code, `Number ${row.k + 1} is ${code[row.k].toFixed(2)}: ${way} standard `
    + `deviations ${move < 0 ? "below" : "above"} · press to keep it`);
}

function leaveRow(view, row) {
  markMove(view, row, view.hand.moves[row.k] ?? 0);
  showCode(view, codeInHand(view));
}

function keepMove(view, row, move) {
  change(view, { moves: { ...view.hand.moves, [row.k]: Math.round(move * 100) / 100 } });
}

function markMove({ data }, { mark, strip }, move) {
  const share = ((move / data.reach + 1) / 2) * (data.steps - 1) + 0.5;
  mark.style.left = `${(share / data.steps) * 100}%`;
  strip.ariaValueNow = move.toFixed(2);
  strip.ariaValueText = `${move.toFixed(2)} standard deviations`;
}

// ---- drawing -------------------------------------------------------------------------------

// Row by row, a few a frame: a slider that moves on in the meantime begins it again.
function drawRows(view) {
  for (const row of view.rows) {
    row.stale = true;
    markMove(view, row, view.hand.moves[row.k] ?? 0);
  }
  if (view.rowing) return;
  view.rowing = true;
  const some = () => {
    const until = performance.now() + ROW_BUDGET;
    do {
      const row = view.rows.find(({ stale, box }) => stale && box.checkVisibility());
      if (!row) {
        view.rowing = false;
        view.root.dataset.rows = String(Number(view.root.dataset.rows ?? 0) + 1);
        return;
      }
      row.stale = false;
      fillRow(view, row);
    } while (performance.now() < until);
    view.live.frame(some);
  };
  view.live.frame(some);
}

function fillRow(view, row) {
  const { data, live } = view;
  const { steps, reach, numbers } = data;
  const code = codeInHand(view, row.k);
  const at = code[row.k];
  row.pictures = Array.from({ length: steps }, (_, i) => {
    code[row.k] = at + ((i / (steps - 1)) * 2 - 1) * reach * numbers.spread[row.k];
    return bytesOfPicture(live.decode(code));
  });
  paintRow(view, row);
}

function paintRow(view, { strip, pictures }) {
  if (!pictures.length) return;
  const { side, channels } = view.model;
  const width = side * pictures.length;
  if (strip.width !== width || strip.height !== side) Object.assign(strip, { width, height: side });
  const image = new ImageData(width, side);
  const words = new Uint32Array(image.data.buffer);
  pictures.forEach((bytes, i) => {
    for (let y = 0; y < side; y++)
      writePixels(words, y * width + i * side, bytes, y * side * channels, side, channels,
        view.colours.ramp);
  });
  strip.getContext("2d").putImageData(image, 0, 0);
}
