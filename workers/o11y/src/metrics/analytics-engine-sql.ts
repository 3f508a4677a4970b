import type { Instant } from '@gateway/worker-utils/time';
import { ModelName } from '../alerting/model-name.ts';
import type { Question } from '../alerting/objective.ts';

// Columns by their place in a point: blob1 provider, blob2 model, blob3 client, blob4 error, blob6 own key, double1 first
// byte. Points may be sampled: each counts for its `_sample_interval`.

const DATASET = 'o11y_api_metrics';
const DAY_MS = 24 * 60 * 60 * 1000;
/** More dimensions than this are not a gateway's. */
const ROWS_MAX = 10_000;

export function windowSql(question: Question, since: Instant): string {
  return `SELECT blob1 AS provider, blob2 AS model, blob3 AS client_name,
  SUM(_sample_interval) AS total,
  SUM(IF(${isBad(question)}, _sample_interval, 0)) AS bad
FROM ${DATASET}
WHERE timestamp >= ${time(since)} AND blob6 = '0'${question.kind === 'ttfb' ? " AND blob4 = '0'" : ''}
GROUP BY provider, model, client_name
LIMIT ${ROWS_MAX}`;
}

function isBad(question: Question): string {
  switch (question.kind) {
    case 'error_rate':
      return "blob4 = '1'";
    case 'ttfb':
      return `double1 > ${question.thresholdMs}`;
  }
}

export type BaselineOf = { readonly model: string; readonly now: Instant };

export function errorRateBaselineSql({ model, now }: BaselineOf): string {
  const sums = [1, 3, 7].map((days) => {
    const since = time(now - days * DAY_MS);
    return `  SUM(IF(timestamp >= ${since}, _sample_interval, 0)) AS requests${days}d,
  SUM(IF(timestamp >= ${since} AND blob4 = '1', _sample_interval, 0)) AS errors${days}d`;
  });
  return `SELECT
${sums.join(',\n')}
FROM ${DATASET}
WHERE timestamp >= ${time(now - 7 * DAY_MS)} AND blob2 = ${quoted(model)} AND blob6 = '0'`;
}

export function ttfbBaselineSql({ model, now }: BaselineOf): string {
  const percentiles = [50, 95, 99].map(
    (percent) =>
      `  quantileExactWeighted(${percent / 100})(double1, _sample_interval) AS p${percent}Ttfb3d`,
  );
  return `SELECT
${percentiles.join(',\n')},
  SUM(_sample_interval) AS requests3d
FROM ${DATASET}
WHERE timestamp >= ${time(now - 3 * DAY_MS)} AND blob2 = ${quoted(model)} AND blob4 = '0' AND blob6 = '0'`;
}

/** UTC, to the second. */
const time = (ms: number): string =>
  `toDateTime('${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}')`;

/** Parsed once more: what reaches this line can't end the string. */
const quoted = (model: string): string => `'${ModelName.parse(model)}'`;
