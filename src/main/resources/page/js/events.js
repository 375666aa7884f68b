import { headers, send } from './api.js';

/** Posts JSON and yields the server-sent events that answer it, as `{event, data}`, until the stream ends or `signal` stops it. */
export async function* events(path, body, signal) {
  const response = await send(path, { method: 'POST', headers: headers('text/event-stream'), body: JSON.stringify(body), signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
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
}

function parse(block) {
  const lines = block.split('\n');
  const event = lines.find(line => line.startsWith('event: '));
  const data = lines.filter(line => line.startsWith('data: ')).map(line => line.slice(6)).join('\n');
  return event ? { event: event.slice(7), data: JSON.parse(data) } : null;
}
