import { createServer } from 'node:net';

/** A port of the loopback address that nobody listens on: the wanted one if it is free, else one that the system picks. */
export async function freePort(wanted = 0): Promise<number> {
  const port = await tryPort(wanted);
  if (port !== null) return port;
  if (wanted === 0) throw new Error('The system gave no port.');
  return freePort();
}

export const isFree = async (port: number): Promise<boolean> => (await tryPort(port)) !== null;

async function tryPort(wanted: number): Promise<number | null> {
  const server = createServer();
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(wanted, '127.0.0.1', () => resolve(true));
  });
  if (!isListening) return null;
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return address === null || typeof address === 'string' ? null : address.port;
}
