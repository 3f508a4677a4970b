import { parseJson } from '@gateway/worker-utils/json';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { APICallError, generateText, stepCountIs, streamText, tool } from 'ai';
import OpenAI, {
  APIUserAbortError,
  AuthenticationError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { detailsSaid, detailsSent } from '../../support/reasoning.ts';
import type { Person } from '../../support/newcomer.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const messages = [{ role: 'user' as const, content: 'Hello!' }];
const microdollars = (usd: number) => Math.round(usd * 1_000_000);
const delivered = () => {
  const entry = world.simulator.log().at(-1);
  if (!entry) throw new Error('Nothing was delivered.');
  return entry;
};

/** That the upstream has noticed, and that the client pays for what had come until then. */
async function expectLeft(sequence: number, person: Person): Promise<void> {
  const { ending, cost } = await world.simulator.ended(sequence);
  expect(ending).toBe('client-left');
  expect(cost).toBeGreaterThan(0);
  const charged = async () => (await person.rows(1)).map((row) => row.cost);
  await expect.poll(charged).toEqual([microdollars(cost)]);
}

describe('openai', () => {
  const clientOf = (apiKey: string) =>
    new OpenAI({ baseURL: `${world.url}/api/openrouter`, apiKey, maxRetries: 0 });

  test('streams text, its end and its usage', async () => {
    const { token } = await world.newcomer(10);
    const stream = await clientOf(token).chat.completions.create({
      model: 'openai/gpt-5.2',
      messages,
      stream: true,
    });
    const chunks = await Array.fromAsync(stream);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).not.toBe('');
    expect(chunks.some(({ choices }) => choices[0]?.finish_reason === 'stop')).toBe(true);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(delivered().tokens);
  });

  test('assembles a tool call that comes in pieces', async () => {
    const { token } = await world.newcomer(10);
    const parameters = { type: 'object', properties: { path: { type: 'string' } } };
    const runner = clientOf(token).chat.completions.stream({
      model: 'sim/tool',
      messages,
      tools: [{ type: 'function', function: { name: 'read_file', parameters } }],
    });
    const completion = await runner.finalChatCompletion();
    const [call] = completion.choices[0]?.message.tool_calls ?? [];
    expect(completion.choices[0]?.finish_reason).toBe('tool_calls');
    expect(call?.type === 'function' && call.function.name).toBe('read_file');
    expect(call?.type === 'function' && parseJson(call.function.arguments).ok).toBe(true);
  });

  test('does a task with two tools, and pays for the three answers', async () => {
    const person = await world.newcomer(10);
    const before = world.simulator.log().length;
    let written = '';
    const properties = { path: { type: 'string' } };
    const readParameters = { type: 'object', properties, required: ['path'] };
    const writeParameters = {
      type: 'object',
      properties: { ...properties, content: { type: 'string' } },
      required: ['path', 'content'],
    };
    const runner = clientOf(person.token).chat.completions.runTools({
      model: 'sim/task',
      messages,
      stream: true,
      tools: [
        {
          type: 'function',
          function: {
            name: 'read',
            description: 'Reads a file.',
            parameters: readParameters,
            function: () => 'TODO: water the plants',
          },
        },
        {
          type: 'function',
          function: {
            name: 'write',
            description: 'Writes a file.',
            parameters: writeParameters,
            function: (text: string) => {
              written = text;
              return 'Written.';
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).not.toBe('');
    expect(JSON.parse(written)).toEqual({ path: 'done.txt', content: 'water the plants' });
    const costs = world.simulator
      .log()
      .slice(before)
      .map(({ cost }) => microdollars(cost));
    expect(costs).toHaveLength(3);
    expect((await person.rows(3)).map(({ cost }) => cost)).toEqual(costs);
  });

  test('an abort reaches the upstream, and what had come is charged', async () => {
    const person = await world.newcomer(10);
    const stream = await clientOf(person.token).chat.completions.create({
      model: 'sim/answer~tokens=1000~delay=20',
      messages,
      stream: true,
    });
    const { sequence } = delivered();
    let chunks = 0;
    for await (const _chunk of stream) {
      chunks += 1;
      if (chunks === 2) stream.controller.abort();
    }
    await expectLeft(sequence, person);
  });

  test('raises the classes that it has for our refusals', async () => {
    const { token } = await world.newcomer(0);
    const create = (apiKey: string, model: string) =>
      clientOf(apiKey).chat.completions.create({ model, messages });
    await expect(create('nonsense', 'openai/gpt-5.2')).rejects.toThrow(AuthenticationError);
    await expect(create('nonsense', 'openai/gpt-5.2')).rejects.toMatchObject({
      status: 401,
      code: 'PAID_MODEL_AUTH_REQUIRED',
    });
    await expect(create(token, 'openai/gpt-5.2')).rejects.toMatchObject({
      status: 402,
      error: { buyCreditsUrl: 'https://app.kilo.ai/profile', balance: 0 },
    });
    await expect(create(token, 'z-ai/glm-5:free')).rejects.toThrow(NotFoundError);
    const rich = await world.newcomer(10);
    await expect(create(rich.token, 'sim/status~code=429')).rejects.toThrow(RateLimitError);
    await expect(create(rich.token, 'sim/status~code=402')).rejects.toThrow(InternalServerError);
    const aborted = clientOf(token).chat.completions.create(
      { model: 'minimax/minimax-m2.5:free', messages },
      { signal: AbortSignal.abort() },
    );
    await expect(aborted).rejects.toThrow(APIUserAbortError);
  });
});

describe('@openrouter/ai-sdk-provider', () => {
  const modelOf = (apiKey: string, id: string) =>
    createOpenRouter({ baseURL: `${world.url}/api/openrouter`, apiKey }).chat(id, {
      usage: { include: true },
    });

  test('streams text, and reports the cost that is charged', async () => {
    const person = await world.newcomer(10);
    const result = streamText({
      model: modelOf(person.token, 'anthropic/claude-sonnet-4.6'),
      prompt: 'Hello!',
    });
    expect(await result.text).not.toBe('');
    expect(await result.finishReason).toBe('stop');
    const metadata = await result.providerMetadata;
    expect(metadata).toMatchObject({ openrouter: { usage: { cost: delivered().cost } } });
    expect(await person.rows(1)).toMatchObject([{ cost: Math.round(delivered().cost * 1e6) }]);
  });

  test('runs a tool, sends its result back, and gets an answer', async () => {
    const person = await world.newcomer(10);
    const result = await generateText({
      model: modelOf(person.token, 'sim/tool'),
      prompt: 'Read it.',
      stopWhen: stepCountIs(3),
      tools: {
        read_file: tool({
          inputSchema: z.looseObject({}),
          execute: () => Promise.resolve('the contents'),
        }),
      },
    });
    expect(result.steps.length).toBe(2);
    expect(result.text).not.toBe('');
    expect(await person.rows(2)).toHaveLength(2);
  });

  test.each(['details', 'encrypted'])(
    'the reasoning of each turn of a task (%s) goes back to the provider as it came',
    async (as) => {
      const { token } = await world.newcomer(10);
      const before = world.simulator.log().length;
      let written = '';
      const result = streamText({
        model: modelOf(token, `sim/task~reasoning=8~reasoning-as=${as}`),
        prompt: 'Think, and do it.',
        stopWhen: stepCountIs(5),
        tools: {
          read: tool({
            inputSchema: z.object({ path: z.string() }),
            execute: async () => 'TODO: water the plants',
          }),
          write: tool({
            inputSchema: z.object({ path: z.string(), content: z.string() }),
            execute: async ({ content }) => {
              written = content;
            },
          }),
        },
      });
      expect(await result.text).not.toBe('');
      expect(written).toBe('water the plants');
      const turns = world.simulator.log().slice(before);
      expect(turns).toHaveLength(3);
      const said = turns.map(detailsSaid);
      expect(said.every(({ length }) => length > 0)).toBe(true);
      expect(turns.map(detailsSent)).toEqual([[], said.slice(0, 1), said.slice(0, 2)]);
    },
  );

  test('an abort reaches the upstream, and what had come is charged', async () => {
    const person = await world.newcomer(10);
    const leaving = new AbortController();
    const result = streamText({
      model: modelOf(person.token, 'sim/answer~tokens=1000~delay=20'),
      prompt: 'Hello!',
      abortSignal: leaving.signal,
      onError: () => undefined,
    });
    for await (const _part of result.textStream) break;
    leaving.abort();
    await expectLeft(delivered().sequence, person);
  });

  test.each([
    [401, 'nonsense', 'openai/gpt-5.2', 'You need to sign in to use this model.'],
    [402, 0, 'openai/gpt-5.2', 'Paid Model - Credits Required'],
    [404, 10, 'z-ai/glm-5:free', 'The alpha period for this model has ended.'],
    [429, 10, 'sim/status~code=429', 'rate-limited'],
    [503, 10, 'sim/status~code=402', 'The service is temporarily unavailable.'],
  ])('raises an APICallError with our status and body (%i)', async (status, usd, model, told) => {
    const token = typeof usd === 'string' ? usd : (await world.newcomer(usd)).token;
    const asked = generateText({ model: modelOf(token, model), prompt: 'Hi', maxRetries: 0 });
    await expect(asked).rejects.toSatisfy(
      (error) =>
        APICallError.isInstance(error) &&
        error.statusCode === status &&
        error.responseBody?.includes(told) === true,
    );
  });
});
