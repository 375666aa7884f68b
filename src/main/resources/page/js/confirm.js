import { button, el } from './dom.js';
import { t } from './messages.js';

/** Asks before something is done that is hard to undo. Resolves to whether it is to be done. */
export function confirm(title, text, action) {
  return new Promise(resolve => {
    const dialog = el('dialog', { class: 'confirm', role: 'alertdialog', 'aria-labelledby': 'confirm-title', 'aria-describedby': 'confirm-text',
      on: { close: () => end(false) } },
    el('h2', { id: 'confirm-title', text: title }),
    el('p', { id: 'confirm-text', text }),
    el('div', { class: 'row' }, button(action, () => end(true), { class: 'primary', id: 'confirm' }),
      button(t('cancel'), () => dialog.close(), { autofocus: true })));

    function end(isWanted) {
      resolve(isWanted);
      // Closed before it is removed, so that the focus goes back to where it was.
      dialog.close();
      dialog.remove();
    }

    document.body.append(dialog);
    dialog.showModal();
  });
}
