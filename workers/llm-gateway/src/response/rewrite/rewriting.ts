import type { ExchangeId } from '@gateway/worker-utils/ids';
import { isSponsored, isStealth, type Model } from '../../catalog/models/catalogue.ts';
import { disguiseOf } from './disguise.ts';
import { type Fields, publicAnswer, publicChunk } from './public-view.ts';

/** What a client gets to see in the place of each part of an answer. */
export type Rewriting = {
  readonly chunk: (chunk: Fields) => Fields;
  /** Of a whole answer, or of an error. */
  readonly answer: (answer: Fields) => Fields;
};

/** Of an exchange, what decides. */
type Facts = {
  readonly arrival: { readonly id: ExchangeId };
  readonly model: Model;
  readonly grant: { readonly promotion: string | null };
  readonly outcome: { readonly target: { readonly provider: string } };
};

/**
 * What the house pays for is shown under the name that was asked for, and without its price. The makers of a stealth model
 * are not to be found out. Null: the answer is the client's as it is.
 */
export function rewritingOf({ arrival, grant, model, outcome }: Facts): Rewriting | null {
  const isOnTheHouse = isSponsored(model) || grant.promotion !== null;
  // An endpoint of the caller's own speaks for itself.
  if (!isOnTheHouse || !isOurs(outcome.target.provider)) return null;
  const name = model.resolved;
  if (!isStealth(model)) {
    return {
      chunk: (chunk) => publicChunk(chunk, name),
      answer: (answer) => publicAnswer(answer, name),
    };
  }
  const disguised = disguiseOf(arrival.id);
  return {
    chunk: (chunk) => disguised(publicChunk(chunk, name)),
    answer: (answer) => disguised(publicAnswer(answer, name)),
  };
}

const isOurs = (provider: string): boolean => provider !== 'custom';
