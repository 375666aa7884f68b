import { post } from './api.js';
import { catalogue, op } from './catalogue.js';
import { createChart } from './chart.js';
import { debounce, el, field, table } from './dom.js';
import { formula } from './markup.js';
import { t } from './messages.js';
import { convention, written } from './op-card.js';
import { problemLine } from './problem.js';
import { change, get, subscribe } from './state.js';
import { finite, short } from './values.js';

const address = new URL('../activations.json', import.meta.url);
const points = 401;
const told = [-4, -2, -1, -0.5, 0, 0.5, 1, 2, 4];

/** Functions of one variable and their derivatives, compared. */
export function createActivations() {
  const choices = el('div', { class: 'choices' });
  const values = createChart({ height: 300, axis: () => 'x' });
  const slopes = createChart({ height: 300, axis: () => 'x' });
  const range = el('select', { on: { change: () => show() } }, [2, 5, 10, 20].map(each => el('option', { value: each, text: `−${each} … ${each}`, selected: each === 5 })));
  const facts = el('div', { class: 'facts' });
  const title = el('h1', {});
  const about = el('p', { class: 'muted' });
  const rangeField = el('div', {});
  const box = el('section', { class: 'view activations-view' }, title, about,
    el('div', { class: 'bench' }, el('div', { class: 'program' }, rangeField, choices), el('div', { class: 'stage' }, values.box, slopes.box, facts)));
  let groups = null;
  let turn = 0;

  async function load() {
    const [named, ops] = await Promise.all([fetch(address).then(response => response.json()), catalogue()]);
    const known = new Set(named.flatMap(group => group.functions.map(each => each.name)));
    const others = ops.filter(each => each.family === 'elementwise' && each.operands.length === 1 && !known.has(each.name)
      && !each.variadic && each.attributes.every(attribute => !attribute.required));
    groups = [...named, { name: 'others', functions: others.map(each => ({ name: each.name })) }];
  }

  function all() {
    return groups.flatMap(group => group.functions);
  }

  function build() {
    choices.replaceChildren(...groups.map(group => {
      const list = group.functions.map(each => el('label', { class: 'check' }, el('input', { type: 'checkbox', value: each.name,
        checked: get().functions.includes(each.name), on: { change: toggle } }), el('span', { text: each.name })));
      const legend = t(`functions.${group.name}`);
      return group.name === 'others' ? el('details', {}, el('summary', { text: legend }), el('fieldset', { 'aria-label': legend }, list))
        : el('fieldset', {}, el('legend', { text: legend }), list);
    }));
  }

  function toggle(event) {
    const { value, checked } = event.target;
    change({ functions: checked ? [...get().functions, value] : get().functions.filter(name => name !== value) });
  }

  const show = debounce(30, async () => {
    const mine = ++turn;
    const chosen = all().filter(each => get().functions.includes(each.name));
    const reach = Number(range.value);
    const x = Array.from({ length: points }, (_, i) => Math.round((i / (points - 1) * 2 - 1) * reach * 1e6) / 1e6);
    const answers = await Promise.all(chosen.map(each => curve(each, x).catch(problem => ({ problem }))));
    if (mine !== turn) {
      return;
    }
    const fine = chosen.map((each, i) => ({ ...each, ...answers[i] })).filter(each => !each.problem);
    const problems = answers.filter(answer => answer.problem).map(answer => problemLine(answer.problem));
    values.draw(() => t('functions.values'), fine.map(each => each.name), [x, ...fine.map(each => each.y)]);
    slopes.draw(() => t('functions.slopes'), fine.map(each => `${each.name}′`), [x, ...fine.map(each => each.slope)]);
    facts.replaceChildren(...problems, fine.length === 0 ? el('p', { class: 'muted', text: t('functions.none') }) : '',
      ...fine.length > 0 ? [numbers(fine, x)] : [], ...(await Promise.all(fine.map(card))));
  });

  async function curve({ name, expression }, x) {
    const answer = await post('/v1/gradient', { expression: `y = ${expression ?? `${name}(x)`}\nf = sum(y)`, inputs: { x }, nodes: ['y'], jacobians: 'none',
      diagnostics: 'none' });
    return { y: answer.nodes[0].value.map(finite), slope: answer.gradients.x.map(finite) };
  }

  /** What the charts show, for who cannot see them. */
  function numbers(fine, x) {
    const places = told.filter(place => Math.abs(place) <= x.at(-1)).map(place => x.reduce((best, each, i) => Math.abs(each - place) < Math.abs(x[best] - place) ? i : best, 0));
    return el('details', {}, el('summary', { text: t('functions.table') }), table(t('functions.table'), ['x', ...places.map(i => short(x[i]))],
      fine.flatMap(each => [[each.name, ...places.map(i => shown(each.y[i]))], [`${each.name}′`, ...places.map(i => shown(each.slope[i]))]])));
  }

  /** The function and its derivative as formulas, and the convention at its kinks. */
  async function card({ name, expression }) {
    const text = `f = ${expression ?? `${name}(x)`}`;
    const [found, graph, derivative] = await Promise.all([op(name), expression && post('/v1/graph', { expression: text, shapes: { x: [] } }).catch(() => null),
      post('/v1/derivative', { expression: text }).catch(() => null)]);
    const box = content => el('div', { class: 'formula scroll', tabindex: '0' }, content);
    return el('div', { class: 'card' }, el('h2', { class: 'mono', text: expression ? `${name}(x) = ${expression}` : name }),
      graph ? box(formula(graph.mathml)) : found?.formula ? box(written(`f = ${found.formula}`)) : '',
      derivative?.derivatives.x ? box(formula(derivative.derivatives.x.mathml)) : '',
      found?.convention ? convention(found) : '');
  }

  async function refresh() {
    try {
      if (!groups) {
        await load();
      }
      build();
      show();
    } catch (problem) {
      facts.replaceChildren(problemLine(problem));
    }
  }

  /** Keeps the boxes, and with them the focus, where only the choice is new. */
  function sync() {
    choices.querySelectorAll('input').forEach(each => each.checked = get().functions.includes(each.value));
    show();
  }

  subscribe((_, keys) => keys.includes('functions') && groups && !box.hidden && sync());
  return {
    box,
    shown: refresh,
    translate() {
      title.textContent = t('functions.title');
      about.textContent = t('functions.about');
      rangeField.replaceChildren(field(t('functions.range'), range));
      if (groups && !box.hidden) {
        refresh();
      }
    },
  };
}

const shown = value => value === null ? '–' : short(value);
