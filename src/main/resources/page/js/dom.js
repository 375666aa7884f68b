/**
 * Makes an element. `props` are attributes, and `text`, `class`, `dataset` (an object) and `on` (listeners by event). Text always goes in
 * as text, so that nothing that a user or the service writes is read as HTML.
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) {
      continue;
    }
    if (name === 'text') {
      element.textContent = value;
    } else if (name === 'dataset') {
      Object.assign(element.dataset, value);
    } else if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

export function button(text, onClick, props = {}) {
  return el('button', { type: 'button', text, on: { click: onClick }, ...props });
}

/** Listens to clicks on a link: calls `show` in place of following it, unless the click asks for another tab or window. */
export const onPlainClick = show => event => {
  if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    show();
  }
};

/** A field with its label. */
export function field(label, control, props = {}) {
  return el('label', { class: 'field', ...props }, el('span', { class: 'label', text: label }), control);
}

/** A table whose first row and first column are headers. */
export function table(caption, heads, rows) {
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    el('table', {},
      el('caption', { text: caption }),
      el('thead', {}, el('tr', {}, heads.map(text => el('th', { scope: 'col', text })))),
      el('tbody', {}, rows.map(([first, ...rest]) => el('tr', {}, el('th', { scope: 'row' }, cell(first)),
        rest.map(value => el('td', {}, cell(value))))))));
}

function cell(value) {
  return value instanceof Node ? value : document.createTextNode(String(value ?? ''));
}

/** A choice among few, as radio buttons that look like one control. */
export function choice(label, name, options, chosen, onChoose) {
  return el('fieldset', { class: 'choice' }, el('legend', { text: label }),
    options.map(([value, text]) => el('label', {},
      el('input', { type: 'radio', name, value, checked: value === chosen, on: { change: () => onChoose(value) } }),
      el('span', { text }))));
}

export function download(name, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  el('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** Calls `action` once, `delay` milliseconds after the last call. */
export function debounce(delay, action) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...args), delay);
  };
}
