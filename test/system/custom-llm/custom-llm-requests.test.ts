import { createServer } from 'node:http';
import { ask } from '@gateway/db/inspect';
import { wordsOf } from '@gateway/local/simulator/words';
import { hexOf } from '@gateway/worker-utils/hex';
import { UserId } from '@gateway/worker-utils/ids';
import { signKiloToken } from '@gateway/worker-utils/kilo-token';
import { Instant } from '@gateway/worker-utils/time';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  asked,
  delivered,
  hello,
  ownerOf,
  type Provider,
  statusOf,
  tools,
  wireBody,
} from '../../support/custom-llm.ts';
import { hash } from '../../support/upstream.ts';
import { startWorld, TOKEN_SECRET, untilRows, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const providers: readonly Provider[] = ['anthropic', 'openai'];
const answering = (provider: string) => ({ provider, scenario: 'sim/answer' });

test('heidi of the demo people is answered by the model of her organisation', async () => {
  const owner = { token: world.tokens['heidi'] ?? '', model: 'kilo-internal/globex-1' };
  const body = { model: owner.model, messages: hello, stream: true };
  const response = await world.ask({ token: owner.token, body });
  expect(response.status).toBe(200);
  expect(response.headers.get('x-gateway-provider')).toBe('custom');
  expect(await response.text()).toContain('"finish_reason":"stop"');
  expect(delivered(world).path).toBe('/api/v1/responses');
});

describe('what is sent', () => {
  const conversation = {
    messages: [
      {
        role: 'system',
        content: [
          { type: 'text', text: 'Be ' },
          { type: 'text', text: 'brief.' },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'Hello!' }] },
    ],
    max_tokens: 50,
    temperature: 0.5,
    verbosity: 'max',
    reasoning: { effort: 'high' },
    tools,
    tool_choice: 'required',
    top_p: 0.1,
    stream: true,
    headers: { 'x-kilocode-taskid': 'task-1' },
  };

  test('to Anthropic', async () => {
    const owner = await ownerOf(world, answering('anthropic'));
    await (await asked(world, owner, conversation)).text();
    expect(wireBody(world)).toMatchObject({
      model: 'sim/answer',
      max_tokens: 50,
      thinking: { type: 'adaptive' },
      output_config: { effort: 'max' },
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello!' }] }],
      tools: [{ name: 'read_file' }],
      tool_choice: { type: 'any', disable_parallel_tool_use: false },
      stream: true,
    });
    expect(Object.keys(wireBody(world))).not.toContain('top_p');
    const { headers } = delivered(world);
    expect(headers['x-api-key']).toBe('simulator');
    expect(headers['anthropic-beta']).toContain('context-1m-2025-08-07');
  });

  test('to OpenAI, with the pseudonyms of custom endpoints', async () => {
    const owner = await ownerOf(world, answering('openai'));
    await (await asked(world, owner, conversation)).text();
    const user = hash('custom', owner.id);
    expect(wireBody(world)).toMatchObject({
      model: 'sim/answer',
      input: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'input_text', text: 'Hello!' }] },
      ],
      max_output_tokens: 50,
      text: { verbosity: 'high' },
      reasoning: { effort: 'high', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      store: false,
      parallel_tool_calls: true,
      tool_choice: 'required',
      tools: [{ type: 'function', name: 'read_file' }],
      prompt_cache_key: hash('custom', `${owner.id}task-1`),
      safety_identifier: user,
      user,
      stream: true,
    });
    expect(delivered(world).headers['authorization']).toBe('Bearer simulator');
  });

  test.each(providers)('a developer is a system to %s', async (provider) => {
    const owner = await ownerOf(world, answering(provider));
    const messages = [{ role: 'developer', content: 'Be brief.' }, ...hello];
    expect((await asked(world, owner, { messages })).status).toBe(200);
    expect(wireBody(world)).toMatchObject(
      provider === 'anthropic'
        ? { system: [{ text: 'Be brief.' }] }
        : { input: [{ role: 'developer', content: 'Be brief.' }, {}] },
    );
  });
});

describe.each(providers)('an endpoint that speaks as %s does', (provider) => {
  const call = (text: string) => [
    ...hello,
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'read_file', arguments: text } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'the contents' },
  ];
  const part = (content: object) => [{ role: 'user', content: [content] }];

  test.each<[string, unknown, string]>([
    ['a role that nobody knows', [{ role: 'function', content: 'x' }], 'messages.0.role'],
    ['no list of messages', 'Hello!', 'messages'],
    [
      'a URL that is none',
      part({ type: 'image_url', image_url: { url: 'no url' } }),
      'neither a data URL',
    ],
    [
      'a file of this machine',
      part({ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }),
      'neither a data URL',
    ],
    [
      'a file that no protocol takes by its URL',
      part({ type: 'file', file: { file_data: 'https://example.com/x.zip' } }),
      'neither a data URL',
    ],
    [
      'a kind of file that no protocol takes',
      part({ type: 'file', file: { file_data: 'data:application/zip;base64,UEsDBA==' } }),
      'application/zip',
    ],
  ])('is never asked with %s: 400', async (_name, messages, words) => {
    const owner = await ownerOf(world, answering(provider));
    const before = world.simulator.log().length;
    for (const stream of [false, true]) {
      const { status, body } = await statusOf(await asked(world, owner, { messages, stream }));
      const { error } = z
        .object({
          error: z.object({ message: z.string(), code: z.literal(400), type: z.literal('error') }),
        })
        .parse(body);
      expect(status).toBe(400);
      expect(error.message).toContain(words);
    }
    expect(world.simulator.log()).toHaveLength(before);
  });

  test('is asked with a call without arguments', async () => {
    const owner = await ownerOf(world, answering(provider));
    expect((await asked(world, owner, { messages: call('') })).status).toBe(200);
    expect(JSON.stringify(wireBody(world))).toContain(
      provider === 'anthropic' ? '"input":{}' : '"arguments":"{}"',
    );
  });

  test('is handed the URL of an image: nothing is fetched here, whatever a caller names', async () => {
    const seen: string[] = [];
    const inside = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.end('secret');
    });
    await new Promise<void>((resolve) => {
      inside.listen(0, '127.0.0.1', resolve);
    });
    try {
      const { port } = z.object({ port: z.number() }).parse(inside.address());
      const url = `http://127.0.0.1:${port}/image.png`;
      const owner = await ownerOf(world, answering(provider));
      const messages = part({ type: 'image_url', image_url: { url } });
      expect((await asked(world, owner, { messages })).status).toBe(200);
      expect(JSON.stringify(wireBody(world))).toContain(url);
      expect(seen).toEqual([]);
    } finally {
      inside.close();
    }
  });
});

describe('whose it is', () => {
  test('an organisation without credit, whose policy does not name it, may ask its own model', async () => {
    const settings = { model_allow_list: ['anthropic/*'], data_collection: 'deny' };
    const owner = await ownerOf(world, answering('openai'), { organization: { settings } });
    expect((await asked(world, owner)).status).toBe(200);
    const paid = await statusOf(
      await asked(world, { ...owner, model: 'anthropic/claude-sonnet-4.6' }),
    );
    expect(paid.status).toBe(402);
  });

  test('nobody else finds it: it is then a model like any other that must be paid for', async () => {
    const { model } = await ownerOf(world, answering('openai'));
    const other = await ownerOf(world, answering('openai'));
    const before = world.simulator.log().length;
    expect((await asked(world, { ...other, model })).status).toBe(402);
    const person = await world.newcomer(0);
    const body = { model, messages: hello };
    expect((await world.ask({ token: person.token, body })).status).toBe(402);
    expect((await world.ask({ body })).status).toBe(401);
    expect(world.simulator.log()).toHaveLength(before);
  });

  test('the older prefix finds it too', async () => {
    const row = { public_id: `kilo/own-${crypto.randomUUID()}` };
    const owner = await ownerOf(world, answering('anthropic'), { row });
    expect((await asked(world, owner)).status).toBe(200);
    expect(delivered(world).path).toBe('/api/v1/messages');
  });

  test.each([
    ['xai', {}, 'Unknown provider: xai'],
    ['openai', { base_url: 'no url' }, 'The base URL of this model is not a URL.'],
  ])('a model that is not well configured says so (%s)', async (provider, row, message) => {
    const owner = await ownerOf(world, answering(provider), { row });
    expect(await statusOf(await asked(world, owner))).toEqual({
      status: 500,
      body: { error: { message, code: 500, type: 'error' } },
    });
  });

  test('a key that an endpoint repeats in its errors is not passed on', async () => {
    const key = 'sk-key-of-an-organisation';
    const talkative = createServer((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: `Incorrect API key: ${key}` } }));
    });
    await new Promise<void>((resolve) => {
      talkative.listen(0, '127.0.0.1', resolve);
    });
    try {
      const { port } = z.object({ port: z.number() }).parse(talkative.address());
      const row = { api_key: key, base_url: `http://127.0.0.1:${port}/v1` };
      const owner = await ownerOf(world, answering('openai'), { row });
      expect(await statusOf(await asked(world, owner, { stream: true }))).toEqual({
        status: 401,
        body: { error: { message: 'Incorrect API key: [key]', code: 401, type: 'error' } },
      });
    } finally {
      talkative.close();
    }
  });
});

test.each([true, false])(
  'the phase of an answer is remembered by who was told it, and what it said (streamed: %s)',
  async (stream) => {
    const owner = await ownerOf(world, answering('openai'));
    const headers = { 'x-kilocode-taskid': 'task-1' };
    await (await asked(world, owner, { stream, headers })).text();
    const text = wordsOf('plain', 1, 12).join('');
    const told = new TextEncoder().encode(`${owner.id}|task-1|${text}`);
    const key = hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', told)));
    await untilRows(world.databaseUrl, `select 1 from temp_phase where key = '${key}'`);
    const query = { text: 'select value from temp_phase where key = $1', values: [key] };
    expect(await ask(world.databaseUrl, query, z.unknown())).toEqual([{ value: 'final_answer' }]);
  },
);

test('outside of one machine, an endpoint must be https and public', async () => {
  const production = await startWorld({ ENVIRONMENT: 'production' });
  try {
    const owner = await ownerOf(production, answering('openai'));
    const claims = {
      kiloUserId: UserId.parse(owner.id),
      apiTokenPepper: owner.pepper,
      env: 'production',
      organizationId: owner.organization,
    };
    const validity = { now: Instant.parse(Date.now()), expiresInSeconds: 60 };
    const token = await signKiloToken(claims, TOKEN_SECRET, validity);
    const message = 'The base URL of this model must be https and public.';
    expect(await statusOf(await asked(production, { ...owner, token }))).toEqual({
      status: 500,
      body: { error: { message, code: 500, type: 'error' } },
    });
    expect(production.simulator.log()).toEqual([]);
  } finally {
    await production.stop();
  }
});
