import { get } from './api.js';
import { isGiven } from './steps.js';

let ops;

/** The catalogue of ops, asked for once. */
export function catalogue() {
  ops ??= get('/v1/ops').catch(problem => {
    ops = undefined;
    throw problem;
  });
  return ops;
}

/** The op of this name or alias, if there is one and the catalogue is here. */
export async function op(name) {
  return (await catalogue()).find(known => known.name === name || known.aliases.includes(name));
}

const circuits = new Map();

/** Whether the node's op stands for a circuit of simpler ops, so that its gate opens. */
export async function opens(node) {
  const name = node.op;
  if (isGiven(node)) {
    return false;
  }
  if (!circuits.has(name)) {
    circuits.set(name, get(`/v1/ops/${encodeURIComponent(name)}`).then(found => Boolean(found.circuit)));
  }
  return circuits.get(name).catch(() => {
    circuits.delete(name);
    return false;
  });
}
