// The network in the browser: what a packed model tells, the one forward pass, nearest codes.
// Plain functions, tested against `aeviz/networks/autoencoder.py` and Keras.
// Needs shell/component.js.

// What a packed model (see `packed` in decoder.py) tells, and what follows from it.
function decodeNetwork(bytes) {
  const model = unpacked(bytes);
  const { side, channels, base, points, images } = model;
  const pixels = side * side;
  const values = pixels * channels;
  return {
    ...model, pixels, values, latentDim: base.length, count: points.length / 2,
    imageCount: images ? images.length / values : 0, kinds: model.decoder[0].told,
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

// One code or picture through a stack of layers, as LayerPlan in networks/layers.py has them.
// kind: what the picture shows, for the layer that is told it.
function forward(layers, x, kind) {
  let values = x;
  for (const layer of layers) {
    const through = !layer.sides ? dense : layer.sides[1] > layer.sides[0] ? transposed : convolved;
    const sums = through(layer, values, kind);
    const act = ACTIVATIONS[layer.activation];
    if (layer.activation !== "linear") for (let j = 0; j < sums.length; j++) sums[j] = act(sums[j]);
    values = sums;
  }
  return Float32Array.from(values);
}

// Row by row of the kernel, as it lies in memory: several times faster than column by column.
function dense({ inputs, units, kernel, bias, told }, values, kind) {
  const sums = Float64Array.from(bias);
  if (told)
    for (let j = 0, k = (inputs + kind) * units; j < units; j++) sums[j] += kernel[k + j];
  for (let i = 0, k = 0; i < inputs; i++, k += units) {
    const value = values[i];
    if (value === 0) continue; // most of a picture is paper
    for (let j = 0; j < units; j++) sums[j] += value * kernel[k + j];
  }
  return sums;
}

// Squares of 3 x 3 pixels, two pixels apart; of an odd side, from one pixel before the first on.
function convolved({ inputs, units, kernel, bias, sides: [before, after] }, values) {
  const sums = repeated(bias, after * after);
  const first = before % 2;
  for (let y = 0, s = 0; y < after; y++)
    for (let x = 0; x < after; x++, s += units)
      for (let v = 0; v < 3; v++) {
        const row = 2 * y + v - first;
        if (row < 0 || row >= before) continue;
        for (let u = 0; u < 3; u++) {
          const column = 2 * x + u - first;
          if (column < 0 || column >= before) continue;
          const from = (row * before + column) * inputs;
          for (let i = 0, k = (3 * v + u) * inputs * units; i < inputs; i++, k += units) {
            const value = values[from + i];
            if (value === 0) continue;
            for (let j = 0; j < units; j++) sums[s + j] += value * kernel[k + j];
          }
        }
      }
  return sums;
}

// Each pixel is drawn as 3 x 3, two pixels apart; of an odd side the first row and column are cut.
// The kernel is 3 x 3 x units x inputs.
function transposed({ inputs, units, kernel, bias, sides: [before, after] }, values) {
  const sums = repeated(bias, after * after);
  const first = 2 * before - after;
  for (let y = 0, from = 0; y < before; y++)
    for (let x = 0; x < before; x++, from += inputs) {
      const pixel = values.subarray(from, from + inputs);
      for (let v = 0; v < 3; v++) {
        const row = 2 * y + v - first;
        if (row < 0 || row >= after) continue;
        for (let u = 0; u < 3; u++) {
          const column = 2 * x + u - first;
          if (column < 0 || column >= after) continue;
          const s = (row * after + column) * units;
          for (let j = 0, k = (3 * v + u) * units * inputs; j < units; j++) {
            let sum = 0;
            for (let i = 0; i < inputs; i++, k++) sum += pixel[i] * kernel[k];
            sums[s + j] += sum;
          }
        }
      }
    }
  return sums;
}

function repeated(bias, times) {
  const out = new Float64Array(bias.length * times);
  for (let at = 0; at < out.length; at += bias.length) out.set(bias, at);
  return out;
}

// A VAE's encoder gives means, then log-variances. kind: what the picture shows, for a model that is
// told it; where nobody has said, the kind as which it is redrawn best.
function encodeWith(model, picture, kind) {
  if (model.kinds && kind === undefined) return encodeAsLikeliest(model, picture);
  const out = forward(model.encoder, picture, kind);
  return {
    kind,
    mean: out.slice(0, model.latentDim),
    logVariance: model.variational ? out.slice(model.latentDim) : null,
  };
}

function encodeAsLikeliest(model, picture) {
  let [best, least] = [null, Infinity];
  for (let kind = 0; kind < model.kinds; kind++) {
    const code = encodeWith(model, picture, kind);
    const error = forward(model.decoder, code.mean, kind)
      .reduce((sum, value, i) => sum + (value - picture[i]) ** 2, 0);
    if (!best || error < least) [best, least] = [code, error];
  }
  return best;
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
