import { onKeyGiven } from './api-key.js';
import { bodyOf, get as fetchJson, headers, isPassing, Problem, send } from './api.js';
import { confirm } from './confirm.js';
import { button, debounce, download, el } from './dom.js';
import { eventsAfter } from './events.js';
import { createAnswer } from './job-answer.js';
import { createCurve } from './job-curve.js';
import { createFacts } from './job-facts.js';
import { hasEnded, jobName, showBar, stateText } from './job-words.js';
import { t } from './messages.js';
import { list } from './panel-diagnostics.js';
import { problemBox, problemLine } from './problem.js';
import { change } from './state.js';

const betweenTries = 2000;
const betweenLooks = 10000;
/** Events of the past come without a pause. */
const quiet = 300;

/** One job, as its events tell of it while it runs. `changed` is told when it was cancelled, has ended, or is gone. */
export function createJob({ changed }) {
  const title = el('h2', { id: 'job-title', tabindex: '-1' });
  const state = el('p', { class: 'job-state' });
  const told = el('p', { class: 'unseen', role: 'status' });
  const bar = el('progress', { value: 0, max: 1 });
  const fetchAnswer = button('', save, { class: 'primary', id: 'download' });
  const end = button('', remove, { id: 'end-job' });
  const buttons = el('div', { class: 'row' }, fetchAnswer, end);
  const refusal = el('div', { role: 'alert' });
  const curve = createCurve();
  const answer = createAnswer();
  const remarks = el('div', {});
  const about = createFacts();
  const box = el('section', { class: 'opened', 'aria-labelledby': 'job-title', hidden: true }, title, state, bar, buttons, refusal, told, curve.box, answer.box, remarks, about.box);
  let asked = '';
  let job = null;
  let found = [];
  let last = 0;
  let [loadedAt, loads, isStale] = [0, 0, false];
  let [refused, isStreaming] = [null, false];
  let following = null;

  /** Shows the job of an id, and follows it until `leave`. */
  async function open(id) {
    leave();
    if (id !== asked || !job) {
      asked = id;
      clear();
    }
    refused = null;
    showRefusal();
    if (!id) {
      return;
    }
    following = new AbortController();
    const { signal } = following;
    try {
      if (!/^\w+$/.test(id)) {
        throw new Problem({ code: 'not-found' });
      }
      await follow(signal);
      if (!signal.aborted && job.status === 'succeeded') {
        await readAnswer(signal);
      }
    } catch (error) {
      refuse(error, signal);
    }
  }

  function clear() {
    job = null;
    last = 0;
    found = [];
    curve.clear();
    title.textContent = asked;
    state.textContent = t('panel.waiting');
    bar.hidden = buttons.hidden = true;
    told.textContent = '';
    answer.show(null);
    remarks.replaceChildren();
    about.clear();
  }

  function leave() {
    following?.abort();
    following = null;
  }

  function refuse(error, signal) {
    if (signal.aborted) {
      return;
    }
    if (!(error instanceof Problem)) {
      throw error;
    }
    if (error.code === 'not-found') {
      forget();
      changed();
    }
    refused = error;
    showRefusal();
  }

  /** Shows nothing more of a job that is gone, or may be another's. */
  function forget() {
    const hadFocus = buttons.contains(document.activeElement);
    leave();
    clear();
    if (hadFocus) {
      title.focus();
    }
  }

  onKeyGiven(forget);

  /** What was refused in passing is over once a stream of events has begun: it may be the stream alone that was refused. */
  function pass(begun = isStreaming) {
    isStreaming = begun;
    if (isStreaming && refused && isPassing(refused)) {
      refused = null;
      showRefusal();
    }
  }

  function showRefusal() {
    if (refused && !job) {
      state.textContent = '';
    }
    refusal.replaceChildren(...(!refused ? [] : refused.code === 'not-found' ? [el('p', { class: 'refused', text: t('jobs.unknown') })] : [problemLine(refused)]));
  }

  async function load(signal) {
    loadedAt = Date.now();
    isStale = false;
    const mine = ++loads;
    const read = await fetchJson(`/v1/jobs/${asked}`);
    if (!signal.aborted && mine === loads) {
      const before = job?.status;
      job = read;
      show();
      pass();
      if (before && before !== job.status) {
        told.textContent = t(`jobs.${job.status}`);
        changed();
      }
    }
  }

  /** Reads events until the job has ended. A stream that was cut off goes on after the last event that came. */
  async function follow(signal) {
    while (!signal.aborted) {
      isStreaming = false;
      try {
        await load(signal);
        for await (const { id, event, data } of eventsAfter(last, `/v1/jobs/${asked}/events`, signal, () => pass(true))) {
          signal.throwIfAborted();
          last = id;
          await handlers[event]?.(data, signal);
        }
        if (isStale) {
          await load(signal);
        }
        if (hasEnded(job)) {
          return;
        }
      } catch (error) {
        if (signal.aborted || !isPassing(error)) {
          throw error;
        }
        // The error is shown once, not at each try.
        if (error instanceof Problem && refused?.message !== error.message) {
          refuse(error, signal);
        }
      }
      await new Promise(resume => setTimeout(resume, betweenTries));
    }
  }

  const handlers = {
    status({ status, resumes_at: resumes }, signal) {
      // A job that has waited for its quota has hundreds of these, of which the last one counts.
      if ((status !== job.status || resumes !== job.resumes_at) && !hasEnded(job)) {
        isStale = true;
        reload(signal);
      }
    },
    async progress({ done, total, seconds_left: left, latest }, signal) {
      // Events of an ended job tell older progress.
      if (!hasEnded(job)) {
        Object.assign(job.progress, { done, total, seconds_left: left });
      }
      // Fits by all rows at once count iterations. A fit has no loss while it reads all rows, or those for validation, for the first time.
      const made = latest?.step ?? latest?.iteration;
      if (made !== undefined && latest.loss !== undefined) {
        curve.add(made, latest.loss);
      }
      showProgress();
      // These events do not tell all of it.
      if (!hasEnded(job) && Date.now() - loadedAt > betweenLooks) {
        await load(signal);
      }
    },
    diagnostic(diagnostic) {
      found.push(diagnostic);
      showRemarks();
    },
  };

  const reload = debounce(quiet, async signal => {
    try {
      if (isStale && !signal.aborted) {
        await load(signal);
      }
    } catch (error) {
      refuse(error, signal);
    }
  });

  async function readAnswer(signal) {
    const read = await fetchJson(`/v1/jobs/${asked}/result`);
    if (!signal.aborted) {
      answer.show(read);
      curve.complete(read);
    }
  }

  function show() {
    title.textContent = jobName(job);
    showProgress();
    buttons.hidden = false;
    fetchAnswer.hidden = job.status !== 'succeeded';
    fetchAnswer.textContent = t('jobs.download');
    end.textContent = t(hasEnded(job) ? 'jobs.remove' : 'jobs.cancel');
    showRemarks();
    about.show(job);
  }

  function showProgress() {
    state.textContent = stateText(job, curve.last());
    showBar(bar, job, t('jobs.bar'));
  }

  function showRemarks() {
    remarks.replaceChildren(
      ...(job.problem ? [el('h3', { text: t('jobs.problem') }), el('div', { class: 'problem' }, problemBox(new Problem(job.problem)))] : []),
      ...(found.length > 0 ? [el('h3', { text: t('tab.diagnostics') }), ...list(found)] : []));
  }

  async function save() {
    await act(async () => download(`${job.kind}-${job.id}.json`, 'application/json', await bodyOf(await send(`/v1/jobs/${job.id}/result`, { headers: headers() }), 'blob')));
  }

  async function remove() {
    const isOver = hasEnded(job);
    const { id } = job;
    if (!await confirm(t(isOver ? 'jobs.removeTitle' : 'jobs.cancelTitle'), t(isOver ? 'jobs.removeText' : 'jobs.cancelText'), t(isOver ? 'jobs.remove' : 'jobs.cancel'))) {
      return;
    }
    await act(async () => {
      // The job may end before this comes, and `send` may repeat it: then DELETE alone would remove the job.
      const response = await send(`/v1/jobs/${id}${isOver ? '' : '?only=active'}`, { method: 'DELETE', headers: { Accept: 'application/json' } });
      // An answer that is not read keeps its connection.
      await bodyOf(response, 'text');
      changed();
      if (isOver && asked === id) {
        change({ job: '' });
      }
    });
  }

  async function act(action) {
    const of = asked;
    refused = null;
    showRefusal();
    try {
      await action();
    } catch (error) {
      // Another job may be open by now.
      refuse(error, { aborted: asked !== of });
    }
  }

  return {
    box,
    open,
    leave,
    focus: () => title.focus(),
    isOpen: () => asked,
    translate() {
      if (job) {
        show();
        curve.show();
        answer.translate();
      }
      showRefusal();
    },
  };
}
