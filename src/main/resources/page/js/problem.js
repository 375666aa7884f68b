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
      el('span', { text: error.message }), hint(error)))),
    problem.edits.length > 0 && fix ? button(t('fix'), fix, { class: 'primary small', id: 'fix' }) : '',
  ];
}

/** A problem on a panel, as one paragraph: `text`, or what the service says, and the hint of the error that it says first. */
export function problemLine(problem, text = lineOf(problem)) {
  return el('p', { class: 'refused' }, text, hint(problem.errors?.find(({ message }) => problem.message.startsWith(message))));
}

function lineOf({ code, message }) {
  return has(`refused.${code}`) ? t(`refused.${code}`, { reason: message }) : code === 'offline' ? t('status.offline') : t('refused', { reason: message });
}

function hint(error) {
  return error?.hint ? el('span', { class: 'hint', text: ` ${error.hint}` }) : '';
}
