// A model that is told what it draws: the code in hand as every kind there is, each a button that
// has all else drawn as that kind. The labels are the model's; which was chosen is `view.told`.
// Needs shell/component.js.

// Longer than this, in milliseconds, and drawing all kinds waits until the pointer rests.
const TOLD_TIME = 8;
const TOLD_REST = 120;

// What a kind is called: "7", "Shirt".
const nameOfKind = ({ names }, kind) => String(names?.[kind] ?? kind);

// What a test picture shows, for a model that is told it; else undefined.
const kindOfRow = ({ kinds, labels }, row) => (kinds && labels ? labels[row] : undefined);

// place: an element, hidden for a model that is told nothing. choose: called with a kind.
function mountTold(place, live, choose) {
  const { kinds } = live.model;
  place.hidden = !kinds;
  const row = { live, waiting: 0, slow: false, canvases: [] };
  place.replaceChildren(...Array.from({ length: kinds }, (_, kind) => {
    const canvas = element("canvas");
    const name = nameOfKind(live.model, kind);
    const button = element("button", "as", canvas, element("span", "", name));
    Object.assign(button, { type: "button", ariaLabel: `Draw it as ${name}` });
    button.dataset.kind = kind;
    live.listen(button, "click", () => choose(kind));
    row.canvases.push(canvas);
    return button;
  }));
  return row;
}

// Draws a code as every kind; chosen: the kind that all else is drawn as.
function showTold(row, code, chosen) {
  const { live, canvases } = row;
  canvases.forEach(({ parentElement }, kind) =>
    parentElement.setAttribute("aria-pressed", String(kind === chosen)));
  clearTimeout(row.waiting);
  const draw = () => {
    const began = performance.now();
    canvases.forEach((canvas, kind) => live.paint(canvas, live.decode(code, kind)));
    row.slow = performance.now() - began > TOLD_TIME;
  };
  if (row.slow) row.waiting = setTimeout(draw, TOLD_REST);
  else draw();
}
