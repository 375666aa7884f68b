import { Latest, Problem, post } from './api.js';
import { debounce } from './dom.js';
import { amend, get, subscribe } from './state.js';
import { ones, shapeOf } from './values.js';

/** The service's answers to the program that the page shows; `problem` holds in their place why there are none. */
export const model = { answer: null, answerTo: '', problem: null, explanation: null, picture: null, pictureProblem: null, isBusy: false };

const listeners = {};
const frames = new Latest();
let latest = 0;
// What was typed for inputs that the program does not mention now, but may again.
const remembered = new Map();

/** Subscribes to "answer" (all of it is new), "frame" (numbers alone are new), "problem", "explanation", "picture". */
export function on(event, listener) {
  (listeners[event] ??= []).push(listener);
}

function tell(event) {
  (listeners[event] ?? []).forEach(listener => listener(model));
}

/** The program as every endpoint takes it. */
export function program(state = get()) {
  return { expression: state.expression, inputs: state.inputs, ...(state.gates === 'as_written' ? {} : { gates: state.gates }) };
}

/** The program and its upstream gradient, for endpoints that differentiate a number. */
export function differentiated(state = get()) {
  return { ...program(state), ...(state.cotangent === null ? {} : { cotangent: state.cotangent }) };
}

/** Pictures of the same form differ in their numbers alone. */
function form({ expression, inputs, gates, wires, quiz }) {
  return JSON.stringify([expression, gates, wires, quiz, Object.entries(inputs).map(([name, value]) => [name, shapeOf(value)])]);
}

/** Whether the picture is one of the program that the page shows now. */
export function isDrawn() {
  return model.picture !== null && model.pictureForm === form(get());
}

const settle = debounce(250, compute);

export function startModel() {
  subscribe((state, keys) => {
    if (keys.includes('quiz')) {
      // What is known in a quiz is less than what is shown without one.
      Object.assign(model, { answer: null, explanation: null });
    }
    if (keys.includes('expression') || keys.includes('gates') || keys.includes('cotangent') || keys.includes('quiz')) {
      settle();
    } else if (keys.includes('wires')) {
      draw();
    } else if (keys.includes('inputs')) {
      frames.run(frame);
      settle();
    }
  });
  return compute();
}

// What was asked for before the page could show it, for the program of then.
let ahead = { program: '' };

const asked = () => JSON.stringify([get().quiz, differentiated()]);

/** Asks for all that the page shows first. The program may still need mending; then it is asked for again. */
export function askAhead() {
  ahead = { program: asked(), gradient: gradient(), explanation: explanation(), picture: picture() };
  // Who reads them later is told why they failed.
  [ahead.gradient, ahead.explanation, ahead.picture].forEach(asked => asked.catch(() => {}));
}

/** An answer that was asked for ahead, once, if it is one to the program of now. */
function taken(name) {
  const answer = ahead.program === asked() ? ahead[name] : undefined;
  delete ahead[name];
  return answer;
}

/** In a quiz the page asks for values alone: it does not know what is asked. */
function gradient(options = {}) {
  return get().quiz ? post('/v1/evaluate', { ...program(), nodes: 'all', diagnostics: 'none' }) : post('/v1/gradient', { ...differentiated(), ...options });
}

function explanation() {
  return get().quiz ? Promise.resolve(null) : post('/v1/explain', differentiated());
}

function picture() {
  return post('/v1/render', { ...differentiated(), format: 'svg', theme: 'light', ...(get().quiz ? { gradients: false } : { wires: get().wires }) },
    { accept: 'image/svg+xml, application/problem+json;q=0.1' });
}

/** What decides which nodes an answer has. */
const nodesOf = ({ expression, gates, quiz }) => JSON.stringify([expression, gates, quiz]);

/** Fetches numbers alone, as a slider moves. They are dropped if the page has another answer, other nodes or a problem when they come. */
async function frame() {
  const { answer } = model;
  const isOfNow = () => !model.problem && model.answer === answer && model.answerTo === nodesOf(get());
  if (!answer || !isOfNow()) {
    return;
  }
  try {
    const numbers = await gradient({ jacobians: 'none', diagnostics: 'none' });
    if (isOfNow()) {
      model.answer = { ...answer, ...numbers, diagnostics: answer.diagnostics };
      tell('frame');
    }
  } catch {
    // The full answer that follows says what is wrong.
  }
}

async function compute() {
  const turn = ++latest;
  const isCurrent = () => turn === latest;
  if (!get().expression.trim()) {
    fail(new Problem({ code: 'empty' }));
    return;
  }
  const answerTo = nodesOf(get());
  try {
    const answer = await answerWithInputs(isCurrent);
    if (!isCurrent()) {
      return;
    }
    Object.assign(model, { answer, answerTo, problem: null });
    tell('answer');
  } catch (error) {
    if (isCurrent()) {
      fail(error);
    }
    return;
  }
  await Promise.all([explain(isCurrent), draw()]);
}

function fail(error) {
  if (!(error instanceof Problem)) {
    throw error;
  }
  model.problem = error;
  tell('problem');
}

/** Asks for the gradient; inputs that the service misses become numbers, and an output that is an array gets an upstream gradient of ones. */
async function answerWithInputs(isCurrent) {
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await (taken('gradient') ?? gradient());
      if (isCurrent()) {
        dropUnused(answer);
      }
      return answer;
    } catch (error) {
      if (!isCurrent()) {
        throw error;
      }
      if (attempt === 3 || !(error instanceof Problem) || !mend(error)) {
        throw await withEdits(error);
      }
    }
  }
}

/**
 * The service knows how to mend a text only where the mended text would run, for which every input needs a value. Names of the text serve as
 * inputs; what is not one does no harm.
 */
async function withEdits(problem) {
  if (!(problem instanceof Problem) || problem.edits.length > 0 || !problem.errors.some(error => error.line)) {
    return problem;
  }
  const { inputs, ...rest } = differentiated();
  const names = rest.expression.match(/[\p{L}_][\p{L}\p{N}_]*(?!\s*(?:[(\p{L}\p{N}_]|=[^=]))/gu) ?? [];
  return post('/v1/gradient', { ...rest, inputs: { ...Object.fromEntries(names.map(name => [name, 1])), ...inputs } })
    .then(() => problem, other => other instanceof Problem && other.edits.length > 0 ? other : problem);
}

function mend(problem) {
  const missing = problem.errors.filter(error => error.code === 'missing-input' && error.node).map(error => error.node);
  if (missing.length > 0) {
    const { inputs } = get();
    // The user may have given some of them while the service answered.
    const others = missing.filter(name => !Object.hasOwn(inputs, name));
    amend({ inputs: { ...inputs, ...Object.fromEntries(others.map(name => [name, remembered.get(name) ?? 1])) } });
    return true;
  }
  const { gates } = get();
  const wrong = problem.errors.map(error => error.pointer).filter(pointer => pointer?.startsWith('/gates'));
  if (Array.isArray(gates) && wrong.length > 0) {
    // Gates that were open are no longer in the program.
    const others = gates.filter((_, i) => !wrong.includes(`/gates/${i}`));
    amend({ gates: others.length > 0 && others.length < gates.length ? others : 'as_written' });
    return true;
  }
  const shaped = problem.errors.find(error => error.code === 'not-scalar' && /^\[\d+(, ?\d+)*\]$/.test(error.actual ?? ''));
  if (shaped) {
    amend({ cotangent: ones(JSON.parse(shaped.actual)) });
    return true;
  }
  if (get().cotangent !== null && problem.errors.some(error => error.pointer?.startsWith('/cotangent'))) {
    amend({ cotangent: null });
    return true;
  }
  return false;
}

function dropUnused(answer) {
  const used = new Set(answer.nodes.filter(node => node.op === 'input').map(node => node.id));
  const { inputs } = get();
  const unused = Object.keys(inputs).filter(name => !mentions(get().expression, name) && !used.has(name) || answer.diagnostics
    .some(diagnostic => diagnostic.kind === 'unused-input' && diagnostic.node === name));
  if (unused.length > 0) {
    unused.forEach(name => remembered.set(name, inputs[name]));
    amend({ inputs: Object.fromEntries(Object.entries(inputs).filter(([name]) => !unused.includes(name))) });
  }
}

function mentions(expression, name) {
  return expression.split(/[^\p{L}\p{N}_]+/u).includes(name);
}

/** Asks again for what the service tells in words, in the language that is chosen now. */
export async function retell() {
  if (model.answer && !model.problem) {
    const turn = latest;
    await explain(() => turn === latest);
    if (turn === latest && model.explanation) {
      model.answer = { ...model.answer, diagnostics: model.explanation.diagnostics };
      tell('remarks');
    }
  }
}

async function explain(isCurrent) {
  try {
    const told = await (taken('explanation') ?? explanation());
    if (isCurrent()) {
      model.explanation = told;
    }
  } catch (error) {
    model.explanation = null;
    model.explanationProblem = error;
  }
  if (isCurrent()) {
    tell('explanation');
  }
}

/** Numbers that change meanwhile do not make a picture useless: they are written into it. */
async function draw() {
  const drawn = form(get());
  let drawing = null;
  let problem = null;
  try {
    drawing = await (taken('picture') ?? picture());
  } catch (error) {
    problem = error;
  }
  if (drawn === form(get())) {
    Object.assign(model, { picture: drawing, pictureProblem: problem, pictureForm: drawn });
    tell('picture');
  }
}
