import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sink, startSink } from '../../support/sink.ts';
import { startWorld, type World } from '../../support/world.ts';

let host: Sink;
let world: World;
beforeAll(async () => {
  host = await startSink({
    status: 207,
    headers: { 'set-cookie': 'session=new', 'x-host': 'yes' },
    body: { from: 'host' },
  });
  world = await startWorld({ FALLBACK_ORIGIN: `${host.url}/app/` });
});
afterAll(() => Promise.all([world.stop(), host.close()]));

test("forwards a path that the gateway does not serve, with the client's own headers and body", async () => {
  const before = host.received().length;
  const response = await fetch(`${world.url}/api/openrouter/teams//7?with=members`, {
    method: 'PUT',
    headers: { authorization: 'Bearer of-the-host', cookie: 'session=old', 'x-own': 'kept' },
    body: '{"name":"new"}',
  });
  expect(response.status).toBe(207);
  expect(response.headers.get('set-cookie')).toBe('session=new');
  expect(response.headers.get('x-request-id')).toBeTruthy();
  expect(await response.json()).toEqual({ from: 'host' });
  const [received] = host.received().slice(before);
  expect(received).toMatchObject({
    path: '/app/api/openrouter/teams//7?with=members',
    text: '{"name":"new"}',
    headers: { authorization: 'Bearer of-the-host', cookie: 'session=old', 'x-own': 'kept' },
  });
});

test('passes a redirect on to the client', async () => {
  host.behave({ status: 302, headers: { location: 'https://elsewhere.example/' } });
  const response = await fetch(`${world.url}/api/gateway/sign-in`, { redirect: 'manual' });
  host.behave({ status: 200 });
  expect(response.status).toBe(302);
  expect(response.headers.get('location')).toBe('https://elsewhere.example/');
});

test.each([
  '/api/openrouter/models',
  '/api/openrouter/chat/completions/',
  '/api/v1/nothing',
  '/elsewhere',
  '/admin/nothing',
])('forwards nothing of %s', async (path) => {
  const before = host.received().length;
  await (await fetch(`${world.url}${path}`)).text();
  expect(host.received()).toHaveLength(before);
});

test('refuses a path that was forwarded once already', async () => {
  const response = await fetch(`${world.url}/api/openrouter/nothing`, {
    headers: { 'x-llm-gateway-forwarded': '1' },
  });
  expect(response.status).toBe(400);
});

test('answers 502 where the host application is away', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  const address = closed.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  await new Promise((resolve) => closed.close(resolve));
  const alone = await startWorld({ FALLBACK_ORIGIN: `http://127.0.0.1:${port}` });
  try {
    const response = await fetch(`${alone.url}/api/openrouter/nothing`);
    expect(response.status).toBe(502);
  } finally {
    await alone.stop();
  }
});
