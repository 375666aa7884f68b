/** Values of the service: numbers, nested arrays of numbers, and "NaN", "Infinity", "-Infinity" as text. */

export function number(value) {
  return typeof value === 'string' ? Number(value) : value;
}

/** A number as charts take it: null where it is not finite. */
export function finite(value) {
  return Number.isFinite(number(value)) ? number(value) : null;
}

export function isArray(value) {
  return Array.isArray(value);
}

export function shapeOf(value) {
  const shape = [];
  for (let part = value; Array.isArray(part); part = part[0]) {
    shape.push(part.length);
  }
  return shape;
}

export function shapeText(shape) {
  return `[${shape.join(', ')}]`;
}

export function flat(value) {
  return Array.isArray(value) ? value.flat(Infinity).map(number) : [number(value)];
}

/** A number as the circuit shows it: few digits, no trailing zeros cut off beyond need. */
export function short(value, digits = 3) {
  const x = number(value);
  if (!Number.isFinite(x)) {
    return String(x).replace('Infinity', '∞').replace('-', '−');
  }
  if (x === 0) {
    return '0';
  }
  const size = Math.abs(x);
  const text = size >= 1e5 || size < 1e-3 ? x.toExponential(digits - 1) : String(Number(x.toPrecision(digits)));
  return text.replace('e+', 'e').replaceAll('-', '−');
}

/** All digits of a number, or an array in brackets, cut where it is long. */
export function full(value, most = 12) {
  if (!Array.isArray(value)) {
    return String(value);
  }
  const parts = value.slice(0, most).map(part => full(part, most));
  return `[${parts.join(', ')}${value.length > most ? ', …' : ''}]`;
}

/** A number or a short array for reading; a large array by its shape. */
export function brief(value) {
  // In base64, or with an axis of length 0 that brackets cannot show.
  if (value?.shape) {
    return `${shapeText(value.shape)} …`;
  }
  if (!Array.isArray(value)) {
    return short(value);
  }
  return flat(value).length <= 6 ? `[${value.map(brief).join(', ')}]` : `${shapeText(shapeOf(value))} …`;
}

/** Reads what a user typed: a number, an array, "inf", or a shape such as 2x3, for which numbers are made up. Null where it is none. */
export function parseValue(text) {
  const trimmed = text.trim().replaceAll('−', '-');
  const shape = /^\d+(\s*[x×]\s*\d+)+$/.exec(trimmed);
  if (shape) {
    return filled(trimmed.split(/[x×]/).map(Number));
  }
  const special = { nan: 'NaN', inf: 'Infinity', '-inf': '-Infinity', infinity: 'Infinity', '-infinity': '-Infinity' }[trimmed.toLowerCase()];
  if (special) {
    return special;
  }
  try {
    const value = JSON.parse(trimmed.replace(/(^|[^\d])\.(\d)/g, '$10.$2').replace(/(\d)\.(?!\d)/g, '$1'));
    return typeof value === 'number' || Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** An array of this shape with different small numbers in it. */
export function filled(shape, seed = 1) {
  let state = seed;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return Math.round((state / 2147483647 * 2 - 1) * 100) / 100;
  };
  // The first numbers of small seeds are all about -1.
  next();
  next();
  const make = lengths => lengths.length === 0 ? next() : Array.from({ length: lengths[0] }, () => make(lengths.slice(1)));
  return make(shape);
}

export function ones(shape) {
  return shape.length === 0 ? 1 : Array.from({ length: shape[0] }, () => ones(shape.slice(1)));
}
