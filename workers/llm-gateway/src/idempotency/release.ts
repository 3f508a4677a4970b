import type { Asked, IdempotentAnswer } from './idempotent-answer.ts';
import type { Recording } from './recording.ts';

/** What is over, and nobody listens to any more, stays on disk only where somebody may ask for it again. */
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
  // Of an answer that is not kept, nothing is to lie there for a day.
  if (kept === null) ports.wakeAt(ports.clock.now());
}
