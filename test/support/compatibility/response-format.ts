import { expect } from 'vitest';
import type { Row, Surface } from './row.ts';

// The answer has the form that was asked for, whatever the upstream has made of that.

const surfaces: readonly Surface[] = ['paid', 'v1', 'keyed', 'free', 'stealth', 'fim'];
const chats: readonly Surface[] = ['paid', 'v1', 'keyed', 'free'];
const tools = [
  {
    type: 'function',
    function: { name: 'read_file', parameters: { type: 'object', properties: {} } },
  },
];
const ours = /user_id|org_2simulated/;

export const responseFormat: readonly Row[] = [
  {
    name: 'an answer in JSON becomes the stream that was asked for',
    surfaces,
    request: { stream: true, stream_options: { include_usage: true } },
    upstream: 'answer~reply=json~reasoning=5',
    client: { status: 200, streamed: true, headers: { 'content-type': 'text/event-stream' } },
    usage: { has_error: false, status_code: 200, finish_reason: 'stop', streamed: true },
    read: { said: /^\S.*\S/s },
    async check({ events, caller, delivered, surface }) {
      expect(JSON.stringify(events)).toMatch(/"reasoning":"\S+/);
      expect(events.at(-1)).toMatchObject({ usage: { completion_tokens: 17 } });
      const [row] = await caller.rows(1);
      if (surface === 'paid') expect(row?.cost).toBe(Math.round((delivered[0]?.cost ?? -1) * 1e6));
      expect(row).toMatchObject({ output_tokens: 17 });
    },
  },
  {
    name: 'so do its tool calls',
    surfaces: chats,
    request: { stream: true, tools },
    upstream: 'answer~reply=json~calls=2',
    client: { status: 200, streamed: true },
    usage: { has_error: false, finish_reason: 'tool_calls' },
    check({ events }) {
      const text = JSON.stringify(events);
      expect(text.match(/"name":"read_file"/g)).toHaveLength(2);
      expect(text).toMatch(/"index":1[^[]*"function"|"function"[^[]*"index":1/);
    },
  },
  {
    name: 'so do all its choices',
    surfaces: ['paid', 'v1'],
    request: { stream: true, n: 2 },
    upstream: 'answer~reply=json~choices=2',
    client: { status: 200, streamed: true },
    usage: { has_error: false },
    check({ events }) {
      expect(events).toContainEqual(
        expect.objectContaining({
          choices: [expect.objectContaining({ index: 1, finish_reason: 'stop' })],
        }),
      );
    },
  },
  {
    name: 'an error in JSON where a stream was asked for takes its status',
    surfaces,
    request: { stream: true },
    upstream: 'error~code=400~reply=json',
    client: { status: 400, streamed: false, lacks: [ours] },
    usage: { has_error: true, cost: 0, status_code: 400 },
  },
  {
    name: 'another gateway answers for an error in JSON where a stream was asked for',
    surfaces: ['paid', 'v1', 'free'],
    request: { stream: true },
    upstream: 'error~code=429~reply=json',
    second: 'answer',
    client: { status: 200, streamed: true },
    usage: { has_error: false, provider: 'vercel' },
    read: { said: /\S/ },
  },
  {
    name: 'an answer in JSON that breaks off is asked for elsewhere, as a stream',
    surfaces: ['paid', 'v1', 'free'],
    request: { stream: true },
    upstream: 'cut~reply=json~at=60',
    second: 'answer~reply=json',
    client: { status: 200, streamed: true },
    usage: { has_error: false, provider: 'vercel' },
    read: { said: /\S/ },
  },
  {
    name: 'a stream becomes the JSON that was asked for',
    surfaces,
    upstream: 'answer~reply=sse~reasoning=5~usage=always',
    client: { status: 200, streamed: false, headers: { 'content-type': 'application/json' } },
    usage: { has_error: false, status_code: 200, finish_reason: 'stop', output_tokens: 17 },
    read: { said: /^\S.*\S/s },
    check({ text }) {
      expect(JSON.parse(text)).toMatchObject({
        object: 'chat.completion',
        choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant' } }],
        usage: { completion_tokens: 17 },
      });
      expect(text).toMatch(/"reasoning":"\S+/);
    },
  },
  {
    name: 'so do its tool calls, whole',
    surfaces: chats,
    request: { tools },
    upstream: 'answer~reply=sse~calls=2',
    client: {
      status: 200,
      streamed: false,
      body: {
        choices: [
          {
            finish_reason: 'tool_calls',
            message: {
              tool_calls: [
                { type: 'function', function: { name: 'read_file', arguments: '{}' } },
                { type: 'function', function: { name: 'read_file', arguments: '{}' } },
              ],
            },
          },
        ],
      },
    },
    usage: { has_error: false, finish_reason: 'tool_calls' },
  },
  ...[0, 4].map((after): Row => ({
    name: `an error in a stream (after ${after} tokens) where JSON was asked for takes its status`,
    surfaces,
    upstream: `error~code=400~reply=sse~after=${after}`,
    client: { status: 400, streamed: false, lacks: [ours] },
    usage: { has_error: true, cost: 0, status_code: 400 },
  })),
  {
    name: 'a stream that breaks off where JSON was asked for is asked for elsewhere',
    surfaces: ['paid', 'v1', 'free'],
    upstream: 'cut~reply=sse~after=4',
    second: 'answer~reply=sse',
    client: { status: 200, streamed: false },
    usage: { has_error: false, provider: 'vercel' },
    read: { said: /\S/ },
  },
];
