import { t } from './messages.js';

/**
 * Formulas and pictures arrive as text. They are read by the browser's own XML parser, and only elements and attributes that formulas and
 * pictures need come onto the page.
 */
const math = new Set(('math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mstyle '
  + 'mpadded mphantom menclose ms semantics').split(' '));
const picture = new Set(('svg g path rect circle ellipse line polyline polygon text tspan title desc defs marker linearGradient stop '
  + 'clipPath').split(' '));
const refused = /^(on|style$|data-style$|href$|xlink:)/;

/** A formula. The service writes cases with English words, of which one can be left out. */
export function formula(text) {
  const element = read(text, math, 'math');
  for (const word of element.querySelectorAll('mtext')) {
    if (word.textContent.trim() === 'if') {
      word.remove();
    } else if (word.textContent === 'otherwise') {
      word.textContent = t('op.otherwise');
    }
  }
  return element;
}

export function svg(text) {
  return read(text, picture, 'svg');
}

function read(text, allowed, root) {
  // The page's policy refuses style attributes, and says so, already where they are parsed.
  const parsed = new DOMParser().parseFromString(text.replaceAll(' style="', ' data-style="'), 'application/xml');
  const element = parsed.documentElement;
  if (element.localName !== root || parsed.querySelector('parsererror')) {
    const plain = document.createElement('code');
    plain.textContent = text;
    return plain;
  }
  return copy(element, allowed);
}

function copy(source, allowed) {
  const target = document.createElementNS(source.namespaceURI, source.localName);
  for (const { name, value } of source.attributes) {
    if (!refused.test(name) && !name.startsWith('xmlns')) {
      target.setAttribute(name, value);
    }
  }
  const align = /text-align:\s*(left|right|center)/.exec(source.getAttribute('data-style') ?? '');
  if (align) {
    target.style.textAlign = align[1];
  }
  for (const child of source.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) {
      target.append(child.data);
    } else if (child.nodeType === Node.ELEMENT_NODE && allowed.has(child.localName)) {
      target.append(copy(child, allowed));
    }
  }
  return target;
}
