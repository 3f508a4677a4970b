import { withTimeout } from '@gateway/worker-utils/with-timeout';
import type { Consequence } from './consequence.ts';

/** One performer per kind. Each needs only the environment, so it runs in a request and in a Durable Object alike. */
export type Performers = {
  readonly [Kind in Consequence['kind']]: (
    consequence: Extract<Consequence, { kind: Kind }>,
  ) => Promise<void>;
};
/** Called for each consequence that failed or timed out. */
export type ReportFailedConsequence = (kind: Consequence['kind'], cause: unknown) => void;

/** Many times the normal duration, and short enough to leave time for the others. */
const CONSEQUENCE_MS_MAX = 10_000;

/** Performs the consequences independently: a failure or hang does not affect the others. Never rejects. */
export async function performConsequences(
  consequences: readonly Consequence[],
  needs: { readonly performers: Performers; readonly reportFailure: ReportFailedConsequence },
): Promise<void> {
  const attempts = consequences.map(async (consequence) => {
    try {
      await performConsequence(consequence, needs.performers);
    } catch (cause) {
      needs.reportFailure(consequence.kind, cause);
    }
  });
  await Promise.all(attempts);
}

/** Rejects if the consequence fails or times out. */
export const performConsequence = (
  consequence: Consequence,
  performers: Performers,
): Promise<void> =>
  withTimeout(start(consequence, performers), CONSEQUENCE_MS_MAX, consequence.kind);

async function start(consequence: Consequence, perform: Performers): Promise<void> {
  switch (consequence.kind) {
    case 'low-balance-mail':
      return perform['low-balance-mail'](consequence);
    case 'first-usage':
      return perform['first-usage'](consequence);
    case 'kilo-pass-bonus':
      return perform['kilo-pass-bonus'](consequence);
    case 'auto-top-up':
      return perform['auto-top-up'](consequence);
  }
}
