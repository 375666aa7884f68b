import { button, el } from './dom.js';
import { t } from './messages.js';
import { knownAfter, stepsOf } from './steps.js';

const pace = 1100;

/** The buttons that play a circuit step by step. `show(known)` draws what is known, `tell(step)` says what the step does. */
export function createPlayer({ show, tell }) {
  let answer = null;
  let steps = [];
  let at = 0;
  let timer = null;

  const first = button('|◂', () => go(0), { class: 'quiet' });
  const back = button('◂', () => go(at - 1), { class: 'quiet' });
  const next = button('', () => go(at >= steps.length ? 1 : at + 1), { class: 'primary', id: 'step' });
  const play = button('', () => timer ? stop() : start(), { id: 'play' });
  const last = button('▸|', () => go(steps.length), { class: 'quiet' });
  const slider = el('input', { type: 'range', min: 0, step: 1, class: 'track', on: { input: () => go(Number(slider.value)) } });
  const place = el('span', { class: 'place' });
  const caption = el('p', { class: 'caption', 'aria-live': 'polite' });
  const bar = el('div', { class: 'player', role: 'group' }, first, back, next, play, last, slider, place);

  function go(count) {
    if (!answer) {
      return;
    }
    at = Math.max(0, Math.min(count, steps.length));
    if (at === steps.length) {
      stop();
    }
    refresh();
  }

  function start() {
    if (at >= steps.length) {
      go(0);
    }
    timer = setInterval(() => go(at + 1), pace);
    refresh();
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    label();
  }

  function refresh() {
    const known = knownAfter(answer, steps, at);
    slider.max = steps.length;
    slider.value = at;
    const phase = at === 0 ? 'start' : at === steps.length ? 'end' : steps[at - 1].phase === 'forward' ? 'forward' : 'backward';
    bar.dataset.phase = phase;
    place.textContent = t('player.place', { at, all: steps.length });
    slider.setAttribute('aria-valuetext', `${place.textContent}, ${t(`player.${phase}`)}`);
    show(known);
    caption.replaceChildren(...tell(known.current, phase));
    label();
  }

  function label() {
    next.textContent = t(at >= steps.length ? 'player.stepThrough' : 'player.step');
    play.textContent = t(timer ? 'player.pause' : 'player.play');
    play.setAttribute('aria-pressed', String(timer !== null));
    first.setAttribute('aria-label', t('player.first'));
    back.setAttribute('aria-label', t('player.back'));
    last.setAttribute('aria-label', t('player.last'));
    slider.setAttribute('aria-label', t('player.track'));
    bar.setAttribute('aria-label', t('player.label'));
    next.disabled = play.disabled = slider.disabled = answer === null;
    back.disabled = first.disabled = at === 0;
    last.disabled = at >= steps.length;
  }

  return {
    bar,
    caption,
    step: () => go(at >= steps.length ? 1 : at + 1),
    back: () => go(at - 1),
    toggle: () => timer ? stop() : start(),
    /** A new circuit is shown whole; numbers that change leave the place where it is. */
    load(nextAnswer, keepsPlace) {
      const wasAtEnd = !answer || at >= steps.length;
      const before = steps.length;
      answer = nextAnswer;
      steps = stepsOf(answer);
      at = keepsPlace && !wasAtEnd && before === steps.length ? at : steps.length;
      if (at === steps.length) {
        stop();
      }
      refresh();
    },
    refresh: () => answer ? refresh() : label(),
    clear() {
      stop();
      answer = null;
      steps = [];
      at = 0;
      caption.replaceChildren();
      label();
    },
  };
}
