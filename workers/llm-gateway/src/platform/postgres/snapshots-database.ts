import { type CallerSnapshot, currentSnapshot, type Database } from '@gateway/db';
import { ModelId } from '@gateway/worker-utils/ids';
import { err, ok } from '@gateway/worker-utils/result';
import { type Clock, Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { Snapshot } from '../../exchange/caller.ts';
import type { CustomLlm } from '../../exchange/custom-llm.ts';
import { type ByokKey, ByokProvider } from '../../exchange/byok-key.ts';
import type { Snapshots } from '../../pipeline/stages/identify.ts';
import type { Log } from '@gateway/worker-utils/json-log';

type Needs = {
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
  readonly log: Log;
  readonly clock: Clock;
  /** From 0 up to, but not including, 1. */
  readonly chance: () => number;
};

/** Credits may outlive their time by so much: what expires at the same moment is not ended at the same moment. */
const EXPIRY_DELAY_MS_MAX = 60 * 60 * 1000;

export const snapshotsOf = ({ lend, log, clock, chance }: Needs): Snapshots => ({
  async of(user, organization) {
    try {
      const readAt = clock.now();
      const delayMs = Math.floor(chance() * EXPIRY_DELAY_MS_MAX);
      const cutOff = Instant.parse(readAt - delayMs);
      const onFailure = (cause: unknown) => log.error('credit expiry failed', { cause });
      const found = await lend((database) =>
        currentSnapshot(database, { user, organization }, { cutOff, onFailure }),
      );
      return ok(found && { ...snapshotOf(found), readAt });
    } catch (cause) {
      log.error('snapshot unavailable', { cause });
      return err('unavailable');
    }
  },
});

const allowList = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

/** Settings that can't be read are an error, not an absence: they may forbid what is asked. */
const Settings = z
  .object({
    model_allow_list: allowList,
    provider_allow_list: allowList,
    data_collection: z.enum(['allow', 'deny']).nullish(),
  })
  .transform((settings) => ({
    modelAllowList: settings.model_allow_list,
    providerAllowList: settings.provider_allow_list,
    dataCollection: settings.data_collection ?? null,
  }));

const snapshotOf = (row: CallerSnapshot): Omit<Snapshot, 'readAt'> => ({
  user: {
    id: row.id,
    email: row.google_user_email,
    tokenPepper: row.api_token_pepper,
    isBlocked: row.blocked_reason !== null,
    used: row.microdollars_used,
    acquired: row.total_microdollars_acquired,
    wantsTopUp: row.auto_top_up_enabled,
  },
  organization: row.organization && {
    id: row.organization.id,
    role: row.organization.role,
    used: row.organization.microdollars_used,
    acquired: row.organization.total_microdollars_acquired,
    wantsTopUp: row.organization.auto_top_up_enabled,
    hasSeats: row.organization.require_seats,
    dailyLimit: row.organization.microdollar_limit,
    usedToday: row.organization.microdollar_usage,
    plan: row.organization.plan,
    settings: Settings.parse(row.organization.settings),
  },
  ownKeys: row.ownKeys.flatMap(ownKeyOf),
  customLlms: row.customLlms.flatMap(customLlmOf),
});

/** None, where it is of a provider whose models we don't know: it could serve nothing. */
function ownKeyOf(row: CallerSnapshot['ownKeys'][number]): readonly ByokKey[] {
  const provider = ByokProvider.safeParse(row.provider_id);
  return provider.success
    ? [{ id: row.id, provider: provider.data, sealed: row.encrypted_api_key }]
    : [];
}

/** None, where nobody could ask for it: its id is blank. */
function customLlmOf(row: CallerSnapshot['customLlms'][number]): readonly CustomLlm[] {
  const id = ModelId.safeParse(row.public_id);
  if (!id.success) return [];
  return [
    {
      id: id.data,
      name: row.display_name,
      contextTokens: row.context_length,
      seesImages: row.supports_image_input === true,
      internalId: row.internal_id,
      provider: row.provider,
      baseUrl: row.base_url,
      apiKey: row.api_key,
      outputTokensMax: row.max_completion_tokens,
      verbosity: row.verbosity,
      reasoningEffort: row.reasoning_effort,
      isReasoning: row.force_reasoning === true,
    },
  ];
}
