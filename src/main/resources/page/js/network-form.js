import { get as fetchJson } from './api.js';
import { button, el, field } from './dom.js';
import { dataSets } from './data-sets.js';
import { t } from './messages.js';
import { change, get } from './state.js';

const activations = ['', 'relu', 'tanh', 'sigmoid', 'leaky_relu', 'elu', 'gelu', 'silu'];
const defaults = { data: 'xor', hidden: [{ type: 'dense', units: 6, activation: 'tanh' }], optimizer: 'adam', lr: 0.1, epochs: 300, batch: 0, seed: 1, json: null };

export const settings = () => ({ ...defaults, ...get().network });

const set = patch => change({ network: { ...settings(), ...patch } });

/** The network as the service takes it: written as JSON, or built from the layers. */
export function networkOf(shown) {
  if (shown.json) {
    return JSON.parse(shown.json);
  }
  const { data, loss, last } = dataSets[shown.data];
  const layers = shown.hidden.map(({ type, units, activation, rate }, i) => type === 'dropout' ? { type, name: `layer${i + 1}`, rate: rate ?? 0.2 }
    : type === 'layer_norm' ? { type, name: `layer${i + 1}` } : { type, name: `layer${i + 1}`, units, ...(activation ? { activation } : {}) });
  return { input: { name: 'x', shape: [data.x[0].length] }, layers: [...layers, { type: 'dense', name: 'out', ...last }], loss: { type: loss, target: 'y' } };
}

/** Fields that say which data, layers and optimizer. */
export function createNetworkForm() {
  const box = el('form', { class: 'network-form', on: { submit: event => event.preventDefault() } });
  let optimizers = ['sgd', 'adam'];
  fetchJson('/v1/optimizers').then(found => {
    optimizers = found.map(each => each.name);
    refresh();
  }, () => {});

  function refresh() {
    const shown = settings();
    const focused = document.activeElement?.dataset?.key;
    box.replaceChildren(
      select('data', t('network.data'), Object.keys(dataSets).map(name => [name, t(`data.${name}`)]), shown.data, value => set({ data: value, json: null })),
      el('fieldset', { class: 'layers' }, el('legend', { text: t('network.layers') }),
        shown.json === null ? shown.hidden.map(layer) : '',
        shown.json === null ? el('p', { class: 'mono muted', text: `out: dense 1${dataSets[shown.data].last.activation ? `, ${dataSets[shown.data].last.activation}` : ''}` }) : '',
        el('div', { class: 'row' },
          shown.json === null ? button(`+ ${t('network.add')}`, () => set({ hidden: [...shown.hidden, { type: 'dense', units: 4, activation: 'tanh' }] }), { class: 'small', dataset: { key: 'add' } }) : '',
          el('label', { class: 'switch' }, el('input', { type: 'checkbox', checked: shown.json !== null, dataset: { key: 'json' },
            on: { change: event => set({ json: event.target.checked ? JSON.stringify(networkOf(shown), null, 1) : null }) } }), el('span', { text: 'JSON' }))),
        shown.json === null ? '' : json(shown.json)),
      el('div', { class: 'grid' },
        select('optimizer', t('network.optimizer'), optimizers.map(name => [name, name]), shown.optimizer, value => set({ optimizer: value })),
        amount('lr', t('network.lr'), shown.lr, { min: 0, step: 'any' }), amount('epochs', t('network.epochs'), shown.epochs, { min: 1, max: 100000 }),
        amount('batch', t('network.batch'), shown.batch, { min: 0 }), amount('seed', t('network.seed'), shown.seed, { min: 0 })));
    box.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  function layer(shown, i) {
    const edit = patch => set({ hidden: settings().hidden.map((each, k) => k === i ? { ...each, ...patch } : each) });
    const units = el('input', { type: 'number', min: 1, max: 256, value: shown.units ?? 4, 'aria-label': t('network.units', { i: i + 1 }), dataset: { key: `units-${i}` },
      on: { change: event => edit({ units: Math.max(1, Number(event.target.value)) }) } });
    return el('div', { class: 'row layer' }, el('span', { class: 'mono', text: `layer${i + 1}` }),
      choose(`type-${i}`, t('network.type', { i: i + 1 }), ['dense', 'dropout', 'layer_norm'].map(each => [each, each]), shown.type, type => edit({ type, units: shown.units ?? 4 })),
      shown.type === 'dense' ? units : '',
      shown.type === 'dense' ? choose(`activation-${i}`, t('network.activation', { i: i + 1 }), activations.map(each => [each, each || '–']), shown.activation ?? '', activation => edit({ activation })) : '',
      button('✕', () => set({ hidden: settings().hidden.filter((_, k) => k !== i) }), { class: 'small quiet', 'aria-label': t('network.remove', { i: i + 1 }) }));
  }

  function json(text) {
    const area = el('textarea', { rows: 12, spellcheck: 'false', class: 'mono', 'aria-label': t('network.json'), dataset: { key: 'network-json' } });
    area.value = text;
    area.addEventListener('change', () => {
      try {
        JSON.parse(area.value);
        area.setAttribute('aria-invalid', 'false');
        set({ json: area.value });
      } catch {
        area.setAttribute('aria-invalid', 'true');
      }
    });
    return area;
  }

  function choose(key, label, options, chosen, onChoose) {
    return el('select', { 'aria-label': label, dataset: { key }, on: { change: event => onChoose(event.target.value) } },
      options.map(([value, text]) => el('option', { value, text, selected: value === chosen })));
  }

  function select(key, label, options, chosen, onChoose) {
    return field(label, choose(key, label, options, chosen, onChoose));
  }

  function amount(key, label, value, limits) {
    return field(label, el('input', { type: 'number', value, ...limits, dataset: { key }, on: { change: event => set({ [key]: Number(event.target.value) }) } }));
  }

  return { box, refresh };
}
