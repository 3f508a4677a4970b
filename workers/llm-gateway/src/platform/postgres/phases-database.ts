import { type Database, recallPhases, rememberPhase } from '@gateway/db';
import type { Log } from '@gateway/worker-utils/json-log';
import { withTimeout } from '@gateway/worker-utils/with-timeout';
import type { PhaseRecall } from '../../upstream/custom-llm/custom-call-of.ts';
import { type Owner, type PhasedMessage, phaseKey } from '../../upstream/custom-llm/phases.ts';

type Needs = {
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
  /** Lets work go on that nobody waits for. */
  readonly background: (work: Promise<void>) => void;
  readonly log: Log;
};

export type PhaseStore = PhaseRecall & {
  readonly remember: (owner: Owner, message: PhasedMessage) => void;
};

/** A call waits for it. */
const RECALL_MS_MAX = 500;
const REMEMBER_MS_MAX = 5_000;
/** The newest: of an older message the phase matters less. */
const TEXTS_MAX = 200;

/** Best effort both ways: a conversation goes on without its phases, and never waits long for them. */
export const phasesOf = ({ lend, background, log }: Needs): PhaseStore => ({
  async recall(owner, texts) {
    if (texts.length === 0) return new Map();
    const read = async (): Promise<ReadonlyMap<string, string>> => {
      const newest = [...new Set(texts)].slice(-TEXTS_MAX);
      const keys = await Promise.all(newest.map((text) => phaseKey(owner, [text])));
      const phases = await lend((database) => recallPhases(database, keys));
      return new Map(
        newest.flatMap((text, index) => {
          const phase = phases.get(keys[index] ?? '');
          return phase === undefined ? [] : [[text, phase] as const];
        }),
      );
    };
    try {
      return await withTimeout(read(), RECALL_MS_MAX, 'recalling phases');
    } catch (cause) {
      log.warn('phases not recalled', { cause });
      return new Map();
    }
  },
  remember(owner, { texts, phase }) {
    const write = async (): Promise<void> => {
      const key = await phaseKey(owner, texts);
      await lend((database) => rememberPhase(database, { key, value: phase }));
    };
    const written = withTimeout(write(), REMEMBER_MS_MAX, 'remembering a phase');
    background(written.catch((cause: unknown) => log.warn('phase not remembered', { cause })));
  },
});
