import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { root } from './root.ts';

// What is installed must be what was locked, from whichever registry it comes.

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      link: z.boolean().default(false),
      integrity: z.string().optional(),
      resolved: z.string().optional(),
    }),
  ),
});

test.each([
  '.',
  'local/portkey',
  'test/clients/programs/cline',
  'test/clients/programs/kilo',
  'test/clients/programs/opencode',
])('every package that the lock file in %s names has a hash, and none an address', (folder) => {
  const text = readFileSync(join(root, folder, 'package-lock.json'), 'utf8');
  const { packages } = Lock.parse(JSON.parse(text));
  const installed = Object.entries(packages).filter(
    ([path, { link }]) => path.includes('node_modules/') && !link,
  );
  expect(installed.length).toBeGreaterThan(0);
  const lacking = installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
  expect(lacking.map(([path]) => path)).toEqual([]);
  const addressed = installed.filter(([, { resolved }]) => resolved !== undefined);
  expect(addressed.map(([path]) => path)).toEqual([]);
  expect(text).not.toMatch(/https?:\/\/[^"]*\.tgz/);
});
