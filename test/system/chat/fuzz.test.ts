import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DATA_COLLECTION, reasonIn } from '../../support/refusal.ts';
import { startWorld, type World } from '../../support/world.ts';

// `npm run proof` makes this long. A failure prints the seed and the smallest request that fails.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const RUNS = Number(process.env['PROOF_RUNS'] ?? 400);
const HANG_MS = 15_000;
const TEST_MS_MAX = 900_000;

const junk = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    100_000_000_000,
    '',
    ' ',
    '\0',
    '\ud800',
    '__proto__',
  ),
  fc.string({ maxLength: 20 }),
  fc.jsonValue({ maxDepth: 3 }),
);
const models = fc.constantFrom(
  'anthropic/claude-sonnet-4.6',
  ' Anthropic/Claude-Sonnet-4.6 ',
  'minimax/minimax-m2.5:free',
  'z-ai/glm-5:free',
  'openrouter/free',
  'mistralai/devstral-2512',
  'x-ai/grok-code-fast-1',
  'qwen/qwen3-max',
  'kilo/auto',
  'sim/answer~tokens=2',
  ':x',
  ':free',
);
const content = fc.oneof(
  junk,
  fc.array(fc.oneof(junk, fc.record({ type: fc.constant('text'), text: junk })), { maxLength: 3 }),
);
const message = fc.oneof(
  junk,
  fc.record(
    {
      role: fc.oneof(fc.constantFrom('system', 'user', 'assistant', 'tool', 'developer'), junk),
      content,
      tool_calls: fc.oneof(
        junk,
        fc.array(fc.record({ id: junk, type: junk, function: junk }), { maxLength: 2 }),
      ),
      tool_call_id: junk,
      reasoning_details: junk,
    },
    { requiredKeys: [] },
  ),
);
const body = fc.record(
  {
    model: fc.oneof({ arbitrary: models, weight: 8 }, { arbitrary: junk, weight: 1 }),
    messages: fc.oneof(
      { arbitrary: fc.array(message, { maxLength: 4 }), weight: 4 },
      { arbitrary: junk, weight: 1 },
    ),
    stream: fc.oneof(fc.boolean(), junk),
    stream_options: junk,
    models: junk,
    max_tokens: junk,
    max_completion_tokens: junk,
    tools: fc.oneof(junk, fc.array(fc.record({ type: junk, function: junk }), { maxLength: 2 })),
    tool_choice: junk,
    provider: fc.oneof(
      junk,
      fc.record({ data_collection: junk, zdr: junk, order: junk }, { requiredKeys: [] }),
    ),
    reasoning: junk,
    verbosity: junk,
    transforms: junk,
    prompt_cache_key: junk,
    temperature: junk,
    user: junk,
  },
  { requiredKeys: [] },
);
const printable = fc
  .string({ unit: fc.constantFrom(...'abcXYZ019-_.:/@ ,;=%"{}'.split('')), maxLength: 30 })
  .map((text) => text.trim());
const headers = fc.record(
  {
    'x-kilocode-organizationid': printable,
    'x-kilocode-mode': printable,
    'x-kilocode-taskid': printable,
    'x-kilocode-feature': printable,
    'x-kilocode-projectid': printable,
    'x-kilocode-editorname': printable,
    'x-forwarded-for': fc.oneof(printable, fc.ipV4(), fc.ipV6()),
    'user-agent': printable,
    'content-type': printable,
  },
  { requiredKeys: [] },
);
const request = fc.record({
  text: fc.oneof(
    { arbitrary: body.map((value) => JSON.stringify(value)), weight: 8 },
    {
      arbitrary: fc
        .tuple(body, fc.nat(200))
        .map(([value, cut]) => JSON.stringify(value).slice(0, cut)),
      weight: 1,
    },
    { arbitrary: fc.string({ maxLength: 50 }), weight: 1 },
  ),
  headers,
  isSignedIn: fc.boolean(),
});

/** What we say ourselves, by status. Whatever else a client hears comes from the provider. */
const catalogue: Readonly<Record<number, readonly string[]>> = {
  400: [
    'Invalid request',
    'Invalid model name',
    'Field not allowed',
    'Unable to determine client IP',
    DATA_COLLECTION,
  ],
  401: ['PAID_MODEL_AUTH_REQUIRED', 'PROMOTION_MODEL_LIMIT_REACHED'],
  404: ['Model not found', 'The alpha period for this model has ended.'],
  413: ['Request too large'],
  429: ['Rate limit exceeded'],
  // An absurd number of tokens. The one for what is away has a time to come again.
  503: ['Service Unavailable'],
};
/** The status, where we may say this with it. */
const catalogued = (status: number, answer: string): number | null =>
  catalogue[status]?.some((reason) => reason === reasonIn(answer)) ? status : null;

test(
  `whatever a client sends, it gets an answer of the catalogue, or the provider's (${RUNS} requests)`,
  async () => {
    const person = await world.newcomer(10_000);
    await fc.assert(
      fc.asyncProperty(request, async ({ text, headers: sent, isSignedIn }) => {
        const before = world.simulator.log().length;
        const response = await world.ask({
          body: text,
          headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== '')),
          ...(isSignedIn && { token: person.token }),
          signal: AbortSignal.timeout(HANG_MS),
        });
        const answer = await response.text();
        const { status } = response;
        const [delivered] = world.simulator.log().slice(before);
        expect(status).toBe(delivered ? delivered.status : catalogued(status, answer));
        expect(response.headers.has('retry-after')).toBe(!delivered && status === 429);
      }),
      { numRuns: RUNS },
    );
    expect(world.workerLines.filter((line) => /"level":"error"|uncaught/i.test(line))).toEqual([]);
  },
  TEST_MS_MAX,
);
