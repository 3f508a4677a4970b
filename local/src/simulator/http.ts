import type { IncomingMessage, ServerResponse } from 'node:http';

/** More than the largest body that a gateway takes: what it does to too large ones is its own business. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) continue;
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error('The request body is too large to be played.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

export const answerError = (response: ServerResponse, code: number, message: string): void => {
  answerJson(response, code, { error: { message, code } });
};

/** Aborts at once when the client hangs up: by closing its side, or by breaking the connection. */
export function watchClient(request: IncomingMessage, response: ServerResponse) {
  const gone = new AbortController();
  const { socket } = request;
  const leave = (): void => gone.abort();
  socket.once('end', leave);
  response.once('close', leave);
  return {
    gone: gone.signal,
    /** The connection goes on to the next request. */
    unwatch(): void {
      socket.off('end', leave);
      response.off('close', leave);
    },
  };
}
