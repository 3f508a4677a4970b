import { parseJson } from '@gateway/worker-utils/json';
import type { Sql } from '@gateway/worker-utils/sql';
import { z } from 'zod';
import { StoredAnswer } from './stored-answer.ts';
import type { PartId } from './seal.ts';

/** The storage of one key: the state of its answer, and the answer itself in sealed parts. */
export type AnswerStore = {
  /** Recreates the tables after a full delete. */
  readonly create: () => void;
  readonly load: () => StoredAnswer | null;
  readonly put: (kept: StoredAnswer) => void;
  readonly remove: () => void;
  readonly putPart: (place: PartId, sealed: Uint8Array) => void;
  /** Null if the part does not exist. */
  readonly part: (place: PartId) => Uint8Array | null;
  /** Drops the parts before `n`. Returns the bytes freed. */
  readonly removePartsBefore: (place: PartId) => number;
  readonly removeParts: (exchange: string) => void;
};

const Json = z.object({ json: z.string() });
/** The common subset of Durable Object storage and Node's SQLite. */
const Sealed = z.object({
  sealed: z.union([
    z.instanceof(ArrayBuffer).transform((buffer) => new Uint8Array(buffer)),
    z.instanceof(Uint8Array).transform((bytes) => new Uint8Array(bytes)),
  ]),
});
const Bytes = z.object({ bytes: z.int().nullable() });

export function answerStoreIn(sql: Sql): AnswerStore {
  createTables(sql);
  return {
    create: () => createTables(sql),
    load() {
      const [row] = sql.all('SELECT json FROM kept WHERE id = 1');
      if (row === undefined) return null;
      const json = parseJson(Json.parse(row).json);
      return StoredAnswer.parse(json.ok ? json.value : null);
    },
    put: (kept) => void sql.all('INSERT OR REPLACE INTO kept VALUES (1, ?)', JSON.stringify(kept)),
    remove: () => void sql.all('DELETE FROM kept'),
    putPart: ({ exchange, n }, sealed) =>
      void sql.all('INSERT INTO parts VALUES (?, ?, ?)', exchange, n, sealed),
    part({ exchange, n }) {
      const [row] = sql.all('SELECT sealed FROM parts WHERE exchange = ? AND n = ?', exchange, n);
      return row === undefined ? null : Sealed.parse(row).sealed;
    },
    removePartsBefore({ exchange, n }) {
      const [row] = sql.all(
        'SELECT sum(length(sealed)) AS bytes FROM parts WHERE exchange = ? AND n < ?',
        exchange,
        n,
      );
      sql.all('DELETE FROM parts WHERE exchange = ? AND n < ?', exchange, n);
      return Bytes.parse(row ?? { bytes: null }).bytes ?? 0;
    },
    removeParts: (exchange) => void sql.all('DELETE FROM parts WHERE exchange = ?', exchange),
  };
}

function createTables(sql: Sql): void {
  sql.all('CREATE TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY, json TEXT NOT NULL)');
  sql.all(
    'CREATE TABLE IF NOT EXISTS parts (exchange TEXT, n INTEGER, sealed BLOB NOT NULL, PRIMARY KEY (exchange, n))',
  );
}
