import type { Delivered } from '@gateway/local/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { attemptsOf } from '../../support/attempts.ts';
import { eventually } from '../../support/launcher.ts';
import { startWorld, type World } from '../../support/world.ts';

// What a caller sees of an answer that breaks off in the middle, while somebody else could go on with it.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
afterEach(() => world.simulator.reset());

const messages = [{ role: 'user', content: 'Hello!' }];
const microdollars = (usd: number) => Math.round(usd * 1_000_000);

const Chunk = z.looseObject({
  id: z.string(),
  model: z.string(),
  choices: z.array(
    z.looseObject({
      delta: z.looseObject({
        role: z.string().optional(),
        content: z.string().nullish(),
        reasoning: z.string().nullish(),
        tool_calls: z.array(z.unknown()).optional(),
      }),
      finish_reason: z.string().nullable(),
    }),
  ),
  usage: z.looseObject({ prompt_tokens: z.number() }).nullish(),
  error: z.unknown().optional(),
});
type Chunk = z.infer<typeof Chunk>;

const dataOf = (text: string): readonly string[] =>
  text
    .split(/\r?\n\r?\n/)
    .flatMap((event) => (event.startsWith('data: ') ? [event.slice('data: '.length)] : []));
const chunksOf = (text: string): readonly Chunk[] =>
  dataOf(text)
    .filter((data) => data !== '[DONE]')
    .map((data) => Chunk.parse(JSON.parse(data)));
const contentOf = (chunks: readonly Chunk[]): string =>
  chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');

type Saw = {
  readonly person: Awaited<ReturnType<World['newcomer']>>;
  readonly status: number;
  readonly provider: string | null;
  readonly text: string;
  readonly chunks: readonly Chunk[];
};
async function ask(model: string, more: object = {}): Promise<Saw> {
  const person = await world.newcomer(10);
  const body = { model, messages, stream: true, usage: { include: true }, ...more };
  const response = await world.ask({ token: person.token, body });
  const text = await response.text();
  return {
    person,
    status: response.status,
    provider: response.headers.get('x-gateway-provider'),
    text,
    chunks: chunksOf(text),
  };
}
/** At OpenRouter as it is told, and well at Vercel. */
const atOpenRouter = (scenario: string) => `sim/${scenario}~on=api`;

const wholes = new Map<number, string>();
/** What the answer to the same question is where nothing happens to it. */
async function whole(tokens: number): Promise<string> {
  const known = wholes.get(tokens);
  if (known !== undefined) return known;
  const text = contentOf((await ask(`sim/answer~tokens=${tokens}`)).chunks);
  world.simulator.reset();
  wholes.set(tokens, text);
  return text;
}

function delivered(): readonly [Delivered, Delivered] {
  const [first, second, ...others] = world.simulator.log();
  if (!first || !second || others.length > 0) throw new Error('There were not two calls.');
  return [first, second];
}

/** One answer, under one name, with one beginning and one end. */
function expectOneAnswer({ text, chunks }: Saw, expected: string): void {
  expect(contentOf(chunks)).toBe(expected);
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  expect(new Set(chunks.map(({ model }) => model)).size).toBe(1);
  expect(chunks.filter(({ error }) => error)).toEqual([]);
  expect(chunks.filter(({ usage }) => usage)).toHaveLength(1);
  const finishes = chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? []);
  expect(finishes).toEqual(['stop']);
  expect(text.match(/\[DONE\]/g)).toHaveLength(1);
  expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
}

/** One row, at the price of the attempt that completed the answer; the one that broke off is an attempt that nobody pays. */
async function expectCharge({ person }: Saw): Promise<void> {
  const [broken, completing] = delivered();
  const cost = microdollars(completing.cost);
  expect(cost).toBeGreaterThan(0);
  await eventually(async () => (await person.used()) === cost, `the charge of ${cost}`);
  const [row, ...others] = await person.rows(1);
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    cost,
    has_error: false,
    provider: 'vercel',
    message_id: completing.generationId,
    finish_reason: 'stop',
  });
  expect(await attemptsOf(world.databaseUrl, row?.id ?? '')).toMatchObject([
    { n: 1, provider: 'openrouter', ending: 'cut', generation_id: broken.generationId },
    {
      n: 2,
      provider: 'vercel',
      status: 200,
      ending: 'complete',
      generation_id: completing.generationId,
      upstream_cost: cost,
    },
  ]);
}

describe('a text that breaks off is gone on with by the other gateway: the caller gets one answer, whole and once', () => {
  test.each([
    'cut~after=40~of=60',
    'cut~after=1~of=60',
    'cut~after=60~of=60',
    'cut~after=40~of=60~end=fin',
    'cut~after=40~of=60~framing=close',
    'reset~after=40~of=60',
    'cut~after=40~of=60~comments=1',
    'stall~after=20~of=60',
  ])('%s', async (scenario) => {
    const expected = await whole(60);
    const saw = await ask(atOpenRouter(scenario));
    expect(saw).toMatchObject({ status: 200, provider: 'openrouter' });
    expectOneAnswer(saw, expected);
    const [first, second] = delivered();
    expect(saw.chunks[0]?.id).toBe(first.generationId);
    const [asked, begun, ...others] = second.body?.messages ?? [];
    expect([asked, others]).toEqual([messages[0], []]);
    expect(begun?.role).toBe('assistant');
    expect(expected.startsWith(String(begun?.content))).toBe(true);
    await expectCharge(saw);
  });

  test('nobody is told twice who speaks', async () => {
    const expected = await whole(60);
    const saw = await ask(atOpenRouter('cut~after=1~of=60'));
    expectOneAnswer(saw, expected);
    expect(saw.chunks.filter(({ choices }) => choices[0]?.delta.role)).toHaveLength(1);
  });

  test('one that says all of it again is cut where it becomes new', async () => {
    const expected = await whole(60);
    world.simulator.stand({ scenario: 'answer~of=60~prefill=restart', base: 'vercel' });
    const saw = await ask(atOpenRouter('cut~after=40~of=60'));
    expectOneAnswer(saw, expected);
  });
});

describe('an answer that breaks off before anything was seen of it begins once more', () => {
  test.each([
    ['reasoning that nobody signed', 'cut~after=5~of=20~reasoning=8'],
    ['a summary of reasoning', 'cut~after=5~of=20~reasoning=8~reasoning-as=summary'],
    ['reasoning that ends in the middle of its event', 'cut~at=900~of=20~reasoning=8'],
  ])('%s', async (_what, scenario) => {
    const expected = await whole(20);
    const saw = await ask(atOpenRouter(scenario));
    expectOneAnswer(saw, expected);
    const [, second] = delivered();
    expect(second.body?.messages).toEqual(messages);
    await expectCharge(saw);
  });

  test('no signature is shown for a thought that the client holds together with another one', async () => {
    const saw = await ask(atOpenRouter('cut~after=5~of=20~reasoning=8'));
    expectOneAnswer(saw, await whole(20));
    expect(saw.text).not.toContain('"signature"');
  });

  test.each(['minimax/minimax-m2.5:free', 'sim/answer:nitro'])(
    'also where one gateway alone is asked, or where a free model is rewritten: %s',
    async (model) => {
      world.simulator.stand({ scenario: 'answer~of=20', base: 'api' });
      const expected = contentOf((await ask(model)).chunks);
      world.simulator.reset();
      world.simulator.stand({ scenario: 'answer~of=20' });
      world.simulator.stand({ scenario: 'reset~after=5~of=20~reasoning=8', requests: 1 });
      const saw = await ask(model);
      expectOneAnswer(saw, expected);
      expect(world.simulator.log()).toHaveLength(2);
      expect(await saw.person.rows(1)).toMatchObject([{ has_error: false }]);
    },
  );
});

test('a free model whose answer is rewritten is gone on with like any other', async () => {
  const model = 'minimax/minimax-m2.5:free';
  world.simulator.stand({ scenario: 'answer~of=60' });
  const expected = contentOf((await ask(model)).chunks);
  world.simulator.reset();
  world.simulator.stand({ scenario: 'answer~of=60', base: 'vercel' });
  world.simulator.stand({ scenario: 'reset~at=7000~of=60', base: 'api' });
  const saw = await ask(model);
  expectOneAnswer(saw, expected);
  delivered();
  expect(await saw.person.rows(1)).toMatchObject([{ has_error: false, cost: 0 }]);
});

describe('what nobody can go on with ends with an error, once, and costs what the provider took for it', () => {
  const tool = {
    type: 'function',
    function: {
      name: 'write_file',
      parameters: {
        type: 'object',
        properties: { path: { type: 'string' }, content: { type: 'string' } },
        required: ['path', 'content'],
      },
    },
  };
  test.each<[string, string, number, object?]>([
    ['arguments of a tool', 'sim/cut~after=3~calls=1~pieces=6~on=api', 1, { tools: [tool] }],
    [
      'reasoning that is signed',
      'sim/cut~after=6~of=20~reasoning=5~reasoning-as=encrypted~on=api',
      1,
    ],
    ['a model that goes on with nothing', 'anthropic/sim-cut~after=5~of=20~on=api', 2],
    ['one that is known to refuse', 'anthropic/claude-opus-4.6', 1],
    ['one that begins anew', 'openai/gpt-5.2', 1],
    ['one of several answers', 'sim/cut~after=9~of=20~choices=2~on=api', 1, { n: 2 }],
    [
      'JSON by a schema',
      'sim/cut~after=5~of=20~on=api',
      1,
      { response_format: { type: 'json_object' } },
    ],
    [
      'where the other gateway is not to be asked',
      'sim/cut~after=5~of=20',
      1,
      { provider: { data_collection: 'deny' } },
    ],
    ['one gateway alone has it', 'sim/cut~after=5~of=20:nitro', 1],
  ])('%s', async (what, model, calls, more = {}) => {
    if (what.startsWith('a model that')) {
      world.simulator.stand({ scenario: 'answer~prefill=reject', base: 'vercel' });
    }
    if (!model.includes('sim'))
      world.simulator.stand({ scenario: 'cut~after=5~of=20', base: 'api' });
    const saw = await ask(model, more);
    expect(saw.status).toBe(200);
    expect(saw.chunks.filter(({ error }) => error)).toHaveLength(1);
    expect(saw.chunks.at(-1)?.choices[0]?.finish_reason).toBe('error');
    expect(saw.text.match(/\[DONE\]/g)).toHaveLength(1);
    const log = world.simulator.log();
    expect(log).toHaveLength(calls);
    const cost = microdollars(log[0]?.cost ?? 0);
    expect(cost).toBeGreaterThan(0);
    await eventually(async () => (await saw.person.used()) === cost, `the charge of ${cost}`);
    const [row] = await saw.person.rows(1);
    expect(row).toMatchObject({ has_error: true, provider: 'openrouter' });
    expect(await attemptsOf(world.databaseUrl, row?.id ?? '')).toMatchObject([
      { n: 1, ending: 'cut', status: 200 },
      ...(calls === 1 ? [] : [{ n: 2, ending: 'failed', status: 400 }]),
    ]);
  });

  test('an answer that both gateways break off is charged as the second one, which the client got last', async () => {
    const saw = await ask('sim/cut~after=20~of=60');
    const [, second] = delivered();
    expect(contentOf(saw.chunks)).toBe((await whole(60)).slice(0, contentOf(saw.chunks).length));
    expect(saw.chunks.at(-1)?.choices[0]?.finish_reason).toBe('error');
    const cost = microdollars(second.cost);
    await eventually(async () => (await saw.person.used()) === cost, `the charge of ${cost}`);
  });
});

describe('a client that leaves while its answer is gone on with', () => {
  test.each([
    ['before the second one has answered', 'answer~of=60~headers=60000'],
    ['before the second one has begun', 'answer~of=60~first=4000~delay=500'],
    ['in the middle of the second one', 'answer~of=60~delay=1000'],
  ])(
    '%s ends that, and is charged what the provider took for the one that ran',
    async (when, second) => {
      world.simulator.stand({ scenario: second, base: 'vercel' });
      world.simulator.stand({ scenario: 'cut~after=20~of=60', base: 'api' });
      const person = await world.newcomer(10);
      const leaving = new AbortController();
      const body = { model: 'maker/model', messages, stream: true };
      const request = { token: person.token, body, signal: leaving.signal };
      const response = await world.ask(request);
      const reading = response.text().catch(() => '');
      await eventually(() => world.simulator.log().length === 2, 'the second call');
      if (when.startsWith('in the middle')) {
        await eventually(() => (world.simulator.log()[1]?.tokens ?? 0) > 1, 'its first tokens');
      }
      leaving.abort();
      await reading;
      const { sequence } = delivered()[1];
      expect((await world.simulator.ended(sequence)).ending).toBe('client-left');
      const [first, last] = delivered();
      const ran = when.startsWith('before the second one has answered') ? first : last;
      const cost = microdollars(ran.cost);
      await eventually(async () => (await person.used()) === cost, `the charge of ${cost}`);
      const rows = await person.rows(1);
      expect(rows).toMatchObject([{ has_error: true, message_id: ran.generationId, cost }]);
      expect(await attemptsOf(world.databaseUrl, rows[0]?.id ?? '')).toHaveLength(2);
    },
  );
});
