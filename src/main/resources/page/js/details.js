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
  let known = null;

  const isKnown = (kind, id) => known === null || known[kind].has(id);

  function refresh() {
    box.setAttribute('aria-label', t('details.label'));
    if (!chosen || !model.answer || (chosen.node && !node(chosen.node))) {
      box.replaceChildren(el('p', { class: 'muted', text: t('details.empty') }));
    } else if (chosen.edge && !isKnown('passed', chosen.edge.to)) {
      box.replaceChildren(el('p', {}, el('span', { class: 'edge-name', text: `${chosen.edge.to} → ${chosen.edge.from}` }), ' ', later()));
    } else if (chosen.edge) {
      const terms = contribution(chosen.edge);
      box.replaceChildren(product(chosen.edge), ...(terms?.text ? [el('p', { text: terms.text })] : []));
    } else {
      box.replaceChildren(...ofNode(node(chosen.node)));
    }
  }

  const later = () => el('span', { class: 'muted', text: t('details.later') });

  function ofNode(shown) {
    const ledger = entry(shown.id);
    const hasGradient = isKnown('gradients', shown.id);
    const parts = [
      el('h3', {}, el('span', { class: 'mono', text: shown.id }), ' ', el('small', { text: `${shown.op} ${shown.shape.length ? shapeText(shown.shape) : ''}` })),
      el('dl', { class: 'numbers' },
        el('dt', { text: t('value') }), isKnown('values', shown.id) ? el('dd', { class: 'number value', text: full(shown.value) }) : el('dd', {}, later()),
        el('dt', { text: t('gradient') }), hasGradient ? el('dd', { class: 'number gradient', text: full(shown.gradient) }) : el('dd', {}, later())),
    ];
    if (ledger) {
      parts.push(...ledger.contributions.filter(each => isKnown('passed', each.to))
        .map(each => product({ from: shown.id, to: each.to, operand: each.operand })));
      if (ledger.text && hasGradient) {
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
    /** Tells no more than what is known at a step. */
    know(atStep) {
      known = atStep;
      refresh();
    },
  };
}
