import { parseJson } from '@gateway/worker-utils/json';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { APICallError, generateText, stepCountIs, streamText, tool } from 'ai';
import OpenAI, { APIUserAbortError, AuthenticationError, NotFoundError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const messages = [{ role: 'user' as const, content: 'Hello!' }];
const delivered = () => {
  const entry = world.simulator.log().at(-1);
  if (!entry) throw new Error('Nothing was delivered.');
  return entry;
};

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

  test('an abort reaches the upstream', async () => {
    const { token } = await world.newcomer(10);
    const stream = await clientOf(token).chat.completions.create({
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
    expect((await world.simulator.ended(sequence)).ending).toBe('client-left');
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

  test('passes reasoning and its signature through', async () => {
    const { token } = await world.newcomer(10);
    const result = streamText({ model: modelOf(token, 'sim/reasoning'), prompt: 'Think.' });
    expect(await result.reasoningText).not.toBe('');
    expect(await result.text).not.toBe('');
  });

  test('an abort reaches the upstream', async () => {
    const { token } = await world.newcomer(10);
    const leaving = new AbortController();
    const result = streamText({
      model: modelOf(token, 'sim/answer~tokens=1000~delay=20'),
      prompt: 'Hello!',
      abortSignal: leaving.signal,
      onError: () => undefined,
    });
    for await (const _part of result.textStream) break;
    leaving.abort();
    expect((await world.simulator.ended(delivered().sequence)).ending).toBe('client-left');
  });

  test('raises an APICallError with our status and body', async () => {
    const { token } = await world.newcomer(0);
    const asked = generateText({
      model: modelOf(token, 'openai/gpt-5.2'),
      prompt: 'Hi',
      maxRetries: 0,
    });
    await expect(asked).rejects.toSatisfy(
      (error) =>
        APICallError.isInstance(error) &&
        error.statusCode === 402 &&
        error.responseBody?.includes('Paid Model - Credits Required') === true,
    );
  });
});
