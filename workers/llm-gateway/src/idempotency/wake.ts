import { Instant } from '@gateway/worker-utils/time';
import type { Asked, IdempotentAnswer } from './idempotent-answer.ts';

/** How long a listener may delay the deletion of an expired answer. */
const POSTPONED_MS = 60_000;

/** Aborts unattended answers, deletes expired ones, and schedules the next wake-up. */
export async function wake<Request extends Asked>(
  completion: IdempotentAnswer<Request>,
): Promise<void> {
  const { ports, running } = completion;
  const { store, clock, wakeAt } = ports;
  const endAt = unheardUntil(completion);
  if (running && endAt !== null && endAt <= clock.now()) {
    running.left.abort();
    await running.done;
  }
  const deleteAt = store.load()?.deleteAt ?? clock.now();
  const isIdle =
    completion.running === null && completion.open.size === 0 && completion.asking.size === 0;
  if (isIdle && deleteAt <= clock.now()) return ports.erase();
  const next = unheardUntil(completion);
  if (next !== null) wakeAt(next);
  wakeAt(Instant.parse(isIdle ? deleteAt : Math.max(deleteAt, clock.now() + POSTPONED_MS)));
}

function unheardUntil<Request extends Asked>({
  running,
  ports,
}: IdempotentAnswer<Request>): Instant | null {
  const since = running?.recording.unattendedSince ?? null;
  return since === null ? null : Instant.parse(since + ports.unattendedMs);
}
