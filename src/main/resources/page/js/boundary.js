import { post } from './api.js';
import { colour } from './colours.js';
import { el } from './dom.js';
import { t } from './messages.js';
import { number } from './values.js';

const cells = 48;
const size = 288;

/** What a trained network answers over the plane of its two inputs, or along its one input, with the samples on it. */
export async function drawBoundary({ network, parameters }, { x, y }) {
  const features = x[0].length;
  if (features > 2 || !Array.isArray(x[0])) {
    return el('p', { class: 'muted', text: t('boundary.none') });
  }
  const reach = Math.max(...x.flat().map(Math.abs)) * 1.25;
  const place = i => (i + 0.5) / cells * 2 * reach - reach;
  const grid = features === 2 ? Array.from({ length: cells * cells }, (_, i) => [place(i % cells), place(Math.floor(i / cells))])
    : Array.from({ length: cells }, (_, i) => [place(i)]);
  const { loss, ...body } = network;
  const used = Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== loss?.target));
  const { value } = await post('/v1/evaluate', { network: body, parameters: used, inputs: { [network.input.name]: grid }, nodes: 'none', diagnostics: 'none' });
  const answers = value.map(row => number(Array.isArray(row) ? row[0] : row));
  const canvas = el('canvas', { width: size, height: size, role: 'img', 'aria-label': t(features === 2 ? 'boundary.label' : 'boundary.curve') });
  const pen = canvas.getContext('2d');
  const at = coordinate => (coordinate / reach + 1) / 2 * size;
  if (features === 2) {
    plane(pen, answers);
    x.forEach(([across, up], i) => mark(pen, at(across), size - at(up), y[i][0] > 0.5));
  } else {
    curve(pen, grid, answers, x, y, at);
  }
  return el('figure', { class: 'boundary' }, canvas, el('figcaption', { text: t(features === 2 ? 'boundary.caption' : 'boundary.curve') }));
}

function plane(pen, answers) {
  const step = size / cells;
  answers.forEach((answer, i) => {
    const share = Math.min(1, Math.max(0, answer));
    pen.fillStyle = colour(share > 0.5 ? '--class-one' : '--class-zero');
    pen.globalAlpha = 0.15 + Math.abs(share - 0.5) * 1.1;
    pen.fillRect(i % cells * step, size - (Math.floor(i / cells) + 1) * step, step, step);
  });
  pen.globalAlpha = 1;
}

/** Classes differ by shape too: a cross and a ring. */
function mark(pen, across, down, isOne) {
  pen.strokeStyle = colour('--text');
  pen.lineWidth = 2;
  pen.beginPath();
  if (isOne) {
    pen.moveTo(across - 4, down - 4);
    pen.lineTo(across + 4, down + 4);
    pen.moveTo(across + 4, down - 4);
    pen.lineTo(across - 4, down + 4);
  } else {
    pen.arc(across, down, 4, 0, 2 * Math.PI);
  }
  pen.stroke();
}

function curve(pen, grid, answers, x, y, at) {
  const high = Math.max(...y.flat().map(Math.abs), ...answers.map(Math.abs)) * 1.1;
  const up = value => size / 2 - value / high * size / 2;
  x.forEach(([across], i) => mark(pen, at(across), up(y[i][0]), false));
  pen.strokeStyle = colour('--series-1');
  pen.lineWidth = 3;
  pen.beginPath();
  grid.forEach(([across], i) => pen.lineTo(at(across), up(answers[i])));
  pen.stroke();
}
