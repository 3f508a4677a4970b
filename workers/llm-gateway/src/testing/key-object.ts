import { ExchangeId } from '@gateway/worker-utils/ids';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { Instant } from '@gateway/worker-utils/time';
import { type AnswerStore, answerStoreIn } from '../idempotency/answer-store.ts';
import { type Asked, openIdempotentAnswer } from '../idempotency/idempotent-answer.ts';
import { sealFor } from '../idempotency/seal.ts';
import type { Sql } from '@gateway/worker-utils/sql';

/** One answer of a provider, as a test makes it. */
export type Made = {
  readonly exchange: string;
  readonly left: AbortSignal;
  readonly say: (bytes: Uint8Array) => void;
  /** `isWhole`: whether it was an answer. */
  readonly end: (isWhole: boolean) => void;
  readonly breakOff: () => void;
  /** How many bytes have been taken. */
  readonly taken: () => number;
};

export const UNHEARD_MS = 60_000;
export const KEPT_MS = 24 * 60 * 60 * 1000;

/** The object of a key, with its disk, and a clock and providers that the test has in its hand. */
export function keyObject(disk: Disk = newDisk()) {
  const made: Made[] = [];
  const wakes: number[] = [];
  const completion = openIdempotentAnswer<Asked>({
    store: disk.store,
    clock: { now: () => disk.now },
    sealFor: (identity) => sealFor('secret', identity),
    exchangeIds: { next: () => ExchangeId.parse(crypto.randomUUID()) },
    mayKeep: async () => disk.hasRoom,
    sync: () => disk.sync(),
    async erase() {
      disk.isErased = true;
      for (const table of ['kept', 'parts']) disk.sql.all(`DELETE FROM ${table}`);
    },
    wakeAt: (at) => void wakes.push(at),
    unattendedMs: UNHEARD_MS,
    retentionMs: KEPT_MS,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    async handle(_request, { exchange, left }) {
      const { one, response, isWhole } = answered(exchange, left);
      made.push(one);
      return { response, isWhole, settled: Promise.resolve() };
    },
  });
  return { completion, disk, made, wakes };
}

/** What survives an object. */
export type Disk = {
  readonly sql: Sql;
  readonly store: AnswerStore;
  now: Instant;
  isErased: boolean;
  sync: () => Promise<void>;
  /** Whether the owner of the key has room for its answer. */
  hasRoom: boolean;
  /** Of all parts. */
  readonly bytes: () => number;
};

export function newDisk(): Disk {
  const sql = nodeSql();
  return {
    sql,
    store: answerStoreIn(sql),
    now: Instant.parse(1_000),
    isErased: false,
    sync: () => Promise.resolve(),
    hasRoom: true,
    bytes: () =>
      Number(
        Object.values(sql.all('SELECT coalesce(sum(length(sealed)), 0) FROM parts')[0] ?? {})[0],
      ),
  };
}

function answered(exchange: string, left: AbortSignal) {
  const whole = Promise.withResolvers<boolean>();
  const said: Uint8Array[] = [];
  const state: State = { end: 'open', taken: 0, changed: Promise.withResolvers() };
  const change = (): void => {
    state.changed.resolve();
    state.changed = Promise.withResolvers();
  };
  const body = new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      while (said.length === 0 && state.end === 'open') await state.changed.promise;
      const bytes = said.shift();
      if (bytes) {
        state.taken += bytes.byteLength;
        return controller.enqueue(bytes);
      }
      if (state.end === 'broken') return controller.error(new Error('It broke off.'));
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
  const finish = (end: 'closed' | 'broken', isWhole: boolean): void => {
    state.end = end;
    whole.resolve(isWhole);
    change();
  };
  left.addEventListener('abort', () => finish('broken', false));
  const one: Made = {
    exchange,
    left,
    say(bytes) {
      said.push(bytes.slice());
      change();
    },
    end: (isWhole) => finish('closed', isWhole),
    breakOff: () => finish('broken', false),
    taken: () => state.taken,
  };
  const response = new Response(body, { status: 200, headers: { 'x-made': exchange } });
  return { one, response, isWhole: whole.promise };
}

type State = {
  end: 'open' | 'closed' | 'broken';
  taken: number;
  changed: PromiseWithResolvers<void>;
};
