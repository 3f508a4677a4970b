import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Ending, Entry } from './log.ts';
import { DELAY_MS_MAX } from './settings.ts';
import type { End, Script, Step } from './step.ts';

type Stage = {
  readonly response: ServerResponse;
  readonly entry: Entry;
  /** Aborts at the very moment the client is gone. */
  readonly gone: AbortSignal;
};

/** Plays a script until it ends, or until nobody listens any more, and says how it ended. */
export async function play(script: Script, stage: Stage): Promise<Ending> {
  const { gone } = stage;
  for (const step of script) {
    if (gone.aborted) return 'client-left';
    if (step.kind === 'end') return end(step, stage);
    // Only what takes time is awaited: a step a turn of the loop would be slow.
    const pending = begin(step, stage);
    if (pending) await pending;
  }
  return 'complete';
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
