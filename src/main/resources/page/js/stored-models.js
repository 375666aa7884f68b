import { debounce, el, field } from './dom.js';
import { t } from './messages.js';
import { change, get } from './state.js';
import { createList, opener } from './stored-list.js';
import { createModel } from './stored-model.js';
import { sample } from './stored-samples.js';
import { when } from './units.js';

/** The list of models, filtered, and the one that is open. */
export function createModels({ onLoad }) {
  const prefix = el('input', { id: 'prefix', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', on: { input: debounce(300, filter) } });
  const tag = el('input', { id: 'tag', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', on: { input: debounce(300, filter) } });
  const deleted = el('input', { type: 'checkbox', id: 'deleted', on: { change: filter } });
  const filters = el('div', { class: 'grid filters' });
  const list = createList({ address: () => '/v1/models', name: 'models', key: each => each.name, row,
    filters: () => ({ ...(get().prefix ? { prefix: get().prefix } : {}), ...(get().tag ? { tag: get().tag } : {}), ...(get().deleted ? { deleted: true } : {}) }),
    empty: () => get().prefix || get().tag ? [el('p', { text: t('models.noMatch') })] : get().deleted ? [el('p', { text: t('models.noneDeleted') })] : sample('models'),
    onLoad: loaded });
  const opened = createModel({ changed: () => list.refresh() });

  function filter() {
    change({ prefix: prefix.value.trim().toLowerCase(), tag: tag.value.trim(), deleted: deleted.checked });
  }

  function row({ name }) {
    const version = el('span', { class: 'muted' });
    const time = el('span', {});
    const about = el('p', { class: 'cut' });
    const tags = el('p', { class: 'muted' });
    const box = el('li', { class: 'card' }, el('div', { class: 'row' }, opener(name, { model: name }, { class: 'mono' }), version, time), about, tags);
    return {
      box,
      show(model) {
        version.textContent = t('models.version', { version: model.version });
        time.replaceChildren(...(model.deleted_at ? [t('models.deletedAt'), ' ', when(model.deleted_at)] : [when(model.created_at)]));
        box.classList.toggle('gone', Boolean(model.deleted_at));
        about.textContent = model.description ?? '';
        tags.textContent = model.tags.join(' · ');
      },
    };
  }

  function loaded() {
    mark();
    onLoad();
  }

  function mark() {
    list.mark(name => name === get().model.split(/[:@]/)[0]);
  }

  /** Fields that are being written in stay as they are. */
  function fill() {
    [[prefix, get().prefix], [tag, get().tag]].filter(([control]) => control !== document.activeElement).forEach(([control, text]) => control.value = text);
    deleted.checked = Boolean(get().deleted);
  }

  function show() {
    mark();
    opened.open(get().model);
  }

  return {
    list: el('div', {}, filters, list.box),
    opened: opened.box,
    isOpen: () => get().model !== '',
    isEmpty: () => list.entries().length === 0,
    focus: opened.focus,
    refresh() {
      list.refresh();
      opened.refresh();
    },
    enter() {
      fill();
      list.begin();
      show();
    },
    leave() {
      list.leave();
      opened.leave();
    },
    changed(keys) {
      if (['prefix', 'tag', 'deleted'].some(key => keys.includes(key))) {
        fill();
        list.begin();
      }
      if (keys.includes('model')) {
        show();
      }
    },
    translate() {
      filters.replaceChildren(field(t('models.prefix'), prefix), field(t('models.tag'), tag),
        el('label', { class: 'switch' }, deleted, el('span', { text: t('models.showDeleted') })));
      list.translate();
      mark();
      opened.translate();
    },
  };
}
