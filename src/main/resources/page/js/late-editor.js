import { load, Problem } from './api.js';
import { el } from './dom.js';

const firstPause = 1000;
const longestPause = 10_000;

async function loadEditor() {
  for (let pause = firstPause;; pause = Math.min(2 * pause, longestPause)) {
    try {
      return await load('editor');
    } catch (error) {
      if (!(error instanceof Problem)) {
        throw error;
      }
    }
    await new Promise(resume => setTimeout(resume, pause));
  }
}

/**
 * The editor inside `host`. Its code is the largest part of the page's, so the program's text stands in its place until `begin` has loaded it.
 * Calls made before that are carried out then. If loading fails, it is tried again, after pauses that grow to ten seconds.
 */
export function createLateEditor(host, options) {
  const text = el('pre', { class: 'mono', text: options.text });
  host.append(text);
  let editor = null;
  let marked = null;
  let isThere;
  const asked = new Promise(resolve => isThere = resolve);
  async function begin() {
    const { createEditor } = await loadEditor();
    editor = createEditor(host, { ...options, text: text.textContent });
    text.remove();
    if (marked) {
      editor.mark(marked);
    }
    isThere(editor);
  }
  return {
    begin,
    focus: () => asked.then(there => there.focus()),
    set(next) {
      if (editor) {
        editor.set(next);
      } else {
        text.textContent = next;
      }
    },
    translate: () => editor?.translate(),
    mark(problem) {
      marked = problem;
      editor?.mark(problem);
    },
    fix: edits => asked.then(there => there.fix(edits)),
  };
}
