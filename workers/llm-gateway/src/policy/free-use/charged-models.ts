import { parseJson } from '@gateway/worker-utils/json';
import type { Sql } from '@gateway/worker-utils/sql';
import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import { ChargedModel, chargedOnce, isForgottenAt, isSuspendedAt } from './charged-model.ts';

/** As an operator sees it. */
export type Suspended = { readonly model: string; readonly until: Instant };

/** All charged models of the installation, on disk. Nothing is stored before the first charge. */
export type ChargedModels = {
  /** Counts one charge. True: the model is suspended by it. */
  readonly charge: (model: string, now: Instant) => boolean;
  readonly suspended: (now: Instant) => readonly Suspended[];
  /** Forgets a model. */
  readonly clear: (model: string) => void;
};

const Row = z.object({ model: z.string(), known: z.string() });
const TABLE = 'CREATE TABLE IF NOT EXISTS charged_models (model TEXT PRIMARY KEY, known TEXT)';
const IS_THERE = "SELECT 1 FROM sqlite_master WHERE name = 'charged_models'";

export function chargedModelsIn(sql: Sql): ChargedModels {
  const all = (): ReadonlyMap<string, ChargedModel> => {
    if (sql.all(IS_THERE).length === 0) return new Map();
    const rows = sql.all('SELECT model, known FROM charged_models').map((row) => Row.parse(row));
    return new Map(rows.map(({ model, known }) => [model, storedIn(known)]));
  };
  return {
    charge(model, now) {
      sql.all(TABLE);
      const known = all();
      for (const [other, its] of known) {
        if (isForgottenAt(its, now)) sql.all('DELETE FROM charged_models WHERE model = ?', other);
      }
      const before = known.get(model) ?? null;
      const next = chargedOnce(before, now);
      const stored = JSON.stringify(next);
      sql.all('INSERT OR REPLACE INTO charged_models VALUES (?, ?)', model, stored);
      return isSuspendedAt(next, now) && !(before && isSuspendedAt(before, now));
    },
    suspended: (now) =>
      [...all()].flatMap(([model, its]) =>
        its.suspendedUntil !== null && isSuspendedAt(its, now)
          ? [{ model, until: its.suspendedUntil }]
          : [],
      ),
    clear(model) {
      if (sql.all(IS_THERE).length === 0) return;
      sql.all('DELETE FROM charged_models WHERE model = ?', model);
    },
  };
}

function storedIn(text: string): ChargedModel {
  const json = parseJson(text);
  return ChargedModel.parse(json.ok ? json.value : null);
}
