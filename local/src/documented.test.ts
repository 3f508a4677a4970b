import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './root.ts';

// An operator finds what the code can say in docs/operate.md.

const manual = readFileSync(join(root, 'docs', 'operate.md'), 'utf8');
const source = readdirSync(join(root, 'workers'), { recursive: true, withFileTypes: true })
  .filter(
    ({ name, parentPath }) =>
      /(?<!\.test|\.d)\.ts$/.test(name) && !/node_modules|testing/.test(parentPath),
  )
  .map(({ name, parentPath }) => readFileSync(join(parentPath, name), 'utf8'))
  .join('\n');

const matches = (pattern: RegExp): readonly string[] => [
  ...new Set([...source.matchAll(pattern)].map(([, found = '']) => found)),
];
/** What differs from one line to another is `…` in the manual. */
const shown = (message: string): string => message.replaceAll(/\$\{[^}]+\}/g, '…');

const lines = matches(/\b(?:log|[cC]onsoleLog)\.(?:info|warn|error)\(\s*'([^']+)'/g);
const reports = [
  ...matches(/level: '(?:warning|error|fatal)',\s*message: ['`]([^'`]+)['`]/g),
  ...matches(/\b(?:alarm|warning)\(\s*["']([^\n]+?)["'],/g),
];

test('there is something to be found', () => {
  expect(lines.length).toBeGreaterThan(30);
  expect(reports.length).toBeGreaterThan(10);
});

test.each(lines)('the line of the log is explained: %s', (line) => {
  expect(manual).toContain(`\`${line}\``);
});

test.each(reports)('the report is explained: %s', (report) => {
  expect(manual).toContain(shown(report));
});
