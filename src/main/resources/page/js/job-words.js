import { has, t } from './messages.js';
import { amount, duration } from './units.js';
import { short } from './values.js';

export const hasEnded = job => !['queued', 'running'].includes(job.status);

/** A word of the service, such as a kind of job or what it counts, in the reader's language where it is known. */
export const word = (group, name) => has(`${group}.${name}`) ? t(`${group}.${name}`) : name;

export const jobName = job => `${word('work', job.kind)} ${job.id.slice(-6)}`;

/** How far a job is. A total of 0 is one that is not known. */
export function progressText({ status, progress: { done, total, unit, seconds_left: left } }) {
  const names = { done: amount(done), all: amount(total), unit: word('unit', unit) };
  const counted = total > 0 ? t('jobs.progress', names) : t('jobs.progressAlone', names);
  return status === 'running' && left > 0 ? `${counted}, ${t('jobs.left', { time: duration(left) })}` : counted;
}

/** What has become of a job, how far it is and, while it runs, its latest loss, where there is one; null is one that is not finite. */
export function stateText(job, loss) {
  const sign = { queued: '…', running: '▶', succeeded: '✓', failed: '✕', cancelled: '■' }[job.status];
  const told = loss === undefined || job.status !== 'running' ? '' : `, ${t('jobs.loss', { loss: loss === null ? 'NaN' : short(loss) })}`;
  return `${sign} ${t(`jobs.${job.status}`)}: ${progressText(job)}${told}`;
}

/** Shows how far a job is on a bar, whose name is `label`. */
export function showBar(bar, job, label) {
  const { done, total } = job.progress;
  bar.hidden = hasEnded(job);
  bar.max = Math.max(1, total);
  if (total > 0) {
    bar.value = done;
  } else {
    bar.removeAttribute('value');
  }
  bar.setAttribute('aria-label', label);
}
