/** The colour that a custom property has in the theme that shows now, in a form that a canvas understands. */
export function colour(name) {
  const probe = document.createElement('span');
  probe.hidden = true;
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const dark = matchMedia('(prefers-color-scheme: dark)');
export const paper = matchMedia('print');

/** The theme that shows now, as the service's pictures call it. */
export function theme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'dark' || (chosen !== 'light' && dark.matches) ? 'dark' : 'light';
}

/** Calls the listener when another theme shows, as on paper, which is light. */
export function onTheme(listener) {
  paper.addEventListener('change', listener);
  dark.addEventListener('change', listener);
  new MutationObserver(listener).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
}
