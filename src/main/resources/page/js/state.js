/**
 * What the page shows, in one plain object that the fragment of the address holds, so that a link shows the same. Who changes it calls
 * `change`; who shows it subscribes.
 */
const initial = {
  view: 'circuit',
  example: 'sigmoid-neuron',
  expression: '',
  inputs: {},
  cotangent: null,
  /** As the service takes them: a word for all gates, or a list of those that are open. */
  gates: 'as_written',
  wires: 'plain',
  tab: 'ledger',
  quiz: false,
  backward: '',
  functions: ['sigmoid', 'tanh', 'relu'],
  network: null,
  /** Which list the view of stored things shows, what of it is open, and how the lists are filtered. */
  list: 'models',
  model: '',
  job: '',
  prefix: '',
  tag: '',
  deleted: false,
  status: '',
  kind: '',
};

/** What is said of all gates at once. */
export const gateWords = ['as_written', 'expand', 'collapse'];

// These hold JSON in the address; all other keys are plain text.
const asJson = ['cotangent', 'quiz', 'functions', 'network', 'deleted'];
const kept = ['example', 'expression', 'inputs', 'cotangent', 'gates', 'functions', 'network', 'backward'];
/** What a link to a program holds; one that names no program leaves the one that is there. */
const ofProgram = ['example', 'expression', 'inputs', 'cotangent', 'gates', 'backward'];
/** What such a link leaves, too, unless it holds another. */
const beside = ['quiz', 'functions', 'network'];
const mergeWithin = 800;

let state = { ...initial };
let listeners = [];
let past = [];
let lastKept = { keys: '', at: 0 };

export function get() {
  return state;
}

export function subscribe(listener) {
  listeners.push(listener);
}

/** Changes the state and tells the subscribers, with the names of what changed, and whether that was amended. */
export function change(patch) {
  apply(patch, false);
}

/** Changes what has to follow from the latest change, such as the inputs of a new program. They are undone as one. */
export function amend(patch) {
  apply(patch, true);
}

function apply(patch, isAmended) {
  const keys = Object.keys(patch).filter(key => JSON.stringify(patch[key]) !== JSON.stringify(state[key]));
  if (keys.length === 0) {
    return;
  }
  if (!isAmended) {
    remember(keys.filter(key => kept.includes(key)));
  }
  state = { ...state, ...patch };
  writeAddress();
  listeners.forEach(listener => listener(state, keys, isAmended));
}

/** Changes that follow each other fast, such as letters typed or a slider drawn, are undone as one. */
function remember(keys) {
  if (keys.length === 0) {
    return;
  }
  const now = Date.now();
  if (lastKept.keys !== keys.join() || now - lastKept.at > mergeWithin) {
    past.push(Object.fromEntries(kept.map(key => [key, state[key]])));
    past = past.slice(-100);
  }
  lastKept = { keys: keys.join(), at: now };
}

export function canUndo() {
  return past.length > 0;
}

export function undo() {
  const before = past.pop();
  if (before) {
    lastKept = { keys: '', at: 0 };
    const keys = kept.filter(key => JSON.stringify(before[key]) !== JSON.stringify(state[key]));
    state = { ...state, ...before };
    writeAddress();
    listeners.forEach(listener => listener(state, keys, false));
  }
}

function toFragment(shown) {
  const parameters = new URLSearchParams();
  for (const key of Object.keys(initial)) {
    const value = shown[key];
    if (key === 'inputs' || JSON.stringify(value) === JSON.stringify(initial[key])) {
      continue;
    }
    parameters.set(key, asJson.includes(key) || typeof value !== 'string' ? JSON.stringify(value) : value);
  }
  for (const [name, value] of Object.entries(shown.inputs)) {
    parameters.set(`in.${name}`, JSON.stringify(value));
  }
  return parameters.toString();
}

/** A word, or the gates that are open, as the page writes them and as the service's links do. */
function gates(text) {
  return text.startsWith('[') ? JSON.parse(text) : gateWords.includes(text) ? text : text.split(',');
}

/** Reads a fragment; what it does not hold, or holds in no readable form, is as at the start. */
function fromFragment(fragment) {
  const read = { ...initial, inputs: {} };
  for (const [key, text] of new URLSearchParams(fragment.replace(/^#/, ''))) {
    const isInput = key.startsWith('in.');
    if (!isInput && !Object.hasOwn(initial, key)) {
      continue;
    }
    try {
      const value = key === 'gates' ? gates(text) : isInput || asJson.includes(key) ? JSON.parse(text) : text;
      if (key === 'inputs') {
        Object.assign(read.inputs, JSON.parse(text));
      } else if (isInput) {
        read.inputs[key.slice(3)] = value;
      } else {
        read[key] = value;
      }
    } catch {
      // A link that was cut short still shows the rest.
    }
  }
  if (read.expression && !new URLSearchParams(fragment.replace(/^#/, '')).has('example')) {
    read.example = '';
  }
  return read;
}

let asked = '';

const write = () => history.replaceState(null, '', asked ? `#${asked}` : location.pathname);
let timer;

/** Browsers refuse a page that writes its address too often, as a slider would. */
function writeAddress() {
  asked = toFragment(state);
  clearTimeout(timer);
  timer = setTimeout(write, 150);
}

export function link(shown = state) {
  return `${location.origin}${location.pathname}#${toFragment(shown)}`;
}

/** Starts from the address, and follows it when a user edits it or opens a link on this page. `exampleOf` answers an example's program. */
export function start(exampleOf) {
  state = fromFragment(location.hash);
  addEventListener('hashchange', () => {
    const fragment = location.hash.replace(/^#/, '');
    if (fragment !== asked) {
      const read = fromFragment(fragment);
      const held = new URLSearchParams(fragment);
      const named = held.get('example');
      const left = [...ofProgram, ...beside.filter(key => !held.has(key))];
      const program = read.expression ? {} : named ? exampleOf(named) : Object.fromEntries(left.map(key => [key, state[key]]));
      change({ ...read, ...program });
      // The address holds all that is shown.
      writeAddress();
    }
  });
}
