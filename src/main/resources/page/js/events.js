import { headers, Problem, send } from './api.js';

/**
 * Posts JSON and yields the server-sent events that answer it, as `{event, data}`, until the stream ends or `signal` stops it. Throws a
 * Problem if it is cut off.
 */
export async function* events(path, body, signal) {
  const response = await send(path, { method: 'POST', headers: headers('text/event-stream'), body: JSON.stringify(body), signal });
  try {
    yield* read(response);
  } catch (error) {
    throw error instanceof TypeError ? new Problem({ code: 'offline' }) : error;
  }
}

/**
 * Yields the events of a stream that have a number, as `{id, event, data}`, after the one of number `last`. Calls `begun` when the service
 * has answered. Waits until the page is shown, and ends when it is hidden: all tabs of a browser share a few connections for one service.
 */
export async function* eventsAfter(last, path, signal, begun = () => {}) {
  while (document.hidden) {
    await new Promise(resume => document.addEventListener('visibilitychange', resume, { once: true }));
  }
  const hidden = new AbortController();
  const look = () => document.hidden && hidden.abort();
  document.addEventListener('visibilitychange', look);
  try {
    const response = await send(path, { headers: { ...headers('text/event-stream'), 'Last-Event-ID': String(last) }, signal: AbortSignal.any([signal, hidden.signal]) });
    begun();
    yield* read(response);
  } catch (error) {
    if (signal.aborted || !hidden.signal.aborted) {
      throw error;
    }
  } finally {
    document.removeEventListener('visibilitychange', look);
  }
}

async function* read(response) {
  if (response.status === 204) {
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return;
      }
      const blocks = (text + value).split('\n\n');
      text = blocks.pop();
      for (const block of blocks) {
        const parsed = parse(block);
        if (parsed) {
          yield parsed;
        }
      }
    }
  } finally {
    // A reader that stops gives its connection back: browsers have few for one service.
    reader.cancel().catch(() => {});
  }
}

function parse(block) {
  const lines = block.split('\n');
  const after = name => lines.filter(line => line.startsWith(name)).map(line => line.slice(name.length));
  const [event] = after('event: ');
  return event ? { id: Number(after('id: ')[0]), event, data: JSON.parse(after('data: ').join('\n')) } : null;
}
