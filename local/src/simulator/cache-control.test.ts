import { expect, test } from 'vitest';
import { cacheControlFault } from './cache-control.ts';

const mark = (ttl?: string) => ({ cache_control: { type: 'ephemeral', ...(ttl && { ttl }) } });
const text = (ttl?: string) => ({ type: 'text', text: 'a', ...mark(ttl) });
const user = (...content: readonly object[]) => ({ role: 'user', content });

test.each<[string, object]>([
  ['four marks', { messages: [user(text(), text(), text(), text())] }],
  ['an hour before five minutes', { tools: [mark('1h')], messages: [user(text('1h'), text())] }],
  [
    'a long-lived system message behind a short-lived user',
    { messages: [user(text()), { role: 'system', content: 'a', ...mark('1h') }] },
  ],
  ['no marks', { messages: 'Hello!' }],
])('takes %s', (_name, body) => {
  expect(cacheControlFault(body)).toBeNull();
});

test.each<[string, object, string]>([
  ['five marks', { ...mark(), messages: [user(text(), text(), text(), text())] }, 'Found 5'],
  ['a mark on a function', { tools: [{ function: mark() }], system: [text('1h')] }, "ttl='1h'"],
  ['five minutes before an hour', { messages: [user(text(), text('1h'))] }, "ttl='1h'"],
])('refuses %s', (_name, body, words) => {
  expect(cacheControlFault(body)).toContain(words);
});
