import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../stack/free-port.ts';
import { portsNextTo } from './worker-ports.ts';

async function taken(port: number): Promise<() => Promise<void>> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    // Somebody else may have it: then it is taken too.
    server.once('error', () => resolve());
    server.listen(port, '127.0.0.1', resolve);
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
    });
}

test('a port next to the gateway that is taken is left, and the system picks another', async () => {
  const port = await freePort();
  const free = await taken(port + 1);
  expect(await portsNextTo(port)).toMatchObject({ 'llm-gateway': port, o11y: 0 });
  await free();
});

test("the gateway's own port is not: whoever asked for it is told", async () => {
  const port = await freePort();
  const free = await taken(port);
  await expect(portsNextTo(port)).rejects.toThrow(`Port ${port} is in use`);
  await free();
});

test('where the system picks, it picks all', async () => {
  expect(await portsNextTo(0)).toEqual({ 'llm-gateway': 0, o11y: 0, 'session-ingest': 0 });
});

test('there is nothing next to the last port', async () => {
  expect(await portsNextTo(65_535)).toMatchObject({ o11y: 0, 'session-ingest': 0 });
});
