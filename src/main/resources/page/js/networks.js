import { onKeyGiven } from './api-key.js';
import { Problem } from './api.js';
import { drawBoundary } from './boundary.js';
import { createChart } from './chart.js';
import { dataSets } from './data-sets.js';
import { button, el } from './dom.js';
import { events } from './events.js';
import { jobName } from './job-words.js';
import { layerReport } from './layer-report.js';
import { t } from './messages.js';
import { createNetworkForm, networkOf, settings } from './network-form.js';
import { list } from './panel-diagnostics.js';
import { postJob } from './post-job.js';
import { problemBox, problemLine } from './problem.js';
import { change, subscribe } from './state.js';
import { opener } from './stored-list.js';
import { finite, short } from './values.js';

/** A problem of a training: each of its errors where the service found some in the request. */
const refusal = problem => problem.body?.status === 422 ? el('div', { class: 'problem' }, problemBox(problem)) : problemLine(problem);

/** Builds a network, trains it while one watches, and looks at what came of it. */
export function createNetworks() {
  const form = createNetworkForm();
  const chart = createChart({ height: 260, axis: () => t('network.step') });
  const train = button('', run, { class: 'primary', id: 'train' });
  const halt = button('', () => running?.abort(), { id: 'stop', disabled: true });
  const asJob = button('', post, { id: 'train-job' });
  const posted = el('div', { role: 'alert', id: 'posted-job' });
  const progress = el('progress', { value: 0, max: 1 });
  const state = el('p', { class: 'training-state' });
  // The state changes up to ten times a second, which nobody could listen to.
  const told = el('p', { class: 'unseen', role: 'status' });
  const results = el('div', { class: 'results' });
  const title = el('h1', {});
  const about = el('p', { class: 'muted' });
  const box = el('section', { class: 'view networks-view' }, title, about,
    el('div', { class: 'bench' }, el('div', { class: 'program' }, form.box, el('div', { class: 'row' }, train, halt, asJob), posted),
      el('div', { class: 'stage' }, progress, state, told, chart.box, results)));
  let running = null;
  let steps = [];
  let losses = [];
  let repeats = false;
  let tellPosted = () => [];

  async function run() {
    const shown = settings();
    const made = await follow(shown);
    if (made > 0) {
      // A stopped training answers nothing, and the same request makes the same steps again.
      repeats = true;
      await follow(shown, made).finally(() => repeats = false);
    }
  }

  /** Trains, at most so many steps; returns after how many it was stopped, 0 if it was not. */
  async function follow(shown, most) {
    running = new AbortController();
    const { signal } = running;
    steps = [];
    losses = [];
    results.replaceChildren();
    halt.disabled = false;
    train.disabled = true;
    if (!repeats) {
      told.textContent = t('network.begun');
    }
    try {
      const request = { ...requestOf(shown), ...(most ? { steps: most } : {}) };
      let isOver = false;
      for await (const { event, data: told } of events('/v1/train', request, signal)) {
        isOver ||= event === 'done' || event === 'error';
        await handlers[event]?.(told, request);
      }
      if (!isOver) {
        throw new Problem({ code: 'offline' });
      }
    } catch (error) {
      if (error.name === 'AbortError') {
        end('■', t('network.stopped', { steps: steps.at(-1) ?? 0 }));
        return most ? 0 : steps.at(-1) ?? 0;
      } else if (error instanceof Problem || error instanceof SyntaxError) {
        fail(error);
      } else {
        throw error;
      }
    } finally {
      running = null;
      halt.disabled = true;
      train.disabled = false;
    }
    return 0;
  }

  function end(sign, text) {
    state.textContent = `${sign} ${text}`;
    told.textContent = text;
  }

  function fail(problem) {
    state.textContent = '';
    results.replaceChildren(refusal(problem));
    told.textContent = results.textContent;
  }

  function requestOf(shown) {
    const { data, metrics } = dataSets[shown.data];
    return { network: networkOf(shown), initializer: { scheme: 'glorot_uniform', seed: shown.seed }, optimizer: { type: shown.optimizer, lr: shown.lr },
      epochs: shown.epochs, inputs: data, ...(metrics.length && !shown.json ? { metrics } : {}), ...(shown.batch > 0 ? { batch_size: shown.batch } : {}) };
  }

  /** Has the service train without this page, and shows the job, unless another view is shown by then. */
  async function post() {
    asJob.disabled = true;
    showPosted(() => []);
    try {
      const job = await postJob('train', requestOf(settings()));
      if (box.hidden) {
        showPosted(() => [el('p', {}, `${t('network.posted')} `, opener(jobName(job), { list: 'jobs', job: job.id }))]);
      } else {
        change({ view: 'stored', list: 'jobs', job: job.id });
      }
    } catch (error) {
      if (!(error instanceof Problem || error instanceof SyntaxError)) {
        throw error;
      }
      showPosted(() => [refusal(error)]);
    } finally {
      asJob.disabled = false;
    }
  }

  onKeyGiven(() => showPosted(() => []));

  /** Shows what `tell` makes, and makes it anew in another language. */
  function showPosted(tell) {
    tellPosted = tell;
    posted.replaceChildren(...tell());
  }

  const handlers = {
    progress({ steps_done: done, steps_in_all: all, seconds_left: left, latest }) {
      progress.max = all;
      progress.value = done;
      if (latest) {
        steps.push(latest.step);
        losses.push(finite(latest.loss));
        curve();
      }
      state.textContent = repeats ? `■ ${t('network.repeating', { steps: all, done })}` : `▶ ${t('network.progress', { done, all, left: left === undefined || left === null ? '–' : short(left, 2), loss: latest ? short(latest.loss) : '–' })}`;
    },
    diagnostic(found) {
      results.append(...list([found]));
    },
    async done(answer, request) {
      steps = answer.history.map(entry => entry.step);
      losses = answer.history.map(entry => finite(entry.loss));
      curve();
      progress.value = progress.max;
      const last = answer.history.at(-1);
      const accuracy = last?.metrics?.accuracy;
      end(request.steps ? '■' : '✓', `${t('network.done', { steps: answer.steps, loss: short(last?.loss ?? NaN), reason: t(`stopped.${request.steps ? 'user' : answer.stopped_by}`) })}${
        accuracy === undefined ? '' : ` ${t('network.accuracy', { accuracy: Math.round(accuracy * 100) })}`}`);
      await report(answer, request);
    },
    error(problem) {
      fail(new Problem(problem));
    },
  };

  async function report(answer, request) {
    const parts = [];
    let found = answer.diagnostics;
    const trained = { network: request.network, parameters: { ...answer.parameters, ...answer.statistics } };
    try {
      parts.push(await drawBoundary(trained, request.inputs));
      const layers = await layerReport(trained, request.inputs);
      parts.push(layers.box);
      found = [...found, ...layers.diagnostics];
    } catch (problem) {
      parts.push(problemLine(problem));
    }
    results.replaceChildren(el('h2', { text: t('network.autopsy') }),
      ...(found.length ? list(found) : [el('p', { text: `✓ ${t('diagnostics.none')}` })]), ...parts);
  }

  function curve() {
    chart.draw(() => t('network.curve'), [t('network.loss')], [steps, losses]);
  }

  subscribe((_, keys) => keys.includes('network') && !box.hidden && form.refresh());
  return {
    box,
    shown: form.refresh,
    translate() {
      title.textContent = t('network.title');
      about.textContent = t('network.about');
      train.textContent = `▶ ${t('network.train')}`;
      halt.textContent = `■ ${t('network.stop')}`;
      asJob.textContent = t('network.asJob');
      progress.setAttribute('aria-label', t('network.progressBar'));
      form.refresh();
      showPosted(tellPosted);
      if (steps.length > 0) {
        curve();
      } else {
        state.textContent = t('network.empty');
      }
    },
  };
}
