import { ModelId } from '@gateway/worker-utils/ids';
import { Instant } from '@gateway/worker-utils/time';
import { afterEach, expect, test, vi } from 'vitest';
import { offeredModels } from '../../http/models/offered-models.ts';
import { catalogueOf } from './catalogue-upstream.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const well = {
  id: 'maker/well',
  name: 'Well',
  context_length: 1000,
  pricing: { prompt: '0.000001', completion: '0.000002', discount: 0, audio: null },
  supported_parameters: ['tools'],
  opencode: { ai_sdk_provider: 'anthropic' },
};
const priced = [
  { id: 'maker/free', pricing: { prompt: '0', completion: '0', request: '0' } },
  { id: 'maker/auto', pricing: { prompt: '-1', completion: '-1' } },
];
const unwell = [
  { ...well, id: 'maker/no-length', context_length: null },
  { ...well, id: 'maker/no-name', name: undefined },
  { ...well, id: 'maker/no-price', pricing: { prompt: null, completion: '1' } },
  { ...well, id: 'maker/no-parameters', supported_parameters: null },
  { ...well, id: 'kilo/auto', name: 'Not ours' },
  null,
  'text',
];

test('a bad entry takes no other with it, what is known outlives the upstream, and holds read the same catalogue', async () => {
  let now = 0;
  let answer = Response.json({ data: [] }, { status: 500 });
  vi.stubGlobal('fetch', async () => answer.clone());
  const clock = { now: () => Instant.parse(now) };
  const catalogue = catalogueOf({ baseUrl: 'http://upstream.example/v1', clock, log });
  const ids = async () => offeredModels(await catalogue.models(), null).map(({ id }) => id);

  const house = await ids();
  expect(house).toContain('kilo/auto');
  expect(await catalogue.providers()).toBeNull();

  answer = Response.json({ data: [...unwell, well, ...priced] });
  const [entry] = (await catalogue.models()).filter(({ id }) => id === 'maker/well');
  expect(entry).toMatchObject({ context_length: 1000, created: 0, supported_voices: null });
  expect(entry?.pricing).toEqual({ prompt: '0.000001', completion: '0.000002' });
  expect(entry).not.toHaveProperty('opencode');
  expect(await ids()).toEqual([...house, 'maker/well']);
  const rates = { prompt: 1e-6, completion: 2e-6 };
  expect(catalogue.of('maker/no-length:nitro')).toMatchObject({ rates, contextTokens: null });
  expect(catalogue.of('maker/unknown')).toBeNull();
  const { isFree } = catalogue.listedPrices(() => undefined);
  const asked = ['maker/free', ' MAKER/Free', 'maker/free:online', 'maker/auto', 'maker/well'];
  expect(asked.map((id) => isFree(ModelId.parse(id)))).toEqual([true, true, false, false, false]);

  now += 60 * 60 * 1000;
  answer = new Response('away', { status: 502 });
  expect(await ids()).toEqual([...house, 'maker/well']);
  expect(catalogue.of('maker/well')).toMatchObject({ rates, contextTokens: 1000 });
  expect(catalogue.of('maker/no-price')).toBeNull();
  expect(catalogue.all()).toHaveLength(6);
});
