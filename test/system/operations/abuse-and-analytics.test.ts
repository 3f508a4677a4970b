import { plant } from '@gateway/db/seed';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../support/launcher.ts';
import { memberOf } from '../../support/member.ts';
import { type Sink, startSink } from '../../support/sink.ts';
import { startWorld, type World } from '../../support/world.ts';

// What others are told: analytics of a first use, an organisation of its low balance, the abuse service of a request.

const VERDICT = {
  verdict: 'ALLOW',
  risk_score: 0.1,
  signals: [],
  action_metadata: {},
  context: { identity_key: 'k', current_spend_1h: 0, is_new_user: true, requests_per_second: 1 },
  request_id: 4711,
};

let posthog: Sink;
let mailer: Sink;
let abuse: Sink;
let world: World;
beforeAll(async () => {
  posthog = await startSink();
  mailer = await startSink();
  abuse = await startSink({ status: 200, body: VERDICT });
  world = await startWorld({
    POSTHOG_HOST: posthog.url,
    POSTHOG_API_KEY: 'phc_test',
    CUSTOMERIO_BASE_URL: `${mailer.url}/v1`,
    CUSTOMERIO_API_KEY: 'mail-key',
    ABUSE_SERVICE_URL: abuse.url,
    ABUSE_CF_ACCESS_CLIENT_ID: 'access-id',
    ABUSE_CF_ACCESS_CLIENT_SECRET: 'access-secret',
  });
});
afterAll(async () => {
  await world.stop();
  for (const sink of [posthog, mailer, abuse]) await sink.close();
});

type Person = Awaited<ReturnType<World['newcomer']>>;
const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello!' },
];
const PAID = 'anthropic/claude-sonnet-4.6';
const FREE = 'corethink:free';
async function use(token: string, model = PAID, more: object = {}) {
  const body = { model, messages, stream: true, ...more };
  const response = await world.ask({ token, body, headers: { 'user-agent': 'an agent' } });
  await response.text();
  return response.status;
}
const toldOf = (sink: Sink, text: string) =>
  sink.received().filter((request) => request.text.includes(text));
const Batch = z.object({
  api_key: z.literal('phc_test'),
  batch: z.array(
    z.looseObject({ event: z.string(), properties: z.record(z.string(), z.unknown()) }),
  ),
});
const captured = (person: Person) =>
  eventsOf(person)
    .flatMap(({ json }) => Batch.parse(json).batch)
    .toSorted((one, other) => one.event.localeCompare(other.event));
const eventsOf = (person: Person) => toldOf(posthog, `${person.id}@example.com`);

test('a first use that costs something is told as both milestones, once, by e-mail', async () => {
  const person = await world.newcomer(10);
  await plant(world.databaseUrl, {
    payment_methods: [{ user_id: person.id, stripe_id: 'pm_1' }],
  });
  await use(person.token);
  await eventually(() => eventsOf(person).length === 2, 'both events');
  const [row] = await person.rows(1);
  const properties = { model: row?.model, cost_mUsd: row?.cost, has_payment_method: true };
  const common = { distinct_id: `${person.id}@example.com`, uuid: row?.id };
  expect(captured(person)).toMatchObject([
    { event: 'first_microdollar_usage', ...common, properties },
    { event: 'first_usage', ...common, properties },
  ]);
  expect(captured(person)[0]?.properties['has_prior_free_usage']).toBe(false);

  await use(person.token);
  await person.rows(2);
  const bystander = await world.newcomer(10);
  await use(bystander.token);
  await eventually(() => eventsOf(bystander).length === 2, "another's events");
  expect(eventsOf(person)).toHaveLength(2);
});

test('the first paid use after a free one says that there was a free one', async () => {
  const person = await world.newcomer(10);
  await use(person.token, FREE);
  await eventually(() => eventsOf(person).length === 1, 'the first event');
  expect(eventsOf(person)[0]?.text).toContain('"first_usage"');
  await use(person.token);
  await eventually(() => eventsOf(person).length === 2, 'the second event');
  expect(eventsOf(person)[1]?.text).toContain('"has_prior_free_usage":true');
  expect(eventsOf(person)[1]?.text).toContain('"has_payment_method":false');
});

test('an organisation whose balance falls below its minimum hears of it once, at every address', async () => {
  const emails = ['one@example.com', 'two@example.com', 'one@example.com'];
  const person = await memberOf(world, { minimum: 5, usd: 5, emails });
  await Promise.all(Array.from({ length: 5 }, () => use(person.token)));
  await person.rows(5);
  await eventually(() => toldOf(mailer, person.organization).length >= 2, 'the mails');
  const url = `https://app.kilo.ai/organizations/${person.organization}`;
  const mails = toldOf(mailer, person.organization);
  expect(mails.map(({ json }) => json)).toEqual(
    ['one@example.com', 'two@example.com'].map((to) => ({
      transactional_message_id: '16',
      to,
      identifiers: { email: to },
      reply_to: 'hi@kilocode.ai',
      message_data: {
        organizationId: person.organization,
        minimum_balance: 5,
        organization_url: url,
        invoices_url: `${url}/payment-details`,
      },
    })),
  );
  expect(mails.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ['/v1/send/email', 'Bearer mail-key'],
    ['/v1/send/email', 'Bearer mail-key'],
  ]);
  // Use for an organisation is nobody's own first use.
  expect(eventsOf(person)).toEqual([]);
});

const asked = (path: string, text: string) =>
  toldOf(abuse, text).filter((request) => request.path === path);

test('the abuse service is asked with the prompts, and is told the market price of the answer', async () => {
  const person = await world.newcomer(10);
  await use(person.token, PAID, { max_tokens: 50, tools: [{ type: 'function' }] });
  const [row] = await person.rows(1);
  await eventually(() => asked('/api/usage/cost', person.id).length > 0, 'the report of the cost');
  const [question] = asked('/api/classify', person.id);
  expect(question?.headers).toMatchObject({
    'cf-access-client-id': 'access-id',
    'cf-access-client-secret': 'access-secret',
  });
  expect(question?.json).toMatchObject({
    kilo_user_id: person.id,
    organization_id: null,
    ip_address: '127.0.0.1',
    user_agent: 'an agent',
    provider: 'openrouter',
    requested_model: PAID,
    user_prompt: 'Hello!',
    system_prompt: 'Be brief.',
    max_tokens: 50,
    has_middle_out_transform: false,
    has_tools: true,
    streamed: true,
    is_user_byok: false,
    editor_name: null,
    feature: null,
  });
  expect(asked('/api/usage/cost', person.id).map(({ json }) => json)).toEqual([
    {
      kilo_user_id: person.id,
      ip_address: '127.0.0.1',
      ja4_digest: null,
      user_agent: 'an agent',
      request_id: 4711,
      message_id: row?.message_id,
      cost: row?.market_cost,
      requested_model: PAID,
      input_tokens: row?.input_tokens,
      output_tokens: row?.output_tokens,
      cache_write_tokens: 0,
      cache_hit_tokens: 0,
    },
  ]);
});

test('the abuse service is told what an answer is worth, also where nobody pays for it', async () => {
  const person = await world.newcomer(0);
  await use(person.token, FREE);
  const [row] = await person.rows(1);
  expect(row?.cost).toBe(0);
  expect(row?.['market_cost']).toBeGreaterThan(0);
  await eventually(() => asked('/api/usage/cost', person.id).length > 0, 'the report of the cost');
  expect(asked('/api/usage/cost', person.id)[0]?.json).toMatchObject({
    cost: row?.['market_cost'],
    requested_model: FREE,
  });
});

test('prompts of an organisation are not shown to the abuse service', async () => {
  const person = await memberOf(world, { minimum: 0, usd: 5, emails: [] });
  await use(person.token);
  await eventually(() => asked('/api/classify', person.id).length > 0, 'the question');
  expect(asked('/api/classify', person.id)[0]?.json).toMatchObject({
    organization_id: person.organization,
    user_prompt: null,
    system_prompt: null,
  });
});

test('callers without an account are judged too, by their pseudonym', async () => {
  const response = await world.ask({ body: { model: FREE, messages } });
  expect(response.status).toBe(200);
  await response.text();
  await eventually(() => asked('/api/classify', '"anon:').length > 0, 'the question');
});

test.each([
  ['of another shape', { status: 200, body: { verdict: 'MAYBE', request_id: 4712 } }],
  [
    'without a context, of a verdict that could not be made',
    { status: 200, body: { ...VERDICT, context: undefined, request_id: 0 } },
  ],
  ['an error', { status: 500, body: 'no' }],
] as const)('an answer of the abuse service that is %s changes nothing', async (_name, answer) => {
  abuse.behave(answer);
  const person = await world.newcomer(10);
  expect(await use(person.token)).toBe(200);
  await person.rows(1);
  await eventually(() => asked('/api/classify', person.id).length > 0, 'the question');
  abuse.behave({ status: 200, body: VERDICT });
  const bystander = await world.newcomer(10);
  await use(bystander.token);
  await eventually(() => asked('/api/usage/cost', bystander.id).length > 0, 'a later report');
  expect(asked('/api/usage/cost', person.id)).toEqual([]);
});
