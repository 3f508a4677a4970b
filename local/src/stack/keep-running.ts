import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { record } from './processes.ts';

/** A program that has been started. */
export type Program = {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

export type Kept<P extends Program> = {
  readonly current: () => P;
  /** Ends it, and waits until it is back. */
  readonly restart: () => Promise<void>;
  /** Ends it as a crash would, and waits until it is gone. It comes back by itself: `current` tells when. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type What<P extends Program> = {
  readonly name: string;
  /** Where its pid is recorded. */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** Starts where the previous one was, if there was one. Tells the pid at once: a crash of ours must not hide it. */
  readonly start: (previous: P | null, onSpawn: (pid: number) => void) => Promise<P>;
};

const PAUSE_MS_MIN = 250;
const PAUSE_MS_MAX = 10_000;
/** One that has run for so long did not end because of how it was started: the next pause is a short one. */
const STEADY_MS = 60_000;

/** Starts a program, and starts it again whenever it ends by itself, after pauses that grow. */
export async function keepRunning<P extends Program>(what: What<P>): Promise<Kept<P>> {
  const onSpawn = (pid: number): void => record(what.folder, what.name, pid);
  let current = await what.start(null, onSpawn);
  let isExpected = false;
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;
  const life = live();

  async function live(): Promise<void> {
    let pauseMs = PAUSE_MS_MIN;
    for (;;) {
      const since = performance.now();
      await exitOf(current.process);
      if (isStopping()) return;
      if (performance.now() - since > STEADY_MS) pauseMs = PAUSE_MS_MIN;
      if (isExpected) {
        isExpected = false;
        await comeBack(0);
      } else {
        what.say(`${what.name} has ended by itself. Starting it again.`);
        pauseMs = await comeBack(pauseMs);
      }
    }
  }

  /** Tries until it runs. Tells which pause comes next, should it end again at once. */
  async function comeBack(firstPauseMs: number): Promise<number> {
    for (let pauseMs = firstPauseMs; ; pauseMs = longer(pauseMs)) {
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (isStopping()) return pauseMs;
      try {
        current = await what.start(current, onSpawn);
        if (isStopping()) await current.stop();
        else what.say(`${what.name} is back.`);
        return longer(pauseMs);
      } catch (cause) {
        what.say(`${what.name} could not be started again: ${String(cause)}`);
      }
    }
  }

  return {
    current: () => current,
    async restart() {
      const { pid } = current;
      isExpected = true;
      await current.stop();
      while (!isStopping() && current.pid === pid) await sleep(20);
    },
    async kill() {
      isExpected = true;
      const { process } = current;
      process.kill('SIGKILL');
      await exitOf(process);
    },
    async stop() {
      stopping.abort();
      await current.stop();
      await life;
    },
  };
}

const longer = (pauseMs: number): number =>
  Math.min(Math.max(pauseMs * 2, PAUSE_MS_MIN), PAUSE_MS_MAX);

const exitOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
