import { root } from '@gateway/local/root';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// `npm run deploy:check` as an operator runs it. What it calls wrong is in local/src/deploy-check/checks.test.ts.

const run = promisify(execFile);

test('what is in this repository can be deployed, but for the ids of an account', async () => {
  const { CLOUDFLARE_API_TOKEN: _, ...environment } = process.env;
  const program = [join(root, 'scripts', 'run.mjs'), 'deploy:check'];
  const { stdout } = await run(process.execPath, program, { env: environment });
  const lines = stdout.trimEnd().split('\n');
  const found = lines.slice(0, -1).map((line) => line.split(/\s+/, 3));
  expect(lines.at(-1)).toMatch(/ 0 wrong\.$/);
  expect(new Set(found.map(([worker]) => worker))).toEqual(
    new Set(['llm-gateway', 'o11y', 'session-ingest']),
  );
  expect(
    found.filter(([, , verdict]) => verdict === 'open').map(([worker, check]) => [worker, check]),
  ).toEqual([
    ['llm-gateway', 'hyperdrive'],
    ['llm-gateway', 'ids'],
    ['llm-gateway', 'secrets'],
    ['o11y', 'ids'],
    ['session-ingest', 'hyperdrive'],
    ['session-ingest', 'ids'],
    ['session-ingest', 'secrets'],
  ]);
});
