import { withTimeout } from '@gateway/worker-utils/with-timeout';
import type { Effect } from './effects.ts';

export type Effects = {
  readonly [Kind in Effect['kind']]: (effect: Extract<Effect, { kind: Kind }>) => Promise<void>;
};
/** Called for each effect that failed or timed out. */
export type ReportFailure = (effect: Effect['kind'], cause: unknown) => void;

/** The platform ends background work about 30 s after the response. */
const EFFECT_MS_MAX = 25_000;

/** Runs the effects independently: a failure or hang does not affect the others. Never rejects. */
export async function perform(
  effects: readonly Effect[],
  needs: { readonly effects: Effects; readonly reportFailure: ReportFailure },
): Promise<void> {
  const attempts = effects.map(async (effect) => {
    try {
      await withTimeout(start(effect, needs.effects), EFFECT_MS_MAX, effect.kind);
    } catch (cause) {
      needs.reportFailure(effect.kind, cause);
    }
  });
  await Promise.all(attempts);
}

async function start(effect: Effect, run: Effects): Promise<void> {
  switch (effect.kind) {
    case 'settle':
      return run.settle(effect);
    case 'metrics':
      return run.metrics(effect);
    case 'log':
      return run.log(effect);
    case 'top-up':
      return run['top-up'](effect);
    case 'report':
      return run.report(effect);
    case 'abuse-cost':
      return run['abuse-cost'](effect);
    case 'free-model-charge':
      return run['free-model-charge'](effect);
    case 'request-log':
      return run['request-log'](effect);
  }
}
