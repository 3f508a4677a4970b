import { randomUUID } from 'node:crypto';
import { plant } from '@gateway/db/seed';
import { tokenFor } from '@gateway/local/stack/tokens';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memberOf } from '../../support/member.ts';
import { startWorld, TOKEN_SECRET, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function get(path: string, token?: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${world.url}${path}`, {
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
  });
  const body: unknown = await response.json();
  return { status: response.status, body };
}
const unauthorized = {
  status: 401,
  body: { error: 'Unauthorized', message: 'A valid token is required. Please sign in.' },
};

describe('200', () => {
  test('a token is told whom it stands for', async () => {
    const { id, token } = await world.newcomer(1);
    expect(await get('/api/user', token)).toEqual({
      status: 200,
      body: { id, name: 'Newcomer', email: `${id}@example.com`, image: null },
    });
  });

  test('a profile names the organisations of its user, and what they have', async () => {
    const { id, organization, token } = await memberOf(world, { usd: 12.5, name: 'Acme & Co' });
    expect(await get('/api/profile', token)).toEqual({
      status: 200,
      body: {
        user: { id, name: 'Newcomer', email: `${id}@example.com`, image: null },
        organizations: [{ id: organization, name: 'Acme & Co', role: 'member', balance: 12.5 }],
      },
    });
  });

  test('a balance is what is left, of the organisation where one is named', async () => {
    const person = await world.newcomer(7.25);
    expect(await get('/api/profile/balance', person.token)).toEqual({
      status: 200,
      body: { balance: 7.25 },
    });
    const organization = randomUUID();
    await plant(world.databaseUrl, {
      organizations: [{ id: organization, name: 'Rich', total_microdollars_acquired: 99_000_000 }],
      organization_memberships: [
        { organization_id: organization, kilo_user_id: person.id, role: 'owner' },
      ],
    });
    const headers = { 'x-kilocode-organizationid': organization };
    expect(await get('/api/profile/balance', person.token, headers)).toEqual({
      status: 200,
      body: { balance: 99 },
    });
  });

  test('clients are told with which models to begin, also those of an organisation that allows few', async () => {
    expect(await get('/api/defaults')).toEqual({
      status: 200,
      body: { defaultModel: 'kilo/auto', defaultFreeModel: 'kilo/auto-free' },
    });
    const member = await memberOf(world, {
      usd: 1,
      plan: 'enterprise',
      settings: { model_allow_list: ['openai/gpt-5-nano'] },
    });
    const path = `/api/organizations/${member.organization}`;
    expect(await get(`${path}/defaults`, member.token)).toEqual({
      status: 200,
      body: { defaultModel: 'kilo/auto-small', defaultFreeModel: 'kilo/auto-free' },
    });
    expect(await get(`${path}/modes`, member.token)).toEqual({ status: 200, body: { modes: [] } });
  });
});

describe.each(['/api/user', '/api/profile', '/api/profile/balance'])('%s', (path) => {
  test('401: not without a token, nor with one that was revoked, nor for the blocked', async () => {
    const { id } = await world.newcomer(1);
    const claims = { user: id, pepper: 'an older pepper', organization: null };
    const revoked = await tokenFor(claims, TOKEN_SECRET);
    const { mallory = '' } = world.tokens;
    for (const token of [undefined, 'nonsense', revoked, mallory]) {
      expect(await get(path, token)).toEqual(unauthorized);
    }
  });

  test('405: it is only read', async () => {
    const response = await fetch(`${world.url}${path}`, { method: 'POST', body: '{}' });
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 405,
      body: { error: 'Method not allowed', message: 'Use GET, HEAD.' },
    });
  });

  test('every answer has an id', async () => {
    const response = await fetch(`${world.url}${path}`);
    await response.text();
    expect(response.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  });
});
