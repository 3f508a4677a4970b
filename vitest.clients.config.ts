import { defineConfig } from 'vitest/config';

// Apart from the other tests: it installs programs of others, and each of their runs takes seconds of both cores.
export default defineConfig({
  test: {
    name: 'clients',
    include: ['test/clients/**/*.test.ts'],
    globalSetup: 'test/setup/postgres.ts',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 1,
  },
});
