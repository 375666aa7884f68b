import { post } from './api.js';
import { el } from './dom.js';
import { copyButton } from './copy.js';
import { formula } from './markup.js';
import { t } from './messages.js';
import { get } from './state.js';

/** Derivatives as formulas, as on paper. */
export async function derivative() {
  const { expression, inputs } = get();
  const { derivatives } = await post('/v1/derivative', { expression, inputs });
  return [
    el('p', { class: 'muted', text: t('derivative.about') }),
    ...Object.values(derivatives).map(each => el('div', { class: 'derivative' },
      el('div', { class: 'formula scroll', tabindex: '0' }, formula(each.mathml)),
      each.domain?.length ? el('p', { class: 'muted' }, `${t('derivative.domain')} `, el('code', { text: each.domain.join(', ') })) : '',
      el('div', { class: 'row' }, el('code', { text: each.expression }), copyButton(each.latex, t('copy.latex')))))];
}
