import { createChart } from './chart.js';
import { debounce } from './dom.js';
import { lossesOf } from './job-answer.js';
import { t } from './messages.js';
import { finite } from './values.js';

/** The losses of a job, as its events tell of them or, where it tells more, its answer. */
export function createCurve() {
  const chart = createChart({ height: 260, axis: () => t(axis) });
  let [steps, losses, axis] = [[], [], 'network.step'];

  function show() {
    if (steps.length > 0) {
      chart.draw(() => t('network.curve'), [t('network.loss')], [steps, losses]);
    }
  }

  // All that happened before comes at once.
  const draw = debounce(50, show);

  return {
    box: chart.box,
    clear() {
      [steps, losses, axis] = [[], [], 'network.step'];
      chart.clear();
    },
    /** Adds the loss of a step. A replica that goes on with a job makes some steps once more. */
    add(made, loss) {
      const from = steps.findIndex(step => step >= made);
      steps.splice(from < 0 ? steps.length : from, Infinity, made);
      losses.splice(from < 0 ? losses.length : from, Infinity, finite(loss));
      draw();
    },
    /** A short job has sent few events, and of a long one the first are gone. Those of a fit tell of steps, its answer of epochs. */
    complete(answer) {
      const told = lossesOf(answer);
      const [numbers, , unit] = told;
      if (numbers.length > steps.length || unit === axis && numbers[0] < steps[0]) {
        [steps, losses, axis] = told;
        show();
      }
    },
    /** The last loss: nothing if there is none, and null if it is not finite. */
    last: () => losses.at(-1),
    show,
  };
}
