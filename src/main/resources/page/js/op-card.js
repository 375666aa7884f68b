import { load } from './api.js';
import { el } from './dom.js';
import { t } from './messages.js';

/** What the catalogue tells of an op, for completion, hover and the details of a gate. */
export function describeOp(op) {
  return el('div', { class: 'card' },
    el('p', {}, el('code', { text: op.call })),
    op.formula && el('p', {}, el('span', { class: 'muted', text: `${t('op.formula')} ` }), written(op.formula)),
    op.derivative && el('p', {}, el('span', { class: 'muted', text: `${t('op.derivative')} ` }), written(op.derivative)),
    op.convention && convention(op));
}

export function convention(op) {
  return el('p', { class: 'muted', text: op.convention });
}

/** A formula of the catalogue: as its source until what typesets it is loaded. */
export function written(tex) {
  const place = el('span', { class: 'tex' }, el('code', { text: tex }));
  load('tex').then(({ fromTex }) => place.replaceChildren(fromTex(tex)), () => {});
  return place;
}
