import uPlot from 'uplot';
import { colour, onTheme, paper } from './colours.js';
import { el } from './dom.js';
import { language } from './messages.js';
import { short } from './values.js';

// A sheet has no width yet when the chart is drawn for it; this one fits on A4 and letter.
const paperWidth = 640;
const dashes = [[], [8, 4], [2, 3], [10, 4, 2, 4], [5, 2], [14, 4]];

/** A line as the background of a mark in the legend: two lines of one colour differ by their dashes there, too. */
function stroked({ stroke, dash }) {
  let at = 0;
  const parts = dash.map((length, i) => `${i % 2 === 0 ? stroke : 'transparent'} ${at}px ${at += length}px`);
  return parts.length === 0 ? stroke : `repeating-linear-gradient(to right, ${parts.join(', ')})`;
}

/** Numbers below the axis: from a million on all in a short form, as 500K and 12.5M, with as many digits as tell one from the next. */
function below(numbers) {
  const largest = Math.max(...numbers.map(Math.abs));
  const step = numbers.length > 1 ? Math.abs(numbers[1] - numbers[0]) : largest;
  const digits = Math.min(15, Math.max(4, 1 + Math.ceil(Math.log10(largest / step))));
  const form = new Intl.NumberFormat(language(), largest >= 1e6 ? { notation: 'compact', maximumSignificantDigits: digits } : { maximumSignificantDigits: 6 });
  return numbers.map(value => form.format(value));
}

/** The least distance of numbers below the axis, so that none touches the next; one in between may be longer than those at the ends. */
function distance(_, axis, least, most) {
  return 24 + 8 * Math.max(5, ...below([least, most]).map(end => end.length));
}

/** As wide as the longest number beside an axis, so that none is cut. */
function room(_, ticks) {
  return 24 + 8 * Math.max(4, ...(ticks ?? []).map(tick => tick.length));
}

/** Points that no line reaches, since there is no other beside them. */
function lonely(plot, series) {
  return plot.data[series].flatMap((value, i, all) => isNone(value) || !isNone(all[i - 1]) || !isNone(all[i + 1]) ? [] : [i]);
}

const isNone = value => value === null || value === undefined;

/**
 * A chart of lines over a common axis. Lines differ by colour and by dashes: after six colours they begin anew with other dashes. `draw(names, data)` takes the x values first; the chart fits
 * its width and follows the theme.
 */
export function createChart({ height, axis }) {
  const host = el('div', { class: 'chart' });
  const box = el('div', { class: 'chart-box', role: 'img' }, host);
  let plot = null;
  let drawn = null;

  function draw(label, names, data) {
    box.setAttribute('aria-label', label());
    const shape = JSON.stringify([names, label(), axis()]);
    if (plot && drawn?.shape === shape) {
      drawn.data = data;
      plot.setData(data);
      return;
    }
    drawn = { label, names, data, shape };
    build();
  }

  function width() {
    return paper.matches ? paperWidth : Math.max(240, host.clientWidth);
  }

  function line(i) {
    return { stroke: colour(`--series-${i % dashes.length + 1}`), dash: dashes[(i + Math.floor(i / dashes.length)) % dashes.length] };
  }

  function build() {
    plot?.destroy();
    const lines = { stroke: colour('--chart-text'), grid: { stroke: colour('--chart-grid'), width: 1 }, ticks: { stroke: colour('--chart-grid') } };
    plot = new uPlot({
      width: width(), height,
      title: drawn.label(),
      scales: { x: { time: false } },
      // The first series is the axis, which has no line.
      legend: { live: true, markers: { width: 0, fill: (_, series) => stroked(line(series - 1)) } },
      axes: [{ ...lines, label: axis(), labelSize: 22, space: distance, values: (_, ticks) => below(ticks) }, { ...lines, size: room, values: (_, ticks) => ticks.map(tick => short(tick)) }],
      series: [{ label: axis(), value: (_, value) => value === null ? '' : short(value) }, ...drawn.names.map((label, i) => ({
        label, ...line(i), width: 2, points: { show: false, filter: lonely, size: 7, fill: line(i).stroke },
        value: (_, value) => isNone(value) ? '' : short(value, 4) }))],
    }, drawn.data, host);
  }

  new ResizeObserver(() => plot && host.clientWidth > 0 && plot.setSize({ width: width(), height })).observe(box);
  onTheme(() => drawn && build());
  return {
    box,
    draw,
    clear() {
      plot?.destroy();
      plot = null;
      drawn = null;
    },
  };
}
