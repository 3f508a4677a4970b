import { type AbuseQuestion, abuseQuestionOf } from '../reporting/abuse/question.ts';
import { chatCompletion } from './chat-completion.ts';
import { execute } from './execute.ts';
import { render } from '../response/render-refusal.ts';
import type { Refusal } from '../exchange/refusal.ts';
import { effectsOf } from './effects.ts';
import { leaseOf } from '../billing/ledger/keep-lease.ts';
import { perform } from './perform.ts';
import type { Incoming } from './stages/receive.ts';

/** Everything that the stages ask of the outside. Inferred, not listed: a stage that needs more says so itself. */
export type Needs = Parameters<typeof chatCompletion.run>[1] &
  Parameters<typeof execute>[1] &
  Parameters<typeof render>[1] &
  Parameters<typeof leaseOf>[1] &
  Parameters<typeof perform>[1] & {
    readonly reportRefusal: (refusal: Refusal) => Promise<void>;
    readonly abuse: AbuseClassifier;
  };

/** The id of what the abuse service said of a request, or null. Never rejects, and takes no longer than it may. */
type AbuseClassifier = {
  readonly classify: (question: () => AbuseQuestion) => Promise<number | null>;
};

/** The response, and all that is still to be done when it has been sent. */
export type Handled = {
  readonly response: Response;
  /** Whether it turned out to be an answer, from its beginning to its end: no refusal, no error, nothing cut. */
  readonly isWhole: Promise<boolean>;
  readonly settled: Promise<void>;
};

/** @param completion what is asked for: all that may refuse it, in order. */
export async function handle(
  incoming: Incoming,
  needs: Needs,
  completion: Pick<typeof chatCompletion, 'run'> = chatCompletion,
): Promise<Handled> {
  const reserved = await completion.run(incoming, needs);
  if (!reserved.ok) {
    const settled = needs.reportRefusal(reserved.error);
    const response = await render(reserved.error, needs);
    return { response, isWhole: Promise.resolve(false), settled };
  }
  const lease = leaseOf(reserved.value, needs);
  const concluding = execute(reserved.value, needs, lease.onGenerationId);
  // Asked beside the provider, and waited for by nobody but the report of the cost.
  const classified = needs.abuse.classify(() => abuseQuestionOf(reserved.value));
  const leased = lease.kept(concluding.then(({ result }) => result));
  const { exchange, response, result: reading } = await concluding;
  const performed = reading.then((read) => perform(effectsOf(exchange, read, classified), needs));
  return {
    response,
    isWhole: reading.then(({ ending }) => ending === 'complete' && response.ok),
    settled: Promise.all([leased, performed]).then(() => undefined),
  };
}
