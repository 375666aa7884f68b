import { el } from './dom.js';
import { t } from './messages.js';
import { opener } from './stored-list.js';
import { amount, facts, size } from './units.js';
import { brief, finite } from './values.js';

/** The losses of an answer with the steps that they belong to, or with their epochs. A fit by all rows tells a loss before its first step. */
export function lossesOf({ history = [], history_epochs: numbers, epochs }) {
  const isByEpoch = epochs !== undefined && history.every(entry => entry.step === undefined);
  const at = (entry, i) => entry.step ?? numbers?.[i] ?? (isByEpoch ? i + 1 : i);
  return [history.map(at), history.map(entry => finite(entry.loss ?? entry)), isByEpoch ? 'network.epoch' : 'network.step'];
}

/** What an answer comes to in a few lines; all of it is in the download. */
export function createAnswer() {
  const box = el('div', { id: 'job-answer' });
  let shown = null;

  function show(answer) {
    shown = answer;
    box.replaceChildren(...(answer ? [describe(answer)] : []));
  }

  return { box, show, translate: () => show(shown) };
}

function describe({ passed, checks, rows, value, gradients, loss, parameters, dataset, saved }) {
  const ofRows = rows && value;
  return facts([t('answer.verdict'), checks && (passed ? `✓ ${t('check.passed')}` : `✗ ${t('check.failed')}`)],
    [t('answer.errors'), checks && checks.map(checked)],
    [t('answer.rows'), rows && t('answer.rowsUsed', { used: amount(rows.used), read: amount(rows.read) })],
    [t('answer.mean'), ofRows && brief(value.mean)],
    [t('answer.gradients'), ofRows && gradients && named(gradients, each => each.mean)],
    [t('answer.loss'), rows && loss !== undefined ? brief(loss) : null],
    [t('answer.parameters'), parameters && named(parameters, each => each)],
    [t('answer.dataset'), dataset && t('answer.datasetOf', { name: dataset.name, rows: amount(dataset.rows), size: size(dataset.bytes) })],
    [t('answer.saved'), saved && model(saved)]);
}

function named(values, of) {
  return Object.entries(values).map(([name, each]) => el('div', { class: 'mono', text: `${name} = ${brief(of(each))}` }));
}

/** A check belongs to an input, at order 2 to two, or to a direction through all. */
function checked({ wrt, by, verdict, max_relative_error: error }) {
  const name = wrt ? el('span', { class: 'mono', text: by ? `${wrt}, ${by}` : wrt }) : t('check.direction');
  return el('div', {}, name, `: ${brief(error)}, ${t(`check.${verdict}`)}`);
}

function model({ name, version, errors }) {
  return version ? opener(`${name}:${version}`, { list: 'models', model: `${name}:${version}` })
    : `${name}: ${errors.map(error => error.message).join(' ')}`;
}
