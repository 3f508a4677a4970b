import { expect } from 'vitest';
import { memberOf } from '../member.ts';
import type { Row } from './row.ts';

/** In the bucket that Vercel's gateway always answers. */
const headers = { 'x-kilocode-taskid': 'task-15' };
const of =
  (model: string): NonNullable<Row['caller']> =>
  async (world) => ({ ...(await world.newcomer(10)), model });

const forOpenRouter = (name: string, request: NonNullable<Row['request']> & object): Row => ({
  name,
  surfaces: ['paid', 'v1', 'keyed'],
  caller: of('google/gemini-3.1-pro-preview'),
  headers,
  request,
  client: { status: 200 },
  usage: { provider: 'openrouter', has_error: false },
  asked: ['openrouter'],
  sent: [request],
});
const rules = {
  ignore: ['deepinfra'],
  max_price: { prompt: 1 },
  quantizations: ['fp16'],
  require_parameters: true,
  allow_fallbacks: false,
};

type Settings = {
  readonly provider_allow_list?: readonly string[];
  readonly data_collection?: string;
};
const memberWith =
  (settings: Settings, model = 'anthropic/claude-sonnet-4.6'): NonNullable<Row['caller']> =>
  async (world) => ({
    ...(await memberOf(world, { usd: 10, plan: 'enterprise', settings })),
    model,
  });
const lists = { provider_allow_list: ['anthropic', 'google-vertex'] };

const refused = {
  client: { status: 404, contains: ['Model not allowed for your team'] },
  asked: [],
} as const;

const expectProvider = (sent: unknown, provider: object): void =>
  expect(sent).toHaveProperty('provider', provider);

export const providerRules: readonly Row[] = [
  {
    ...forOpenRouter('a task of the Vercel share goes to Vercel', {}),
    usage: { provider: 'vercel' },
    asked: ['vercel'],
    sent: [{ providerOptions: { gateway: {} } }],
  },
  forOpenRouter('rules that only OpenRouter keeps go to OpenRouter', {
    provider: rules,
    plugins: [{ id: 'response-healing' }],
  }),
  ...Object.entries(rules).map(([field, value]) =>
    forOpenRouter(`${field} goes to OpenRouter`, { provider: { [field]: value } }),
  ),
  forOpenRouter('sort goes to OpenRouter', { provider: { sort: 'price' } }),
  forOpenRouter('a part of a provider goes to OpenRouter', {
    provider: { only: ['google-vertex/us-east5'] },
  }),
  {
    name: "a member's stricter wishes are kept within the organisation's providers",
    surfaces: ['paid', 'v1', 'keyed'],
    caller: memberWith(lists),
    request: {
      provider: {
        only: ['anthropic', 'azure'],
        data_collection: 'deny',
        zdr: true,
        max_price: { prompt: 1 },
        sort: 'price',
      },
    },
    client: { status: 200 },
    usage: { has_error: false },
    asked: ['openrouter'],
    sent: [{}],
    check: ({ sent }) =>
      expectProvider(sent[0], {
        only: ['anthropic'],
        data_collection: 'deny',
        zdr: true,
        max_price: { prompt: 1 },
        sort: 'price',
      }),
  },
  {
    name: 'a sort is not switched off by an order of ours',
    surfaces: ['paid'],
    caller: of('anthropic/claude-sonnet-4.6'),
    request: { provider: { sort: 'throughput' } },
    client: { status: 200 },
    check: ({ sent }) => expectProvider(sent[0], { sort: 'throughput' }),
  },
  {
    name: "a member's denial of data collection outlives an organisation that allows it",
    surfaces: ['paid'],
    caller: memberWith({ data_collection: 'allow' }, 'google/gemini-3.1-pro-preview'),
    headers,
    request: { provider: { data_collection: 'deny', only: ['google-vertex'] } },
    client: { status: 200 },
    asked: ['openrouter'],
    check: ({ sent }) =>
      expectProvider(sent[0], { data_collection: 'deny', only: ['google-vertex'] }),
  },
  {
    name: 'rules of the wrong type do not lead past those of the organisation',
    surfaces: ['paid'],
    caller: memberWith({ ...lists, data_collection: 'deny' }),
    request: { provider: { only: 'azure', order: { 0: 'azure' }, data_collection: ['allow'] } },
    client: { status: 200 },
    check: ({ sent }) =>
      expectProvider(sent[0], {
        only: lists.provider_allow_list,
        order: ['anthropic'],
        data_collection: 'deny',
      }),
  },
  {
    ...refused,
    name: 'providers of which the organisation allows none are refused',
    surfaces: ['paid', 'keyed'],
    caller: memberWith(lists),
    request: { provider: { only: ['azure'] } },
  },
  {
    ...refused,
    name: 'a caller that ignores all providers of the organisation is refused',
    surfaces: ['paid'],
    caller: memberWith(lists),
    request: { provider: { ignore: ['Google-Vertex', 'anthropic'] } },
  },
];
