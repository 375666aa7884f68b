import { button, el } from './dom.js';
import { opens } from './catalogue.js';
import { model } from './model.js';
import { t } from './messages.js';
import { get } from './state.js';
import { openedGates } from './steps.js';
import { contribution, entry, node, product } from './story.js';
import { full, shapeText } from './values.js';

/** What is known of the gate or the wire that is pointed at. */
export function createDetails({ open }) {
  const box = el('section', { class: 'details', 'aria-live': 'polite' });
  let chosen = null;

  function refresh() {
    box.setAttribute('aria-label', t('details.label'));
    if (!chosen || !model.answer || (chosen.node && !node(chosen.node))) {
      box.replaceChildren(el('p', { class: 'muted', text: t('details.empty') }));
    } else if (chosen.edge) {
      const terms = contribution(chosen.edge);
      box.replaceChildren(product(chosen.edge), ...(terms?.text ? [el('p', { text: terms.text })] : []));
    } else {
      box.replaceChildren(...ofNode(node(chosen.node)));
    }
  }

  function ofNode(shown) {
    const ledger = entry(shown.id);
    const parts = [
      el('h3', {}, el('span', { class: 'mono', text: shown.id }), ' ', el('small', { text: `${shown.op} ${shown.shape.length ? shapeText(shown.shape) : ''}` })),
      el('dl', { class: 'numbers' },
        el('dt', { text: t('value') }), el('dd', { class: 'number value', text: full(shown.value) }),
        el('dt', { text: t('gradient') }), el('dd', { class: 'number gradient', text: full(shown.gradient) })),
    ];
    if (ledger) {
      parts.push(...ledger.contributions.map(each => product({ from: shown.id, to: each.to, operand: each.operand })));
      if (ledger.text) {
        parts.push(el('p', { text: ledger.text }));
      }
    }
    const gate = el('p', {});
    const name = shown.id.split('/')[0];
    const isOpen = openedGates(get().gates, model.answer).includes(name);
    Promise.resolve(isOpen || opens(shown)).then(hasSwitch => hasSwitch
      && gate.append(button(t(isOpen ? 'gates.closeThis' : 'gates.openThis', { gate: name }), () => open(shown.id), { class: 'small' })));
    return [...parts, gate];
  }

  return {
    box,
    refresh,
    show(what) {
      chosen = what;
      refresh();
    },
  };
}
