import { bodyOf, headers, send } from './api.js';
import { theme } from './colours.js';
import { el, field } from './dom.js';
import { svg } from './markup.js';
import { t } from './messages.js';
import { problemLine } from './problem.js';
import { get } from './state.js';
import { number } from './values.js';

const reaches = [0.5, 1, 2, 4, 10, 50];
const descentSteps = 50;
// What was chosen here; inputs that the program no longer has give way to those that it has.
const chosen = { across: '', up: null, reach: 4, rate: '' };

/** The output over one or two of the inputs that are numbers: a curve with its slope, or lines of equal value, gradients and a descent. */
export async function plot({ answer }, { refresh }) {
  const read = new Set(answer.nodes.filter(node => node.op === 'input' && node.shape.length === 0).map(node => node.id));
  const names = Object.keys(get().inputs).filter(name => read.has(name));
  if (Array.isArray(answer.value) || names.length === 0) {
    return [el('p', { class: 'muted', text: t('plot.none') })];
  }
  const across = names.includes(chosen.across) ? chosen.across : names[0];
  const others = names.filter(name => name !== across);
  const up = chosen.up === '' || others.includes(chosen.up) ? chosen.up : others[0] ?? '';
  const set = (key, read = String) => ({ dataset: { key }, on: { change: event => {
    chosen[key] = read(event.target.value);
    refresh();
  } } });
  const rate = el('input', { inputmode: 'decimal', size: 6, ...set('rate') });
  rate.value = chosen.rate;
  const controls = el('div', { class: 'row' },
    field(t('plot.across'), el('select', set('across'), names.map(name => option(name, name, across)))),
    field(t('plot.up'), el('select', set('up'), [option('', t('plot.nothing'), up), ...others.map(name => option(name, name, up))])),
    field(t('plot.reach'), el('select', set('reach', Number), reaches.map(reach => option(reach, `± ${reach}`, chosen.reach)))),
    up ? field(t('plot.rate'), rate) : '');
  try {
    const picture = svg(await drawn(up ? [across, up] : [across], answer.output));
    const caption = up ? t('plot.contour', { output: answer.output, across, up }) : t('plot.curve', { output: answer.output, across });
    return [controls, el('figure', { class: 'plot scroll', tabindex: '0', role: 'region', 'aria-label': caption }, picture, el('figcaption', { text: caption }))];
  } catch (problem) {
    return [controls, problemLine(problem)];
  }
}

async function drawn(axes, output) {
  const { expression, inputs } = get();
  const ranges = Object.fromEntries(axes.map(name => [name, around(number(inputs[name]))]));
  const fixed = Object.fromEntries(Object.entries(inputs).filter(([name]) => !axes.includes(name)));
  const rate = Number(chosen.rate);
  const descent = axes.length === 2 && rate > 0
    ? { descent: { start: Object.fromEntries(axes.map(name => [name, number(inputs[name])])), learning_rate: rate, steps: descentSteps } } : {};
  const response = await send('/v1/plot', { method: 'POST', headers: headers('image/svg+xml, application/problem+json;q=0.1'),
    body: JSON.stringify({ expression, inputs: fixed, output, ranges, theme: theme(), ...descent }) });
  return bodyOf(response, 'text');
}

/** What an axis shows: as far to both sides of the value that the input has now. */
function around(value) {
  const middle = Number.isFinite(value) ? value : 0;
  return [middle - chosen.reach, middle + chosen.reach];
}

function option(value, text, current) {
  return el('option', { value, text, selected: String(value) === String(current) });
}
