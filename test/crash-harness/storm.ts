import type { Delivered } from '@gateway/local/simulator';
import { type Asking, runClient } from './client.ts';
import type { Told } from './controller.ts';
import type { Verdict } from './failpoint.ts';
import { type Expected, microdollarsOf } from './expected.ts';
import type { Payer } from './payer.ts';
import { aboutIn, type ProofWorld, until } from './proof-world.ts';
import { chance, drawn } from './seed.ts';

/** A request among many: whose it is, and what shall become of it. */
export type Request = Asking & { readonly payer: Payer; readonly exchange: string };

const stays = { isStreamed: true, leaves: { kind: 'never' } } as const;
const at = (model: string): Asking => ({ ...stays, model });
const LEAVES_MS_MAX = 400;

/** What may happen to a request, and how often. Where something happens in the middle is drawn as well. */
const fates: readonly { readonly weight: number; readonly one: () => Asking }[] = [
  { weight: 20, one: () => at('sim/answer~tokens=4') },
  { weight: 10, one: () => ({ ...at('sim/answer~tokens=4'), isStreamed: false }) },
  { weight: 10, one: () => at(`sim/no-usage~tokens=4~looks=${below(2)}`) },
  {
    weight: 20,
    one: () => ({
      ...at('sim/answer~tokens=16~delay=15~processing=1'),
      leaves: { kind: 'after', ms: below(LEAVES_MS_MAX) },
    }),
  },
  {
    weight: 5,
    one: () => ({
      ...at('sim/slow-headers~headers=300'),
      leaves: { kind: 'after', ms: below(300) },
    }),
  },
  { weight: 8, one: () => at(`sim/cut~tokens=8~after=${below(8)}`) },
  { weight: 8, one: () => at(`sim/reset~tokens=8~after=${below(8)}`) },
  { weight: 3, one: () => at('sim/reset') },
  { weight: 4, one: () => at(`sim/stall~tokens=8~after=${below(8)}~ms=300~then=resume`) },
  { weight: 4, one: () => at(`sim/stall~tokens=8~after=${below(8)}~ms=300~then=reset`) },
  { weight: 8, one: () => at(`sim/status~code=${[500, 502, 503, 429][below(4)]}`) },
  // Of an answer that failed before its first token no provider has a record: it is asked for a day, and nothing is lost by it.
  { weight: 4, one: () => at(`sim/error~tokens=8~after=${1 + below(7)}`) },
];

const below = (limit: number): number => Math.floor(chance() * limit);

export const requestsOf = (payers: readonly Payer[], count: number): readonly Request[] =>
  Array.from({ length: count }, (_, index) => payers[index % payers.length]).flatMap(
    (payer, index) => (payer ? [{ ...drawn(fates)(), payer, exchange: String(index) }] : []),
  );

/** Sends them, so many at once. Each time that so many more are over, Postgres is killed. */
export async function storm(
  world: ProofWorld,
  requests: readonly Request[],
  { atOnce, killEvery }: { readonly atOnce: number; readonly killEvery: number },
): Promise<{ readonly kills: number }> {
  const { controller, url } = world;
  controller.decide(duplicated);
  const left = [...requests];
  let over = 0;
  let kills = 0;
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      const { payer, ...asking } = next;
      await runClient({ ...asking, url, controller, payer: payer.id, token: payer.token });
      over += 1;
      if (over % killEvery !== 0 || left.length === 0) continue;
      kills += 1;
      await killPostgres(world);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { kills };
}

async function killPostgres(world: ProofWorld): Promise<void> {
  const { postgres } = world.pids();
  await world.kill('postgres');
  await until(
    () => world.pids().postgres !== postgres,
    () => 'Postgres is back',
  );
}

const REPEATED = new Set(['ledger.reserve', 'ledger.attach', 'ledger.renew', 'ledger.settle']);
const REPEATED_PART = 0.2;

/** Some messages to ledgers come twice, some once more when all that followed from them is over. */
function duplicated({ port, phase }: Told): Verdict {
  if (phase !== 'before' || !REPEATED.has(port) || chance() >= REPEATED_PART) return 'go';
  return chance() < 0.5 ? 'twice' : 'again';
}

/** As in `expectedOf`, but of many exchanges, of which none has lost its gateway: who was told a name has settled by it. */
export function expectedOfAll(
  told: readonly Told[],
  delivered: readonly Delivered[],
  exchanges: readonly string[],
): Expected {
  const sent = (phase: Told['phase']) =>
    new Set(
      told
        .filter((crossing) => crossing.port === 'upstream.send' && crossing.phase === phase)
        .map(({ exchange }) => exchange),
    );
  const [begun, named] = [sent('before'), sent('after')];
  // Of an exchange that went from gateway to gateway the last one answered, or was the last to fail.
  const last = new Map(delivered.map((entry) => [aboutIn(entry.body)?.exchange ?? '', entry]));
  const charged = [...last].filter(([exchange]) => named.has(exchange)).map(([, entry]) => entry);
  return {
    rows: exchanges.filter((exchange) => begun.has(exchange)).length,
    used: microdollarsOf(charged),
  };
}
