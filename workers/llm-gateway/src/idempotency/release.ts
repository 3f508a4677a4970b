import type { Asked, IdempotentAnswer } from './idempotent-answer.ts';
import type { Recording } from './recording.ts';

/** Deletes a finished answer without listeners, unless a retry may ask for it. */
export function release<Request extends Asked>(
  { ports, open }: IdempotentAnswer<Request>,
  recording: Recording,
): void {
  const { store } = ports;
  if (recording.end === 'open' || recording.listeners.size > 0) return;
  open.delete(recording);
  const kept = store.load();
  const isKept = kept?.exchange === recording.exchange && kept.state === 'complete';
  if (!isKept) store.removeParts(recording.exchange);
  // Delete the parts of an unstored answer now, not when the key expires.
  if (kept === null) ports.wakeAt(ports.clock.now());
}
