import type { Delivered, Simulator } from '@gateway/local/simulator';
import type { Told } from './controller.ts';
import { aboutIn } from './proof-world.ts';

/** What the books must say of a payer in the end. */
export type Expected = { readonly rows: number; readonly used: number };

/**
 * Computed without a look at our books: what an answer cost, the provider's log tells; whether it can be known who has to pay
 * for it, the trace of what was durable. Where the provider's name for the answer has reached the payer's ledger, the provider
 * can be asked, and its price is charged. Where it has not, nobody can be charged, and nobody is: a loss of ours, never a guess.
 * Of an answer that breaks off and is gone on with, the ledger hears both names, and the last one holds.
 */
export function expectedOf(told: readonly Told[], delivered: readonly Delivered[]): Expected {
  const isBegun = isDurable(told, 'ledger.reserve') && !isDurable(told, 'ledger.release');
  const isSettled = isDurable(told, 'ledger.settle') && isTold(told, 'upstream.send', 'after');
  const named = durable(told, 'ledger.attach').length;
  const answers = delivered.filter(({ status }) => status === 200);
  const last = isSettled ? answers.length : named;
  return {
    rows: isBegun ? 1 : 0,
    used: microdollarsOf(answers.slice(Math.max(0, last - 1), last)),
  };
}

/** Rounded one by one, as they are charged. */
export const microdollarsOf = (delivered: readonly Delivered[]): number =>
  delivered.reduce((sum, { cost }) => sum + Math.round(cost * 1_000_000), 0);

export const deliveredTo = (simulator: Simulator, payer: string): readonly Delivered[] =>
  simulator.log().filter(({ body }) => aboutIn(body)?.payer === payer);

const isTold = (told: readonly Told[], port: string, phase: Told['phase']): boolean =>
  told.some((crossing) => crossing.port === port && crossing.phase === phase);

const isDurable = (told: readonly Told[], message: string): boolean =>
  durable(told, message).length > 0;

/** A message to a ledger is durable once the first commit after it has been told, or its end. */
const durable = (told: readonly Told[], message: string): readonly Told[] =>
  told.filter(
    ({ port, phase }, at) =>
      port === message &&
      phase === 'before' &&
      told
        .slice(at + 1)
        .some(
          (later) => later.phase !== 'before' && (later.port === 'disk' || later.port === message),
        ),
  );
