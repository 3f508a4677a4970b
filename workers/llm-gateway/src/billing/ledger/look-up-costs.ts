import { type LedgerState, type GenerationAnswer, keep } from './ledger-state.ts';
import { confirmed, type Entry, exceedsWorstCase, costStillUnknown } from './entry.ts';
import { confirmedBy, isPriceGuessed } from './generation.ts';
import {
  dearReport,
  differingCostReport,
  guessedPriceReport,
  unknownCostReport,
} from './settlement-reports.ts';
import { isLate, nextLookup, type StoredCostLookup } from './cost-lookup.ts';

const AT_ONCE_MAX = 20;

/** Runs the cost lookups that are due. Never rejects. */
export async function lookUpCosts(desk: LedgerState): Promise<void> {
  const now = desk.ports.clock.now();
  const due = [...desk.entries.values()].flatMap((entry) => {
    const { question } = entry;
    return question?.nextAt && question.nextAt <= now ? [{ entry, question }] : [];
  });
  const heard = await Promise.all(
    due.slice(0, AT_ONCE_MAX).map(async (asked) => ({ asked, answer: await ask(desk, asked) })),
  );
  // One turn, so that all writes share one wait for the disk.
  for (const { asked, answer } of heard) applyLookup(desk, asked, answer);
}

type Asked = { readonly entry: Entry; readonly question: StoredCostLookup };

const ask = ({ ports }: LedgerState, { question }: Asked): Promise<GenerationAnswer> =>
  ports.generations.ask(question).catch((): GenerationAnswer => ({ kind: 'silent' }));

/** Applies a lookup's result in one turn. An alarm runs it, so the alarm ends, or is retried, after the follow-up work. */
export function applyLookup(
  desk: LedgerState,
  { entry, question }: Asked,
  answer: GenerationAnswer,
): void {
  // The exchange may have been settled again during the lookup, with a new lookup of its own.
  const current = desk.entries.get(entry.id);
  if (current?.question !== question) return;
  keep(desk, answered(desk, { entry: current, question }, answer));
}

function answered(desk: LedgerState, { entry, question }: Asked, answer: GenerationAnswer): Entry {
  const { report, clock, charges } = desk.ports;
  if (answer.kind === 'told') {
    const { provider, generation, isCostKnown } = question;
    const { settlement, differs } = confirmedBy(entry.settlement, answer.generation, {
      provider,
      generation,
      isCharged: entry.isCharged,
      isCostKnown,
    });
    if (differs) void report(differingCostReport(settlement));
    if (isPriceGuessed(answer.generation)) void report(guessedPriceReport(settlement));
    if (!entry.isCharged && !isCostKnown) void charges.applyLookup(settlement);
    const known = confirmed(entry, settlement);
    if (!exceedsWorstCase(entry) && exceedsWorstCase(known)) void report(dearReport(known));
    return known;
  }
  const next = answer.kind === 'silent' ? nextLookup(question, clock.now()) : null;
  if (!question.isCostKnown && isAlarming(question, next)) {
    void report(unknownCostReport(entry.settlement));
  }
  return costStillUnknown(entry, next);
}

/** Reports a late cost once. The cost may still arrive. */
const isAlarming = (asked: StoredCostLookup, next: StoredCostLookup | null): boolean =>
  !isLate(asked) && (next === null || isLate(next));
