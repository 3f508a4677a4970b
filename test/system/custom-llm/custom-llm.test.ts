import { request as connect } from 'node:http';
import { SIGNATURE } from '@gateway/local/simulator/deltas';
import { wordsOf } from '@gateway/local/simulator/words';
import { parseJson } from '@gateway/worker-utils/json';
import { stepCountIs, streamText, tool } from 'ai';
import { APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  asked,
  delivered,
  eventsIn,
  hello,
  openai,
  ownerOf,
  type Provider,
  statusOf,
  tools,
  viaAiSdk,
  wireBody,
} from '../../support/custom-llm.ts';
import { eventually } from '../../support/launcher.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const providers: readonly Provider[] = ['anthropic', 'openai'];
const streamed = { stream: true };

describe.each(providers)('an endpoint that speaks as %s does', (provider) => {
  test('streams text, its end and its usage; nobody is charged, and nobody is asked what it cost', async () => {
    const owner = await ownerOf(world, { provider, scenario: 'sim/answer~cached=2' });
    const stream = await openai(world, owner).chat.completions.create({
      model: owner.model,
      messages: hello,
      stream: true,
    });
    const chunks = await Array.fromAsync(stream);
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(text.split(' ')).toHaveLength(12);
    expect(new Set(chunks.map(({ model }) => model))).toEqual(new Set([owner.model]));
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)?.usage).toMatchObject({
      completion_tokens: 12,
      prompt_tokens_details: { cached_tokens: 2 },
    });
    const { generationId, path } = delivered(world);
    expect(path).toBe(provider === 'anthropic' ? '/api/v1/messages' : '/api/v1/responses');
    const [row] = await owner.rows(1);
    expect(row).toMatchObject({
      provider: 'custom',
      requested_model: owner.model,
      cost: 0,
      market_cost: 0,
      output_tokens: 12,
      cache_hit_tokens: 2,
      has_error: false,
      status_code: 200,
      finish_reason: 'stop',
    });
    expect(row?.message_id).toContain(generationId);
    expect(world.simulator.looks()).toEqual([]);
  });

  test('answers in one piece where no stream was asked for', async () => {
    const owner = await ownerOf(world, { provider, scenario: 'sim/reasoning' });
    const completion = await openai(world, owner).chat.completions.create({
      model: owner.model,
      messages: hello,
    });
    expect(completion.model).toBe(owner.model);
    expect(completion.choices).toMatchObject([
      { index: 0, finish_reason: 'stop', message: { role: 'assistant' } },
    ]);
    expect(completion.choices[0]?.message.content?.split(' ')).toHaveLength(12);
    expect(completion.usage?.completion_tokens).toBe(20);
    expect(await owner.rows(1)).toMatchObject([{ cost: 0, output_tokens: 20, streamed: false }]);
  });

  test('streams tool calls in pieces, several in one turn', async () => {
    const owner = await ownerOf(world, { provider, scenario: 'sim/tool~calls=2' });
    const runner = openai(world, owner).chat.completions.stream({
      model: owner.model,
      messages: hello,
      tools,
    });
    const { choices } = await runner.finalChatCompletion();
    const calls = choices[0]?.message.tool_calls ?? [];
    expect(choices[0]?.finish_reason).toBe('tool_calls');
    expect(
      calls.map((call) => (call.type === 'function' ? parseJson(call.function.arguments) : null)),
    ).toEqual([
      { ok: true, value: { path: 'notes.txt' } },
      { ok: true, value: { path: 'notes.txt' } },
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  });

  test.each(['details', 'encrypted'])(
    'gets back what it has thought (%s), with its proof, beside the result of the tool that it called',
    async (as) => {
      const owner = await ownerOf(world, {
        provider,
        scenario: `sim/tool~reasoning=4~reasoning-as=${as}`,
      });
      const result = streamText({
        model: viaAiSdk(world, owner),
        prompt: 'Read it.',
        stopWhen: stepCountIs(3),
        tools: {
          read_file: tool({
            inputSchema: z.looseObject({ path: z.string() }),
            execute: () => Promise.resolve('the contents'),
          }),
        },
      });
      expect(await result.text).not.toBe('');
      expect(await result.steps).toHaveLength(2);
      const first = world.simulator.log().at(-2);
      expect(told(wireBody(world))).toEqual(expectedTurn(provider, as, first?.generationId ?? ''));
    },
  );

  test.each([
    [401, ''],
    [429, '~retry-after=7'],
    [500, ''],
    [529, ''],
  ])('an error before the first byte keeps its status: %s', async (code, more) => {
    const owner = await ownerOf(world, { provider, scenario: `sim/status~code=${code}${more}` });
    for (const rest of [{}, streamed]) {
      const response = await asked(world, owner, rest);
      expect(response.headers.get('content-type')).toContain('application/json');
      expect(response.headers.get('retry-after')).toBe(more === '' ? null : '7');
      expect(await statusOf(response)).toEqual({
        status: code,
        body: { error: { message: `Refused with ${code}.`, code, type: 'error' } },
      });
    }
    expect(await owner.rows(2)).toMatchObject([
      { cost: 0, has_error: true, status_code: code },
      { cost: 0, has_error: true, status_code: code },
    ]);
  });

  test('an error in its stream before the first token is a status, not an empty success', async () => {
    const owner = await ownerOf(world, { provider, scenario: 'sim/error~after=0~code=500' });
    const answer = openai(world, owner).chat.completions.create({
      model: owner.model,
      messages: hello,
      stream: true,
    });
    await expect(answer).rejects.toThrow(APIError);
    await expect(answer).rejects.toMatchObject({ error: { message: 'The provider failed.' } });
    expect(await owner.rows(1)).toMatchObject([{ has_error: true }]);
  });

  test('a failure in mid-stream is an error event, and the end', async () => {
    const owner = await ownerOf(world, { provider, scenario: 'sim/error~after=3~code=500' });
    const events = eventsIn(await (await asked(world, owner, streamed)).text());
    const said = events.filter(({ choices: [choice] }) => choice?.delta['content']);
    expect(said).toHaveLength(3);
    expect(events.at(-1)).toMatchObject({
      model: owner.model,
      error: { message: 'The provider failed.', type: 'error' },
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
    });
    expect(events.filter(({ error }) => error)).toHaveLength(1);
    expect(await owner.rows(1)).toMatchObject([{ has_error: true, cost: 0 }]);
  });

  test.each(['sim/cut~after=3', 'sim/reset~after=3', 'sim/no-finish', 'sim/malformed~after=3'])(
    'an answer that broke off (%s) says so: it never looks whole',
    async (scenario) => {
      const owner = await ownerOf(world, { provider, scenario: scenario });
      const events = eventsIn(await (await asked(world, owner, streamed)).text());
      expect(events.at(-1)?.error?.code).toBeGreaterThanOrEqual(500);
      expect(events.at(-1)?.choices[0]?.finish_reason).toBe('error');
      expect(await owner.rows(1)).toMatchObject([{ has_error: true }]);
    },
  );

  test('hears of a client that leaves in mid-stream', async () => {
    const scenario = 'sim/answer~tokens=1000~delay=20';
    const owner = await ownerOf(world, { provider, scenario });
    const leaving = new AbortController();
    const response = await world.ask({
      token: owner.token,
      body: { model: owner.model, messages: hello, ...streamed },
      signal: leaving.signal,
    });
    await response.body?.getReader().read();
    const { sequence } = delivered(world);
    leaving.abort();
    expect((await world.simulator.ended(sequence)).ending).toBe('client-left');
    expect(await owner.rows(1)).toMatchObject([{ cancelled: true, cost: 0 }]);
  });

  test('hears of a client that breaks off while it waits for a whole answer', async () => {
    const scenario = 'sim/answer~tokens=1000~delay=20';
    const owner = await ownerOf(world, { provider, scenario });
    const before = world.simulator.log().length;
    const request = connect(`${world.url}/api/openrouter/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.token}` },
    });
    request.on('error', () => undefined);
    request.end(JSON.stringify({ model: owner.model, messages: hello }));
    await eventually(() => world.simulator.log().length > before, 'the call');
    const { sequence } = delivered(world);
    request.socket?.resetAndDestroy();
    expect((await world.simulator.ended(sequence)).ending).toBe('client-left');
    expect(await owner.rows(1)).toMatchObject([{ cancelled: true, cost: 0 }]);
  });

  test('an old extension calls one tool at a time, and is told of formats by another name', async () => {
    const owner = await ownerOf(world, { provider, scenario: 'sim/reasoning' });
    const agent = { 'user-agent': 'Kilo-Code/4.82.0' };
    const body = { tools, headers: agent, ...streamed };
    const events = eventsIn(await (await asked(world, owner, body)).text());
    const formats = new Set(
      events.flatMap(({ choices: [choice] }) =>
        detailsIn(choice?.delta).map(({ format }) => format),
      ),
    );
    expect(formats).toEqual(
      new Set([provider === 'openai' ? 'openai-responses-v1-obscured' : 'anthropic-claude-v1']),
    );
    expect(wireBody(world)).toMatchObject(
      provider === 'openai'
        ? { parallel_tool_calls: false }
        : { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    );
  });
});

const Details = z.array(z.looseObject({ type: z.string(), format: z.string() }));
const detailsIn = (message: Readonly<Record<string, unknown>> | undefined) =>
  Details.safeParse(message?.['reasoning_details']).data ?? [];

/** What the wire says of the assistant's turn and of what followed it, but for the ids. */
function told(body: Readonly<Record<string, unknown>>): unknown {
  const Said = z.object({
    role: z.string(),
    content: z.array(z.looseObject({ type: z.string() })),
  });
  if ('messages' in body) {
    return z
      .array(Said)
      .parse(body['messages'])
      .filter(({ role }) => role === 'assistant')
      .flatMap(({ content }) =>
        content.map(({ id: _id, cache_control: _cache, ...block }) => block),
      );
  }
  const Item = z.looseObject({ type: z.string().optional(), call_id: z.string().optional() });
  return z
    .array(Item)
    .parse(body['input'])
    .filter(({ type }) => type === 'reasoning' || type === 'function_call')
    .map(({ call_id: _id, ...item }) => item);
}

const THOUGHT = wordsOf('plain', 2, 4);

function expectedTurn(provider: Provider, as: string, generation: string): readonly object[] {
  const text = THOUGHT.join('');
  const encrypted = Buffer.from(text).toString('base64');
  const input = { path: 'notes.txt' };
  if (provider === 'anthropic') {
    const thought =
      as === 'encrypted'
        ? { type: 'redacted_thinking', data: encrypted }
        : { type: 'thinking', thinking: text, signature: SIGNATURE };
    return [thought, { type: 'tool_use', name: 'read_file', input }];
  }
  return [
    {
      type: 'reasoning',
      id: `rs_${generation}`,
      encrypted_content: encrypted,
      summary: as === 'encrypted' ? [] : [{ type: 'summary_text', text }],
    },
    { type: 'function_call', name: 'read_file', arguments: JSON.stringify(input) },
  ];
}
