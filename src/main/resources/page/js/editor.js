import { EditorView, basicSetup } from 'codemirror';
import { EditorState, Compartment } from '@codemirror/state';
import { hoverTooltip } from '@codemirror/view';
import { StreamLanguage, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { tags } from '@lezer/highlight';
import { catalogue, op } from './catalogue.js';
import { describeOp } from './op-card.js';
import { t } from './messages.js';

const keywords = new Set(['for', 'in', 'range', 'if', 'else', 'return', 'def', 'lambda', 'import', 'as', 'from', 'true', 'false', 'True', 'False']);

const language = StreamLanguage.define({
  token(stream) {
    if (stream.eatSpace()) {
      return null;
    }
    if (stream.match(/^#.*/)) {
      return 'comment';
    }
    if (stream.match(/^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/)) {
      return 'number';
    }
    if (stream.match(/^'[^']*'?|^"[^"]*"?/)) {
      return 'string';
    }
    const word = stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u);
    if (word) {
      return keywords.has(word[0]) ? 'keyword' : stream.match(/^\s*\(/, false) ? 'function' : 'variableName';
    }
    stream.next();
    return 'operator';
  },
  tokenTable: { function: tags.function(tags.variableName) },
  languageData: { commentTokens: { line: '#' } },
});

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.number, color: 'var(--code-number)' },
  { tag: tags.string, color: 'var(--code-number)' },
  { tag: tags.keyword, color: 'var(--code-keyword)' },
  { tag: tags.function(tags.variableName), color: 'var(--code-function)' },
]);

const look = EditorView.theme({
  '&': { backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: '0.95rem', border: '1px solid var(--line-strong)', borderRadius: '8px' },
  '&.cm-focused': { outline: '3px solid var(--focus)', outlineOffset: '1px' },
  '.cm-content': { caretColor: 'var(--text)', fontFamily: 'var(--mono)', padding: '0.5rem 0' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--muted)', border: 'none', borderRadius: '8px' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--tint)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--selection)' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line-strong)', borderRadius: '6px' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-diagnostic': { padding: '0.4rem 0.6rem', maxWidth: '30rem' },
  '.cm-diagnosticAction': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)', minHeight: '24px' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--gradient) 1.5px', textUnderlineOffset: '3px' },
  '.card': { padding: '0.5rem 0.7rem', maxWidth: '28rem', lineHeight: '1.4' },
  '.card code': { fontFamily: 'var(--mono)', fontSize: '0.85em' },
  '.card p': { margin: '0.2rem 0' },
  '.card .muted': { color: 'var(--muted)' },
  '.card math': { display: 'inline math' },
  '.cm-matchingBracket': { backgroundColor: 'var(--selection)', outline: '1px solid var(--line-strong)' },
});

async function complete(context) {
  const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_]*/u);
  if (!word || (word.text.length < 2 && !context.explicit)) {
    return null;
  }
  const known = await catalogue();
  return {
    from: word.from,
    options: known.map(each => ({ label: each.name, detail: each.call.slice(each.name.length), type: 'function', info: () => describeOp(each) })),
    validFor: /^[\p{L}_][\p{L}\p{N}_]*$/u,
  };
}

const hover = hoverTooltip(async (view, position) => {
  const line = view.state.doc.lineAt(position);
  for (const word of line.text.matchAll(/[\p{L}_][\p{L}\p{N}_]*/gu)) {
    const from = line.from + word.index;
    if (from <= position && position <= from + word[0].length) {
      const found = await op(word[0]).catch(() => undefined);
      return found ? { pos: from, end: from + word[0].length, above: true, create: () => ({ dom: describeOp(found) }) } : null;
    }
  }
  return null;
});

/**
 * An editor of programs inside `host`. It lives in a shadow tree because the page's policy refuses the style elements that it would
 * otherwise add.
 */
export function createEditor(host, { text, label, onChange }) {
  const root = host.attachShadow({ mode: 'open' });
  const naming = new Compartment();
  const name = () => EditorView.contentAttributes.of({ 'aria-label': label(), spellcheck: 'false', autocapitalize: 'off' });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [basicSetup, language, language.data.of({ autocomplete: complete }), syntaxHighlighting(colours), look, hover,
        EditorView.lineWrapping, naming.of(name()),
        EditorView.updateListener.of(update => update.docChanged && !muted && onChange(update.state.doc.toString()))],
    }),
  });
  let muted = false;
  return {
    focus: () => view.focus(),
    text: () => view.state.doc.toString(),
    set(next) {
      if (next !== view.state.doc.toString()) {
        muted = true;
        view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
        muted = false;
      }
    },
    translate: () => view.dispatch({ effects: naming.reconfigure(name()) }),
    mark: problem => mark(view, problem),
    fix: edits => fix(view, edits),
  };
}

/** Underlines what the problem names, with a way to mend it where the service is sure of one. */
function mark(view, problem) {
  const places = (problem?.errors ?? []).filter(error => error.line);
  view.dispatch(setDiagnostics(view.state, places.map(error => {
    const from = offset(view.state.doc, error.line, error.column);
    const word = /^([\p{L}_][\p{L}\p{N}_]*|.)/u.exec(view.state.sliceDoc(from, from + 80))?.[0] ?? '';
    return {
      from: Math.min(from, view.state.doc.length), to: Math.min(from + Math.max(1, word.length), view.state.doc.length), severity: 'error',
      message: [error.message, error.hint].filter(Boolean).join('. '),
      actions: problem.edits.length ? [{ name: t('fix'), apply: () => fix(view, problem.edits) }] : [],
    };
  })));
}

/** Makes the service's edits, which are told in lines and columns of the text before any of them. */
function fix(view, edits) {
  view.dispatch({
    changes: edits.map(edit => {
      const from = offset(view.state.doc, edit.line, edit.column);
      return { from, to: from + edit.length, insert: edit.text };
    }),
  });
  view.focus();
}

function offset(document, line, column) {
  const at = document.line(Math.min(line, document.lines));
  return Math.min(at.from + (column ?? 1) - 1, at.to);
}
