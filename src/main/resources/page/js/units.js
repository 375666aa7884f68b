import { el } from './dom.js';
import { language, t } from './messages.js';
import { shapeText } from './values.js';

/** When something was, in the reader's time zone. */
export function when(instant) {
  const time = new Date(instant);
  return el('time', { datetime: instant, text: new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(time) });
}

/** A length of time by its two largest units. */
export function duration(seconds) {
  const whole = Math.round(seconds);
  const [s, m, h] = [whole % 60, Math.floor(whole / 60) % 60, Math.floor(whole / 3600) % 24];
  return whole < 60 ? t('duration.seconds', { s: seconds < 10 ? Number(seconds.toPrecision(2)) : whole })
    : whole < 3600 ? t('duration.minutes', { m, s })
      : whole < 86400 ? t('duration.hours', { h, m }) : t('duration.days', { d: Math.floor(whole / 86400), h });
}

export function size(bytes) {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${amount(bytes / 1000 ** power)} ${['B', 'kB', 'MB', 'GB'][power]}`;
}

/** A number with three digits, or all where it is whole, in the form of the language. */
export function amount(value) {
  return new Intl.NumberFormat(language(), Number.isInteger(value) ? {} : { maximumSignificantDigits: 3 }).format(value);
}

export function shapeWords(shape) {
  return !shape ? t('shape.any') : shape.length === 0 ? t('shape.number') : shapeText(shape);
}

/** Facts with their names; those without a value are left out. */
export function facts(...pairs) {
  return el('dl', { class: 'named' }, pairs.filter(([, value]) => value !== null && value !== undefined && value.length !== 0)
    .flatMap(([name, value]) => [el('dt', { text: name }), el('dd', {}, value)]));
}
