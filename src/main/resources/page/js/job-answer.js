import { el } from './dom.js';
import { word } from './job-words.js';
import { t } from './messages.js';
import { compared } from './panel-check.js';
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

function describe(answer) {
  const { passed, checks, rows, value, gradients, parameters, dataset, saved } = answer;
  const ofRows = rows && value;
  return facts([t('answer.verdict'), checks && (passed ? `✓ ${t('check.passed')}` : `✗ ${t('check.failed')}`)],
    [t('answer.errors'), checks && compared(answer).map(checked)],
    [t('answer.rows'), rows && t('answer.rowsUsed', { used: amount(rows.used), read: amount(rows.read) })],
    [t('answer.mean'), ofRows && brief(value.mean)],
    [t('answer.gradients'), ofRows && gradients && named(gradients, each => each.mean)],
    ...ending(answer),
    [t('answer.parameters'), parameters && named(parameters, each => each)],
    [t('answer.dataset'), dataset && t('answer.datasetOf', { name: dataset.name, rows: amount(dataset.rows), size: size(dataset.bytes) })],
    [t('answer.saved'), saved && model(saved)]);
}

function named(values, of) {
  return Object.entries(values).map(([name, each]) => el('div', { class: 'mono', text: `${name} = ${brief(of(each))}` }));
}

/** Why a training or a fit ended, and with which losses. A training tells them in its history alone. */
function ending({ stopped_by: reason, loss, validation_loss: held, history = [] }) {
  const ofStep = history.at(-1)?.loss;
  const validation = held ?? history.findLast(entry => entry.validation_loss !== undefined)?.validation_loss;
  const losses = { 'answer.loss': loss, 'answer.lastLoss': ofStep, 'answer.validationLoss': validation };
  return [[t('answer.stopped'), reason && word('stopped', reason)], ...Object.entries(losses).map(([name, value]) => [t(name), value === undefined ? null : brief(value)])];
}

function checked({ of, verdict, error }) {
  return el('div', {}, of, `: ${brief(error)}, ${t(`check.${verdict}`)}`);
}

function model({ name, version, errors }) {
  return version ? opener(`${name}:${version}`, { list: 'models', model: `${name}:${version}` })
    : `${name}: ${errors.map(error => error.message).join(' ')}`;
}
