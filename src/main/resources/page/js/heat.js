import { el } from './dom.js';
import { t } from './messages.js';
import { number, short } from './values.js';

const most = 40;

/** A matrix as a table whose cells are coloured by sign and size; the numbers stay readable in it. */
export function heatTable(caption, rowNames, columnNames, matrix) {
  const largest = Math.max(...matrix.flat().map(value => Math.abs(number(value))).filter(Number.isFinite), 0);
  const columns = columnNames.slice(0, most);
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    el('table', { class: 'heat' },
      el('caption', { text: caption }),
      el('thead', {}, el('tr', {}, el('td'), columns.map(name => el('th', { scope: 'col', text: name })))),
      el('tbody', {}, matrix.slice(0, most).map((row, i) => el('tr', {}, el('th', { scope: 'row', text: rowNames[i] }),
        row.slice(0, most).map(value => cell(number(value), largest)))))),
    matrix.length > most || columnNames.length > most ? el('p', { class: 'muted', text: t('matrices.cut', { most }) }) : '');
}

function cell(value, largest) {
  const data = el('td', { class: value < 0 ? 'minus' : 'plus', text: short(value), title: String(value) });
  const share = largest > 0 && Number.isFinite(value) ? Math.round(Math.abs(value) / largest * 100) : 0;
  data.style.setProperty('--share', `${share}%`);
  return data;
}

/** The names of an array's elements: `W[0,1]`. */
export function elementNames(name, shape) {
  let indices = [[]];
  for (const length of shape) {
    indices = indices.flatMap(index => Array.from({ length }, (_, i) => [...index, i]));
  }
  return indices.map(index => index.length ? `${name}[${index.join(',')}]` : name);
}

export function rows(values, width) {
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
}
