import { createActivations } from './activations.js';
import { onTraffic } from './api.js';
import { createCircuitView } from './circuit-view.js';
import { choose, loadGallery } from './gallery.js';
import { helpDialog, listenToKeys } from './keys.js';
import { languages, language, preferredLanguage, store, translate, t, useLanguage } from './messages.js';
import { retell, startModel } from './model.js';
import { createNetworks } from './networks.js';
import { createShell } from './shell.js';
import { get, start, subscribe } from './state.js';

start();
await Promise.all([useLanguage(preferredLanguage(new URLSearchParams(location.hash.slice(1)).get('lang'))), loadGallery()]);
if (!get().expression) {
  choose(get().example);
}

const main = document.getElementById('main');
const views = { circuit: createCircuitView(), activations: createActivations(), networks: createNetworks() };
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

function showView() {
  const shown = views[get().view] ? get().view : 'circuit';
  Object.entries(views).forEach(([name, view]) => view.box.hidden = name !== shown);
  views[shown].shown?.();
  shell.refresh();
}

subscribe((_, keys) => keys.includes('view') && showView());
onTraffic((what, seconds) => shell.status(what === 'fine' ? '' : t(`status.${what}`, { seconds })));
addEventListener('offline', () => shell.status(t('status.offline')));
addEventListener('online', () => shell.status(''));
listenToKeys({ views, help, isOpen: name => get().view === name });

showLanguage();
showView();
document.documentElement.dataset.language = language();
await startModel();
document.documentElement.dataset.ready = 'true';
