import { post } from './api.js';
import { el, field } from './dom.js';
import { elementNames, heatTable, rows } from './heat.js';
import { program } from './model.js';
import { t } from './messages.js';
import { problemLine } from './problem.js';
import { isGiven } from './steps.js';
import { flat } from './values.js';

const most = 4096;
let of = null;

/** Jacobians of a chosen node by each input, and the Hessian of a number. */
export async function matrices({ answer }, { refresh }) {
  const gates = answer.nodes.filter(node => !isGiven(node)).map(node => node.id);
  const chosen = gates.includes(of) ? of : answer.output;
  const select = el('select', { dataset: { key: 'of' }, on: { change: () => {
    of = select.value;
    refresh();
  } } }, gates.map(id => el('option', { value: id, text: id, selected: id === chosen })));
  const inputs = answer.nodes.filter(node => node.op === 'input');
  if (inputs.length === 0) {
    return [el('p', { class: 'muted', text: t('inputs.none') })];
  }
  const size = node => node.shape.reduce((product, length) => product * length, 1);
  const shape = id => answer.nodes.find(node => node.id === id).shape;
  const parts = [field(t('matrices.of'), select)];
  parts.push(...await orProblem(async () => {
    const { jacobians } = await post('/v1/jacobian', { ...program(), of: [chosen] });
    return Object.entries(jacobians[chosen]).map(([wrt, jacobian]) => {
      const names = elementNames(wrt, shape(wrt));
      return heatTable(t('matrices.jacobian', { of: chosen, wrt }), elementNames(chosen, shape(chosen)), names, rows(flat(jacobian), names.length));
    });
  }));
  if (shape(answer.output).length === 0 && inputs.reduce((sum, node) => sum + size(node), 0) ** 2 <= most) {
    parts.push(...await orProblem(async () => {
      const { hessians } = await post('/v1/hessian', program());
      const names = inputs.flatMap(node => elementNames(node.id, node.shape));
      const matrix = inputs.flatMap(row => beside(inputs.map(column => rows(flat(hessians[row.id][column.id]), size(column)))));
      return [heatTable(t('matrices.hessian', { output: answer.output }), names, names, matrix)];
    }));
  }
  return parts;
}

/** One matrix from blocks that stand beside each other. */
function beside(blocks) {
  return blocks[0].map((_, i) => blocks.flatMap(block => block[i]));
}

async function orProblem(make) {
  try {
    return await make();
  } catch (problem) {
    return [problemLine(problem)];
  }
}
