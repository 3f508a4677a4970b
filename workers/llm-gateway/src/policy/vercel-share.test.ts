import { expect, test } from 'vitest';
import { unknownHealth, vercelShareOf } from './vercel-share.ts';

const calls = (failed: number, attempts = 100) => ({ attempts, failed });

test.each([
  ['nothing is known', unknownHealth, 10],
  ['both do well', { openrouter: calls(1), vercel: calls(1) }, 10],
  ['OpenRouter fails', { openrouter: calls(51), vercel: calls(0) }, 90],
  ['OpenRouter fails exactly half of the time', { openrouter: calls(50), vercel: calls(0) }, 10],
  ['both fail', { openrouter: calls(100), vercel: calls(51) }, 10],
  ['Vercel fails exactly half of the time', { openrouter: calls(51), vercel: calls(50) }, 10],
  ['Vercel nearly does', { openrouter: calls(51), vercel: calls(49) }, 90],
  ['Vercel is not known', { openrouter: calls(100), vercel: calls(0, 0) }, 90],
  ['Vercel is hardly known', { openrouter: calls(100), vercel: calls(19, 19) }, 90],
  ['Vercel fails, just known', { openrouter: calls(100), vercel: calls(20, 20) }, 10],
  ['19 of 19 fail', { openrouter: calls(19, 19), vercel: calls(0) }, 10],
  ['20 of 20 fail', { openrouter: calls(20, 20), vercel: calls(0) }, 90],
])('where %s', (_name, health, share) => {
  expect(vercelShareOf(health)).toBe(share);
});
