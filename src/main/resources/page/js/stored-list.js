import { onKeyGiven } from './api-key.js';
import { get, isPassing, Problem } from './api.js';
import { button, el, onPlainClick } from './dom.js';
import { t } from './messages.js';
import { problemLine } from './problem.js';
import { change } from './state.js';

const page = 25;
const most = 1000;
const betweenLooks = 3000;

/** A link that shows a model or a job, and can be opened in another tab. */
export function opener(text, shown, props = {}) {
  return el('a', { ...props, href: `#${new URLSearchParams({ view: 'stored', ...shown })}`, text, on: { click: onPlainClick(() => change({ view: 'stored', ...shown })) } });
}

/** Puts in what is not there already: what stays keeps the focus, and is not announced once more. */
function renew(part, children) {
  const fresh = el('div', {}, children);
  if (part.textContent !== fresh.textContent) {
    part.replaceChildren(...fresh.childNodes);
  }
}

/**
 * A list that the service answers in pages. `address` is the path to ask, `filters` the parameters, `name` and `key` say where its entries
 * are and by what they are told apart. `row` makes `{box, show}` of an entry, `empty` what stands in place of an empty list. While
 * `changes` says so of the entries, or the service does not answer, the list is asked for again and again until it is left.
 */
export function createList({ address, filters = () => ({}), name, key, row, empty, changes = () => false, onLoad = () => {} }) {
  const items = el('ul', { class: 'entries' });
  const refusal = el('div', { role: 'alert' });
  const nothing = el('div', {});
  const note = el('div', { class: 'list-note' }, refusal, nothing);
  const more = button('', loadMore, { class: 'small more', hidden: true });
  const told = el('p', { class: 'unseen', role: 'status' });
  const box = el('div', { class: 'list' }, items, note, more, told);
  let entries = [];
  let rows = new Map();
  let next = null;
  let turn = 0;
  let problem = null;
  let isLoaded = false;
  let isHere = false;
  let timer;
  // Whether the next page is on its way, and whether all is to be asked for once it is there.
  let goesOn = false;
  let isDue = false;

  /** Asks for all that is shown once more, or for the next page. */
  async function load() {
    const mine = ++turn;
    const isNext = goesOn;
    const before = entries.length;
    const asked = { ...filters(), limit: isNext ? page : Math.min(most, Math.max(page, before)), ...(isNext ? { after: next } : {}) };
    try {
      const answer = await get(`${address()}?${new URLSearchParams(asked)}`);
      if (mine !== turn) {
        return;
      }
      entries = isNext ? [...entries, ...answer[name]] : answer[name];
      next = answer.next ?? null;
      problem = null;
    } catch (error) {
      if (!(error instanceof Problem)) {
        throw error;
      }
      if (mine !== turn) {
        return;
      }
      problem = error;
    }
    isLoaded = true;
    show();
    if (isNext && !problem) {
      items.children[before]?.querySelector('a, button')?.focus();
    }
    onLoad(entries, problem);
    clearTimeout(timer);
    // More entries than one answer has are not asked for by themselves, since those behind would be lost.
    if (isHere && (problem ? isPassing(problem) : changes(entries) && entries.length <= most)) {
      timer = setTimeout(look, betweenLooks);
    }
  }

  async function loadMore() {
    if (goesOn) {
      return;
    }
    goesOn = true;
    try {
      await load();
    } finally {
      goesOn = false;
    }
    if (isDue) {
      isDue = false;
      await load();
    }
  }

  async function refresh() {
    if (goesOn) {
      isDue = true;
    } else {
      await load();
    }
  }

  function look() {
    if (document.hidden) {
      timer = setTimeout(look, betweenLooks);
    } else {
      refresh();
    }
  }

  function show() {
    const known = rows;
    rows = new Map(entries.map(entry => [key(entry), known.get(key(entry)) ?? row(entry)]));
    entries.forEach(entry => rows.get(key(entry)).show(entry));
    arrange([...rows.values()].map(each => each.box));
    more.hidden = next === null;
    more.textContent = t('stored.more');
    renew(refusal, problem ? [problemLine(problem)] : []);
    renew(nothing, !problem && entries.length === 0 ? empty() : []);
    tell(problem ? '' : t('stored.count', { count: entries.length }));
  }

  /** Shows nothing of what another key was answered, which may be another's. */
  function clear() {
    turn++;
    clearTimeout(timer);
    entries = [];
    rows = new Map();
    next = problem = null;
    isLoaded = false;
    more.hidden = true;
    [items, refusal, nothing].forEach(part => part.replaceChildren());
    tell('');
  }

  onKeyGiven(clear);

  /** Boxes that stay are not moved, so that they keep the focus. */
  function arrange(boxes) {
    const kept = new Set(boxes);
    [...items.children].filter(each => !kept.has(each)).forEach(each => each.remove());
    boxes.forEach((each, i) => each !== items.children[i] && items.insertBefore(each, items.children[i] ?? null));
    items.hidden = boxes.length === 0;
  }

  function tell(text) {
    if (told.textContent !== text) {
      told.textContent = text;
    }
  }

  return {
    box,
    refresh,
    /** Begins with the first page of what the filters let through now. */
    begin() {
      isHere = true;
      goesOn = false;
      entries = [];
      next = null;
      return load();
    },
    leave() {
      isHere = false;
      clearTimeout(timer);
    },
    entries: () => entries,
    problem: () => problem,
    mark(isOpen) {
      rows.forEach((each, id) => each.box.classList.toggle('open', isOpen(id)));
    },
    translate() {
      if (isLoaded) {
        rows = new Map();
        show();
      }
    },
  };
}
