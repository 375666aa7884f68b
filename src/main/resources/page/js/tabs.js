import { el } from './dom.js';

/** Tabs after the pattern of the WAI-ARIA practices: arrows move between them, and a tab's panel is filled when it is shown. */
export function createTabs({ names, title, label, chosen, onChoose, fill }) {
  const list = el('div', { role: 'tablist', class: 'tabs' });
  const panel = el('div', { role: 'tabpanel', id: 'panel', class: 'panel', tabindex: '0' });
  const tabs = new Map(names.map(name => [name, el('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'panel',
    on: { click: () => onChoose(name), keydown: event => key(event, name) } })]));
  list.append(...tabs.values());

  function key(event, name) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = event.key === 'Home' ? names[0] : event.key === 'End' ? names.at(-1)
      : step && names[(names.indexOf(name) + step + names.length) % names.length];
    if (next) {
      event.preventDefault();
      onChoose(next);
      tabs.get(next).focus();
    }
  }

  function refresh() {
    list.setAttribute('aria-label', label());
    for (const [name, tab] of tabs) {
      const isChosen = name === chosen();
      tab.textContent = title(name);
      tab.setAttribute('aria-selected', String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      if (isChosen) {
        panel.setAttribute('aria-labelledby', tab.id);
      }
    }
    fill(chosen(), panel);
  }

  return { box: el('section', { class: 'tabbed' }, list, panel), refresh, isFilled: name => panel.dataset.panel === name };
}
