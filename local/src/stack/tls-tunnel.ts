import { readFileSync } from 'node:fs';
import { connect, createServer, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

/**
 * Postgres begins TLS with a word in the clear, which workerd's connection to a database does not say. Where a database
 * asks for TLS, the workers connect to this instead, on the loopback address, and it says the word.
 */
export type Tunnel = { readonly url: URL; readonly close: () => Promise<void> };

/** An `SSLRequest`: its length, and the number that stands for it. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const YES = 'S'.charCodeAt(0);

/** As the driver reads the URL: every mode that may use TLS verifies the certificate, but for `no-verify`. */
export function tlsOptionsOf(database: URL): ConnectionOptions | null {
  const mode = database.searchParams.get('sslmode');
  if (mode === null || mode === 'disable' || mode === 'allow') return null;
  const authority = database.searchParams.get('sslrootcert');
  const host = hostOf(database);
  return {
    // What the certificate must be for. An address has no place in the handshake itself.
    host,
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: mode !== 'no-verify',
    ...(authority !== null && { ca: readFileSync(authority) }),
  };
}

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

export async function tlsTunnel(database: URL, options: ConnectionOptions): Promise<Tunnel> {
  const open = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = connect(Number(database.port || 5432), hostOf(database));
    for (const socket of [inside, outside]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        open.delete(socket);
        inside.destroy();
        outside.destroy();
      });
    }
    outside.once('connect', () => outside.write(SSL_REQUEST));
    outside.once('data', (answer: Buffer) => {
      if (answer[0] !== YES || answer.length !== 1) return inside.destroy();
      const secure = connectTls({ ...options, socket: outside });
      secure.once('error', () => inside.destroy());
      secure.once('close', () => inside.destroy());
      return inside.pipe(secure).pipe(inside);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  const url = new URL(database);
  url.host = `127.0.0.1:${address.port}`;
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
