import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redacted } from './redacted.ts';

const shownOf = (body: unknown, reply: string | null = null) =>
  redacted(JSON.stringify(body), reply);

test("a caller's own keys are in neither the request nor the reply that repeats them", () => {
  const providerOptions = {
    gateway: { only: ['openai'], byok: { openai: [{ apiKey: 'sk-own-secret' }] } },
  };
  expect(shownOf({ model: 'm', providerOptions }, 'Incorrect key: sk-own-secret.')).toEqual({
    request: {
      model: 'm',
      providerOptions: { gateway: { only: ['openai'], byok: '[redacted]' } },
    },
    reply: 'Incorrect key: [redacted].',
  });
});

test.each(['api_key', 'apiKey', 'API-Key', 'Authorization', 'secretAccessKey'])(
  'a text in a field %s is a key, wherever it is',
  (name) => {
    expect(shownOf({ a: [{ [name]: 'secret-secret' }] }).request).toEqual({
      a: [{ [name]: '[redacted]' }],
    });
  },
);

test('a parameter of a tool that is named like a key is no key', () => {
  const tool = { function: { parameters: { properties: { api_key: { type: 'string' } } } } };
  expect(shownOf({ tools: [tool] }).request).toEqual({ tools: [tool] });
});

test('a short text under such a name does not eat the reply', () => {
  expect(shownOf({ api_key: 'a' }, 'a banana').reply).toBe('a banana');
});

test('whatever else a request holds stays as it is', () => {
  const json = fc.jsonValue({ noUnicodeString: false });
  fc.assert(
    fc.property(json, (value) => {
      expect(shownOf({ value }).request).toEqual(JSON.parse(JSON.stringify({ value })));
    }),
  );
});
