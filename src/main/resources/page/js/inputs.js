import { el, field } from './dom.js';
import { model, on } from './model.js';
import { t } from './messages.js';
import { change, get, subscribe } from './state.js';
import { isArray, parseValue, shapeOf, shapeText } from './values.js';

/** The inputs of the program: a field and a slider for a number, a field for an array, or all of them as JSON. */
export function createInputs() {
  const box = el('section', { class: 'inputs' });
  let asJson = false;
  let shown = '';

  /** Builds the fields anew where their names or shapes changed, and writes what has changed. Amended is what only follows from another change. */
  function refresh(force = false, isAmended = false) {
    const { inputs, cotangent } = get();
    const form = JSON.stringify([asJson, Object.entries(inputs).map(([name, value]) => [name, shapeOf(value)]), shapeOf(cotangent), cotangent === null]);
    if (force || form !== shown) {
      shown = form;
      build(inputs, cotangent, force);
    }
    write(inputs, cotangent, isAmended);
  }

  function build(inputs, cotangent, force) {
    const names = Object.keys(inputs);
    // The field in which something is being typed stays while its value has the same shape.
    const typing = force ? undefined : [...box.children].find(part => part.contains(document.activeElement));
    const kept = (what, make) => {
      const form = JSON.stringify(what);
      const made = typing?.dataset.form === form ? typing : make();
      made.dataset.form = form;
      return made;
    };
    const parts = [
      el('div', { class: 'row' }, el('h2', { text: t('inputs') }),
        el('label', { class: 'switch' }, el('input', { type: 'checkbox', checked: asJson, on: { change: event => {
          asJson = event.target.checked;
          refresh();
          box.querySelector('.switch input').focus();
        } } }), el('span', { text: t('inputs.json') }))),
      names.length === 0 && cotangent === null ? el('p', { class: 'muted', text: t('inputs.none') }) : '',
      ...(asJson ? [kept(['json'], () => json(inputs))]
        : names.map(name => kept(['input', name, shapeOf(inputs[name])], () => one(name, inputs[name], value => setInput(name, value))))),
      cotangent === null ? '' : kept(['cotangent', shapeOf(cotangent)],
        () => one(t('inputs.cotangent'), cotangent, value => change({ cotangent: value }), 'cotangent')),
    ];
    const at = parts.indexOf(typing);
    if (at < 0) {
      box.replaceChildren(...parts);
    } else {
      // It would lose the focus if it were taken out and put back.
      [...box.childNodes].filter(part => part !== typing).forEach(part => part.remove());
      typing.before(...parts.slice(0, at));
      typing.after(...parts.slice(at + 1));
    }
  }

  function setInput(name, value) {
    change({ inputs: { ...get().inputs, [name]: value } });
  }

  function one(label, value, set, key = label) {
    const text = isArray(value) ? el('textarea', { rows: Math.min(4, isArray(value[0]) ? value.length : 1), spellcheck: 'false' })
      : el('input', { inputmode: 'decimal', autocomplete: 'off' });
    text.value = typed(value);
    text.dataset.input = key;
    text.addEventListener('input', () => {
      const said = read(text);
      text.setAttribute('aria-invalid', String(said === null));
      note.textContent = said === null ? t('inputs.invalid') : '';
      if (said !== null) {
        set(said);
      }
    });
    const note = el('span', { class: 'note', role: 'alert' });
    const slider = isArray(value) || !Number.isFinite(Number(value)) ? null : el('input', {
      type: 'range', min: -reach(value), max: reach(value), step: 'any', 'aria-label': t('inputs.slider', { name: label }), dataset: { slider: key } });
    if (slider) {
      slider.value = value;
      slider.addEventListener('input', () => set(read(slider)));
      slider.addEventListener('keydown', event => nudge(event, slider));
    }
    const shape = isArray(value) ? ` ${shapeText(shapeOf(value))}` : '';
    return el('div', { class: 'input' }, field(label + shape, text), slider, note);
  }

  /** A slider without steps would move by too little or too much from the keyboard. */
  function nudge(event, slider) {
    const by = { ArrowRight: 0.1, ArrowUp: 0.1, ArrowLeft: -0.1, ArrowDown: -0.1 }[event.key];
    if (by) {
      event.preventDefault();
      slider.value = Math.round((Number(slider.value) + by) * 100) / 100;
      slider.dispatchEvent(new Event('input'));
    }
  }

  function json(inputs) {
    const text = el('textarea', { rows: 8, spellcheck: 'false', dataset: { inputs: 'json' } });
    text.value = asText(inputs);
    text.addEventListener('input', () => {
      const said = read(text);
      text.setAttribute('aria-invalid', String(said === null));
      if (said !== null) {
        change({ inputs: said });
      }
    });
    // The page may have added inputs while something was typed.
    text.addEventListener('blur', () => {
      if (text.getAttribute('aria-invalid') !== 'true') {
        text.value = asText(get().inputs);
      }
    });
    return field(t('inputs.asJson'), text);
  }

  function write(inputs, cotangent, isAmended) {
    for (const control of box.querySelectorAll('[data-input], [data-slider], [data-inputs]')) {
      const key = control.dataset.input ?? control.dataset.slider;
      const value = control.dataset.inputs ? inputs : key === 'cotangent' ? cotangent : inputs[key];
      // What is being typed stays as it was typed, unless the value has been changed elsewhere.
      const isTyped = control.getRootNode().activeElement === control
        && (isAmended || JSON.stringify(read(control)) === JSON.stringify(value));
      if (value === undefined || isTyped) {
        continue;
      }
      const text = control.dataset.inputs ? asText(value) : control.dataset.input ? typed(value) : value;
      if (!control.dataset.slider && control.value !== text) {
        control.removeAttribute('aria-invalid');
        control.closest('.input')?.querySelector('.note').replaceChildren();
      }
      control.value = text;
    }
  }

  subscribe((_, keys, isAmended) => (keys.includes('inputs') || keys.includes('cotangent')) && refresh(false, isAmended));
  on('problem', () => markMissing());
  on('answer', () => markMissing());

  function markMissing() {
    const wrong = new Set((model.problem?.errors ?? []).map(error => error.pointer).filter(pointer => pointer?.startsWith('/inputs/'))
      .map(pointer => pointer.split('/')[2]));
    for (const control of box.querySelectorAll('[data-input]')) {
      control.setAttribute('aria-invalid', String(wrong.has(control.dataset.input)));
    }
  }

  return { box, refresh };
}

const asText = inputs => JSON.stringify(inputs, null, 1);

/** What a field or slider says: a value, or all inputs where it is the field for all; null where it says none. */
function read(control) {
  return control.dataset.inputs ? parseInputs(control.value)
    : control.dataset.slider ? Math.round(Number(control.value) * 100) / 100 : parseValue(control.value);
}

function parseInputs(text) {
  try {
    const inputs = JSON.parse(text);
    return typeof inputs === 'object' ? inputs : null;
  } catch {
    return null;
  }
}

const reach = value => Math.max(5, Math.ceil(Math.abs(Number(value)) * 2));

const typed = value => isArray(value) ? (isArray(value[0]) ? `[${value.map(row => JSON.stringify(row)).join(',\n ')}]` : JSON.stringify(value)) : String(value);
