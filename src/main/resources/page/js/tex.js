import katex from 'katex';
import { formula } from './markup.js';
import { t } from './messages.js';

// Browsers put no space around the name of a function, where TeX puts a thin one.
const thin = '<mspace width="0.1667em"/>';
const beforeName = /(<\/m(?:i|n|row|sub|sup|subsup|frac|sqrt)>)(?=<mi[^>]*>\w{2,}<\/mi><mo>\u2061)/g;
const afterName = /<mo>\u2061<\/mo>(?!<mo [^>]*>\()/g;

const or = '\\text{or}';

// "a if c else b", and what follows it, as ", s = 1".
const branches = /^((?:.* = )?)(.*?) \\text\{ if \} (.*?) \\text\{ else \} (.*?)(,\\ .*)?$/;

/** A formula of the catalogue, which is written in TeX. */
export function fromTex(text) {
  const cases = text.replace(branches, (_, head, first, condition, other, rest = '') =>
    `${head}\\begin{cases}${first} & ${condition}\\\\ ${other} & \\text{${t('op.otherwise')}}\\end{cases}${rest}`);
  const markup = katex.renderToString(cases.replaceAll(or, `\\text{${t('op.or')}}`), { output: 'mathml', displayMode: true, throwOnError: false });
  return formula(markup.slice(markup.indexOf('<math'), markup.indexOf('</math>') + '</math>'.length)
    .replace(beforeName, `$1${thin}`).replace(afterName, thin));
}
