import { authorization, needKey } from './api-key.js';
import { language } from './messages.js';

const isText = value => typeof value === 'string';

/** An answer that is an error, as problem details (RFC 9457), or that did not come at all (`code` is "offline"). */
export class Problem extends Error {
  constructor(body, retryAfter) {
    // Problems of proxies have what fields they like.
    super([body.detail, body.title, body.code].find(isText) ?? `HTTP ${body.status}`);
    this.body = body;
    this.code = body.code;
    this.errors = Array.isArray(body.errors) ? body.errors.filter(error => isText(error?.message)) : [];
    this.edits = Array.isArray(body.edits) ? body.edits : [];
    this.fixed = body.fixed_expression;
    this.retryAfter = retryAfter;
  }
}

/** Whether the same question may be answered later. */
export function isPassing(error) {
  return error instanceof TypeError || error.code === 'offline' || [429, 502, 503, 504].includes(error.body?.status);
}

const slowAfter = 1500;
let waiting = 0;
const watchers = [];

/** Calls the listener with "slow", "busy" (and seconds), "offline" or "fine" as the service answers. */
export function onTraffic(listener) {
  watchers.push(listener);
}

function tell(what, detail) {
  watchers.forEach(watcher => watcher(what, detail));
}

export function headers(accept = 'application/json') {
  return { 'Content-Type': 'application/json', Accept: accept, 'Accept-Language': language() };
}

/** Posts JSON and returns the answer: JSON, or text where that was accepted. Throws a Problem. */
export async function post(path, body, { accept = 'application/json', signal } = {}) {
  const response = await send(path, { method: 'POST', headers: headers(accept), body: JSON.stringify(body), signal });
  return bodyOf(response, accept.startsWith('application/json') ? 'json' : 'text');
}

export async function get(path) {
  return bodyOf(await send(path, { headers: { Accept: 'application/json', 'Accept-Language': language() } }));
}

/** Reads the body of a response, as `json`, `text` or `blob`. One that was cut off, or is a proxy's page, is no answer: throws a Problem. */
export async function bodyOf(response, type = 'json') {
  try {
    return await response[type]();
  } catch (error) {
    if (error.name === 'AbortError') {
      throw error;
    }
    tell('offline');
    throw new Problem({ code: 'offline' });
  }
}

/** Sends a request and returns its response. A service that is busy is asked once more, when it said to; one that wants a key, with one. */
export async function send(path, options, isLastTry = false) {
  const slow = setTimeout(() => tell('slow'), slowAfter);
  waiting++;
  const sent = authorization();
  let response;
  try {
    // Below the page, which may have a path before it.
    response = await fetch(`.${path}`, { ...options, headers: { ...options.headers, ...sent } });
  } catch (error) {
    if (error.name === 'AbortError') {
      throw error;
    }
    tell('offline');
    throw new Problem({ code: 'offline' });
  } finally {
    clearTimeout(slow);
    waiting--;
  }
  if (response.ok) {
    if (waiting === 0) {
      tell('fine');
    }
    return response;
  }
  const problem = await readProblem(response);
  // Asked anew as often as a wrong key is given, but not where another one was given meanwhile.
  if (response.status === 401 && (authorization().Authorization !== sent.Authorization || await needKey(problem.message))) {
    return send(path, options, isLastTry);
  }
  if ((response.status === 503 || response.status === 429) && !isLastTry) {
    const seconds = Math.min(problem.retryAfter || 1, 10);
    tell('busy', seconds);
    await new Promise(resume => setTimeout(resume, seconds * 1000));
    return send(path, options, true);
  }
  tell('fine');
  throw problem;
}

async function readProblem(response) {
  // Proxies answer with HTML, or with JSON of another form.
  const { status } = response;
  const body = await response.json().catch(() => null);
  return new Problem({ ...(body?.status ? body : { code: `http-${status}`, detail: `HTTP ${status}` }), status }, Number(response.headers.get('Retry-After')));
}

// How often each module failed to load. Browsers remember the address of a module that failed, so it is asked for by another one.
const failures = new Map();
// Modules whose failure the status line may still show.
const told = new Set();

/** Loads a module that the page does not need at its start. */
export async function load(name) {
  try {
    const module = await import(failures.has(name) ? `./${name}.js?try=${failures.get(name)}` : `./${name}.js`);
    if (waiting === 0 && told.delete(name)) {
      tell('fine');
    }
    return module;
  } catch (error) {
    if (!(error instanceof TypeError)) {
      throw error;
    }
    failures.set(name, (failures.get(name) ?? 0) + 1);
    told.add(name);
    tell('offline');
    throw new Problem({ code: 'offline' });
  }
}

/** Runs one call at a time; of those asked for meanwhile only the latest runs next. */
export class Latest {
  #running = false;
  #next = null;

  async run(call) {
    if (this.#running) {
      this.#next = call;
      return;
    }
    this.#running = true;
    try {
      await call();
    } finally {
      this.#running = false;
      const next = this.#next;
      this.#next = null;
      if (next) {
        this.run(next);
      }
    }
  }
}
