import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/** Stands between a client and a server on this machine, and can take the server away. */
export type Interruptible = {
  readonly port: number;
  /** Connections are cut, and new ones refused at once. */
  readonly refuse: () => void;
  /** Connections stay, and nothing comes through any more: worse than a refusal. */
  readonly hang: () => void;
  readonly restore: () => void;
  readonly close: () => Promise<void>;
};

export async function interruptible(target: {
  readonly host: string;
  readonly port: number;
}): Promise<Interruptible> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let state: 'open' | 'refusing' | 'hanging' = 'open';
  const cutAll = (): void => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  const server = createServer((client) => {
    if (state === 'refusing') {
      client.destroy();
      return;
    }
    const upstream = connect(target.port, target.host);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client]] as const) {
      from.on('data', (bytes) => {
        if (state !== 'hanging') to.write(bytes);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A port was asked for.');
  return {
    port: address.port,
    refuse: () => {
      state = 'refusing';
      cutAll();
    },
    hang: () => {
      state = 'hanging';
    },
    // What hung has lost bytes: it can't be continued.
    restore: () => {
      state = 'open';
      cutAll();
    },
    close: async () => {
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
}
