import { get } from './api.js';

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
