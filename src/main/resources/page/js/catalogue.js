import { get } from './api.js';
import { language } from './messages.js';
import { isGiven } from './steps.js';

const ops = new Map();

/** The catalogue of ops, asked for once in a language. */
export function catalogue(tag = language()) {
  if (!ops.has(tag)) {
    ops.set(tag, get('/v1/ops').catch(problem => {
      ops.delete(tag);
      throw problem;
    }));
  }
  return ops.get(tag);
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
