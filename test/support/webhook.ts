import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** A server that takes whatever is posted to it, as Slack and collectors of traces do. */
export type Webhook = {
  readonly url: string;
  /** What came, in order: a path, headers, and a body. */
  readonly received: readonly Received[];
  /** From now on it takes, and never answers. */
  readonly hang: () => void;
  readonly close: () => Promise<void>;
};
type Received = {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
};

/** What it answers with: a status. Null: nothing, ever. */
export type Reply = (received: Received) => number | null;

export async function startWebhook(reply: Reply = () => 200): Promise<Webhook> {
  const received: Received[] = [];
  let isHanging = false;
  const server = createServer((request, response) => {
    const take = async () => {
      const taken = {
        path: request.url ?? '',
        headers: request.headers,
        body: await text(request),
      };
      received.push(taken);
      const status = isHanging ? null : reply(taken);
      if (status === null) return;
      response.writeHead(status);
      response.end(status === 200 ? 'ok' : 'refused');
    };
    take().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    hang: () => {
      isHanging = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
