import { expect, test } from 'vitest';
import { ownSignal, type Signal } from './own-signal.ts';

type Controller = { readonly signal: Signal; readonly abort: () => void };

/** The platform's own is the measure. */
const controllers: readonly (readonly [string, () => Controller])[] = [
  ['a signal of our own', ownSignal],
  [
    "the platform's signal",
    () => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: () => controller.abort() };
    },
  ],
];

test.each(controllers)('%s tells whoever listens, once', (_name, make) => {
  const { signal, abort } = make();
  const heard: string[] = [];
  signal.addEventListener('abort', () => heard.push('first'));
  signal.addEventListener('abort', () => heard.push('second'));
  expect(signal.aborted).toBe(false);
  abort();
  abort();
  expect(heard).toEqual(['first', 'second']);
  expect(signal.aborted).toBe(true);
});

test.each(controllers)('%s tells nobody who has gone, or who comes too late', (_name, make) => {
  const { signal, abort } = make();
  const heard: string[] = [];
  const gone = () => heard.push('gone');
  const gone2 = () => heard.push('sent away by another');
  signal.addEventListener('abort', gone);
  signal.removeEventListener('abort', gone);
  signal.addEventListener('abort', () => signal.removeEventListener('abort', gone2));
  signal.addEventListener('abort', gone2);
  abort();
  signal.addEventListener('abort', () => heard.push('late'));
  abort();
  expect(heard).toEqual([]);
});

test.each(controllers)('%s has fired when its listeners hear of it', (_name, make) => {
  const { signal, abort } = make();
  let seen = false;
  signal.addEventListener('abort', () => (seen = signal.aborted));
  abort();
  expect(seen).toBe(true);
});
