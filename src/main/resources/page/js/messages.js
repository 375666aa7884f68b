import { withParticles } from './particles.js';

const folder = new URL('../messages/', import.meta.url);
export const languages = { en: 'English', ko: '한국어' };

let messages = {};
let current = 'en';

export function language() {
  return current;
}

/** The language to start with: the one of the link, else the one chosen before, else the browser's. */
export function preferredLanguage(asked) {
  const known = [asked, stored('language'), ...navigator.languages.map(tag => tag.slice(0, 2))];
  return known.find(tag => Object.hasOwn(languages, tag)) ?? 'en';
}

export async function useLanguage(tag) {
  const response = await fetch(new URL(`${tag}.json`, folder));
  messages = await response.json();
  current = tag;
  document.documentElement.lang = tag;
}

/** The message of this key, with `{name}` replaced by the parameter of that name. */
export function t(key, parameters = {}) {
  const message = messages[key] ?? key;
  const filled = message.replace(/\{(\w+)\}/g, (whole, name) => name in parameters ? String(parameters[name]) : whole);
  return current === 'ko' ? withParticles(filled) : filled;
}

export function has(key) {
  return key in messages;
}

/** Fills in the messages of elements that name one. */
export function translate(root) {
  for (const element of root.querySelectorAll('[data-t]')) {
    element.textContent = t(element.dataset.t);
  }
  for (const element of root.querySelectorAll('[data-t-aria-label]')) {
    element.setAttribute('aria-label', t(element.dataset.tAriaLabel));
  }
}

export function stored(name) {
  try {
    return localStorage.getItem(`chainrule.${name}`);
  } catch {
    return null;
  }
}

export function store(name, value) {
  try {
    localStorage.setItem(`chainrule.${name}`, value);
  } catch {
    // Without storage the choice holds for this visit alone.
  }
}
