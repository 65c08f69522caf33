// The network in the browser: reading the bytes it comes in, the one forward pass, nearest codes.
// Plain functions, no document: `aeviz/networks/autoencoder.py` and Keras are the oracles they are tested
// against.

// ---- reading -------------------------------------------------------------------------------

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

// One array out of the bytes: float16 comes out as Float32Array, uint8 as Uint8Array.
function unpackArray(bytes, { kind, offset, length }) {
  const start = bytes.byteOffset + offset;
  if (kind === "u1") return new Uint8Array(bytes.buffer, start, length).slice();
  if (kind === "f4") return new Float32Array(bytes.buffer.slice(start, start + 4 * length));
  const raw = new Uint16Array(bytes.buffer.slice(start, start + 2 * length));
  const table = halfTable();
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = table[raw[i]];
  return out;
}

// The head of a packed model (see `packed` in live_decoder.py): 4 bytes its length, then JSON.
function unpackHead(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
}

// Uint8Array -> everything the browser knows of a model.
function decodeNetwork(bytes) {
  const head = unpackHead(bytes);
  const read = (name) => (head.arrays[name] ? unpackArray(bytes, head.arrays[name]) : null);
  const layers = (part) => head[part].map(({ inputs, units, activation }, i) => ({
    inputs, units, activation,
    kernel: read(`${part} ${i} kernel`), bias: read(`${part} ${i} bias`),
  }));
  const points = read("points");
  const images = read("images");
  const base = read("base");
  return {
    ...head, arrays: undefined,
    encoder: layers("encoder"), decoder: layers("decoder"),
    pixels: head.side * head.side, latentDim: base.length, base,
    count: points.length / 2, points, labels: read("labels"), codes: read("codes"),
    images, imageCount: images ? images.length / (head.side * head.side) : 0,
    centre: read("centre"), axes: read("axes"),
  };
}

// ---- the forward pass ----------------------------------------------------------------------

const ACTIVATIONS = {
  linear: (x) => x,
  tanh: Math.tanh,
  relu: (x) => (x > 0 ? x : 0),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  silu: (x) => x / (1 + Math.exp(-x)),
};

// One code or picture through a stack of dense layers: layers.at(-1).units numbers. Row by row of
// the kernel, as it lies in memory: several times faster than column by column.
function forward(layers, x) {
  let values = x;
  for (const { inputs, units, kernel, bias, activation } of layers) {
    const sums = Float64Array.from(bias);
    for (let i = 0, k = 0; i < inputs; i++, k += units) {
      const value = values[i];
      if (value === 0) continue; // most of a picture is paper
      for (let j = 0; j < units; j++) sums[j] += value * kernel[k + j];
    }
    const act = ACTIVATIONS[activation];
    for (let j = 0; j < units; j++) sums[j] = act(sums[j]);
    values = sums;
  }
  return Float32Array.from(values);
}

// A VAE's encoder gives means, then log-variances.
function encodeWith(model, picture) {
  const out = forward(model.encoder, picture);
  return {
    mean: out.slice(0, model.latentDim),
    logVariance: model.variational ? out.slice(model.latentDim) : null,
  };
}

// ---- the map -------------------------------------------------------------------------------

// The code that belongs to a point of the map: on the plane, or with the two shown numbers changed.
function liftPoint({ shown, base, centre, axes, latentDim }, x, y) {
  const code = new Float32Array(latentDim);
  if (shown) {
    code.set(base);
    code[shown[0]] = x;
    code[shown[1]] = y;
    return code;
  }
  for (let i = 0; i < latentDim; i++) code[i] = centre[i] + x * axes[i] + y * axes[latentDim + i];
  return code;
}

// Where a code lies on the map; for codes off the plane, the nearest point of it.
function projectCode({ shown, centre, axes, latentDim }, code) {
  if (shown) return [code[shown[0]], code[shown[1]]];
  let [x, y] = [0, 0];
  for (let i = 0; i < latentDim; i++) {
    const from = code[i] - centre[i];
    x += from * axes[i];
    y += from * axes[latentDim + i];
  }
  return [x, y];
}

// The k rows of `table` (rows of `at.length` numbers) nearest to `at`: [{ row, distance }]. Every
// row is looked at, but only until it is clear that it is too far: a millisecond or two for 10,000
// codes of 64 numbers.
function nearestRows(table, at, k) {
  const size = at.length;
  const count = table.length / size;
  const rows = [];
  const squares = [];
  let worst = Infinity;
  for (let row = 0, t = 0; row < count; row++, t = row * size) {
    let square = 0;
    for (let i = 0; i < size && square < worst; i++) {
      const d = table[t + i] - at[i];
      square += d * d;
    }
    if (!(square < worst)) continue;
    let place = squares.length;
    while (place > 0 && squares[place - 1] > square) place--;
    squares.splice(place, 0, square);
    rows.splice(place, 0, row);
    if (rows.length > k) {
      rows.pop();
      squares.pop();
    }
    if (rows.length === k) worst = squares[k - 1];
  }
  return rows.map((row, i) => ({ row, distance: Math.sqrt(squares[i]) }));
}

// By the full code where the codes are known, else on the map.
function nearestDigits(model, code, k) {
  return model.codes ? nearestRows(model.codes, code, k)
    : nearestRows(model.points, projectCode(model, code), k);
}

// How far a point of the map is from every code, in units of "far": above 1 is far.
function farnessOf({ points, far }, x, y) {
  const [nearest] = nearestRows(points, [x, y], 1);
  return nearest ? nearest.distance / far : Infinity;
}
