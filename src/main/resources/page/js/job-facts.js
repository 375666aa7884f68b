import { el } from './dom.js';
import { word } from './job-words.js';
import { language, t } from './messages.js';
import { opener } from './stored-list.js';
import { amount, duration, facts, when } from './units.js';

/** What is known of a job beside its progress: when it was what, its cost, its models. */
export function createFacts() {
  const box = el('div', { id: 'job-facts' });
  const worked = el('span', {});
  const made = el('span', {});

  function describe(job) {
    return facts([t('jobs.id'), el('span', { class: 'mono', text: job.id })], [t('jobs.accepted'), when(job.created_at)],
      [t('jobs.begun'), job.started_at && when(job.started_at)], [t('jobs.resumes'), job.resumes_at && when(job.resumes_at)], [t('jobs.over'), job.ended_at && when(job.ended_at)],
      [t('jobs.kept'), job.expires_at && when(job.expires_at)],
      [t('jobs.cost'), job.cost && t('jobs.costs', { flops: amount(job.cost.flops), time: duration(job.cost.seconds) })],
      [t('jobs.worked'), worked], [t('jobs.attempts'), String(job.attempts)],
      [t('jobs.made', { unit: word('unit', job.progress.unit) }), made],
      [t('jobs.models'), Object.entries(job.models).map(([name, meant]) => el('div', {}, name === meant ? '' : `${name} → `, opener(meant, { list: 'models', model: meant })))],
      [t('jobs.engines'), job.engines.join(', ')]);
  }

  return {
    box,
    clear: () => box.replaceChildren(),
    show(job) {
      worked.textContent = duration(job.seconds);
      made.textContent = amount(job.progress.made);
      const form = JSON.stringify([language(), job.id, job.status, job.resumes_at, job.attempts]);
      // What has the focus stays where it is.
      if (box.dataset.form !== form || box.children.length === 0) {
        box.dataset.form = form;
        box.replaceChildren(describe(job));
      }
    },
  };
}
