// The standard normal distribution, for a grid whose cells are equal shares of it, and what a place
// along such a chart's axis means on the map.

// From numbers per power of x, the highest first.
const polynomial = (numbers, x) => numbers.reduce((sum, number) => sum * x + number, 0);

// A rational approximation of J. F. Hart (1968), Computer Approximations, number 5666,
// as given by G. West (2005), Better approximations to cumulative normal functions, Wilmott.
const CDF_TOP = [
  0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
  221.213596169931, 220.206867912376,
];
const CDF_BOTTOM = [
  0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
  637.333633378831, 793.826512519948, 440.413735824752,
];

// The share of the distribution below x; good to 8 digits of the smaller tail, for |x| up to 7.
function normalShare(x) {
  const size = Math.min(Math.abs(x), 7);
  const tail = Math.exp((-size * size) / 2) * polynomial(CDF_TOP, size)
    / polynomial(CDF_BOTTOM, size);
  return x > 0 ? 1 - tail : tail;
}

// M. J. Wichura (1988), Algorithm AS 241, The percentage points of the normal distribution, Applied
// Statistics 37, PPND16, without its last case: for shares below 1e-10.
const MIDDLE_TOP = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
  1971.5909503065513, 133.14166789178438, 3.3871328727963665,
];
const MIDDLE_BOTTOM = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
  687.1870074920579, 42.31333070160091, 1,
];
const OUTER_TOP = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
  3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const OUTER_BOTTOM = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
  0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
];

// The x with this share of the distribution below it.
function normalPlace(share) {
  const q = share - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(MIDDLE_TOP, r)) / polynomial(MIDDLE_BOTTOM, r);
  }
  const r = Math.sqrt(-Math.log(Math.min(share, 1 - share))) - 1.6;
  return (Math.sign(q) * polynomial(OUTER_TOP, r)) / polynomial(OUTER_BOTTOM, r);
}

// As in aeviz/latent/grid.py: the chart's very edge would be infinitely far out.
const GAUSSIAN_FURTHEST = 5;
const LEAST_SHARE = normalShare(-GAUSSIAN_FURTHEST);

// What a chart's axes count in: `toChart` from the map's own units, `toMap` back.
const EVEN = { toChart: (value) => value, toMap: (value) => value };
const GAUSSIAN = {
  toChart: normalShare,
  toMap: (share) => normalPlace(Math.min(Math.max(share, LEAST_SHARE), 1 - LEAST_SHARE)),
};
