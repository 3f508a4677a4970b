import { type ModelId, modelBase } from '@gateway/worker-utils/ids';
import type { ModelBase } from '@gateway/worker-utils/ids';
import { anthropic } from './anthropic.ts';
import { corethink } from './corethink.ts';
import { gigaPotato } from './giga-potato.ts';
import { google } from './google.ts';
import { minimax } from './minimax.ts';
import { mistralai } from './mistralai.ts';
import type { Family, SponsoredModel } from './model.ts';
import { moonshotai } from './moonshotai.ts';
import { openai } from './openai.ts';
import { qwen } from './qwen.ts';
import { isWithdrawn } from './withdrawn.ts';
import { xai } from './xai.ts';
import { zai } from './zai.ts';

/** A file in this folder that is not listed here fails `knip`. */
const families: readonly Family[] = [
  anthropic,
  corethink,
  gigaPotato,
  google,
  minimax,
  mistralai,
  moonshotai,
  openai,
  qwen,
  xai,
  zai,
];

/** All sponsored models, by full id. */
export const sponsoredModels: ReadonlyMap<ModelId, SponsoredModel> = new Map<
  ModelId,
  SponsoredModel
>(families.flatMap((family) => family.sponsored.map((model) => [model.id, model])));

const familyOf = (id: ModelId): Family | null =>
  families.find(({ prefix }) => id.startsWith(prefix)) ?? null;

/** What a model id means to us. Every table is keyed by the full id: a cut one never names a free model. */
export type Model = {
  /** As the client named it, trimmed and in lower case. What metrics report. */
  readonly requested: ModelId;
  /** As it is served, after an auto model was resolved. */
  readonly resolved: ModelId;
  readonly base: ModelBase;
  /** Nobody is charged for it. */
  readonly isFree: boolean;
  /** Refused to callers who don't pay: its provider charged for it. */
  readonly isSuspended: boolean;
  /** The sponsored model, offered or retired. */
  readonly sponsored: SponsoredModel | null;
  readonly family: Family | null;
  /** Free at OpenRouter, but limited there until it is of no use: not offered any more. */
  readonly isWithdrawn: boolean;
};

/**
 * By our own lists alone: what the upstream's catalogue knows of prices is not known here. What is on a list and not served
 * any more counts as free, so that everybody hears the same of it. It answers nothing that could cost.
 */
export function modelOf(requested: ModelId, resolved: ModelId): Model {
  const hosted = sponsoredModels.get(resolved) ?? null;
  return {
    requested,
    resolved,
    base: modelBase(resolved),
    isFree: hosted !== null || isWithdrawn(resolved),
    isSuspended: false,
    sponsored: hosted,
    family: familyOf(resolved),
    isWithdrawn: isWithdrawn(resolved),
  };
}

/** Its makers are not to be named. */
export const isStealth = ({ sponsored }: Model): boolean =>
  sponsored?.requiredProviders.includes('stealth') === true;

/** The platform account pays for every request. */
export const isSponsored = ({ sponsored }: Pick<Model, 'sponsored'>): boolean =>
  sponsored?.state === 'offered';

/** Only OpenRouter's catalogue says that it is free: that says nothing of what another gateway takes for it. */
export const isFreeAtOpenRouter = ({ isFree, sponsored }: Model): boolean =>
  isFree && sponsored === null;
