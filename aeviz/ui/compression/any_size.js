// The page "Compression" with one network for every size: the first numbers of a code, decoded here
// as the slider moves, and a picture that comes into focus as more of it arrives.
// Needs live/forward.js, live/paint.js, live/test_pictures.js, live/told.js, shell/colours.js,
// shell/component.js.

const SEND_ARRIVED_AFTER = 300; // milliseconds without a change before the page hears of it
const ARRIVES_IN = 5_000; // milliseconds for a whole code, at an even pace of bytes

export default function (component) {
  return keepOnPage(component, ".any-size", mountAnySize, updateAnySize);
}

function mountAnySize(root) {
  const find = (name) => root.querySelector(name);
  const view = {
    root, find, painted: new WeakMap(), model: null, numbered: 0, sending: 0, playing: 0,
    listening: new AbortController(),
  };
  const { signal } = view.listening;
  document.addEventListener("aeviz-model-here",
    ({ detail }) => takeOrdered(view, detail.key, detail.bytes), { signal });
  find("input").addEventListener("input", () => {
    stopArriving(view);
    arrive(view, Number(find("input").value));
    tellArrived(view);
  }, { signal });
  find(".play").addEventListener("click",
    () => (view.playing ? stopArriving(view) : startArriving(view)), { signal });
  view.end = () => {
    stopArriving(view);
    clearTimeout(view.sending);
    view.listening.abort();
  };
  return view;
}

function updateAnySize(view, before) {
  const { data } = view;
  recolour(view);
  if (view.model?.key !== data.model) {
    delete view.root.dataset.ready;
    const take = (bytes) => takeOrdered(view, data.model, bytes);
    document.dispatchEvent(new CustomEvent("aeviz-model-wanted",
      { detail: { key: data.model, take } }));
  } else if (before && before !== data && !view.sending && !view.playing) {
    view.pick = data.pick;
    arrive(view, data.arrived);
    showOthers(view);
  }
}

function takeOrdered(view, key, bytes) {
  if (!view.turn || !view.data || key !== view.data.model || view.model?.key === key) return;
  const { data, find } = view;
  view.model = decodeNetwork(bytes);
  view.live = { model: view.model };
  Object.assign(view, { pick: data.pick, arrived: data.arrived });
  Object.assign(find("input"), { max: data.numbers });
  find(".code").replaceChildren(...Array.from({ length: data.numbers }, () => element("i", "")));
  buildOthers(view);
  arrive(view, data.arrived);
  showOthers(view);
  view.root.dataset.ready = "1";
}

function tellArrived(view) {
  clearTimeout(view.sending);
  view.sending = setTimeout(() => {
    view.sending = 0;
    view.numbered = Math.max(view.numbered + 1, Date.now());
    view.send("chosen", { n: view.numbered, numbers: view.arrived, pick: view.pick });
  }, SEND_ARRIVED_AFTER);
}

// ---- what is seen --------------------------------------------------------------------------

const rowOf = ({ data, pick }) => data.rows[pick];

function decodedFirst(view, row, numbers) {
  const code = codeOfRow(view.live, row).slice();
  code.fill(0, numbers);
  return forward(view.model.decoder, code, kindOfRow(view.model, row));
}

function paintSeen(view, canvas, picture, says) {
  view.painted.set(canvas, { picture });
  paintOn(canvas, picture, view.colours);
  if (says) Object.assign(canvas, { role: "img", ariaLabel: says });
}

function arrive(view, numbers) {
  const { data, find, root } = view;
  view.arrived = numbers;
  const words = numbers === 1 ? "1 number" : `${numbers} numbers`;
  const picture = decodedFirst(view, rowOf(view), numbers);
  paintSeen(view, find(".drawn"), picture, `The picture from ${words} of its code`);
  find(".drawn").parentElement.querySelector("figcaption").textContent = words;
  find(".says").textContent = arrivedWords(data, numbers);
  find("output").textContent = `${numbers} of ${data.numbers}`;
  const slider = find("input");
  slider.value = numbers;
  slider.ariaValueText = words;
  slider.style.setProperty("--done", `${(100 * (numbers - 1)) / (data.numbers - 1)}%`);
  find(".code").querySelectorAll("i").forEach((bar, i) => bar.classList.toggle("here", i < numbers));
  Object.assign(root.dataset, {
    numbers, pick: view.pick, picture: hashOf(bytesOfPicture(picture)),
  });
}

function arrivedWords({ bytes, errors, numbers: all }, numbers) {
  const few = (size) => (size < 10 ? size.toFixed(1) : String(Math.round(size)));
  const [here, whole] = [bytes[numbers - 1], bytes[all - 1]];
  const share = Math.round((100 * here) / whole);
  return `${few(here)} of ${few(whole)} bytes have arrived, ${share} %: `
    + `an error of ${errors[numbers - 1].toPrecision(2)}.`;
}

function buildOthers(view) {
  const { data, find, model } = view;
  find(".picks").replaceChildren(...data.rows.map((row, i) => {
    const button = element("button", "pick", element("canvas"));
    Object.assign(button, { type: "button", ariaLabel: `Look at ${nameOfRow(model, row)}` });
    button.addEventListener("click", () => {
      view.pick = i;
      arrive(view, view.arrived);
      showOthers(view);
      tellArrived(view);
    });
    return button;
  }));
}

// The original, the picture from the whole code, and all others to choose from.
function showOthers(view) {
  const { find, model } = view;
  const original = originalOf(model, rowOf(view));
  find(".real").hidden = !original;
  if (original) paintSeen(view, find(".original"), original, "The original");
  paintSeen(view, find(".whole"), decodedFirst(view, rowOf(view), view.data.numbers),
    "The picture from its whole code");
  find(".picks").querySelectorAll("button").forEach((button, i) => {
    button.setAttribute("aria-pressed", String(i === view.pick));
    const row = view.data.rows[i];
    const seen = originalOf(model, row) ?? decodedFirst(view, row, view.data.numbers);
    paintSeen(view, button.firstChild, seen);
  });
}

// ---- a download that takes its time --------------------------------------------------------

function startArriving(view) {
  const { data, find } = view;
  const began = performance.now();
  find(".play").textContent = "Stop";
  const step = (now) => {
    const share = Math.min(1, (now - began) / ARRIVES_IN);
    const taken = share * data.bytes[data.numbers - 1];
    const numbers = Math.max(1, data.bytes.filter((size) => size <= taken).length);
    if (numbers !== view.arrived) arrive(view, numbers);
    if (share < 1) view.playing = requestAnimationFrame(step);
    else stopArriving(view, true);
  };
  view.playing = requestAnimationFrame(step);
}

function stopArriving(view, whole = false) {
  if (!view.playing) return;
  cancelAnimationFrame(view.playing);
  view.playing = 0;
  view.find(".play").textContent = "Let it arrive";
  if (whole) arrive(view, view.data.numbers);
  if (view.turn) tellArrived(view);
}
