import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import type { Simulator } from './server.ts';

// What the simulator's own tests ask it with.

export type Asked = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
};

export const chatBody = (model: string, extra: object = {}): string =>
  JSON.stringify({
    model,
    messages: [{ role: 'user', content: 'Tell me about the river.' }],
    stream: true,
    usage: { include: true },
    ...extra,
  });

export const post = (url: string, body: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url, { ...init, method: 'POST', body });

export async function ask(simulator: Simulator, model: string, extra: object = {}): Promise<Asked> {
  const response = await post(`${simulator.url}/chat/completions`, chatBody(model, extra));
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function open(simulator: Simulator, body: string): Socket {
  const { hostname, port } = new URL(simulator.url);
  const socket = connect(Number(port), hostname, () => {
    socket.write(
      `POST /api/v1/chat/completions HTTP/1.1\r\nhost: simulator\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  socket.on('error', () => undefined);
  return socket;
}

/** Every byte of the connection as it came, until the other side is done with it. */
export function rawExchange(simulator: Simulator, body: string): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const parts: Buffer[] = [];
  const socket = open(simulator, body);
  socket.on('data', (part) => parts.push(part));
  socket.on('close', () => resolve(Buffer.concat(parts)));
  return promise;
}

/** A client whose answer has come, and that reads none of it. */
export async function unread(simulator: Simulator, body: string): Promise<Socket> {
  const socket = open(simulator, body);
  await once(socket, 'readable');
  return socket;
}

const ToolCall = z.looseObject({
  id: z.string().optional(),
  function: z.object({ name: z.string().optional(), arguments: z.string() }),
});

const Chunk = z.looseObject({
  id: z.string(),
  choices: z.array(
    z.looseObject({
      delta: z.looseObject({
        content: z.string().nullish(),
        tool_calls: z.array(ToolCall).optional(),
      }),
      finish_reason: z.string().nullable(),
    }),
  ),
  usage: z.unknown().optional(),
});

export const Completion = z.looseObject({
  choices: z.array(
    z.looseObject({
      message: z.looseObject({ tool_calls: z.array(ToolCall).optional() }),
      finish_reason: z.string(),
    }),
  ),
  usage: z.unknown(),
});

export const dataOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice('data: '.length));

export const chunksOf = (text: string): z.infer<typeof Chunk>[] =>
  dataOf(text)
    .filter((data) => data !== '[DONE]')
    .map((data) => Chunk.parse(JSON.parse(data)));

export const contentOf = (text: string): string =>
  chunksOf(text)
    .map((chunk) => chunk.choices[0]?.delta.content ?? '')
    .join('');

/** Reads no further than until the answer has said so much. */
export async function textUntil(response: Response, mark: string): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; !text.includes(mark);) {
    const part = await reader?.read();
    if (part?.value === undefined) throw new Error(`The answer ended without "${mark}".`);
    text += part.value;
  }
}
