import { el, field } from './dom.js';
import { hasEnded, jobName, progressText, showBar, word } from './job-words.js';
import { t } from './messages.js';
import { change, get } from './state.js';
import { createJob } from './stored-job.js';
import { createList, opener } from './stored-list.js';
import { sample } from './stored-samples.js';
import { when } from './units.js';

const statuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];

/** The list of jobs, filtered, and the one that is open. While jobs of the list are active it is asked for again and again. */
export function createJobs({ onLoad }) {
  const status = el('select', { id: 'job-status', on: { change: () => change({ status: status.value }) } });
  const kind = el('select', { id: 'job-kind', on: { change: () => change({ kind: kind.value }) } });
  const filters = el('div', { class: 'grid filters' });
  const kinds = new Set(['train', 'check', 'reduce', 'map', 'fit']);
  const list = createList({ address: () => '/v1/jobs', name: 'jobs', key: each => each.id, row, onLoad: loaded,
    changes: jobs => jobs.some(job => !hasEnded(job)),
    filters: () => ({ ...(get().status ? { status: get().status } : {}), ...(get().kind ? { kind: get().kind } : {}) }),
    empty: () => get().status || get().kind ? [el('p', { text: t('jobs.noMatch') })] : sample('jobs') });
  const opened = createJob({ changed: () => list.refresh() });

  function row({ id, kind: of, created_at: created }) {
    const bar = el('progress', {});
    const state = el('p', {});
    return {
      box: el('li', { class: 'card' }, el('div', { class: 'row' }, opener(jobName({ id, kind: of }), { list: 'jobs', job: id }), when(created)), bar, state),
      show(job) {
        showBar(bar, job, t('jobs.barOf', { job: jobName(job) }));
        const text = `${t(`jobs.${job.status}`)}: ${progressText(job)}`;
        if (state.textContent !== text) {
          state.textContent = text;
        }
      },
    };
  }

  function loaded(entries) {
    const known = kinds.size;
    entries.forEach(job => kinds.add(job.kind));
    if (kinds.size > known) {
      fill();
    }
    mark();
    onLoad();
  }

  function mark() {
    list.mark(id => id === get().job);
  }

  function fill() {
    const options = (all, group, chosen) => ['', ...all].map(each => el('option', { value: each, selected: each === chosen, text: each ? word(group, each) : t('stored.all') }));
    status.replaceChildren(...options(statuses, 'jobs', get().status));
    kind.replaceChildren(...options(kinds, 'work', get().kind));
  }

  function show() {
    const { job } = get();
    mark();
    opened.open(job);
    if (job && list.entries().length > 0 && list.entries().every(each => each.id !== job)) {
      list.refresh();
    }
  }

  return {
    list: el('div', {}, filters, list.box),
    opened: opened.box,
    isOpen: () => get().job !== '',
    isEmpty: () => list.entries().length === 0,
    focus: opened.focus,
    refresh() {
      list.refresh();
      opened.open(get().job);
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
      if (keys.includes('status') || keys.includes('kind')) {
        fill();
        list.begin();
      }
      if (keys.includes('job')) {
        show();
      }
    },
    translate() {
      fill();
      filters.replaceChildren(field(t('jobs.status'), status), field(t('jobs.kind'), kind));
      list.translate();
      mark();
      opened.translate();
    },
  };
}
