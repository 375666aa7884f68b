import { button, el } from './dom.js';
import { svg } from './markup.js';
import { t } from './messages.js';
import { brief } from './values.js';

// How small a picture may be drawn so that it fits: its smallest letters stay at eight pixels.
const smallest = 0.85;
const zoomStep = 1.25;

/**
 * The picture of a circuit that the service draws. Its numbers are changed in place; nodes can be reached and followed by keys.
 * `choose({node})` or `choose({edge})` is called with what is pointed at, or null.
 */
export function createCircuit({ choose, open }) {
  const frame = el('div', { class: 'circuit scroll' });
  let nodes = new Map();
  let edges = [];
  let focused = null;
  let picture = null;
  let width = 0;
  // How large the picture is shown; null fits it into its frame.
  let scale = null;

  const smaller = button('−', () => rescale(1 / zoomStep), { class: 'quiet' });
  const larger = button('+', () => rescale(zoomStep), { class: 'quiet' });
  const fitted = button('', () => resize(null), { class: 'quiet' });
  const zoom = el('div', { class: 'zoom', role: 'group' }, smaller, larger, fitted);

  function rescale(by) {
    if (picture) {
      resize(Math.min(4, Math.max(0.25, (scale ?? picture.getBoundingClientRect().width / width) * by)));
    }
  }

  function resize(next) {
    scale = next;
    fitted.disabled = scale === null;
    if (picture) {
      picture.style.width = `${Math.round(width * (scale ?? 1))}px`;
      picture.style.minWidth = `${Math.round(width * (scale ?? smallest))}px`;
    }
  }

  function translate() {
    zoom.setAttribute('aria-label', t('zoom'));
    smaller.setAttribute('aria-label', t('zoom.smaller'));
    larger.setAttribute('aria-label', t('zoom.larger'));
    fitted.textContent = t('zoom.fit');
  }

  function draw(text) {
    const hadFocus = frame.contains(document.activeElement);
    picture = svg(text);
    [, , width] = (picture.getAttribute('viewBox') ?? '0 0 600 300').split(/[ ,]+/).map(Number);
    picture.removeAttribute('width');
    picture.removeAttribute('height');
    resize(scale);
    picture.setAttribute('role', 'group');
    frame.replaceChildren(picture);
    nodes = new Map([...picture.querySelectorAll('g.node:not(.literal)')].map(group => [group.dataset.node, group]));
    edges = [...picture.querySelectorAll('g.edge')].map(group => ({ group, from: group.dataset.from, to: group.dataset.to,
      operand: Number(group.dataset.operand) }));
    nodes.forEach(prepareNode);
    edges.forEach(prepareEdge);
    focused = nodes.has(focused) ? focused : nodes.keys().next().value;
    nodes.get(focused)?.setAttribute('tabindex', '0');
    if (hadFocus) {
      nodes.get(focused)?.focus();
    }
  }

  function prepareNode(group, id) {
    group.setAttribute('tabindex', '-1');
    group.setAttribute('role', 'button');
    group.addEventListener('focus', () => {
      nodes.get(focused)?.setAttribute('tabindex', '-1');
      focused = id;
      group.setAttribute('tabindex', '0');
      choose({ node: id });
    });
    group.addEventListener('pointerenter', () => choose({ node: id }));
    group.addEventListener('click', () => group.focus());
    group.addEventListener('dblclick', () => open(id));
    group.addEventListener('keydown', event => key(event, id));
  }

  /** A wire is thin: an invisible wider one takes the pointer. */
  function prepareEdge({ group, from, to, operand }) {
    const path = group.querySelector('path');
    if (path) {
      const wide = path.cloneNode(false);
      wide.removeAttribute('marker-end');
      wide.setAttribute('class', 'reach');
      group.prepend(wide);
    }
    group.addEventListener('pointerenter', () => choose({ edge: { from, to, operand } }));
  }

  function key(event, id) {
    const next = { ArrowRight: () => edges.find(edge => edge.from === id)?.to, ArrowLeft: () => edges.find(edge => edge.to === id)?.from,
      ArrowDown: () => beside(id, 1), ArrowUp: () => beside(id, -1), Home: () => nodes.keys().next().value,
      End: () => [...nodes.keys()].at(-1), Enter: () => void open(id) }[event.key];
    if (next) {
      event.preventDefault();
      nodes.get(next())?.focus();
    }
  }

  /** The next node by the place on the picture, from top to bottom and then from left to right. */
  function beside(id, way) {
    const placed = [...nodes].map(([name, group]) => ({ name, box: group.getBoundingClientRect() }))
      .sort((one, other) => one.box.left - other.box.left || one.box.top - other.box.top).map(each => each.name);
    return placed[placed.indexOf(id) + way];
  }

  /** Writes the numbers of an answer into the picture. */
  function write(answer, hidesGradients) {
    for (const node of answer.nodes) {
      const group = nodes.get(node.id);
      if (!group) {
        continue;
      }
      if (!Array.isArray(node.value)) {
        set(group, '.value', brief(node.value));
        set(group, '.gradient', hidesGradients ? '' : brief(node.gradient));
      }
      group.setAttribute('aria-label', t(hidesGradients ? 'circuit.asked' : 'circuit.node',
        { node: node.id, op: node.op, value: brief(node.value), gradient: brief(node.gradient) }));
    }
  }

  function set(group, selector, text) {
    const element = group.querySelector(selector);
    if (element && element.textContent !== text) {
      element.textContent = text;
    }
  }

  /** Hides what is not known yet, and marks the gate and the wires of the current step. */
  function show({ values, gradients, current }) {
    const active = new Set((current?.edges ?? []).map(edge => `${edge.from} ${edge.to} ${edge.operand}`));
    for (const [id, group] of nodes) {
      group.classList.toggle('no-value', !values.has(id));
      group.classList.toggle('no-gradient', !gradients.has(id));
      group.classList.toggle('active', current?.node === id);
    }
    for (const { group, from, to, operand } of edges) {
      const isActive = active.has(`${from} ${to} ${operand}`);
      group.classList.toggle('active', isActive);
      group.classList.toggle('backward', isActive && current.phase === 'backward');
    }
  }

  function highlight({ node, edge } = {}) {
    for (const each of edges) {
      each.group.classList.toggle('chosen', edge ? each.from === edge.from && each.to === edge.to && each.operand === edge.operand
        : node !== undefined && (each.from === node || each.to === node));
    }
    nodes.forEach((group, id) => group.classList.toggle('chosen', id === node));
  }

  const label = id => nodes.get(id)?.querySelector('.op')?.textContent ?? '';
  return { frame, zoom, translate, draw, write, show, highlight, label, focus: id => nodes.get(id)?.focus(), has: id => nodes.has(id) };
}
