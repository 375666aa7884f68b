import { el } from './dom.js';
import { has, t } from './messages.js';

/** What looks odd in the program's numbers, and what helps. */
export function diagnostics({ answer }) {
  return answer.diagnostics.length === 0 ? [el('p', { class: 'verdict right', text: `✓ ${t('diagnostics.none')}` })] : list(answer.diagnostics);
}

export function list(found) {
  return [el('ul', { class: 'diagnostics' }, found.map(each => el('li', {},
    el('strong', { text: has(`kind.${each.kind}`) ? t(`kind.${each.kind}`) : each.kind }), ' ',
    el('span', { text: each.message }), each.remedy ? el('p', { class: 'hint', text: each.remedy }) : '')))];
}
