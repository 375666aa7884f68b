import { button, el } from './dom.js';
import { store, stored, t } from './messages.js';
import { undo } from './state.js';

const keys = [['n', 'step'], ['b', 'back'], ['p', 'play'], ['g', 'gates'], ['e', 'editor'], ['u', 'undo'], ['?', 'help'],
  ['← → ↑ ↓', 'follow'], ['Enter', 'open'], ['Ctrl Space', 'complete']];

/** Letters do what buttons do, but never while something is typed, nor where a user turned them off. */
export function listenToKeys({ views, help, isOpen }) {
  document.addEventListener('keydown', event => {
    if (event.ctrlKey && event.key === 'z' && !isTyping(event)) {
      event.preventDefault();
      undo();
    }
    if (stored('letters') === 'off' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || help.dialog.open) {
      return;
    }
    const { circuit } = views;
    const inCircuit = { n: circuit.step, b: circuit.back, p: circuit.toggle, g: circuit.gates, e: circuit.edit };
    const action = { '?': help.open, u: undo, ...(isOpen('circuit') ? inCircuit : {}) }[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });
}

function isTyping(event) {
  const target = event.composedPath()[0];
  return target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT'
    || (target.tagName === 'INPUT' && !['range', 'checkbox', 'radio', 'button'].includes(target.type));
}

export function helpDialog() {
  const dialog = el('dialog', { class: 'help', 'aria-labelledby': 'help-title' });
  return {
    dialog,
    open: () => dialog.showModal(),
    refresh() {
      dialog.replaceChildren(
        el('h2', { id: 'help-title', text: t('keys.title') }),
        el('dl', { class: 'keys' }, keys.flatMap(([key, name]) => [el('dt', {}, el('kbd', { text: key })), el('dd', { text: t(`keys.${name}`) })])),
        el('div', { class: 'row' }, el('label', { class: 'switch' }, el('input', { type: 'checkbox', checked: stored('letters') !== 'off', id: 'letters',
          on: { change: event => store('letters', event.target.checked ? 'on' : 'off') } }), el('span', { text: t('keys.letters') })),
        button(t('close'), () => dialog.close(), { class: 'primary' })));
    },
  };
}
