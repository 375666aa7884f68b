import { post } from './api.js';
import { button, el, field } from './dom.js';
import { program } from './model.js';
import { change, get } from './state.js';
import { has, t } from './messages.js';
import { problemLine } from './problem.js';
import { full } from './values.js';

const signs = { right: '✓', wrong: '✗', follows: '↳', 'not-a-claim': '·' };

/** The user's own backward pass, marked line by line. */
export function grade({ answer }) {
  const lines = el('textarea', { rows: 7, spellcheck: 'false', id: 'backward', class: 'mono' });
  lines.value = get().backward;
  lines.placeholder = placeholder(answer);
  lines.addEventListener('input', () => change({ backward: lines.value }));
  const marks = el('div', { class: 'marks', 'aria-live': 'polite' });
  const mark = button(t('grade.mark'), async () => {
    marks.replaceChildren(el('p', { class: 'muted', text: t('panel.waiting') }));
    try {
      const { expression, ...rest } = program();
      marks.replaceChildren(...marked(await post('/v1/grade', { ...rest, expression: `${expression}\n${lines.value}` })));
    } catch (problem) {
      marks.replaceChildren(problemLine(problem));
    }
  }, { class: 'primary', id: 'mark' });
  return [el('p', { text: t('grade.about') }), field(t('grade.lines'), lines), mark, marks];
}

/** The lines that a newcomer could write, without what stands right of the sign. */
function placeholder(answer) {
  return answer.nodes.filter(node => node.id !== answer.output && !node.id.includes('/') && !/_\d+$/.test(node.id)).reverse()
    .map(node => `d${node.id} = …`).join('\n');
}

/** The marks, in the words of a backward pass (`grade`) or of a quiz (`quiz`). */
export function marked(graded, words = 'grade') {
  const claims = graded.lines.filter(line => line.verdict !== 'not-a-claim');
  if (claims.length === 0) {
    return [el('p', { class: 'muted', text: t('grade.noClaims') })];
  }
  return [
    el('p', { class: `verdict ${graded.passed ? 'right' : 'wrong'}`,
      text: graded.passed ? `✓ ${t(`${words}.passed`)}` : `✗ ${t(`${words}.failed`, { line: graded.first_wrong ?? '' })}` }),
    el('ol', { class: 'lines' }, claims.map(line => el('li', { class: line.verdict, dataset: { line: line.name, verdict: line.verdict } },
      el('p', {}, el('span', { class: 'sign', 'aria-hidden': 'true', text: signs[line.verdict] ?? '' }), ' ',
        el('strong', { class: 'mono', text: line.name ?? line.node }), ' ', el('span', { text: t(`verdict.${line.verdict}`) }),
        line.verdict === 'wrong' && line.mistake ? el('span', { class: 'mistake', text: ` – ${has(`mistake.${line.mistake}`) ? t(`mistake.${line.mistake}`) : line.mistake}` }) : ''),
      line.text ? el('p', { text: line.text }) : '',
      line.verdict === 'wrong' && line.expected_expression ? el('p', {}, `${t('grade.expected')} `, el('code', { text: line.expected_expression })) : '',
      line.verdict === 'wrong' && (line.claimed ?? null) !== null && (line.expected ?? null) !== null
        ? el('p', { class: 'muted', text: t('grade.numbers', { claimed: full(line.claimed), expected: full(line.expected) }) }) : ''))),
  ];
}
