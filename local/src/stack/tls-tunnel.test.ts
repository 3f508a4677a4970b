import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { tlsOptionsOf, tlsTunnel } from './tls-tunnel.ts';

const database = (query: string, host = 'db.example.com') =>
  new URL(`postgres://user:secret@${host}/name${query}`);

test.each(['', '?sslmode=disable', '?sslmode=allow'])('%s asks for no TLS', (query) => {
  expect(tlsOptionsOf(database(query))).toBeNull();
});

test('the certificate must be that of the host, unless the URL says otherwise', () => {
  expect(tlsOptionsOf(database('?sslmode=require'))).toEqual({
    host: 'db.example.com',
    servername: 'db.example.com',
    rejectUnauthorized: true,
  });
  expect(tlsOptionsOf(database('?sslmode=no-verify', '[::1]'))).toEqual({
    host: '::1',
    rejectUnauthorized: false,
  });
});

test('a server that has no TLS hears nothing of a client that asked for it', async () => {
  const heard: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on('data', (data: Buffer) => {
      heard.push(data);
      socket.write('N');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const url = database('?sslmode=require', `127.0.0.1:${port}`);

  const tunnel = await tlsTunnel(url, tlsOptionsOf(url) ?? {});
  expect(tunnel.url.username).toBe('user');
  const client = connect(Number(tunnel.url.port), tunnel.url.hostname);
  client.write('a startup message with a password');
  await new Promise((resolve) => {
    client.once('close', resolve);
  });
  expect(Buffer.concat(heard)).toHaveLength(8);
  await tunnel.close();
  server.close();
});
