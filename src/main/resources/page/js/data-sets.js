/** Small data sets of two features (or one), the same at each visit: `x` holds samples, `y` targets, `limits` what to draw. */
function random(seed) {
  let state = seed;
  return () => (state = state * 48271 % 2147483647) / 2147483647;
}

const rounded = value => Math.round(value * 1000) / 1000;

function twoSpirals(count) {
  const next = random(3);
  return points(count, (i, label) => {
    const along = i / count * 3.2 + 0.35;
    const angle = along * 1.9 + label * Math.PI;
    return [along / 3 * Math.cos(angle) + (next() - 0.5) * 0.06, along / 3 * Math.sin(angle) + (next() - 0.5) * 0.06];
  });
}

function circles(count) {
  const next = random(5);
  return points(count, (i, label) => {
    const angle = next() * 2 * Math.PI;
    const radius = (label ? 0.9 : 0.4) + (next() - 0.5) * 0.2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

function blobs(count) {
  const next = random(7);
  const normal = () => next() + next() + next() + next() - 2;
  return points(count, (i, label) => [(label ? 0.5 : -0.5) + normal() * 0.35, (label ? 0.4 : -0.4) + normal() * 0.35]);
}

function points(count, make) {
  const x = [];
  const y = [];
  for (let i = 0; i < count; i++) {
    for (const label of [0, 1]) {
      x.push(make(i, label).map(rounded));
      y.push([label]);
    }
  }
  return { x, y };
}

function sine(count) {
  const next = random(11);
  const x = Array.from({ length: count }, (_, i) => [rounded(i / (count - 1) * 2 - 1)]);
  return { x, y: x.map(([value]) => [rounded(Math.sin(3 * value) + (next() - 0.5) * 0.2)]) };
}

const binary = { loss: 'binary_cross_entropy', last: { units: 1, activation: 'sigmoid' }, metrics: ['accuracy'] };

export const dataSets = {
  xor: { ...binary, data: { x: [[-1, -1], [-1, 1], [1, -1], [1, 1]], y: [[0], [1], [1], [0]] } },
  spirals: { ...binary, data: twoSpirals(60) },
  circles: { ...binary, data: circles(60) },
  blobs: { ...binary, data: blobs(40) },
  sine: { loss: 'mse', last: { units: 1 }, metrics: [], data: sine(50) },
};
