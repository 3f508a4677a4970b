import { expect, test } from 'vitest';
import { clientHintsOf } from './client-hints.ts';

const hints = (headers: Record<string, string>, door: 'gateway' | 'openrouter' = 'openrouter') =>
  clientHintsOf(new Headers(headers), door);

test.each([
  ['cli', 'cli'],
  ['  CLI ', 'cli'],
  ['unheard-of', null],
  ['', null],
])('the feature %j is read as %j', (header, expected) => {
  expect(hints({ 'x-kilocode-feature': header }).feature).toBe(expected);
});

test('defaults to the direct API without a feature header, except on the older prefix', () => {
  expect(hints({}, 'gateway').feature).toBe('direct-gateway');
  expect(hints({}, 'openrouter').feature).toBeNull();
});

test.each([
  'vscode-extension',
  'jetbrains-extension',
  'autocomplete',
  'parallel-agent',
  'managed-indexing',
  'cli',
  'cloud-agent',
  'code-review',
  'auto-triage',
  'autofix',
  'app-builder',
  'agent-manager',
  'security-agent',
  'slack',
  'webhook',
  'kilo-claw',
  'direct-gateway',
])('%s is a feature', (feature) => {
  expect(hints({ 'x-kilocode-feature': feature }).feature).toBe(feature);
  expect(hints({ 'x-kilocode-feature': feature }, 'gateway').feature).toBe(feature);
});

test('ignores unknown features on both prefixes', () => {
  expect(hints({ 'x-kilocode-feature': 'cli-2' }, 'gateway').feature).toBeNull();
});

test.each([
  ['x-kilocode-mode', 'mode'],
  ['x-kilocode-taskid', 'task'],
  ['x-kilocode-editorname', 'editor'],
  ['x-kilocode-machineid', 'machine'],
] as const)(
  '%s is cut to 500 characters, then trimmed, and an empty one is none',
  (name, field) => {
    expect(hints({ [name]: `${'a'.repeat(499)} b` })[field]).toBe('a'.repeat(499));
    expect(hints({ [name]: 'a'.repeat(500) })[field]).toBe('a'.repeat(500));
    expect(hints({ [name]: 'a'.repeat(501) })[field]).toBe('a'.repeat(500));
    expect(hints({ [name]: ' VS Code ' })[field]).toBe('VS Code');
    expect(hints({ [name]: '  ' })[field]).toBeNull();
    expect(hints({})[field]).toBeNull();
  },
);

test('keeps the organisation unchanged, and treats an empty one as none', () => {
  expect(hints({ 'x-kilocode-organizationid': 'Acme' }).organization).toBe('Acme');
  expect(hints({ 'x-kilocode-organizationid': '' }).organization).toBeNull();
  expect(hints({}).organization).toBeNull();
});
