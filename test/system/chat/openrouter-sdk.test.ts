import { OpenRouter } from '@openrouter/sdk';
import type {
  ChatMessages,
  ChatRequest,
  ChatResult,
  ChatStreamChunk,
} from '@openrouter/sdk/models';
import * as errors from '@openrouter/sdk/models/errors';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { detailsSaid, detailsSent } from '../../support/reasoning.ts';
import { startWorld, type World } from '../../support/world.ts';

// OpenRouter's own client validates whatever it gets, to the last field: it is pointed at /api/v1, and raises nothing.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
afterEach(() => world.simulator.stand({ scenario: null }));

const MODEL = 'anthropic/claude-sonnet-4.6';
const messages: ChatMessages[] = [{ role: 'user', content: 'Hello!' }];

// Where it is told to try again it would do so for an hour.
const clientOf = (apiKey: string) =>
  new OpenRouter({ serverURL: `${world.url}/api/v1`, apiKey, retryConfig: { strategy: 'none' } });

const delivered = () => {
  const entry = world.simulator.log().at(-1);
  if (!entry) throw new Error('Nothing was delivered.');
  return entry;
};
const microdollars = (usd: number) => Math.round(usd * 1_000_000);

async function answered(apiKey: string, chat: Partial<ChatRequest> = {}): Promise<ChatResult> {
  const chatRequest: ChatRequest = { model: MODEL, messages, ...chat };
  const answer = await clientOf(apiKey).chat.send({ chatRequest });
  if (!('choices' in answer)) throw new Error('It is a stream.');
  return answer;
}

async function* streamed(apiKey: string, signal?: AbortSignal): AsyncGenerator<ChatStreamChunk> {
  const chatRequest = { model: MODEL, messages, stream: true as const };
  const stream = await clientOf(apiKey).chat.send({ chatRequest }, signal ? { signal } : {});
  if ('choices' in stream) throw new Error('It is no stream.');
  yield* stream;
}

test('it lists the models, and goes through all its pages', async () => {
  const { token } = await world.newcomer(1);
  const ids: string[] = [];
  for await (const { result } of await clientOf(token).models.list()) {
    ids.push(...result.data.map(({ id }) => id));
  }
  expect(ids).toContain(MODEL);
  expect(ids).toContain('kilo/auto');
});

test('it gets an answer in one piece, and the cost that is charged', async () => {
  const person = await world.newcomer(10);
  const { choices, usage } = await answered(person.token);
  expect(choices[0]?.message.content).not.toBe('');
  expect(choices[0]?.finishReason).toBe('stop');
  expect(usage?.cost).toBe(delivered().cost);
  expect(await person.rows(1)).toMatchObject([{ cost: microdollars(delivered().cost) }]);
});

test('it gets a stream, its end and the cost that is charged', async () => {
  const person = await world.newcomer(10);
  const chunks = await Array.fromAsync(streamed(person.token));
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).not.toBe('');
  expect(chunks.some(({ choices }) => choices[0]?.finishReason === 'stop')).toBe(true);
  expect(chunks.at(-1)?.usage?.cost).toBe(delivered().cost);
  expect(await person.rows(1)).toMatchObject([{ cost: microdollars(delivered().cost) }]);
});

test.each(['details', 'encrypted'])(
  'reasoning (%s) goes back to the provider as it came',
  async (as) => {
    world.simulator.stand({ scenario: `reasoning~reasoning-as=${as}` });
    const { token } = await world.newcomer(10);
    const [first] = (await answered(token)).choices;
    const said = detailsSaid(delivered());
    if (!first) throw new Error('There is no choice.');
    const next: ChatMessages = { role: 'user', content: 'And then?' };
    await answered(token, { messages: [...messages, first.message, next] });
    expect(detailsSent(delivered())).toEqual([said]);
  },
);

test('an abort reaches the provider, and what had come is charged', async () => {
  world.simulator.stand({ scenario: 'answer~tokens=2000~delay=20' });
  const person = await world.newcomer(10);
  const leaving = new AbortController();
  const read = async () => {
    for await (const _chunk of streamed(person.token, leaving.signal)) leaving.abort();
  };
  await expect(read()).rejects.toThrow(/abort/i);
  const { ending, cost } = await world.simulator.ended(delivered().sequence);
  expect(ending).toBe('client-left');
  expect(cost).toBeGreaterThan(0);
  await expect
    .poll(async () => (await person.rows(1)).map((row) => row.cost))
    .toEqual([microdollars(cost)]);
});

test('an error within a stream is in a chunk that it can read', async () => {
  world.simulator.stand({ scenario: 'cut~after=4~of=9' });
  const { token } = await world.newcomer(10);
  const chunks = await Array.fromAsync(streamed(token));
  expect(chunks.at(-1)).toMatchObject({
    error: { code: 502, message: 'The provider ended the answer before it was complete.' },
    choices: [{ finishReason: 'error' }],
  });
});

test.each([
  [401, 'nonsense', MODEL, errors.UnauthorizedResponseError],
  [402, 0, MODEL, errors.PaymentRequiredResponseError],
  [404, 10, 'z-ai/glm-5:free', errors.NotFoundResponseError],
  [429, 10, 'sim/status~code=429', errors.TooManyRequestsResponseError],
  [503, 10, 'sim/status~code=402', errors.ServiceUnavailableResponseError],
])('it raises the class that it has for a %i', async (status, usd, model, raised) => {
  const apiKey = typeof usd === 'string' ? usd : (await world.newcomer(usd)).token;
  const error: unknown = await answered(apiKey, { model }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(raised);
  expect(error).toMatchObject({ statusCode: status, error: { code: status } });
});
