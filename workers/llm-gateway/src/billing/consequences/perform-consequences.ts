import { withTimeout } from '@gateway/worker-utils/with-timeout';
import type { Consequence } from './consequence.ts';

/** One for each kind. Each gets along with what the environment gives: the same runs in a request and in an object. */
export type Performers = {
  readonly [Kind in Consequence['kind']]: (
    consequence: Extract<Consequence, { kind: Kind }>,
  ) => Promise<void>;
};
/** Hears of each that failed or took too long. */
export type ReportFailedConsequence = (kind: Consequence['kind'], cause: unknown) => void;

/** Many times what any of them needs, and short enough to leave time for others. */
const CONSEQUENCE_MS_MAX = 10_000;

/** Performs each alone: one that fails or hangs takes no other with it. Never rejects. */
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

/** Rejects where it failed or took too long. */
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
