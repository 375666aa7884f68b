import { post } from './api.js';
import { el, table } from './dom.js';
import { differentiated } from './model.js';
import { t } from './messages.js';
import { short } from './values.js';

const signs = { good: '✓', fine: '✓', suspect: '?', wrong: '✗' };

/** The derivatives beside central differences. */
export async function check() {
  const { passed, checks } = await post('/v1/check', differentiated());
  return [
    el('p', { class: `verdict ${passed ? 'right' : 'wrong'}`, text: passed ? `✓ ${t('check.passed')}` : `✗ ${t('check.failed')}` }),
    el('p', { class: 'muted', text: t('check.about') }),
    table(t('tab.check'), [t('inputs'), t('check.verdict'), t('check.error'), t('check.analytic'), t('check.numeric')],
      checks.map(each => [each.wrt ?? t('check.direction'), `${signs[each.verdict] ?? ''} ${t(`check.${each.verdict}`)}`, short(each.max_relative_error),
        each.worst ? String(each.worst.analytic) : '', each.worst ? String(each.worst.numeric) : ''])),
    ...checks.flatMap(each => each.notes ?? []).map(note => el('p', { text: note.message })),
  ];
}
