import { connect, type Socket } from 'node:net';

type Asked = {
  readonly url: string;
  readonly token: string;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A client that reads nothing until somebody takes bytes from its socket. */
export function slowClient({ url, token, body, headers = {} }: Asked): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.pause();
  const text = JSON.stringify(body);
  const head = [
    'POST /api/openrouter/chat/completions HTTP/1.1',
    `Host: ${hostname}`,
    `Authorization: Bearer ${token}`,
    'Connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(text)}`,
  ].join('\r\n');
  socket.write(`${head}\r\n\r\n${text}`);
  return socket;
}
