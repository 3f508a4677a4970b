import { randomUUID } from 'node:crypto';
import { parseJson } from '@gateway/worker-utils/json';
import { expect } from 'vitest';
import { gatewayAt } from '../attempts.ts';
import { ownerOf } from '../custom-llm.ts';
import { bodyOf } from '../upstream.ts';
import type { World } from '../world.ts';
import { readers, UNREADABLE } from './read-by-sdks.ts';
import type { Read, Row, RowCaller, Seen, Surface } from './row.ts';

const messages = [{ role: 'user', content: 'Hello!' }];
const END_OF_STREAM = '[DONE]';

const models: Readonly<Partial<Record<Surface, string>>> = {
  free: 'minimax/minimax-m2.5:free',
  stealth: 'giga-potato',
  fim: 'mistralai/codestral-2508',
};
const paths: Readonly<Partial<Record<Surface, string>>> = {
  v1: '/api/v1/chat/completions',
  fim: '/api/fim/completions',
};

/** Sends what the row says, and checks everything that it says must hold. One row at a time: the simulator plays for all. */
export async function runRow(world: World, row: Row, surface: Surface): Promise<void> {
  const caller = await (row.caller ?? callerOf)(world, surface);
  const { upstream = 'answer', second } = row;
  world.simulator.stand({ scenario: null });
  world.simulator.stand({ scenario: upstream });
  if (second !== undefined) world.simulator.stand({ scenario: second, base: 'vercel' });
  const before = world.simulator.log().length;
  const response = await asked(world, { row, surface, caller });
  const { status, headers } = response;
  const text = await response.text();
  const delivered = world.simulator.log().slice(before);
  const data = isEventStream(headers) ? dataIn(text) : [];
  const events = data.filter((one) => one !== END_OF_STREAM).map(jsonIn);
  const sent = delivered.map(bodyOf);
  const seen = { world, surface, caller, status, headers, text, data, events, delivered, sent };
  expectClient(row, seen);
  if (row.asked) expect(delivered.map(({ path }) => gatewayAt(path))).toEqual(row.asked);
  if (row.sent) expect(sent).toMatchObject(row.sent);
  // A failure under a key is not stored: it has a row for each time that it was asked.
  for (const one of row.usage ? await caller.rows(1) : [])
    expect(one).toMatchObject(row.usage ?? {});
  if (row.calls !== undefined) expect(delivered).toHaveLength(row.calls);
  if (row.rowsUnderKey !== undefined && surface === 'keyed') {
    expect(await caller.rows(row.rowsUnderKey)).toHaveLength(row.rowsUnderKey);
  }
  if (row.read) await expectRead(row.read, row, seen);
  await row.check?.(seen);
}

async function callerOf(world: World, surface: Surface): Promise<RowCaller> {
  if (surface !== 'custom-openai' && surface !== 'custom-anthropic') return world.newcomer(10);
  const provider = surface === 'custom-openai' ? 'openai' : 'anthropic';
  return ownerOf(world, { provider, scenario: 'sim/answer' });
}

type Asking = { readonly row: Row; readonly surface: Surface; readonly caller: RowCaller };

async function asked(world: World, { row, surface, caller }: Asking): Promise<Response> {
  const { request = {} } = row;
  // What a gateway has failed at before is remembered by model: each row has one of its own.
  const model = caller.model ?? models[surface] ?? `maker/${randomUUID()}`;
  const told = surface === 'fim' ? { prompt: 'a', suffix: 'b' } : { messages };
  const path = paths[surface];
  const asking = {
    ...(caller.token !== undefined && { token: caller.token }),
    ...(path !== undefined && { path }),
    body: typeof request === 'string' ? request : { model, ...told, ...request },
  };
  if (surface !== 'keyed') return world.ask({ ...asking, headers: row.headers ?? {} });
  const headers = { ...row.headers, 'idempotency-key': randomUUID() };
  await (await world.ask({ ...asking, headers })).text();
  return world.ask({ ...asking, headers });
}

const isEventStream = (headers: Headers): boolean =>
  headers.get('content-type')?.includes('text/event-stream') === true;

/** Of each event, its `data:` lines together. */
const dataIn = (text: string): readonly string[] =>
  text.split(/\r?\n\r?\n/).flatMap((event) => {
    const lines = event.split(/\r?\n/).filter((line) => line.startsWith('data:'));
    return lines.length > 0 ? [lines.map((line) => line.slice(5).trimStart()).join('\n')] : [];
  });

function expectClient({ client }: Row, { status, headers, text, data }: Seen): void {
  expect({ status, text }).toMatchObject({ status: client.status });
  if (client.streamed !== undefined) expect(isEventStream(headers)).toBe(client.streamed);
  if (isEventStream(headers)) {
    const ends = data.flatMap((one, place) => (one === END_OF_STREAM ? [place] : []));
    expect(ends).toEqual([data.length - 1]);
  }
  if (client.body) expect(jsonIn(text)).toMatchObject(client.body);
  for (const [name, value] of Object.entries(client.headers ?? {})) {
    expect({ [name]: headers.get(name) }).toEqual({ [name]: value });
  }
  for (const part of client.contains ?? []) expect(text).toMatch(part);
  for (const part of client.lacks ?? []) expect(text).not.toMatch(part);
}

const jsonIn = (text: string): unknown => {
  const json = parseJson(text);
  if (!json.ok) throw new Error(`This is no JSON: ${text.slice(0, 200)}`);
  return json.value;
};

/**
 * OpenRouter's SDK validates errors in the shape that only `/api/v1` has, and misses a field in the JSON of a stealth model, of
 * which no more is shown than has to be.
 */
const isReadStrictly = ({ status, surface, data }: Seen): boolean =>
  status < 400 ? surface !== 'stealth' || data.length > 0 : surface === 'v1';

async function expectRead(read: Read, row: Row, seen: Seen): Promise<void> {
  const { status, headers, text } = seen;
  const { request } = row;
  const isStreamed = typeof request === 'object' && request['stream'] === true;
  for (const [name, reader] of Object.entries(readers)) {
    if (name === '@openrouter/sdk' && !isReadStrictly(seen)) continue;
    const reading = await reader({ status, headers, text, isStreamed });
    expect(JSON.stringify({ name, ...reading })).not.toMatch(UNREADABLE);
    const [kind, told] = 'failed' in reading ? ['failed', reading.failed] : ['said', reading.said];
    const [expected, words] = 'failed' in read ? ['failed', read.failed] : ['said', read.said];
    expect({ name, told, kind }).toMatchObject({ kind: expected });
    if (typeof words === 'string') expect({ name, told }).toEqual({ name, told: words });
    else expect(told).toMatch(words);
  }
}
