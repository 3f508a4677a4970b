import { defineConfig } from 'vitest/config';
import { billReporter } from './test/support/bill-reporter.ts';

// Apart from the other tests: it installs programs of others, and each of their runs takes seconds of both cores.
export default defineConfig({
  test: {
    name: 'clients',
    include: ['test/clients/**/*.test.ts'],
    globalSetup: 'test/setup/postgres.ts',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 1,
    reporters: ['default', billReporter],
  },
});
