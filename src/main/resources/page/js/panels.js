import { createTabs } from './tabs.js';
import { el } from './dom.js';
import { onTheme } from './colours.js';
import { model, on } from './model.js';
import { change, get, subscribe } from './state.js';
import { t } from './messages.js';
import { problemLine } from './problem.js';
import { check } from './panel-check.js';
import { derivative } from './panel-derivative.js';
import { diagnostics } from './panel-diagnostics.js';
import { grade } from './panel-grade.js';
import { json } from './panel-json.js';
import { ledger } from './panel-ledger.js';
import { matrices } from './panel-matrices.js';
import { plot } from './panel-plot.js';
import { share } from './panel-share.js';

// Each takes the latest answer and returns the elements of its panel, or a promise of them.
const panels = { ledger, grade, matrices, plot, check, derivative, diagnostics, json, share };
const names = Object.keys(panels);

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
      content = await panels[name](model, { refresh: () => tabs.refresh() });
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
  onTheme(() => get().tab === 'plot' && tabs.refresh());
  return { box: tabs.box, translate: () => tabs.refresh() };
}
