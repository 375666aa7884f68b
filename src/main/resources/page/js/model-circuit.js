import { post } from './api.js';
import { t } from './messages.js';
import { change } from './state.js';
import { filled, flat, ones } from './values.js';

// The address of the page holds all of it.
const mostNumbers = 300;
const longestText = 8000;

/**
 * Shows a model in the circuit's view: its program with all that it keeps; where that is much and the model is the latest of its name, a
 * call of it. Inputs get made-up numbers of their shape and range. Nothing is shown unless `isWanted` then says so. Resolves to why it
 * does not fit there, in words; to nothing where it does.
 */
export async function inCircuit(model, isLatest, isWanted) {
  const reference = `${model.name}:${model.version}`;
  // Of an input whose shape is not declared a number is the best guess.
  const shapes = model.program.network ? {} : Object.fromEntries(Object.entries(model.inputs).filter(([, { shape }]) => !shape).map(([name]) => [name, []]));
  const graph = await post('/v1/graph', { model: reference, shapes });
  const given = Object.fromEntries(graph.inputs.filter(({ id }) => Object.hasOwn(model.inputs, id)).map(({ id, shape }, i) => [id, within(model.inputs[id].range, filled(shape, i + 1))]));
  const numbers = Object.values(model.kept).reduce((sum, shape) => sum + size(shape), 0);
  const isLarge = numbers > mostNumbers || graph.expression.length > longestText;
  const { shape } = graph.nodes.find(({ id }) => id === graph.output);
  if (size(shape) + Object.values(given).reduce((sum, value) => sum + flat(value).length, 0) > mostNumbers) {
    return t('models.valuesTooLarge');
  }
  if (isLarge && !isLatest) {
    return t('models.tooLarge');
  }
  const textName = name => Object.hasOwn(graph.renamed_inputs, name) ? graph.renamed_inputs[name] : name;
  const names = Object.keys(model.inputs).filter(name => Object.hasOwn(given, name)).map(textName);
  const call = `f = ${model.name}(${names.join(', ')})`;
  if (isLarge && !await isCalled(model, call, given, textName)) {
    return t('models.nameOfOp');
  }
  const kept = isLarge ? {} : await values(reference, given, Object.keys(model.kept).filter(name => graph.inputs.some(({ id }) => id === name)));
  if (!isWanted()) {
    return '';
  }
  change({ view: 'circuit', example: '', gates: 'as_written', backward: '', quiz: false,
    inputs: Object.fromEntries(Object.entries({ ...given, ...kept }).map(([name, value]) => [textName(name), value])),
    cotangent: shape.length > 0 ? ones(shape) : null,
    expression: isLarge ? call : graph.expression });
  return '';
}

/** Whether a text means the model by its name, and not an op that is called so. The values that a called model keeps are nodes. */
async function isCalled({ name, kept }, expression, given, textName) {
  const inputs = Object.fromEntries(Object.entries(given).map(([each, value]) => [textName(each), value]));
  const { nodes } = await post('/v1/graph', { expression, inputs });
  return Object.keys(kept).length > 0 ? nodes.some(({ id }) => id.startsWith(`${name}.`)) : nodes.every(({ op }) => op !== name);
}

const size = shape => shape.reduce((product, length) => product * length, 1);

function within(range, value) {
  if (!range) {
    return value;
  }
  const [low, high] = range;
  // Three digits of the range, which may be narrow and far from 0.
  const digits = Math.min(100, Math.max(0, 2 - Math.floor(Math.log10(high - low))));
  const at = share => Math.min(high, Math.max(low, Number((low * (1 - share) + high * share).toFixed(digits))));
  const scaled = part => Array.isArray(part) ? part.map(scaled) : at((part + 1) / 2);
  return scaled(value);
}

/** The values that a model keeps, which are told of nodes that are asked for by name. */
async function values(model, inputs, nodes) {
  if (nodes.length === 0) {
    return {};
  }
  const answer = await post('/v1/evaluate', { model, inputs, nodes, diagnostics: 'none' });
  return Object.fromEntries(answer.nodes.map(({ id, value }) => [id, value]));
}
