import { button, el } from './dom.js';
import { has, t } from './messages.js';

/** What is wrong, where, what to do about it, and a button that does it where the service is sure. */
export function problemBox(problem, fix) {
  if (problem.code === 'empty') {
    return [el('p', { text: t('program.empty') })];
  }
  if (problem.code === 'offline') {
    return [el('p', { text: t('status.offline') })];
  }
  const errors = problem.errors.length > 0 ? problem.errors : [{ message: problem.message }];
  return [
    el('ul', {}, errors.slice(0, 5).map(error => el('li', {},
      error.line ? el('strong', { text: `${t('place', { line: error.line, column: error.column })} ` }) : '',
      el('span', { text: error.message }), error.hint ? el('span', { class: 'hint', text: ` ${error.hint}` }) : ''))),
    problem.edits.length > 0 && fix ? button(t('fix'), fix, { class: 'primary small', id: 'fix' }) : '',
  ];
}

/** A problem on a panel, as one paragraph. */
export function problemLine(problem) {
  return el('p', { class: 'refused', text: has(`refused.${problem.code}`) ? t(`refused.${problem.code}`, { reason: problem.message })
    : problem.code === 'offline' ? t('status.offline') : t('refused', { reason: problem.message }) });
}
