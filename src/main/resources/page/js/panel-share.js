import { hasKey } from './api-key.js';
import { el } from './dom.js';
import { copyButton } from './copy.js';
import { differentiated } from './model.js';
import { t } from './messages.js';
import { snippets } from './snippets.js';
import { get, link } from './state.js';

/** The program as code of other languages, and as links. */
export function share() {
  const made = { ...snippets(differentiated(), new URL('.', location).href.replace(/\/$/, ''), hasKey()), link: link(), quiz: link({ ...get(), quiz: true, backward: '', tab: 'ledger' }) };
  return Object.entries(made).map(([name, text]) => el('div', { class: 'snippet' },
    el('div', { class: 'row' }, el('h3', { text: t(`share.${name}`) }), copyButton(text)),
    el('pre', { class: 'scroll', tabindex: '0', 'aria-label': t(`share.${name}`), dataset: { share: name }, text }),
    ['picture', 'markdown'].includes(name) && hasKey() ? el('p', { class: 'muted', text: t('share.needsKey') }) : ''));
}
