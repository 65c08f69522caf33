// The panel Sliders: one slider for each number of the code.
// Needs live/ink.js, live/paint.js, live/test_pictures.js, shell/component.js.

const SLIDERS_HTML = `
<div class="live-panel sliders" role="group" aria-label="Sliders">
  <div class="line">
    <button type="button" class="random"></button>
    <button type="button" class="mean">Back to the mean</button>
  </div>
  <div class="whose"></div>
  <p class="hint"></p>
  <div class="all"></div>
</div>`;

const MOST_SLIDERS = 64; // more than that nobody can find a number in
const FEW_SLIDERS = 10; // this many get a line each, more go into a grid
const DENSITY_STRIPES = 24; // the strip under a slider is at least 100 pixels wide

// ---- ranges: plain functions ---------------------------------------------------------------

// From the 0.5th to the 99.5th percentile of number `k` of all codes, so that one stray code does
// not squeeze the rest, and how many codes lie in each of DENSITY_STRIPES equal parts, 0..1.
function rangeOfNumber({ codes, points, latentDim, count }, k) {
  const [values, width] = codes ? [codes, latentDim] : [points, 2];
  const sorted = Float32Array.from({ length: count }, (_, i) => values[i * width + k]).sort();
  let [low, high] = [quantile(sorted, 0.005), quantile(sorted, 0.995)];
  if (!(high - low > 1e-6)) [low, high] = [low - 0.5, low + 0.5]; // the same for every picture
  const density = new Float32Array(DENSITY_STRIPES);
  for (const v of sorted) {
    const stripe = Math.floor(((v - low) / (high - low)) * DENSITY_STRIPES);
    if (stripe >= 0 && stripe < DENSITY_STRIPES) density[stripe] += 1;
  }
  const most = Math.max(...density, 1);
  return { low, high, density: density.map((n) => n / most) };
}

// ---- the panel -----------------------------------------------------------------------------

function mountSliders(host, live) {
  const { latentDim, base } = live.model;
  const view = {
    ...panelIn(host, live, SLIDERS_HTML), code: Float32Array.from(base), sliders: [],
  };
  const { find } = view;
  if (latentDim > MOST_SLIDERS) {
    find(".line").hidden = find(".whose").hidden = true;
    find(".hint").textContent = `This code has ${latentDim.toLocaleString("en")} numbers, too many `
      + `for a slider each. Choose a model whose code has at most ${MOST_SLIDERS}.`;
  } else {
    find(".hint").textContent = "Each slider is one number of the code. The strip under it is "
      + "strongest where most test pictures lie.";
    find(".random").textContent = `Random ${live.model.thing}`;
    const choose = (code, whose) => {
      setCode(view, code, whose);
      tellSliders(view);
    };
    live.listen(find(".random"), "click", () => {
      const row = Math.floor(Math.random() * live.model.count);
      choose(codeOfRow(live, row), nameOfRow(live.model, row));
    });
    live.listen(find(".mean"), "click", () => choose(base, "the mean of all codes"));
    live.listen(find(".all"), "change", () => tellSliders(view));
  }
  return {
    show: () => {
      if (latentDim > MOST_SLIDERS) return;
      const { code } = live.settings();
      const linked = view.sliders.length ? null : code;
      if (!view.sliders.length) buildSliders(view); // sorts all codes: only once they are wanted
      setCode(view, linked ?? live.shown ?? view.code, "");
      if (!linked) tellSliders(view);
    },
  };
}

function buildSliders(view) {
  const { root, live, find } = view;
  const { latentDim } = live.model;
  root.dataset.layout = latentDim <= FEW_SLIDERS ? "lines" : "grid";
  for (let k = 0; k < latentDim; k++) {
    const { low, high, density } = rangeOfNumber(live.model, k);
    const [input, output] = [element("input"), element("output")];
    const strip = element("span", "density");
    Object.assign(input, { type: "range", ariaLabel: `Number ${k + 1} of the code` });
    input.dataset.number = k;
    strip.style.background = densityStripes(density);
    const name = latentDim <= FEW_SLIDERS ? `Number ${k + 1}` : k + 1;
    find(".all").append(element("label", "number", element("span", "name", name), output,
      element("span", "track", input, strip)));
    live.listen(input, "input", () => {
      view.code[k] = Number(input.value);
      writeNumber(view, k);
      tellCode(view, `number ${k + 1} is ${view.code[k].toFixed(2)}`);
    });
    view.sliders.push({ input, output, low, high });
  }
}

// As a fill of the page's ink, so that it follows the theme.
function densityStripes(density) {
  const stops = Array.from(density, (share, i) => {
    const colour = `color-mix(in srgb, var(--ink) ${Math.round(55 * share)}%, transparent)`;
    return `${colour} ${((i + 0.5) / density.length) * 100}%`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

function setCode(view, code, whose) {
  view.code = Float32Array.from(code);
  view.sliders.forEach(({ input, low, high }, k) => {
    // A code further out than nearly all others stretches its own slider.
    input.min = Math.min(low, view.code[k]);
    input.max = Math.max(high, view.code[k]);
    input.step = (high - low) / 200;
    input.value = view.code[k];
    writeNumber(view, k);
  });
  tellCode(view, whose);
}

function tellSliders({ live, code }) {
  live.chosen("sliders", { code: Array.from(code) });
}

function writeNumber({ sliders, code }, k) {
  const { input, output } = sliders[k];
  output.textContent = code[k].toFixed(2);
  input.setAttribute("aria-valuetext", code[k].toFixed(2));
  const done = (code[k] - input.min) / (input.max - input.min);
  input.style.setProperty("--done", `${100 * done}%`);
}

function tellCode(view, whose) {
  view.root.dataset.code = Array.from(view.code, (v) => v.toFixed(4)).join(" ");
  view.find(".whose").textContent = whose;
  view.live.show(view.code.slice(), whose ? `Sliders, ${whose}` : "Sliders");
}
