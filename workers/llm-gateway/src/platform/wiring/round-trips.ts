import type { Database } from '@gateway/db';
import type { Upstream } from '../../upstream/attempts/start-attempt.ts';
import type { WiringDeps } from './deps.ts';

/** How often a request has asked Postgres, and an object. */
type Count = { readonly database: number; readonly objects: number };
type Asking = Pick<WiringDeps, 'withConnection' | 'ledgers' | 'rateLimiters' | 'sharedCircuits'>;

export type RoundTrips = {
  readonly counted: <Whole extends Asking>(house: Whole) => Whole;
  /** Its first call is where the hot path ends. */
  readonly until: (upstream: Upstream) => Upstream;
  /** What was begun before that call; all so far, where there was none. */
  readonly before: () => Count;
};

/** Counts what one request asks of others before it asks a provider: a few additions, so that every request may. */
export function roundTrips(): RoundTrips {
  const now = { database: 0, objects: 0 };
  let before: Count | null = null;

  const countedDatabase = (database: Database): Database => ({
    rows(...question) {
      now.database += 1;
      return database.rows(...question);
    },
    close: database.close,
  });
  /** Whoever asks an object takes a stub for each question. */
  const object = <Stub>(stub: Stub): Stub => {
    now.objects += 1;
    return stub;
  };
  return {
    counted: (house) => ({
      ...house,
      withConnection: (work) => house.withConnection((database) => work(countedDatabase(database))),
      ledgers: {
        idFromName: (name) => house.ledgers.idFromName(name),
        get: (id, options) => object(house.ledgers.get(id, options)),
      },
      rateLimiters: {
        getByName: (name, options) => object(house.rateLimiters.getByName(name, options)),
      },
      sharedCircuits: {
        getByName: (name, options) => object(house.sharedCircuits.getByName(name, options)),
      },
    }),
    until: (upstream) => ({
      send(...call) {
        before ??= { ...now };
        return upstream.send(...call);
      },
    }),
    before: () => before ?? { ...now },
  };
}
