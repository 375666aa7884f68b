import { button, el, field } from './dom.js';
import { t } from './messages.js';

// In memory alone: who closes the page takes the key along.
let key = '';
let question = null;
let isAsked = false;
let isDeclined = false;
const listeners = [];
const givenListeners = [];

/** The header that says who asks; none while no key is known. */
export function authorization() {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** Whether the page has a key, without which the service would refuse the commands and the code that the page offers. */
export function hasKey() {
  return key !== '';
}

/** Calls the listener when the service asks for a key, and now if it has asked before. */
export function onKeyAsked(listener) {
  listeners.push(listener);
  if (isAsked) {
    listener();
  }
}

/** Calls the listener when another key is given. */
export function onKeyGiven(listener) {
  givenListeners.push(listener);
}

/** The service wants a key, for the `reason` that it gives: asks for one, unless that was declined. Resolves to whether there is one now. */
export function needKey(reason) {
  isAsked = true;
  listeners.forEach(listener => listener());
  return isDeclined ? Promise.resolve(false) : askForKey(reason);
}

/** Asks for a key, once at a time. */
export function askForKey(reason = '') {
  question ??= ask(reason).then(given => {
    question = null;
    isDeclined = !given;
    key = given || key;
    if (given) {
      givenListeners.forEach(listener => listener());
    }
    return Boolean(given);
  });
  return question;
}

function ask(reason) {
  return new Promise(resolve => {
    const input = el('input', { type: 'password', id: 'api-key', autocomplete: 'off', spellcheck: 'false', on: { keydown: event => {
      if (event.key === 'Enter') {
        // The key would also press the button that gets the focus back.
        event.preventDefault();
        close(input.value.trim());
      }
    } } });
    const dialog = el('dialog', { class: 'ask-key', 'aria-labelledby': 'key-title', on: { cancel: () => close('') } },
      el('h2', { id: 'key-title', text: t('key.title') }),
      el('p', { text: t('key.text') }),
      el('p', { class: 'reason', text: reason }),
      field(t('key.label'), input),
      el('div', { class: 'row' },
        button(t('key.use'), () => close(input.value.trim()), { class: 'primary' }),
        button(t('key.later'), () => close(''))));

    function close(given) {
      resolve(given);
      // Closed before it is removed, so that the focus goes back to where it was.
      dialog.close();
      dialog.remove();
    }

    document.body.append(dialog);
    dialog.showModal();
  });
}
