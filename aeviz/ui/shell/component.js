// What every component does: it reads the bytes that Python hands over, and it lives on the page.

const NUMBER_KINDS = {
  i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array,
  f4: Float32Array, f8: Float64Array,
};

let halves = null;

// All 65,536 half-precision numbers as float32. DataView.getFloat16 is too new to rely on.
function halfTable() {
  if (halves) return halves;
  halves = new Float32Array(65536);
  for (let h = 0; h < 65536; h++) {
    const sign = h & 0x8000 ? -1 : 1;
    const exponent = (h >> 10) & 31;
    const fraction = h & 1023;
    if (exponent === 31) halves[h] = fraction ? NaN : sign * Infinity;
    else if (exponent) halves[h] = sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
    else halves[h] = sign * 2 ** -14 * (fraction / 1024);
  }
  return halves;
}

// Numbers of a kind as NumPy names it; float16 ("f2") comes out as Float32Array.
function numbersIn(buffer, kind) {
  if (kind !== "f2") return new NUMBER_KINDS[kind](buffer);
  const raw = new Uint16Array(buffer);
  const table = halfTable();
  const out = new Float32Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = table[raw[i]];
  return out;
}

// The inverse of `packed` in packed.py; arrays become typed arrays, or are left out.
function unpacked(bytes, { arrays = true } = {}) {
  const head = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const start = bytes.byteOffset + head;
  const read = (_, value) => {
    if (!value?.array) return value;
    const from = start + value.at;
    return arrays ? numbersIn(bytes.buffer.slice(from, from + value.size), value.array) : null;
  };
  return JSON.parse(new TextDecoder().decode(bytes.subarray(4, head)), read);
}

function sameBytes(a, b) {
  if (a?.length !== b.length) return false;
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const views = new WeakMap();

// The life of a component. mount(root) makes its view, with `end`, for the element that `selector`
// finds; update(view, before) draws view.data, the same object as `before` until Python says
// something else. view.turn is 0 once the view has ended; view.send tells Python a value.
function keepOnPage({ data: bytes, parentElement, setStateValue }, selector, mount, update) {
  const root = parentElement.querySelector(selector);
  let view = views.get(parentElement);
  const end = () => {
    view.turn = 0;
    view.end();
  };
  if (view?.root !== root) {
    if (view) end();
    view = Object.assign(mount(root), { root, turn: 0 });
    views.set(parentElement, view);
  }
  view.send = setStateValue;
  // Streamlit may run the clean-up of an overtaken call after the call that overtook it: only the
  // newest one may end the view.
  const turn = ++view.turn;
  const before = view.data;
  if (!sameBytes(view.bytes, bytes)) Object.assign(view, { bytes, data: unpacked(bytes) });
  update(view, before);
  return () => {
    if (view.turn !== turn) return;
    end();
    if (views.get(parentElement) === view) views.delete(parentElement);
  };
}

// Streamlit may drop what is sent in the moment that another script sends something or that a page
// is changed: while the page is at rest it is asked for again, until it is done.
const AGAIN_AFTER = 2_000;

function askUntil(done, ask) {
  if (done()) return;
  ask();
  const timer = setInterval(() => {
    if (done()) clearInterval(timer);
    else if (document.querySelector("[data-test-script-state=notRunning]")) ask();
  }, AGAIN_AFTER);
}

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}
