import { expect, test } from 'vitest';
import { withPseudonyms } from '../transforms/pseudonyms.ts';
import { providerHash } from './identifiers.ts';
import { providers } from './registry.ts';

const user = 'test-user-123';

test.each([
  ['openrouter', user, 'N/lWg32WD5gmmEwHYC4eqB8HuQS/8PEwCANz3wlkr8U='],
  ['vercel', user, 'AN2ZhrwIdy/V0HvasDYv9UyfHrh8EO3/0OgweBYOFKk='],
  ['gigapotato', user, 'm2kvs/OsmRSp3+tCPyDY1B/fM5CIIGaQ6hqpMyIOcI8='],
  ['mistral', user, 'WqZ66O7uFO8atp2CtOx+bku0HnTh04jNQ8z/XD6ckKk='],
  ['openrouter', `${user}task-abc`, 'Jxj4A0a4gSB8HBF29chmBlgSJUTkERsXDECmeyGllaI='],
  ['openrouter', 'anon:203.0.113.7', 'cB3pISZvosSLmsBRlOs55NfQWpm0pxmcvngnHjgftfk='],
] as const)('%s knows %s as %s', async (provider, payload, hash) => {
  expect(await providerHash(providers[provider], payload)).toBe(hash);
});

test('an API that an organisation brings knows them by the pepper `custom`', async () => {
  const custom = { ...providers.martian, hashPepper: 'custom' };
  expect(await providerHash(custom, user)).toBe('T/qFjLGmOq2TkxfnIy5VlfvxMUmucG7KlPFkUhH6b54=');
});

test('every provider but OpenRouter has its id for a pepper, so that no two know a user by the same name', async () => {
  const all = Object.values(providers);
  const peppers = all.map(({ hashPepper }) => hashPepper);
  expect(peppers).toEqual(all.map(({ id }) => (id === 'openrouter' ? 'henk is a boss' : id)));
  const hashes = await Promise.all(all.map((provider) => providerHash(provider, user)));
  expect(new Set(hashes).size).toBe(all.length);
  expect(hashes.every((hash) => /^[A-Za-z0-9+/]{43}=$/.test(hash))).toBe(true);
});

test('a client can name neither itself nor the cache of another', async () => {
  const provider = providers.openrouter;
  const sent = {
    model: 'm',
    user: 'root',
    safety_identifier: 'x',
    prompt_cache_key: 'k',
    session_id: 's',
  };
  const pseudonym = await providerHash(provider, user);
  const common = { model: 'm', user: pseudonym, safety_identifier: pseudonym };
  const session = { session_id: await providerHash(provider, `${user}s`) };
  expect(await withPseudonyms(sent, { provider, user, task: null })).toEqual({
    ...common,
    ...session,
    prompt_cache_key: await providerHash(provider, `${user}k`),
  });
  expect(await withPseudonyms(sent, { provider, user, task: 'task-abc' })).toEqual({
    ...common,
    ...session,
    prompt_cache_key: 'Jxj4A0a4gSB8HBF29chmBlgSJUTkERsXDECmeyGllaI=',
  });
  expect(await withPseudonyms({ model: 'm' }, { provider, user, task: null })).toEqual(common);
});
