import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Only a guard: no test may fail because a machine is slow.
          testTimeout: 120_000,
          include: [
            'packages/worker-utils/src/**/*.test.ts',
            'workers/*/src/**/*.test.ts',
            'local/src/**/*.test.ts',
            'bench/src/**/*.test.ts',
            'tools/**/*.test.ts',
          ],
        },
      },
      {
        test: {
          name: 'db',
          include: ['packages/db/src/**/*.test.ts'],
          globalSetup: 'test/setup/postgres.ts',
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          globalSetup: 'test/setup/postgres.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // What happens after an answer is waited for: how long only guards against a wait for ever.
          expect: { poll: { timeout: 60_000 } },
          // Each file starts processes of its own: two at once are enough for two cores.
          maxWorkers: 2,
        },
      },
    ],
  },
});
