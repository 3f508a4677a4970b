import type { Sql } from './sql.ts';

/** The SQL of an object that may have nothing to keep: its tables are made with the first row. */
export type LazySql = Sql & {
  /** To be called when all tables were deleted: they are made anew with the next row. */
  readonly emptied: () => void;
};

const MADE = `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' LIMIT 1`;

/**
 * Until the first INSERT, a CREATE is noted instead of run, and every other statement finds nothing: it returns no rows, not even
 * that of a COUNT. An object that was only asked stays empty: on Cloudflare it then has no storage, and on one machine its file
 * is swept (docs/decisions/0031).
 */
export function lazySql(sql: Sql): LazySql {
  const noted = new Set<string>();
  let isMade = sql.all(MADE).length > 0;
  return {
    all(statement, ...bindings) {
      if (isMade) return sql.all(statement, ...bindings);
      if (/^\s*CREATE\b/i.test(statement)) {
        noted.add(statement);
        return [];
      }
      if (!/^\s*INSERT\b/i.test(statement)) return [];
      for (const create of noted) sql.all(create);
      isMade = true;
      return sql.all(statement, ...bindings);
    },
    emptied: () => {
      isMade = false;
    },
  };
}
