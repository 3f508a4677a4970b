import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HostApplication = { readonly url: string; readonly close: () => Promise<void> };

/**
 * Stands before the gateway, and leaves everything to it. As a proxy it refuses: what is tested must not leave the machine.
 */
export async function startHostApplication(gatewayUrl: string): Promise<HostApplication> {
  const server = createServer((request, response) => {
    const { method, headers } = request;
    const onward = ask(new URL(request.url ?? '/', gatewayUrl), { method, headers });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  server.on('connect', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('Not listening.');
  return address.port;
}
