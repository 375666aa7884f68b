import { el } from './dom.js';
import { copyButton } from './copy.js';
import { differentiated } from './model.js';
import { t } from './messages.js';

/** The request that the page made, and its answer. */
export function json({ answer }) {
  return [[t('json.request'), differentiated()], [t('json.answer'), answer]].map(([title, content]) => {
    const text = JSON.stringify(content, null, 1);
    return el('div', {}, el('div', { class: 'row' }, el('h3', { text: title }), copyButton(text)),
      el('pre', { class: 'scroll', tabindex: '0', 'aria-label': title, text }));
  });
}
