import type { Asked, Completion } from './completion.ts';
import type { Recording } from './recording.ts';

/** What is over, and nobody listens to any more, stays on disk only where somebody may ask for it again. */
export function forget<Request extends Asked>(
  { ports: { store }, open }: Completion<Request>,
  recording: Recording,
): void {
  if (recording.end === 'open' || recording.listeners.size > 0) return;
  open.delete(recording);
  const kept = store.load();
  const isKept = kept?.exchange === recording.exchange && kept.state === 'complete';
  if (!isKept) store.removeParts(recording.exchange);
}
