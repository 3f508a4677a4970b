import { afterAll, beforeAll, describe, test } from 'vitest';
import { cacheBreakpoints } from '../../support/compatibility/cache-breakpoints.ts';
import { caching } from '../../support/compatibility/caching.ts';
import { customLlmInputs } from '../../support/compatibility/custom-llm-inputs.ts';
import { endOfStream } from '../../support/compatibility/end-of-stream.ts';
import { exactNumbers } from '../../support/compatibility/exact-numbers.ts';
import { failures } from '../../support/compatibility/failures.ts';
import { foreignErrors } from '../../support/compatibility/foreign-errors.ts';
import { platformKey } from '../../support/compatibility/platform-key.ts';
import { providerRules } from '../../support/compatibility/provider-rules.ts';
import { responseFormat } from '../../support/compatibility/response-format.ts';
import { retryAfter } from '../../support/compatibility/retry-after.ts';
import { toolPairs } from '../../support/compatibility/tool-pairs.ts';
import type { Row } from '../../support/compatibility/row.ts';
import { runRow } from '../../support/compatibility/run-row.ts';
import { startWorld, type World } from '../../support/world.ts';

// What public bug reports of gateways, agents and SDKs have shown to go wrong, a row for each: what goes in, and what must come
// out. A subject is a file in test/support/compatibility.

const subjects: Readonly<Record<string, readonly Row[]>> = {
  cacheBreakpoints,
  caching,
  customLlmInputs,
  endOfStream,
  exactNumbers,
  failures,
  foreignErrors,
  platformKey,
  providerRules,
  responseFormat,
  retryAfter,
  toolPairs,
};

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe.each(Object.entries(subjects))('%s', (_subject, rows) => {
  test.each(rows.flatMap((row) => row.surfaces.map((surface) => ({ ...row, row, surface }))))(
    '$name ($surface)',
    ({ row, surface }) => runRow(world, row, surface),
  );
});
