import { choice, el } from './dom.js';
import { createCircuit } from './circuit.js';
import { createDetails } from './details.js';
import { createLateEditor } from './late-editor.js';
import { createGallery } from './gallery.js';
import { createInputs } from './inputs.js';
import { opens } from './catalogue.js';
import { isDrawn, model, on } from './model.js';
import { createPanels } from './panels.js';
import { createQuiz } from './quiz.js';
import { createPlayer } from './player.js';
import { problemBox } from './problem.js';
import { change, gateWords, get, subscribe } from './state.js';
import { openedGates } from './steps.js';
import { node, stepStory } from './story.js';
import { t } from './messages.js';

/** The first view: the program beside its circuit, and what else is to be known of it below. */
export function createCircuitView() {
  const gallery = createGallery();
  const inputs = createInputs();
  const editorHost = el('div', { class: 'editor' });
  const problem = el('div', { class: 'problem', role: 'alert' });
  const details = createDetails({ open: openGate });
  const circuit = createCircuit({
    choose(what) {
      details.show(what);
      circuit.highlight(what ?? {});
    },
    open: openGate,
  });
  const player = createPlayer({
    show(known) {
      circuit.show(known);
      details.know(known);
    },
    tell: (step, phase) => stepStory(step, phase, circuit.label),
  });
  const quiz = createQuiz();
  const gates = el('div', { class: 'gates' });
  const wires = el('input', { type: 'checkbox', id: 'wires', on: { change: () => change({ wires: wires.checked ? 'contribution' : 'plain' }) } });
  const wiresLabel = el('span', {});
  const output = el('p', { class: 'output' });
  const panels = createPanels();
  const pictureHint = el('p', { class: 'muted' });
  const programTitle = el('h2', {});
  const galleryLabel = el('label', { class: 'field', for: 'gallery' });
  const figure = el('figure', { class: 'figure' }, circuit.zoom, circuit.frame);

  const title = el('h1', { class: 'unseen' });
  const box = el('div', { class: 'view circuit-view' }, title,
    el('div', { class: 'bench' },
      el('section', { class: 'program' }, galleryLabel, gallery.select, programTitle, editorHost, problem),
      el('section', { class: 'stage' }, el('div', { class: 'row stage-head' }, output, gates, el('label', { class: 'switch' }, wires, wiresLabel)), player.bar, player.caption, figure, pictureHint, details.box),
      inputs.box),
    quiz.box, panels.box);

  const editor = createLateEditor(editorHost, { text: get().expression, label: () => t('program'), onChange: expression => change({ expression, example: '' }) });

  /** Opens a gate in place, or closes the opened one that the node belongs to. */
  async function openGate(id) {
    const gate = id.split('/')[0];
    const opened = openedGates(get().gates, model.answer);
    if (opened.includes(gate)) {
      const others = opened.filter(each => each !== gate);
      change({ gates: others.length > 0 ? others : 'as_written' });
    } else if (get().gates === 'collapse') {
      change({ gates: 'as_written' });
    } else if (await opens(node(gate))) {
      change({ gates: [...opened, gate] });
    }
  }

  function openAllGates() {
    change({ gates: get().gates === 'expand' ? 'as_written' : 'expand' });
  }

  subscribe((state, keys) => {
    if (keys.includes('expression')) {
      editor.set(state.expression);
    }
    if (keys.includes('example')) {
      gallery.refresh(state.example);
    }
    if (keys.includes('gates')) {
      gates.querySelectorAll('input').forEach(input => input.checked = input.value === state.gates);
    }
    wires.checked = state.wires === 'contribution';
    if (keys.includes('quiz')) {
      showQuiz();
    }
  });

  function showGates() {
    gates.replaceChildren(choice(t('gates'), 'gates', gateWords.map(each => [each, t(`gates.${each}`)]), get().gates,
      value => change({ gates: value })));
  }

  /** A quiz hides gradients, and the panels that tell them, until it is left. */
  function showQuiz() {
    box.classList.toggle('asks', get().quiz);
    panels.box.hidden = get().quiz;
    details.box.hidden = get().quiz;
    player.caption.hidden = get().quiz;
    quiz.refresh();
  }

  function showOutput() {
    const { answer } = model;
    output.replaceChildren(...(answer ? [el('span', { class: 'mono', text: `${answer.output} = ` }),
      el('strong', { class: 'number value', text: Array.isArray(answer.value) ? JSON.stringify(answer.value) : String(answer.value) })] : []));
  }

  on('answer', () => {
    box.classList.remove('stale');
    figure.classList.toggle('stale', !isDrawn());
    problem.replaceChildren();
    editor.mark(null);
    showOutput();
    showQuiz();
    if (!isDrawn()) {
      details.know(null);
    }
    details.refresh();
  });
  on('frame', () => {
    if (isDrawn()) {
      circuit.write(model.answer, get().quiz);
      player.refresh();
    }
    showOutput();
    details.refresh();
  });
  on('problem', () => {
    box.classList.add('stale');
    editor.mark(model.problem);
    problem.replaceChildren(...problemBox(model.problem, () => editor.fix(model.problem.edits)));
  });
  on('explanation', () => {
    if (isDrawn()) {
      player.refresh();
    }
    details.refresh();
  });
  on('picture', showPicture);

  function showPicture() {
    figure.classList.remove('stale');
    if (model.picture) {
      pictureHint.textContent = '';
      circuit.draw(model.picture);
      circuit.write(model.answer, get().quiz);
      player.load(model.answer, true);
    } else {
      circuit.frame.replaceChildren();
      player.clear();
      details.know(null);
      pictureHint.textContent = model.pictureProblem ? t('circuit.noPicture', { reason: model.pictureProblem.message || t('status.offline') }) : '';
    }
  }

  return {
    box,
    step: player.step,
    back: player.back,
    toggle: player.toggle,
    gates: openAllGates,
    edit: editor.focus,
    beginEditor: editor.begin,
    translate() {
      title.textContent = t('view.circuit');
      programTitle.textContent = t('program');
      galleryLabel.textContent = t('gallery');
      gallery.refresh(get().example);
      inputs.refresh(true);
      editor.translate();
      showGates();
      circuit.translate();
      wires.checked = get().wires === 'contribution';
      wiresLabel.textContent = t('wires');
      panels.translate();
      quiz.refresh(true);
      details.refresh();
      player.refresh();
      if (model.answer && isDrawn()) {
        circuit.write(model.answer, get().quiz);
      }
      if (model.problem) {
        problem.replaceChildren(...problemBox(model.problem, () => editor.fix(model.problem.edits)));
      }
    },
  };
}
