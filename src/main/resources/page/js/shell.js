import { askForKey, onKeyAsked } from './api-key.js';
import { button, el, onPlainClick } from './dom.js';
import { language, store, stored, t } from './messages.js';
import { canUndo, change, get, subscribe, undo } from './state.js';

const themes = ['auto', 'light', 'dark'];

/** What surrounds every view: the views' links, undo, language, theme, help, the API and how to cite. */
export function createShell({ languages, help, speak }) {
  const nav = document.querySelector('.views');
  const tools = document.querySelector('.tools');
  const foot = document.querySelector('.foot');
  const status = document.querySelector('.status');
  let theme = themes.includes(stored('theme')) ? stored('theme') : 'auto';

  const undoButton = button('', undo, { id: 'undo', class: 'quiet' });
  const themeButton = button('', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    store('theme', theme);
    applyTheme();
    refresh();
  }, { id: 'theme', class: 'quiet' });
  const languageSelect = el('select', { id: 'language', on: { change: () => speak(languageSelect.value) } },
    Object.entries(languages).map(([tag, name]) => el('option', { value: tag, lang: tag, text: name })));
  const helpButton = button('?', help, { id: 'help', class: 'quiet' });
  const keyButton = button('', () => askForKey(), { id: 'key', class: 'quiet', hidden: true });
  onKeyAsked(() => keyButton.hidden = false);
  const links = ['circuit', 'activations', 'networks', 'stored'].map(view => el('a', { href: `#view=${view}`, dataset: { view }, on: { click: onPlainClick(() => change({ view })) } }));
  nav.append(...links);
  tools.append(undoButton, keyButton, themeButton, languageSelect, helpButton);

  function applyTheme() {
    document.documentElement.dataset.theme = theme;
  }

  function refresh() {
    for (const link of links) {
      const { view } = link.dataset;
      link.textContent = t(`view.${view}`);
      if (get().view === view) {
        link.setAttribute('aria-current', 'page');
      } else {
        link.removeAttribute('aria-current');
      }
    }
    undoButton.textContent = `↶ ${t('undo')}`;
    undoButton.disabled = !canUndo();
    themeButton.textContent = `${{ auto: '◐', light: '○', dark: '●' }[theme]} ${t(`theme.${theme}`)}`;
    themeButton.setAttribute('aria-label', `${t('theme')}: ${t(`theme.${theme}`)}`);
    keyButton.textContent = t('key.label');
    languageSelect.value = language();
    languageSelect.setAttribute('aria-label', t('language'));
    helpButton.setAttribute('aria-label', t('keys.title'));
    foot.replaceChildren(
      el('a', { href: './swagger-ui.html', text: t('foot.api') }),
      el('details', {}, el('summary', { text: t('foot.cite') }), el('pre', { class: 'cite', tabindex: '0', text: citation() })));
  }

  function citation() {
    const year = new Date().getFullYear();
    return `@misc{chainrule,\n  title = {Chainrule: gradients over HTTP},\n  year = {${year}},\n  howpublished = {\\url{${location.origin}${location.pathname}}}\n}`;
  }

  subscribe(() => undoButton.disabled = !canUndo());
  applyTheme();
  return {
    refresh,
    status(text) {
      status.textContent = text;
    },
  };
}
