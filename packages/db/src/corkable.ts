import { Buffer } from 'node:buffer';

type Stream = { readonly write: (data: Uint8Array, done?: () => void) => unknown };

/**
 * The driver says one question in up to five messages, and corks its stream meanwhile. The stream that it has on Workers
 * can't be corked: each message would be a write of its own there, and wake Postgres by itself.
 */
export function makeCorkable(stream: Stream): void {
  if ('cork' in stream) return;
  const send = stream.write.bind(stream);
  let held: Uint8Array[] | null = null;
  Object.assign(stream, {
    cork() {
      held = [];
    },
    uncork() {
      const messages = held ?? [];
      held = null;
      if (messages.length > 0) send(Buffer.concat(messages));
    },
    write(data: Uint8Array, done?: () => void) {
      if (held === null) return send(data, done);
      held.push(data);
      return true;
    },
  });
}
