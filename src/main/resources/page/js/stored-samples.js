import { hasKey } from './api-key.js';
import { copyButton } from './copy.js';
import { button, el } from './dom.js';
import { t } from './messages.js';
import { change } from './state.js';

const headers = () => `${hasKey() ? '-H "Authorization: Bearer $CHAINRULE_KEY" ' : ''}-H 'Content-Type: application/json'`;

const requests = {
  models: address => `curl -s -X PUT ${address}/v1/models/line ${headers()} -d '{
  "expression": "y = w * x + b", "inputs": {"w": 2, "b": 1},
  "declares": {"x": {"shape": [], "range": [-5, 5]}}, "description": "a line"
}'`,
  jobs: address => `curl -s ${address}/v1/jobs ${headers()} -d '{
  "kind": "train",
  "request": {"expression": "(w * x + b - y)^2", "inputs": {"w": 0, "b": 0, "x": [1, 2, 3, 4], "y": [3, 5, 7, 9]},
              "wrt": ["w", "b"], "batch": ["x", "y"], "epochs": 20000, "optimizer": {"type": "adam", "lr": 0.01}}
}'`,
};

/** What to do where there are no models or jobs yet. */
export function sample(list) {
  const text = requests[list](new URL('.', location).href.replace(/\/$/, ''));
  return [el('p', { text: t(`none.${list}`) }),
    list === 'jobs' ? el('p', {}, button(t('none.train'), () => change({ view: 'networks' }), { class: 'small' })) : '',
    el('div', { class: 'row' }, el('span', { text: t('none.curl') }), copyButton(text)),
    el('pre', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('none.curl'), text })];
}
