import { post } from './api.js';
import { button, el, field } from './dom.js';
import { model, program } from './model.js';
import { marked } from './panel-grade.js';
import { problemLine } from './problem.js';
import { change, get } from './state.js';
import { t } from './messages.js';
import { isArray, parseValue, shapeOf, shapeText } from './values.js';

/** Asks for the gradients that a circuit hides. What is right is known to the service alone, which marks the answers one by one. */
export function createQuiz() {
  const box = el('section', { class: 'quiz', hidden: true });
  let asked = '';

  function refresh(force = false) {
    box.hidden = !get().quiz;
    if (box.hidden || !model.answer) {
      return;
    }
    const inputs = model.answer.nodes.filter(node => node.op === 'input');
    const form = JSON.stringify(inputs.map(node => [node.id, node.shape]));
    if (force || form !== asked) {
      asked = form;
      build(inputs);
    }
  }

  function build(inputs) {
    const { output } = model.answer;
    const fields = inputs.map(({ id, value }) => [id, el('input', { dataset: { answer: id }, autocomplete: 'off' }), isArray(value) ? ` ${shapeText(shapeOf(value))}` : '']);
    const marks = el('div', { class: 'marks', 'aria-live': 'polite' });
    box.replaceChildren(
      el('h2', { text: t('quiz.title') }), el('p', { text: t('quiz.about', { output }) }),
      el('div', { class: 'answers' }, fields.map(([id, input, shape]) => field(`∂${output}/∂${id}${shape}`, input))),
      el('div', { class: 'row' }, button(t('quiz.mark'), () => mark(fields, marks), { class: 'primary', id: 'mark-answers' }),
        button(t('quiz.leave'), () => change({ quiz: false }), { id: 'leave-quiz' })), marks);
  }

  async function mark(fields, marks) {
    const answers = {};
    for (const [id, input] of fields) {
      const value = parseValue(input.value);
      input.setAttribute('aria-invalid', String(input.value.trim() !== '' && value === null));
      if (value !== null) {
        answers[id] = value;
      }
    }
    try {
      marks.replaceChildren(...(Object.keys(answers).length === 0 ? [el('p', { text: t('quiz.missing') })]
        : marked(await post('/v1/grade', { ...program(), answers }), 'quiz')));
    } catch (problem) {
      marks.replaceChildren(problemLine(problem));
    }
  }

  return { box, refresh };
}
