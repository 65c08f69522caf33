// A card of words and pictures beside the dot of a native Plotly chart that the pointer is on, and
// the dot that was clicked. Dots carry the names of their cards in `customdata`. Streamlit may draw
// the chart anew at any time (a rerun, another theme, another size); that one is then attached to.
// Needs shell/colours.js, shell/component.js.

const CARD_STYLE = `
:host { position: absolute; inset: 0; pointer-events: none; z-index: 5; }
.card { position: absolute; box-sizing: border-box; width: 19.125rem; padding: 10px 12px 12px;
  border: 1px solid var(--line); border-radius: 8px; background: var(--paper); color: var(--ink);
  box-shadow: 0 4px 18px rgb(0 0 0 / 0.16); font: 0.8125rem/1.45 var(--font);
  font-variant-numeric: tabular-nums; }
.card[hidden] { display: none; }
b { display: block; font-weight: 600; }
span { display: block; opacity: 0.8; }
img { display: block; width: 280px; margin-top: 8px; }
`;
const GAP = 16; // CSS pixels between the dot and its card

export default function (component) {
  return keepOnPage(component, ".cards", mount, attach);
}

function mount(root) {
  const view = { root, gd: null, tapped: null };
  const watcher = new MutationObserver(() => attachedStill(view) || attach(view));
  watcher.observe(document.body, { childList: true, subtree: true });
  // A finger leaves no pointer behind: the card of a dot that was tapped stays until the next touch.
  const press = (event) => {
    view.touch = event.pointerType === "touch";
    view.tapped = null;
    if (view.touch && view.gd) hide(view);
  };
  document.addEventListener("pointerdown", press, true);
  view.end = () => {
    watcher.disconnect();
    document.removeEventListener("pointerdown", press, true);
    detach(view);
  };
  return view;
}

// Plotly gives a chart a new `on` when it is drawn from scratch, though the node has stayed.
const attachedStill = ({ gd, on }) => gd !== null && gd.isConnected && gd.on === on;

function attach(view) {
  detach(view);
  const colours = coloursOf(view.root);
  const theme = colours.dark ? "dark" : "light";
  if (theme !== view.data.theme) view.send("theme", theme);
  const gd = document.querySelector(`.st-key-${view.data.chart} .js-plotly-plot`);
  if (!gd?.on || !gd.querySelector(".nsewdrag")) return;
  Object.assign(view, { gd, on: gd.on, host: element("div") });
  view.host.ariaHidden = "true"; // the table says the same
  const shadow = view.host.attachShadow({ mode: "open" });
  shadow.innerHTML = `<style>${CARD_STYLE}</style><div class="card" hidden></div>`;
  view.card = shadow.querySelector(".card");
  for (const name of ["paper", "ink", "line", "font"])
    view.host.style.setProperty(`--${name}`, colours[name]);
  gd.append(view.host);
  view.listeners = {
    plotly_hover: ({ points: [point], event }) => show(view, point.customdata, placeOf(gd, event)),
    plotly_unhover: () => view.tapped || hide(view),
    plotly_click: ({ points: [point], event }) => {
      const name = point?.customdata;
      if (!(name in view.data.cards)) return;
      if (view.touch) {
        view.tapped = { name, at: placeOf(gd, event) };
        show(view, name, view.tapped.at);
      }
      view.send("clicked", { n: Date.now(), name });
    },
  };
  for (const [type, act] of Object.entries(view.listeners)) gd.on(type, act);
  view.root.dataset.ready = "1";
  if (view.tapped) show(view, view.tapped.name, view.tapped.at);
}

function detach(view) {
  if (!view.gd) return;
  if (view.gd.on === view.on && view.gd.removeListener)
    for (const [type, act] of Object.entries(view.listeners)) view.gd.removeListener(type, act);
  view.host.remove();
  view.gd = null;
  delete view.root.dataset.ready;
}

const placeOf = (gd, { clientX, clientY }) => {
  const area = gd.getBoundingClientRect();
  return [clientX - area.left, clientY - area.top];
};

function show(view, name, at) {
  const about = view.data.cards[name];
  if (!about) return hide(view);
  const { card, gd } = view;
  const lines = about.lines.map((line) => element("span", "", line));
  card.replaceChildren(element("b", "", about.title), ...lines);
  if (about.picture) card.append(Object.assign(element("img"), { src: about.picture, alt: "" }));
  card.hidden = false;
  view.root.dataset.card = name;
  place(card, gd.getBoundingClientRect(), at);
}

// To the right of the dot and below it, or where there is room in sight; always inside the chart.
function place(card, area, [x, y]) {
  const { offsetWidth: width, offsetHeight: height } = card;
  const right = x + GAP + width <= area.width;
  const left = right ? x + GAP : Math.max(0, x - GAP - width);
  const inSight = Math.min(area.height, innerHeight - area.top);
  const top = y + GAP + height <= inSight ? y + GAP : Math.max(0, y - GAP - height);
  Object.assign(card.style, { left: `${left}px`, top: `${top}px` });
}

function hide(view) {
  view.card.hidden = true;
  delete view.root.dataset.card;
}
