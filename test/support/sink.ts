import { createServer, type IncomingHttpHeaders } from 'node:http';
import { parseJson } from '@gateway/worker-utils/json';

/** Something that the gateway tells: PostHog, Sentry, a mailer, the abuse service. Keeps what it was told. */
export type Sink = {
  readonly url: string;
  readonly received: () => readonly Received[];
  /** How it answers from now on. `silent` never does. */
  readonly behave: (behaviour: Behaviour) => void;
  readonly close: () => Promise<void>;
};
type Received = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Null where it is not JSON. */
  readonly json: unknown;
};
export type Behaviour =
  | 'silent'
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
      readonly delayMs?: number;
    };

export async function startSink(first: Behaviour = { status: 200, body: {} }): Promise<Sink> {
  const received: Received[] = [];
  let behaviour = first;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const json = parseJson(text);
      const { url = '', headers } = request;
      received.push({ path: url, headers, text, json: json.ok ? json.value : null });
      if (behaviour === 'silent') return;
      const { status, headers: told, body = {}, delayMs = 0 } = behaviour;
      setTimeout(() => {
        response.writeHead(status, { 'content-type': 'application/json', ...told });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      }, delayMs);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sink has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    received: () => received,
    behave: (next) => {
      behaviour = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
