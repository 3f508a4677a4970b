import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Delivered } from '@gateway/local/simulator/log';
import { bundle } from '@gateway/local/workerd/workers';
import { UserId } from '@gateway/worker-utils/ids';
import { signKiloToken } from '@gateway/worker-utils/kilo-token';
import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chatsFor } from '../../support/chat-grammar/chat-grammar.ts';
import { FREE_MODELS, modelName } from '../../support/chat-grammar/values.ts';
import { boughtForNobody, forbiddenIn, type Rules } from '../../support/upstream-rules.ts';
import { memberOf } from '../../support/member.ts';
import { startWorld, TOKEN_SECRET, type World } from '../../support/world.ts';

// Requests with every field of OpenRouter's chat schema, from callers who must not make us pay, must not spend more than they
// have, or must stay within the rules of an organization. The simulator bills what each request buys. `npm run proof` makes
// this long. A failure prints its seed and its batch. Nothing shrinks the batch: each try would take real answers for minutes.

const BATCH = 8;
const BATCHES = Math.ceil(Number(process.env['PROOF_RUNS'] ?? 400) / BATCH);
const TEST_MS_MAX = 1_800_000;
const HANG_MS = 60_000;

let world: World;
beforeAll(async () => {
  world = await startWorld({ CLIENT_ADDRESS: 'forwarded' });
});
afterAll(() => world.stop());
beforeEach(() => world.simulator.stand({ scenario: null }));

const freeModel = fc.oneof(
  { arbitrary: fc.constantFrom(...FREE_MODELS), weight: 6 },
  { arbitrary: modelName, weight: 1 },
);
type Chat = object & { readonly messages: readonly unknown[]; readonly model: string };
const batchOf = (models: fc.Arbitrary<string>): fc.Arbitrary<readonly Chat[]> =>
  fc.array(chatsFor(models), { minLength: 1, maxLength: BATCH, size: 'max' });
const scenario = fc
  .record({ uses: fc.constantFrom(1, 3, 30), tokens: fc.constantFrom(1, 12, 400) })
  .map(({ uses, tokens }) => `answer~answers=last~uses=${uses}~tokens=${tokens}~first=30`);

type Exchange = {
  readonly chat: Chat;
  readonly status: number;
  readonly sent: readonly Delivered[];
};
let asked = 0;

/** Sends all at once. Each request has a text of its own, by which it is found in the provider's log. */
async function exchangesOf(
  there: World,
  chats: readonly Chat[],
  token?: string,
): Promise<readonly Exchange[]> {
  const before = there.simulator.log().at(-1)?.sequence ?? 0;
  const answers = chats.map(async (chat) => {
    asked += 1;
    const mark = `request ${asked}.`;
    const messages = [{ role: 'user', content: mark }, ...chat.messages];
    const response = await there.ask({
      body: { ...chat, messages },
      // What is free is limited by address.
      headers: { 'x-forwarded-for': `10.${asked >> 16}.${(asked >> 8) & 255}.${asked & 255}` },
      ...(token !== undefined && { token }),
      signal: AbortSignal.timeout(HANG_MS),
    });
    await response.text();
    return { chat, mark, status: response.status };
  });
  const answered = await Promise.all(answers);
  const entries = there.simulator.log().filter(({ sequence }) => sequence > before);
  const ended = await Promise.all(entries.map(({ sequence }) => there.simulator.ended(sequence)));
  return answered.map(({ chat, mark, status }) => ({
    chat,
    status,
    sent: ended.filter(({ rawBody }) => rawBody?.includes(mark) === true),
  }));
}

/** What a property has seen: one that sees nothing proves nothing. */
function tallied(title: string) {
  let [requests, answered, usd] = [0, 0, 0];
  return {
    count(exchanges: readonly Exchange[]) {
      requests += exchanges.length;
      answered += exchanges.filter(({ status }) => status === 200).length;
      usd += exchanges.flatMap(({ sent }) => sent).reduce((sum, { cost }) => sum + cost, 0);
    },
    expectAnswers() {
      console.log(`${title}: ${answered} of ${requests} answered, for $${usd.toFixed(4)}.`);
      expect(answered).toBeGreaterThan(requests / 20);
    },
  };
}

const errorsIn = ({ workerLines }: World) =>
  workerLines.filter((line) => /"level":"error"|uncaught/i.test(line));

describe('a request that nobody pays for buys nothing on our account', () => {
  async function expectNothingBought(there: World, token?: string, model?: string): Promise<void> {
    const seen = tallied(model ?? (token === undefined ? 'anonymous' : 'without credit'));
    const models = model === undefined ? freeModel : fc.constant(model);
    await fc.assert(
      fc.asyncProperty(batchOf(models), scenario, async (chats, played) => {
        there.simulator.stand({ scenario: null });
        there.simulator.stand({ scenario: played });
        const exchanges = await exchangesOf(there, chats, token);
        seen.count(exchanges);
        const bought = exchanges.flatMap(({ sent }) =>
          sent.flatMap((entry) => boughtForNobody(entry, model ?? null)),
        );
        expect(bought).toEqual([]);
      }),
      { numRuns: BATCHES, endOnFailure: true },
    );
    seen.expectAnswers();
    expect(errorsIn(there)).toEqual([]);
  }

  test('without a token', () => expectNothingBought(world), TEST_MS_MAX);

  test(
    'with a token, without credit',
    async () => {
      const { token } = await world.newcomer(0);
      await expectNothingBought(world, token);
    },
    TEST_MS_MAX,
  );

  test(
    'in a promotion',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-promotion-'));
      const module = await bundle(
        'llm-gateway',
        folder,
        'workers/llm-gateway/src/testing/in-promotion.ts',
      );
      const then = await startWorld(
        { CLIENT_ADDRESS: 'forwarded' },
        { standIns: { 'llm-gateway': module } },
      );
      try {
        const { id, pepper } = await then.newcomer(0);
        const claims = { kiloUserId: UserId.parse(id), apiTokenPepper: pepper };
        const token = await signKiloToken({ ...claims, tokenSource: 'cloud-agent' }, TOKEN_SECRET, {
          now: Instant.parse(Date.now()),
          expiresInSeconds: 3600,
        });
        await expectNothingBought(then, token, 'anthropic/claude-sonnet-4.6');
      } finally {
        await then.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    },
    TEST_MS_MAX,
  );
});

const BALANCE_USD = 0.01;
const ALARM = 'An answer cost more than the worst case of its request';

test(
  'a payer with a cent spends at most the cent and one request beyond it',
  async () => {
    const seen = tallied('a cent');
    const models = fc.oneof(
      { arbitrary: modelName, weight: 4 },
      { arbitrary: freeModel, weight: 1 },
    );
    await fc.assert(
      fc.asyncProperty(batchOf(models), scenario, async (chats, played) => {
        const payer = await world.newcomer(BALANCE_USD);
        world.simulator.stand({ scenario: null });
        world.simulator.stand({ scenario: played });
        const exchanges = await exchangesOf(world, chats, payer.token);
        seen.count(exchanges);
        const costs = exchanges
          .filter(({ chat }) => !isSponsored(chat))
          .flatMap(({ sent }) => sent.map(({ cost }) => Math.round(cost * 1_000_000)));
        const spent = costs.reduce((sum, cost) => sum + cost, 0);
        expect(spent).toBeLessThanOrEqual(BALANCE_USD * 1_000_000 + Math.max(0, ...costs));
        await expect.poll(payer.used).toBe(spent);
        expect(world.workerLines.filter((line) => line.includes(ALARM))).toEqual([]);
      }),
      { numRuns: BATCHES, endOnFailure: true },
    );
    seen.expectAnswers();
    expect(errorsIn(world)).toEqual([]);
  },
  TEST_MS_MAX,
);

const SPONSORED =
  /^(?:minimax\/minimax-m2\.5:free|giga-potato(?:-thinking)?|corethink:free|kilo-auto\/free)$/i;
const isSponsored = ({ model }: Chat): boolean => SPONSORED.test(model.trim());

const models = [
  'anthropic/*',
  'openai/gpt-5.2',
  'z-ai/glm-5',
  'vendor/model',
  'minimax/minimax-m2.5',
];
const organizations: readonly (readonly [string, Rules])[] = [
  ['models and hosts', { models, hosts: ['anthropic', 'z-ai', 'amazon-bedrock'] }],
  ['models', { models, hosts: [] }],
  ['hosts', { models: [], hosts: ['anthropic', 'z-ai', 'exa'] }],
];

describe('a member reaches no model or host that the lists of the organization lack', () => {
  test.each(organizations)(
    'a list of %s',
    async (title, rules) => {
      const member = await memberOf(world, {
        usd: 1000,
        plan: 'enterprise',
        settings: { model_allow_list: rules.models, provider_allow_list: rules.hosts },
      });
      const seen = tallied(`a list of ${title}`);
      const listed = fc.constantFrom('anthropic/claude-sonnet-4.6', 'openai/gpt-5.2', 'z-ai/glm-5');
      const named = fc.oneof({ arbitrary: listed, weight: 3 }, { arbitrary: modelName, weight: 2 });
      const outage = fc.constantFrom(null, null, null, 'status~code=503', 'cut~after=2');
      await fc.assert(
        fc.asyncProperty(batchOf(named), scenario, outage, async (chats, played, fault) => {
          world.simulator.stand({ scenario: null });
          world.simulator.stand({ scenario: played });
          // Some are then asked elsewhere, or gone on with.
          if (fault !== null) world.simulator.stand({ scenario: fault, base: 'api', requests: 3 });
          const exchanges = await exchangesOf(world, chats, member.token);
          seen.count(exchanges);
          const forbidden = exchanges.flatMap(({ sent }) =>
            sent.flatMap((entry) => forbiddenIn(entry, rules)),
          );
          expect(forbidden).toEqual([]);
        }),
        { numRuns: Math.ceil(BATCHES / organizations.length), endOnFailure: true },
      );
      seen.expectAnswers();
    },
    TEST_MS_MAX,
  );
});
