import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Delivered, Ending, Entry } from './log.ts';
import { DELAY_MS_MAX } from './settings.ts';
import type { End, Script, Step } from './step.ts';

/**
 * Stands before and after each step that the other side can see, and is waited for: whoever wants to crash something between
 * two events of an answer holds the provider there.
 */
export type Interpose = (
  entry: Delivered,
  step: Visible['kind'],
  phase: 'before' | 'after',
) => Promise<void>;
type Visible = Extract<Step, { kind: 'head' | 'bytes' | 'end' }>;

type Stage = {
  readonly response: ServerResponse;
  readonly entry: Entry;
  /** Aborts at the very moment the client is gone. */
  readonly gone: AbortSignal;
  readonly interpose: Interpose | null;
};

/** Plays a script until it ends, or until nobody listens any more, and says how it ended. */
export async function play(script: Script, stage: Stage): Promise<Ending> {
  const { gone, interpose } = stage;
  for (const step of script) {
    if (gone.aborted) return 'client-left';
    if (interpose && isVisible(step)) {
      const ending = await interposed(interpose, step, stage);
      if (ending !== null) return ending;
      continue;
    }
    if (step.kind === 'end') return end(step, stage);
    // Only what takes time is awaited: a step a turn of the loop would be slow.
    const pending = begin(step, stage);
    if (pending) await pending;
  }
  return 'complete';
}

const isVisible = (step: Step): step is Visible => step.kind !== 'wait' && step.kind !== 'part';

/** Null: the answer goes on. */
async function interposed(
  interpose: Interpose,
  step: Visible,
  stage: Stage,
): Promise<Ending | null> {
  const { entry, gone, response } = stage;
  await interpose(entry, step.kind, 'before');
  if (gone.aborted) return 'client-left';
  let ending: Ending | null = null;
  if (step.kind === 'end') ending = await end(step, stage);
  else await begin(step, stage);
  // Headers wait for the first byte, unless they are pushed.
  if (step.kind === 'head') response.flushHeaders();
  await interpose(entry, step.kind, 'after');
  return ending;
}

function begin(
  step: Exclude<Step, End>,
  { response, entry, gone }: Stage,
): Promise<unknown> | null {
  switch (step.kind) {
    case 'head':
      if (step.headers['connection'] === 'close') response.useChunkedEncodingByDefault = false;
      response.writeHead(step.status, step.headers);
      entry.status = step.status;
      return null;
    case 'wait':
      if (response.headersSent) response.flushHeaders();
      return pause(step.ms, gone);
    case 'part':
      return nextTurn();
    case 'bytes': {
      const isTaken = step.bytes.length === 0 || response.write(step.bytes);
      entry.bytesWritten += step.bytes.length;
      entry.tokens += step.tokens;
      if (step.tokens > 0) entry.firstTokenAt ??= Date.now();
      return isTaken ? null : drained(response, gone);
    }
  }
}

async function end({ how, as }: End, { response, gone }: Stage): Promise<Ending> {
  // Status and headers that no byte has followed are still in the buffer.
  if (response.headersSent) response.flushHeaders();
  switch (how) {
    case 'clean': {
      const isFinished = await finished(response, gone);
      return isFinished ? as : 'client-left';
    }
    case 'fin':
      response.socket?.destroySoon();
      return as;
    case 'reset':
      response.socket?.resetAndDestroy();
      return as;
    case 'hang':
      await pause(DELAY_MS_MAX, gone);
      if (gone.aborted) return 'client-left';
      response.destroy();
      return as;
  }
}

const finished = (response: ServerResponse, gone: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    gone.addEventListener('abort', () => resolve(response.writableFinished), { once: true });
    response.end(() => resolve(true));
  });

const drained = (response: ServerResponse, gone: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go);
      gone.removeEventListener('abort', go);
      resolve();
    };
    response.on('drain', go);
    gone.addEventListener('abort', go);
  });

/** Over as soon as the client leaves. */
const pause = (ms: number, gone: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal: gone }).catch(() => undefined);
