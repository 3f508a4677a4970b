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
  readonly stop: () => Promise<void>;
};

type What<P extends Program> = {
  readonly name: string;
  /** Where its pid is recorded. */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** Starts where the previous one was, if there was one. */
  readonly start: (previous: P | null) => Promise<P>;
};

const RESTART_PAUSE_MS = 500;

/** Starts a program, and starts it again whenever it ends by itself. */
export async function keepRunning<P extends Program>(what: What<P>): Promise<Kept<P>> {
  let isStopping = false;
  let current = await what.start(null);
  const watch = (): void => {
    record(what.folder, what.name, current.pid);
    current.process.once('exit', () => {
      if (!isStopping) void again();
    });
  };
  const again = async (): Promise<void> => {
    what.say(`${what.name} has ended by itself. Starting it again.`);
    await sleep(RESTART_PAUSE_MS);
    if (isStopping) return;
    try {
      current = await what.start(current);
      watch();
      what.say(`${what.name} is back.`);
    } catch (cause) {
      what.say(`${what.name} could not be started again: ${String(cause)}`);
      await again();
    }
  };
  watch();
  return {
    current: () => current,
    stop: async () => {
      isStopping = true;
      await current.stop();
    },
  };
}
