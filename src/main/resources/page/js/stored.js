import { onKeyGiven } from './api-key.js';
import { button, choice, el } from './dom.js';
import { t } from './messages.js';
import { change, get, subscribe } from './state.js';
import { createJobs } from './stored-jobs.js';
import { createModels } from './stored-models.js';

/** What the service keeps: models and jobs, one of the two lists at a time, beside what is open of it. */
export function createStored() {
  const sides = { models: createModels({ onLoad: arrange }), jobs: createJobs({ onLoad: arrange }) };
  const title = el('h1', { tabindex: '-1' });
  const about = el('p', { class: 'muted' });
  const which = el('div', {});
  const refresh = button('', () => side().refresh(), { class: 'small', id: 'refresh' });
  const nothing = el('p', { class: 'muted' });
  const box = el('section', { class: 'view stored-view' }, title, about,
    el('div', { class: 'bench' }, el('div', { class: 'program' }, el('div', { class: 'row' }, which, refresh), Object.values(sides).map(each => each.list)),
      el('div', { class: 'stage' }, nothing, Object.values(sides).map(each => each.opened))));
  let entered = '';

  /** The list of the address; the models where there is none of that name. */
  function listed() {
    return Object.hasOwn(sides, get().list) ? get().list : 'models';
  }

  function side() {
    return sides[listed()];
  }

  /** Asks for what is shown now, and for nothing of what is not. */
  function enter() {
    const name = listed();
    if (entered !== name) {
      leave();
      entered = name;
      Object.entries(sides).forEach(([each, { list }]) => list.hidden = each !== name);
      which.querySelectorAll('input').forEach(input => input.checked = input.value === name);
      side().enter();
    }
    arrange();
  }

  function leave() {
    if (entered) {
      sides[entered].leave();
      entered = '';
    }
  }

  function arrange() {
    Object.values(sides).forEach(each => each.opened.hidden = each !== side() || !each.isOpen());
    nothing.hidden = side().isOpen() || side().isEmpty();
  }

  subscribe((state, keys) => {
    if (state.view !== 'stored') {
      leave();
      return;
    }
    if (keys.includes('view') || box.hidden) {
      // `shown` follows.
      return;
    }
    if (keys.includes('list')) {
      enter();
    } else {
      side().changed(keys);
      arrange();
    }
    if (['list', 'model', 'job'].some(key => keys.includes(key)) && !which.contains(document.activeElement)) {
      (side().isOpen() ? side() : title).focus();
    }
  });

  // What was refused may be answered now, and others may have other models and jobs.
  onKeyGiven(() => {
    if (entered) {
      leave();
      enter();
    }
  });

  return {
    box,
    shown() {
      enter();
      // Whoever came from another view is led to what was opened there.
      const { activeElement } = document;
      if (document.documentElement.dataset.ready && side().isOpen() && (activeElement === document.body || !activeElement.checkVisibility())) {
        side().focus();
      }
    },
    translate() {
      title.textContent = t('stored.title');
      about.textContent = t('stored.about');
      refresh.textContent = `↻ ${t('stored.refresh')}`;
      nothing.textContent = t('stored.choose');
      which.replaceChildren(choice(t('stored.list'), 'list', ['models', 'jobs'].map(name => [name, t(`stored.${name}`)]), listed(), list => change({ list })));
      Object.values(sides).forEach(each => each.translate());
    },
  };
}
