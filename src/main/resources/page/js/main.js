import { load, onTraffic, Problem } from './api.js';
import { choose, loadGallery, programOf } from './gallery.js';
import { helpDialog, listenToKeys } from './keys.js';
import { languages, language, preferredLanguage, store, translate, t, useLanguage } from './messages.js';
import { askAhead, retell, startModel } from './model.js';
import { createShell } from './shell.js';
import { get, start, subscribe } from './state.js';

start(programOf);
// Most of the page's code is the circuit's view. The service answers while it is loaded.
const circuitView = load('circuit-view');
await Promise.all([useLanguage(preferredLanguage(new URLSearchParams(location.hash.slice(1)).get('lang'))), loadGallery()]);
if (!get().expression) {
  choose(get().example);
}
askAhead();

const main = document.getElementById('main');
const views = { circuit: (await circuitView).createCircuitView() };
// These are loaded when they are first shown.
const others = {
  activations: async () => (await load('activations')).createActivations(),
  networks: async () => (await load('networks')).createNetworks(),
  stored: async () => (await load('stored')).createStored(),
};
const help = helpDialog();
const shell = createShell({
  languages,
  help: () => help.open(),
  async speak(tag) {
    store('language', tag);
    await useLanguage(tag);
    showLanguage();
    await retell();
  },
});
document.body.append(help.dialog);
main.append(...Object.values(views).map(view => view.box));

function showLanguage() {
  document.title = `Chainrule – ${t('title')}`;
  translate(document);
  shell.refresh();
  help.refresh();
  Object.values(views).forEach(view => view.translate());
}

async function showView() {
  const wanted = get().view;
  if (Object.hasOwn(others, wanted) && !views[wanted]) {
    const made = await others[wanted]().catch(unlessOffline);
    if (made && !views[wanted]) {
      views[wanted] = made;
      main.append(made.box);
      made.translate();
    }
  }
  const shown = Object.hasOwn(views, get().view) ? get().view : 'circuit';
  Object.entries(views).forEach(([name, view]) => view.box.hidden = name !== shown);
  views[shown].shown?.();
  shell.refresh();
}

/** The status line tells already that a part of the page did not come. */
function unlessOffline(error) {
  if (!(error instanceof Problem)) {
    throw error;
  }
}

subscribe((_, keys) => keys.includes('view') && showView());
onTraffic((what, seconds) => shell.status(what === 'fine' ? '' : t(`status.${what}`, { seconds })));
addEventListener('offline', () => shell.status(t('status.offline')));
addEventListener('online', () => shell.status(''));
listenToKeys({ views, help, isOpen: name => get().view === name });

showLanguage();
await showView();
document.documentElement.dataset.language = language();
await startModel();
document.documentElement.dataset.ready = 'true';
await views.circuit.beginEditor();
