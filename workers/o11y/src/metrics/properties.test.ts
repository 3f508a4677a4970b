import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { answerTold } from '@gateway/worker-utils/testing/told';
import { countEmbedded } from './count-embedded.ts';
import { createTables } from './embedded-tables.ts';
import { pruneEmbedded } from './prune-embedded.ts';
import { quantile } from './quantile.ts';
import { roundedTtfb } from './rounded-ttfb.ts';
import { writeEmbedded } from './write-embedded.ts';

const HOUR = 60 * 60 * 1000;
// The beginning of an hour, so that no hour is cut by what is kept.
const now = Instant.parse(Date.UTC(2026, 0, 10));

test('folding, however often and whenever, loses no request and no error', () => {
  const request = fc.record({
    agoMs: fc.integer({ min: 0, max: 8 * 24 * HOUR }),
    statusCode: fc.constantFrom(200, 500),
    ttfbMs: fc.integer({ min: 0, max: 30_000 }),
  });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
      const sql = nodeSql();
      createTables(sql);
      for (const [index, { agoMs, ...changes }] of requests.entries()) {
        writeEmbedded(sql, [
          { metrics: { ...answerTold, ...changes }, at: Instant.parse(now - agoMs) },
        ]);
        if (index % 7 === 0) pruneEmbedded(sql, now);
      }
      pruneEmbedded(sql, now);
      const [counts] = countEmbedded(sql, { kind: 'error_rate' }, Instant.parse(0));
      expect(counts?.total ?? 0).toBe(requests.length);
      expect(counts?.bad ?? 0).toBe(requests.filter(({ statusCode }) => statusCode >= 400).length);
    }),
    { numRuns: 50 },
  );
});

test('what is told together is kept as if it had been told one by one', () => {
  const request = fc.record({
    provider: fc.constantFrom('openrouter', 'vercel'),
    resolvedModel: fc.constantFrom('one/model', 'another/model'),
    statusCode: fc.constantFrom(200, 201, 429, 500),
    userByok: fc.boolean(),
    ttfbMs: fc.integer({ min: 0, max: 3_000 }),
    completeRequestMs: fc.integer({ min: 0, max: 60_000 }),
    agoMs: fc.integer({ min: 0, max: 180_000 }),
  });
  const tables = ['dimension', 'bucket', 'request_total', 'first_byte'] as const;
  fc.assert(
    fc.property(fc.array(request, { maxLength: 40 }), (requests) => {
      const told = requests.map(({ agoMs, ...changes }) => ({
        metrics: { ...answerTold, ...changes },
        at: Instant.parse(now - agoMs),
      }));
      const keptBy = (write: (sql: ReturnType<typeof nodeSql>) => void) => {
        const sql = nodeSql();
        createTables(sql);
        write(sql);
        return tables.map((table) => sql.all(`SELECT * FROM ${table} ORDER BY 1, 2, 3, 4`));
      };
      expect(keptBy((sql) => writeEmbedded(sql, told))).toEqual(
        keptBy((sql) => {
          for (const one of told) writeEmbedded(sql, [one]);
        }),
      );
    }),
    { numRuns: 100 },
  );
});

test('a first byte is kept at most a tenth too slow, never too fast, and in order', () => {
  const ms = fc.integer({ min: 0, max: 10_000_000 });
  fc.assert(
    fc.property(ms, ms, (one, other) => {
      expect(roundedTtfb(one)).toBeGreaterThanOrEqual(one);
      expect(roundedTtfb(one)).toBeLessThanOrEqual(one * 1.1);
      expect(Math.sign(roundedTtfb(one) - roundedTtfb(other)) * Math.sign(one - other)).not.toBe(
        -1,
      );
    }),
  );
});

test('a percentile is the one of the values written out', () => {
  const weighted = fc.record({
    value: fc.integer({ min: 0, max: 100 }),
    weight: fc.integer({ min: 1, max: 5 }),
  });
  const levels = fc.constantFrom(0.5, 0.95, 0.99);
  fc.assert(
    fc.property(fc.array(weighted, { minLength: 1, maxLength: 20 }), levels, (values, level) => {
      const sorted = values.toSorted((one, other) => one.value - other.value);
      const all = sorted.flatMap(({ value, weight }) =>
        Array.from({ length: weight }, () => value),
      );
      expect(quantile(sorted, level)).toBe(all[Math.ceil(level * all.length) - 1]);
    }),
  );
});
