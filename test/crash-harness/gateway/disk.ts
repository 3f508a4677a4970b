import type { Ports } from '../../../workers/llm-gateway/src/billing/ledger/ledger-state.ts';
import { inline, type Recorded } from './recorder.ts';

export type Commits = {
  /** Something has been written in this turn. */
  readonly written: () => void;
  /** Resolves when all that was written until now is durable, and the test has let it be. */
  readonly committed: () => Promise<void>;
};

/**
 * What one turn of a ledger writes becomes durable at once and together: no crash falls between two of its writes. So a
 * turn has one crossing, when it has been committed (`sync`). A crash before it is one after what has started the turn: a
 * message, an alarm, or the answer of another port.
 */
export function commitsOf(sync: () => Promise<void>, announce: () => Promise<unknown>): Commits {
  let commits = Promise.resolve();
  let isWritten = false;
  const commit = async (): Promise<void> => {
    isWritten = false;
    await sync();
    await announce();
  };
  return {
    committed: () => commits,
    written(): void {
      if (isWritten) return;
      isWritten = true;
      // Not before the turn is over.
      commits = commits.then(commit);
    },
  };
}

/** A ledger's disk: each write of it makes its turn one that is told of. */
export function recordedDisk(
  { store, wakeAt }: Pick<Ports, 'store' | 'wakeAt'>,
  { written }: Commits,
): Recorded<Pick<Ports, 'store' | 'wakeAt'>> {
  const write = <Args extends readonly unknown[]>(put: (...args: Args) => void) =>
    inline((...args: Args): void => {
      put(...args);
      written();
    });
  return {
    store: {
      load: inline(store.load),
      putEntry: write(store.putEntry),
      removeEntry: write(store.removeEntry),
      putOutboxEntry: write(store.putOutboxEntry),
      removeOutboxEntry: write(store.removeOutboxEntry),
      putFunds: write(store.putFunds),
      putMember: write(store.putMember),
      removeMember: write(store.removeMember),
      putListed: write(store.putListed),
    },
    wakeAt: write(wakeAt),
  };
}
