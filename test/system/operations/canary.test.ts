import { ask } from '@gateway/db/inspect';
import { plant } from '@gateway/db/seed';
import { run } from '@gateway/db/test-database';
import { sealedKey } from '@gateway/local/stack/sealed-key';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../support/launcher.ts';
import { type Member, memberOf } from '../../support/member.ts';
import { others, type Others, startOthers } from '../../support/others.ts';
import { type Sink, startSink } from '../../support/sink.ts';
import { BYOK_ENCRYPTION_KEY, startWorld, TOKEN_SECRET, type World } from '../../support/world.ts';

// Words are planted in every place that a client, a row or a provider can put some, and looked for in everything that the
// gateway tells. Each has few places where it may be; a new place for it is a leak.

const canary = (place: string) => `canary-in-${place}-7f3a`;
const said = {
  header: {
    cookie: `session=${canary('cookie')}`,
    referer: `https://example.com/${canary('referer')}`,
    'x-api-key': canary('api-key'),
    'x-forwarded-for': '203.0.113.99',
    'user-agent': canary('user-agent'),
    'x-kilocode-editorname': canary('editor'),
    'x-kilocode-machineid': canary('machine'),
    'x-kilocode-taskid': canary('task'),
    'x-kilocode-mode': canary('mode'),
    'x-kilocode-projectid': canary('project'),
  },
  body: {
    messages: [
      { role: 'system', content: canary('system-prompt') },
      { role: 'user', content: canary('prompt') },
    ],
    user: canary('user-field'),
    api_key: canary('key-field'),
    metadata: { anything: canary('metadata') },
  },
};
/** Of a provider's answers. */
const replied = {
  'content-type': `application/json; charset=${canary('reply-type')}`,
  'request-id': canary('reply-id'),
  'set-cookie': canary('reply-cookie'),
  'retry-after': canary('reply-wait'),
  'x-ratelimit-remaining': canary('reply-limit'),
};
const ownKey = canary('own-key');
const badToken = canary('bad-token');
const PROMPTS = [canary('prompt'), canary('system-prompt')];
/** What is kept of a request of the house's own people: the words of its body, but for its keys. */
const KEPT_WHOLE = [...PROMPTS, canary('user-field'), canary('metadata')];
/** Labels of rows: what a client says of itself, and the beginnings of its prompts. */
const LABELS = ['user-agent', 'editor', 'machine', 'task', 'mode', 'project'].map(canary);

let told: Others;
let provider: Sink;
let world: World;
let member: Member;
let staff: Awaited<ReturnType<World['newcomer']>>;
let people: readonly { readonly token: string; readonly pepper: string }[];

beforeAll(async () => {
  told = await startOthers();
  provider = await startSink();
  world = await startWorld({
    ...told.environment,
    CORETHINK_BASE_URL: provider.url,
    CLIENT_ADDRESS: 'socket',
  });
  staff = await world.newcomer(0, 'kilo.ai');
  const person = await world.newcomer(10);
  member = await memberOf(world, {
    usd: 5,
    minimum: 5,
    emails: ['boss@example.com'],
    name: canary('organisation'),
  });
  people = [staff, person, member];
  await plant(world.databaseUrl, {
    byok_api_keys: [
      {
        kilo_user_id: staff.id,
        provider_id: 'anthropic',
        encrypted_api_key: sealedKey(ownKey, BYOK_ENCRYPTION_KEY),
        created_by: canary('creator'),
      },
    ],
  });
  await run(
    world.databaseUrl,
    `update kilocode_users set google_user_name = '${canary('name')}', stripe_customer_id = '${canary('customer')}' || id`,
  );
  await sayEverything(person);
  await eventually(
    () => others.every((name) => told.sinks[name].received().length > 0),
    'a word to each',
  );
  await eventually(() => told.sinks.sentry.received().length >= 4, 'the reports');
  await eventually(async () => (await loggedWhole()).length > 0, 'the request log');
  await member.rows(1);
  await person.rows(5);
});
afterAll(async () => {
  await world.stop();
  await provider.close();
  await told.close();
});

async function sayEverything(person: { readonly token: string }): Promise<void> {
  const say = async (token: string | null, body: unknown, headers: object = said.header) => {
    const bearer = token === null ? {} : { authorization: `Bearer ${token}` };
    const response = await world.ask({ body, headers: { ...headers, ...bearer } });
    await response.text();
    return response.status;
  };
  const PAID = 'anthropic/claude-sonnet-4.6';
  expect(await say(staff.token, { ...said.body, model: PAID })).toBe(200);
  expect(await say(person.token, { ...said.body, model: PAID, stream: true })).toBe(200);
  const private_ = [{ role: 'user', content: canary('organisation-prompt') }];
  expect(await say(member.token, { ...said.body, messages: private_, model: PAID })).toBe(200);
  expect(await say(badToken, { ...said.body, model: PAID })).toBe(401);
  expect(await say(person.token, `{"model":"${PAID}",${canary('no-json')}}`)).toBe(400);
  for (const status of [500, 402]) {
    const error = { message: canary('error'), code: canary('code'), type: canary('type') };
    provider.behave({ status, headers: replied, body: { error, user_id: canary('account') } });
    await say(person.token, { ...said.body, model: 'corethink:free' });
  }
  const free = { ...said.body, model: 'corethink:free', stream: true };
  provider.behave({ status: 200, headers: replied, body: `${canary('broken-reply')}{` });
  await say(person.token, free);
  const headers = { ...replied, 'content-type': `text/event-stream; ${canary('stream-type')}` };
  const error = `{"error":{"message":"${canary('streamed-error')}","code":"${canary('code')}"}}`;
  const body = `: ${canary('comment')}\n\ndata: ${canary('no-event')}{\n\ndata: ${error}\n\n`;
  provider.behave({ status: 200, headers, body });
  await say(person.token, free);
}

const Whole = z.looseObject({ request: z.unknown(), response: z.string().nullable() });
const loggedWhole = () => ask(world.databaseUrl, { text: 'select * from api_request_log' }, Whole);

/** All that was planted, but for what may be there. */
function leaksIn(text: string, allowed: readonly string[] = []): readonly string[] {
  const secrets = [
    ...people.flatMap(({ token, pepper }) => [token, pepper]),
    '203.0.113.99',
    TOKEN_SECRET,
    BYOK_ENCRYPTION_KEY,
  ];
  const words = [...text.matchAll(/canary-in-[a-z-]+-7f3a/g)].map(([word]) => word);
  return [
    ...new Set(words.filter((word) => !allowed.includes(word))),
    ...secrets.filter((secret) => text.includes(secret)),
  ];
}
const textOf = (sink: Sink) =>
  sink
    .received()
    .map(({ path, headers, text }) => JSON.stringify({ path, headers, text }))
    .join('\n');

test('nothing that was said is in a line of the log', () => {
  expect(world.workerLines.length).toBeGreaterThan(5);
  const text = world.workerLines.join('\n');
  expect(leaksIn(text)).toEqual([]);
  expect(text).not.toContain('127.0.0.1');
});

test.each(['sentry', 'posthog', 'mailer', 'traces'] as const)(
  'nothing that was said is told to %s',
  (name) => {
    expect(leaksIn(textOf(told.sinks[name]))).toEqual([]);
  },
);

test('the abuse service is told prompts and labels of people, and nothing of organisations or keys', () => {
  const text = textOf(told.sinks.abuse);
  expect(leaksIn(text, [...PROMPTS, ...LABELS])).toEqual([]);
  expect(text).toContain(canary('prompt'));
});

test('nothing that was said is in a metric', async () => {
  const response = await fetch(`${world.o11yUrl}/metrics`, {
    headers: { authorization: `Bearer ${world.adminTokens.o11y}` },
  });
  const text = await response.text();
  expect(text).toContain('corethink');
  expect(leaksIn(text)).toEqual([]);
});

test('the log of whole requests holds no key', async () => {
  const text = JSON.stringify(await loggedWhole());
  expect(text).toContain(canary('prompt'));
  expect(leaksIn(text).filter((leak) => !KEPT_WHOLE.includes(leak))).toEqual([]);
});

test('rows hold labels and beginnings of prompts, none of an organisation, and no key', async () => {
  const text = 'select json_agg(view)::text as rows from microdollar_usage_view view';
  const [found] = await ask(world.databaseUrl, { text }, z.object({ rows: z.string() }));
  expect(found?.rows).toContain(canary('prompt'));
  // Prompts of people are labels of theirs; those of the organisation are not there at all.
  expect(leaksIn(found?.rows ?? '', [...PROMPTS, ...LABELS])).toEqual([]);
  expect(found?.rows).not.toContain(canary('organisation-prompt'));
});
