import { load } from './api.js';
import { createTabs } from './tabs.js';
import { el } from './dom.js';
import { onTheme } from './colours.js';
import { model, on } from './model.js';
import { change, get, subscribe } from './state.js';
import { t } from './messages.js';
import { problemLine } from './problem.js';

// The module `panel-NAME.js` of each has a function NAME, which takes the latest answer and returns the elements of its panel, or a promise of
// them.
const names = ['ledger', 'grade', 'matrices', 'plot', 'check', 'derivative', 'diagnostics', 'json', 'share'];

/** The tabs below the circuit. A panel is made when it is shown, and again when the answer is new. */
export function createPanels() {
  let turn = 0;
  const tabs = createTabs({
    names,
    title: name => t(`tab.${name}`),
    label: () => t('tabs'),
    chosen: () => names.includes(get().tab) ? get().tab : 'ledger',
    onChoose: tab => change({ tab }),
    fill,
  });

  async function fill(name, panel) {
    const mine = ++turn;
    if (get().quiz) {
      panel.replaceChildren();
      return;
    }
    if (!model.answer) {
      panel.replaceChildren(el('p', { class: 'muted', text: t('panel.empty') }));
      return;
    }
    panel.setAttribute('aria-busy', 'true');
    let content;
    try {
      content = await (await load(`panel-${name}`))[name](model, { refresh: () => tabs.refresh() });
    } catch (problem) {
      content = [problemLine(problem)];
    }
    if (mine === turn) {
      const focused = panel.contains(document.activeElement) && document.activeElement.dataset.key;
      panel.replaceChildren(...content);
      if (focused) {
        panel.querySelector(`[data-key="${focused}"]`)?.focus();
      }
      panel.dataset.panel = name;
      panel.removeAttribute('aria-busy');
    }
  }

  subscribe((_, keys) => (keys.includes('tab') || keys.includes('quiz')) && tabs.refresh());
  // What a user is writing in a panel stays as it is.
  on('answer', () => (get().tab !== 'grade' || !tabs.isFilled('grade')) && get().tab !== 'ledger' && tabs.refresh());
  on('explanation', () => get().tab === 'ledger' && tabs.refresh());
  on('remarks', () => get().tab === 'diagnostics' && tabs.refresh());
  onTheme(() => get().tab === 'plot' && tabs.refresh());
  return { box: tabs.box, translate: () => tabs.refresh() };
}
