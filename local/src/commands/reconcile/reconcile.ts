import { connect, type Database, settledSince, type SettledRow, strayAttempts } from '@gateway/db';
import { generationPriceUsd } from '@gateway/worker-utils/generation-price';
import { microUsdOf } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import {
  type Difference,
  type GenerationCost,
  ledgerDifferences,
  LedgerView,
  rowDifferences,
} from './differences.ts';

/** Where everybody is that knows something of what was spent. */
export type Sources = {
  readonly gateway: { readonly url: string; readonly adminToken: string };
  readonly databaseUrl: string;
  /** By the name that rows have of a provider. One that is not here is not asked. */
  readonly providers: Readonly<Record<string, Provider | undefined>>;
};
type Provider = { readonly baseUrl: string; readonly key: string };

export type Reconciled = {
  readonly ledgers: number;
  readonly rows: number;
  /** Generations that a provider was asked for. */
  readonly generations: number;
  readonly differences: readonly Difference[];
};

const ASKED_AT_ONCE = 10;
const CALL_MS_MAX = 10_000;

/**
 * Compares ledgers, rows, attempts and what the providers took, for all that began between two moments. What began just now
 * is not settled yet: `until` is to lie a few minutes back. Changes nothing.
 */
export async function reconcile(
  sources: Sources,
  { since, until }: { readonly since: Instant; readonly until: Instant },
): Promise<Reconciled> {
  const ledgers = await listedLedgers(sources.gateway);
  const database = await connect(sources.databaseUrl);
  try {
    const inLedgers: Difference[] = [];
    const pending = new Set<string>();
    for (const ledger of ledgers) {
      const view = await viewOf(sources.gateway, ledger);
      inLedgers.push(...ledgerDifferences(ledger, view));
      for (const { id } of view.exchanges) pending.add(id);
    }
    const stray = await strayAttempts(database, since);
    let rows = 0;
    let generations = 0;
    const inRows: Difference[] = [];
    for await (const all of pages(database, since)) {
      const page = all.filter(({ created_at }) => created_at.getTime() <= until);
      const costs = await costsOf(page, sources.providers);
      rows += page.length;
      generations += costs.size;
      inRows.push(
        ...page.flatMap((row) => rowDifferences(row, (generation) => costs.get(generation))),
      );
    }
    return {
      ledgers: ledgers.length,
      rows,
      generations,
      differences: [
        ...inLedgers,
        ...stray.map(({ usage_id, n }) => ({
          exchange: usage_id,
          what: `has attempt ${n} and no row`,
        })),
        // What a ledger still holds will be put right by it.
        ...inRows.filter(({ exchange }) => !pending.has(exchange)),
      ],
    };
  } finally {
    await database.close();
  }
}

async function* pages(database: Database, since: Instant): AsyncGenerator<readonly SettledRow[]> {
  let page = await settledSince(database, since, null);
  while (page.length > 0) {
    yield page;
    const last = page.at(-1);
    page = last ? await settledSince(database, since, { at: last.created_at, id: last.id }) : [];
  }
}

const Listed = z.object({ ledgers: z.array(z.string()) });

async function listedLedgers(gateway: Sources['gateway']): Promise<readonly string[]> {
  const all: string[] = [];
  for (;;) {
    const after = encodeURIComponent(all.at(-1) ?? '');
    const { ledgers } = Listed.parse(await adminAnswer(gateway, `/admin/ledger?after=${after}`));
    if (ledgers.length === 0) return all;
    all.push(...ledgers);
  }
}

async function viewOf(gateway: Sources['gateway'], ledger: string): Promise<LedgerView> {
  const [kind = '', ...id] = ledger.split(':');
  const path = `/admin/ledger/${kind}/${encodeURIComponent(id.join(':'))}`;
  return LedgerView.parse(await adminAnswer(gateway, path));
}

async function adminAnswer(
  { url, adminToken }: Sources['gateway'],
  path: string,
): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    headers: { authorization: `Bearer ${adminToken}` },
    signal: AbortSignal.timeout(CALL_MS_MAX),
  });
  if (!answer.ok) throw new Error(`The gateway answers ${path} with ${answer.status}.`);
  return answer.json();
}

/** What the providers say of a page's answers, by their names for them. */
async function costsOf(
  page: readonly SettledRow[],
  providers: Sources['providers'],
): Promise<ReadonlyMap<string, GenerationCost>> {
  const asked = page.flatMap(({ attempts }) => {
    const last = attempts.at(-1);
    const provider = last && providers[last.provider];
    return provider && last.generation_id !== null ? [{ provider, id: last.generation_id }] : [];
  });
  const costs = new Map<string, GenerationCost>();
  for (let at = 0; at < asked.length; at += ASKED_AT_ONCE) {
    const part = asked.slice(at, at + ASKED_AT_ONCE);
    const answers = await Promise.all(part.map(async ({ provider, id }) => costAt(provider, id)));
    for (const [n, { id }] of part.entries()) costs.set(id, answers[n] ?? 'unknown');
  }
  return costs;
}

const Generation = z.object({
  data: z.object({
    total_cost: z.number(),
    upstream_inference_cost: z.number().nullish(),
    is_byok: z.boolean().nullish(),
  }),
});
async function costAt({ baseUrl, key }: Provider, id: string): Promise<GenerationCost> {
  const answer = await fetch(`${baseUrl}/generation?id=${encodeURIComponent(id)}`, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(CALL_MS_MAX),
  });
  if (answer.status === 404) return 'unknown';
  const { data } = Generation.parse(await answer.json());
  return microUsdOf(generationPriceUsd(data));
}
