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

/** Asks providers what is due to be asked. Never rejects. */
export async function lookUpCosts(desk: LedgerState): Promise<void> {
  const now = desk.ports.clock.now();
  const due = [...desk.entries.values()].flatMap((entry) => {
    const { question } = entry;
    return question?.nextAt && question.nextAt <= now ? [{ entry, question }] : [];
  });
  const heard = await Promise.all(
    due.slice(0, AT_ONCE_MAX).map(async (asked) => ({ asked, answer: await ask(desk, asked) })),
  );
  // In one turn, which is one wait for the disk.
  for (const { asked, answer } of heard) applyLookup(desk, asked, answer);
}

type Asked = { readonly entry: Entry; readonly question: StoredCostLookup };

const ask = ({ ports }: LedgerState, { question }: Asked): Promise<GenerationAnswer> =>
  ports.generations.ask(question).catch((): GenerationAnswer => ({ kind: 'silent' }));

/** What a provider says, in one turn. Asked by an alarm, which is over, or rung again, when what follows has been seen to. */
export function applyLookup(
  desk: LedgerState,
  { entry, question }: Asked,
  answer: GenerationAnswer,
): void {
  // While it was asked, the exchange may have been settled anew, with a question of its own.
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

/** Told once, as soon as it is late; it may still be learnt. */
const isAlarming = (asked: StoredCostLookup, next: StoredCostLookup | null): boolean =>
  !isLate(asked) && (next === null || isLate(next));
