import { el } from './dom.js';
import { t } from './messages.js';

/** What the catalogue tells of an op, for completion, hover and the details of a gate. */
export function describeOp(op) {
  return el('div', { class: 'card' },
    el('p', {}, el('code', { text: op.call })),
    op.formula && el('p', {}, el('span', { class: 'muted', text: `${t('op.formula')} ` }), el('code', { text: op.formula })),
    op.derivative && el('p', {}, el('span', { class: 'muted', text: `${t('op.derivative')} ` }), el('code', { text: op.derivative })),
    op.convention && el('p', { class: 'muted', text: op.convention }));
}
