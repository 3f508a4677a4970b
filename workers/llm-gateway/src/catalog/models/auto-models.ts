import { ModelId } from '@gateway/worker-utils/ids';

// What users are shown of the auto models. What they stand for is in auto.ts.

export type AutoModel = {
  readonly id: ModelId;
  readonly name: string;
  readonly description: string;
  readonly contextTokens: number;
  readonly outputTokensMax: number;
  /** USD a token. */
  readonly prompt: string;
  readonly completion: string;
};

const large = {
  contextTokens: 1_000_000,
  outputTokensMax: 128_000,
  prompt: '0.000005',
  completion: '0.000025',
} as const;
const small = {
  contextTokens: 400_000,
  outputTokensMax: 128_000,
  prompt: '0.00000005',
  completion: '0.0000004',
} as const;
const free = {
  contextTokens: 204_800,
  outputTokensMax: 131_072,
  prompt: '0',
  completion: '0',
} as const;

const auto = (id: string, name: string, rest: Omit<AutoModel, 'id' | 'name'>): AutoModel => ({
  id: ModelId.parse(id),
  name,
  ...rest,
});

const BY_MODE =
  'The model that fits what the client is doing: it plans with one, and writes code with another.';
const FRONTIER = 'The strongest model, whatever the client is doing.';
const FREE = 'The best of the free models.';
const SMALL = 'A small and fast model, for titles, summaries and other small things.';

/** The second half is what newer clients say. */
export const autoModels: readonly AutoModel[] = [
  auto('kilo/auto', 'Kilo: Auto', { ...large, description: BY_MODE }),
  auto('kilo/auto-free', 'Kilo: Auto Free', { ...free, description: FREE }),
  auto('kilo/auto-small', 'Kilo: Auto Small', { ...small, description: SMALL }),
  auto('kilo-auto/frontier', 'Kilo Auto: Frontier', { ...large, description: FRONTIER }),
  auto('kilo-auto/balanced', 'Kilo Auto: Balanced', { ...large, description: BY_MODE }),
  auto('kilo-auto/efficient', 'Kilo Auto: Efficient', { ...small, description: SMALL }),
  auto('kilo-auto/free', 'Kilo Auto: Free', { ...free, description: FREE }),
  auto('kilo-auto/small', 'Kilo Auto: Small', { ...small, description: SMALL }),
];
