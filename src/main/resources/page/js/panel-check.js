import { post } from './api.js';
import { el, table } from './dom.js';
import { differentiated } from './model.js';
import { t } from './messages.js';
import { short } from './values.js';

const signs = { good: '✓', fine: '✓', suspect: '?', wrong: '✗' };

/** What a check has compared: each input, at order 2 each pair of them, and a direction through all where some entries were left out. */
export function compared({ checks, direction }) {
  return [...checks.map(({ wrt, by, verdict, max_relative_error: error, worst, notes = [] }) => ({ of: el('span', { class: 'mono', text: by ? `${wrt}, ${by}` : wrt }), verdict, error, worst, notes })),
    ...(direction ? [{ of: t('check.direction'), verdict: direction.verdict, error: direction.relative_error, worst: direction, notes: [] }] : [])];
}

/** The derivatives beside central differences. */
export async function check() {
  const answer = await post('/v1/check', differentiated());
  const { passed } = answer;
  const lines = compared(answer);
  return [
    el('p', { class: `verdict ${passed ? 'right' : 'wrong'}`, text: passed ? `✓ ${t('check.passed')}` : `✗ ${t('check.failed')}` }),
    el('p', { class: 'muted', text: t('check.about') }),
    table(t('tab.check'), [t('inputs'), t('check.verdict'), t('check.error'), t('check.analytic'), t('check.numeric')],
      lines.map(({ of, verdict, error, worst }) => [of, `${signs[verdict] ?? ''} ${t(`check.${verdict}`)}`, short(error),
        worst ? String(worst.analytic) : '', worst ? String(worst.numeric) : ''])),
    ...lines.flatMap(each => each.notes).map(note => el('p', { text: note.message })),
  ];
}
