import { describe, expect, test } from 'vitest';
import { localValues, mayMigrate, needsSimulator, portOf, upstreamsOf } from './environment.ts';

const simulator = (base: string) => `http://127.0.0.1:4000/${base}/v1`;

describe('an operator who sets nothing', () => {
  test('gets port 8787, a simulator for every provider, and addresses as one machine knows them', () => {
    expect(portOf({})).toBe(8787);
    expect(needsSimulator({})).toBe(true);
    expect(localValues({}, simulator)).toMatchObject({
      CLIENT_ADDRESS: 'local',
      ENVIRONMENT: 'development',
      OPENROUTER_BASE_URL: 'http://127.0.0.1:4000/api/v1',
      OPENROUTER_API_KEY: 'simulator',
      VERCEL_AI_GATEWAY_API_KEY: 'simulator',
      GIGAPOTATO_API_URL: 'http://127.0.0.1:4000/gigapotato/v1',
    });
  });
  test('an empty variable is none', () => {
    expect(portOf({ PORT: '' })).toBe(8787);
    expect(needsSimulator({ OPENROUTER_API_KEY: '' })).toBe(true);
  });
});

describe('with a key of OpenRouter', () => {
  const values = localValues({ OPENROUTER_API_KEY: 'sk-or-1' }, null);
  test('nothing is simulated: whoever wants real answers gets no other', () => {
    expect(needsSimulator({ OPENROUTER_API_KEY: 'sk-or-1' })).toBe(false);
    expect(values).toMatchObject({ OPENROUTER_API_KEY: 'sk-or-1' });
    expect(values).not.toHaveProperty('OPENROUTER_BASE_URL');
    expect(values).not.toHaveProperty('VERCEL_AI_GATEWAY_API_KEY');
  });
  test('the URL is that of the deployment', () => {
    const deployed = {
      OPENROUTER_BASE_URL: 'https://openrouter.ai/api/v1',
      VERCEL_BASE_URL: 'https://ai-gateway.vercel.sh/v1',
    };
    expect(upstreamsOf({ ...deployed, ...values })).toEqual({
      openrouter: 'https://openrouter.ai/api/v1',
    });
  });
});

test('a provider is named by its prefix, whatever its bindings are called', () => {
  const values = localValues(
    { VERCEL_API_KEY: 'v', GIGAPOTATO_BASE_URL: 'https://potato.example/v1' },
    simulator,
  );
  expect(values).toMatchObject({
    VERCEL_AI_GATEWAY_API_KEY: 'v',
    GIGAPOTATO_API_URL: 'https://potato.example/v1',
    OPENROUTER_BASE_URL: 'http://127.0.0.1:4000/api/v1',
  });
  expect(values).not.toHaveProperty('VERCEL_BASE_URL');
});

test('every other variable of the workers goes by its own name, an empty one too', () => {
  expect(localValues({ BLACKLIST_DOMAINS: '', ENVIRONMENT: 'staging' }, simulator)).toMatchObject({
    BLACKLIST_DOMAINS: '',
    ENVIRONMENT: 'staging',
  });
});

test.each(['99999', '-1', 'http', '80.5'])('%s is no port', (port) => {
  expect(() => portOf({ PORT: port })).toThrow('PORT');
});

test.each([
  ['postgres://u:p@127.0.0.1/x', {}, true],
  ['postgres://u:p@localhost:5433/x', {}, true],
  ['postgres://u:p@[::1]/x', {}, true],
  ['postgres://u:p@db.example.com/x', {}, false],
  ['postgres://u:p@127.0.0.1.example.com/x', {}, false],
  ['postgres://u:p@db.example.com/x', { MIGRATE: 'yes' }, true],
  ['postgres://u:p@db.example.com/x', { MIGRATE: 'true' }, false],
])('%s with %o may be migrated: %s', (url, environment, expected) => {
  expect(mayMigrate(new URL(url), environment)).toBe(expected);
});
