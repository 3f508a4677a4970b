import { randomUUID } from 'node:crypto';
import { plant } from '@gateway/db/seed';
import type { Delivered } from '@gateway/local/simulator';
import { tokenFor } from '@gateway/local/stack/tokens';
import { parseJson } from '@gateway/worker-utils/json';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import OpenAI from 'openai';
import { expect } from 'vitest';
import { z } from 'zod';
import { TOKEN_SECRET, type World } from './world.ts';

export type Provider = 'anthropic' | 'openai';
type Row = NonNullable<Parameters<typeof plant>[1]['custom_llm']>[number];
type Settings = {
  readonly row?: Partial<Row>;
  readonly organization?: Readonly<Record<string, unknown>>;
};

/** A member of an organisation without credit, whose only model is its own. The simulator plays it as told. */
export async function ownerOf(
  world: World,
  { provider, scenario }: { readonly provider: string; readonly scenario: string },
  { row = {}, organization: settings = {} }: Settings = {},
) {
  const person = await world.newcomer(0);
  const organization = randomUUID();
  const model = row.public_id ?? `kilo-internal/${randomUUID()}`;
  await plant(world.databaseUrl, {
    organizations: [{ id: organization, name: 'An organisation', plan: 'enterprise', ...settings }],
    organization_memberships: [
      { organization_id: organization, kilo_user_id: person.id, role: 'member' },
    ],
    custom_llm: [
      {
        public_id: model,
        display_name: 'Its own',
        context_length: 100_000,
        max_completion_tokens: 8_000,
        internal_id: scenario,
        provider,
        base_url: world.simulator.url,
        api_key: 'simulator',
        organization_ids: [organization],
        force_reasoning: true,
        ...row,
      },
    ],
  });
  const claims = { user: person.id, pepper: person.pepper, organization };
  return { ...person, organization, model, token: await tokenFor(claims, TOKEN_SECRET) };
}
export type Owner = Awaited<ReturnType<typeof ownerOf>>;

export const openai = (world: World, { token }: Owner) =>
  new OpenAI({ baseURL: `${world.url}/api/openrouter`, apiKey: token, maxRetries: 0 });

export const viaAiSdk = (world: World, { token, model }: Owner) =>
  createOpenRouter({ baseURL: `${world.url}/api/openrouter`, apiKey: token }).chat(model);

export const hello = [{ role: 'user' as const, content: 'Hello!' }];
const parameters = {
  type: 'object',
  properties: { path: { type: 'string' } },
  required: ['path'],
};
export const tools = [{ type: 'function' as const, function: { name: 'read_file', parameters } }];

type Question = { readonly headers?: Readonly<Record<string, string>> } & Readonly<
  Record<string, unknown>
>;
export const asked = (
  world: World,
  { token, model }: Pick<Owner, 'token' | 'model'>,
  { headers = {}, ...rest }: Question = {},
): Promise<Response> =>
  world.ask({
    token,
    headers,
    body: { model, messages: hello, ...rest },
  });

export const statusOf = async (response: Response) => {
  const body: unknown = await response.json();
  return { status: response.status, body };
};

export function delivered(world: World): Delivered {
  const entry = world.simulator.log().at(-1);
  if (!entry) throw new Error('Nothing was delivered.');
  return entry;
}

/** As it came over the wire: the log's own body is what the simulator made of it. */
export function wireBody(world: World): Readonly<Record<string, unknown>> {
  const parsed = parseJson(delivered(world).rawBody ?? '');
  return z.record(z.string(), z.unknown()).parse(parsed.ok ? parsed.value : null);
}

const Event = z.looseObject({
  error: z.looseObject({ code: z.number(), message: z.string() }).optional(),
  choices: z.array(
    z.looseObject({ delta: z.looseObject({}), finish_reason: z.string().nullish() }),
  ),
});

/** The data of every event of a whole stream. */
export function eventsIn(text: string) {
  const data = text.split('\n\n').flatMap((event) => /^data: (?<data>.*)$/s.exec(event)?.[1] ?? []);
  expect(data.at(-1)).toBe('[DONE]');
  return data.slice(0, -1).map((event) => {
    const parsed = parseJson(event);
    return Event.parse(parsed.ok ? parsed.value : event);
  });
}
