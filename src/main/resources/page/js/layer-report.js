import { post } from './api.js';
import { table } from './dom.js';
import { el } from './dom.js';
import { t } from './messages.js';
import { flat, short } from './values.js';

/** Of each layer after training: how large its gradients are, and how many units answer nothing to any sample; and what looks odd in its numbers. */
export async function layerReport({ network, parameters }, inputs) {
  const names = network.layers.map((layer, i) => layer.name ?? `${layer.type}_${i + 1}`);
  const answer = await post('/v1/gradient', { network, parameters, inputs, nodes: 'all', jacobians: 'none' });
  const rows = names.map(name => {
    const node = answer.nodes.find(each => each.id === name);
    const gradients = Object.entries(answer.gradients).filter(([key]) => key.startsWith(`${name}.`)).flatMap(([, value]) => flat(value));
    return [name, node?.op ?? '', size(gradients), node ? size(flat(node.gradient)) : '–', node ? dead(node) : '–'];
  });
  return { diagnostics: answer.diagnostics, box: el('section', {}, el('h2', { text: t('layers.title') }),
    table(t('layers.caption'), [t('layers.layer'), t('layers.op'), t('layers.parameters'), t('layers.output'), t('layers.dead')], rows)) };
}

function size(gradients) {
  return gradients.length === 0 ? '–' : short(Math.sqrt(gradients.reduce((sum, value) => sum + value * value, 0) / gradients.length));
}

/** A unit is dead here where it is zero for every sample and takes no gradient from any. */
function dead({ value }) {
  const samples = value.map(flat);
  const units = samples[0].map((_, unit) => samples.every(sample => sample[unit] === 0));
  return `${units.filter(Boolean).length} / ${units.length}`;
}
