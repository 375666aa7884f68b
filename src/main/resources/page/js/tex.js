import katex from 'katex';
import { formula } from './markup.js';

// Browsers put no space around the name of a function, where TeX puts a thin one.
const thin = '<mspace width="0.1667em"/>';
const beforeName = /(<\/m(?:i|n|row|sub|sup|subsup|frac|sqrt)>)(?=<mi[^>]*>\w{2,}<\/mi><mo>\u2061)/g;
const afterName = /<mo>\u2061<\/mo>(?!<mo [^>]*>\()/g;

/** A formula of the catalogue, which is written in TeX. */
export function fromTex(text) {
  const markup = katex.renderToString(text, { output: 'mathml', displayMode: true, throwOnError: false });
  return formula(markup.slice(markup.indexOf('<math'), markup.indexOf('</math>') + '</math>'.length)
    .replace(beforeName, `$1${thin}`).replace(afterName, thin));
}
