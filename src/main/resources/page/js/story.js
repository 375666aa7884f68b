import { el } from './dom.js';
import { formula } from './markup.js';
import { model } from './model.js';
import { t } from './messages.js';
import { brief } from './values.js';

/** Sentences about a step, a gate and a wire, in the numbers of the latest answer. */
export function node(id) {
  return model.answer?.nodes.find(each => each.id === id);
}

export function entry(id) {
  return model.explanation?.ledger.find(each => each.node === id);
}

export function contribution({ from, to, operand }) {
  return entry(from)?.contributions.find(each => each.to === to && each.operand === operand);
}

const number = (value, kind) => el('span', { class: `number ${kind}`, text: brief(value) });

/** "∂f/∂q · ∂q/∂x: upstream × local = contribution", with the words under each number. */
export function product(edge) {
  const terms = contribution(edge);
  if (!terms) {
    return el('div', { class: 'muted', text: t('story.noTerms') });
  }
  const name = el('span', { class: 'edge-name', text: `${edge.to} → ${edge.from}` });
  const upstream = term(number(terms.upstream, 'upstream'), t('story.upstream'));
  const contributed = term(number(terms.contribution, 'gradient'), t('story.contribution'));
  const isMatrixForm = terms.local !== null && typeof terms.local === 'object' && !Array.isArray(terms.local);
  return el('div', { class: 'product' }, name, upstream, ...(isMatrixForm ? [',', matrixForm(terms.local)]
    : [' × ', term(number(terms.local, 'local'), t('story.local'))]), ' = ', contributed);
}

/** What a gate of arrays does with the gradient that arrives, and the shapes on the way. */
function matrixForm({ form, shapes, mathml }) {
  return term(mathml ? formula(mathml) : el('span', { class: 'number', text: form }), shapes);
}

function term(value, name) {
  return el('span', { class: 'term' }, value, el('small', { text: name }));
}

/** How a gate's value comes about: `c = a + b = −2 + 6 = 4`. */
function valueOf(id, label) {
  const { inputs, value } = node(id);
  const names = inputs.map(String);
  const numbers = inputs.map(operand => typeof operand === 'string' ? brief(node(operand)?.value) : String(operand));
  return `${id} = ${written(names, label)} = ${written(numbers, label)} = ${brief(value)}`;
}

/** Between its operands where the gate's label is a sign, else as a call. */
function written(operands, label) {
  const isSign = label !== '' && !/[\p{L}\p{N}]/u.test(label);
  if (isSign && operands.length === 2) {
    return operands.map(operand => /^[−-]/.test(operand) ? `(${operand})` : operand).join(` ${label} `);
  }
  return `${label}${isSign ? '' : '('}${operands.join(', ')}${isSign ? '' : ')'}`;
}

/** What a step does, as elements. */
export function stepStory(step, phase, label) {
  if (!model.answer) {
    return [];
  }
  if (phase === 'start' || phase === 'end' || !step) {
    const { output, value } = model.answer;
    return [el('span', { text: t(phase === 'start' ? 'story.start' : 'story.end', { output, value: brief(value) }) })];
  }
  // A picture of the program before may still be there.
  if (!node(step.node)) {
    return [];
  }
  if (step.phase === 'forward') {
    return [tag('forward'), el('span', { class: 'mono', text: valueOf(step.node, label(step.node)) })];
  }
  if (step.phase === 'seed') {
    return [tag('backward'), el('span', { text: t('story.seed', { output: step.node }) })];
  }
  return [tag('backward'), el('span', { text: t('story.passes', { node: step.node, gradient: brief(node(step.node).gradient) }) }),
    ...step.edges.map(product)];
}

function tag(phase) {
  return el('span', { class: `tag ${phase}`, text: t(`player.${phase}`) });
}
