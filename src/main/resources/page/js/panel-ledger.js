import { el } from './dom.js';
import { formula } from './markup.js';
import { t } from './messages.js';
import { product } from './story.js';
import { full } from './values.js';
import { problemLine } from './problem.js';

/** The ledger of backprop: of each node, in the order of the way back, what adds up to its gradient. */
export function ledger({ explanation, explanationProblem }) {
  if (!explanation) {
    return [explanationProblem ? problemLine(explanationProblem) : el('p', { class: 'muted', text: t('panel.waiting') })];
  }
  return [
    el('p', { class: 'muted', text: t('ledger.about') }),
    el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('tab.ledger') }, el('ol', { class: 'ledger' }, explanation.ledger.map(entry => el('li', {},
      el('h3', {}, el('span', { class: 'mono', text: `∂${explanation.output}/∂${entry.node.includes('/') ? `(${entry.node})` : entry.node}` }), ' = ',
        el('span', { class: 'number gradient', text: full(entry.gradient) })),
      entry.contributions.map(each => product({ from: entry.node, to: each.to, operand: each.operand })),
      entry.mathml ? el('div', { class: 'formula' }, formula(entry.mathml)) : '',
      entry.text ? el('p', { text: entry.text }) : '')))),
  ];
}
