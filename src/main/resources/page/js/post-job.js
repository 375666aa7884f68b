import { bodyOf, headers, isPassing, Problem, send } from './api.js';

// A request whose answer was lost, and its key.
let unanswered = { body: '', key: '' };

/** Begins a job. If the answer was lost, the same request goes out with the same key the next time, so that it makes no second job. */
export async function postJob(kind, request) {
  const body = JSON.stringify({ kind, request });
  if (unanswered.body !== body) {
    unanswered = { body, key: newKey() };
  }
  let isAnswered = true;
  try {
    const response = await send('/v1/jobs', { method: 'POST', headers: { ...headers(), 'Idempotency-Key': unanswered.key }, body });
    return await bodyOf(response);
  } catch (error) {
    isAnswered = error instanceof Problem && !isPassing(error);
    throw error;
  } finally {
    if (isAnswered) {
      unanswered = { body: '', key: '' };
    }
  }
}

/** Browsers have `randomUUID` only on pages that came by TLS or from the same machine. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}
