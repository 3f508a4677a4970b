import type { ErrorRateConfig, TtfbConfig } from './alert-config.ts';

/** What is asked of the metrics: how many requests there were, and how many of them were bad in this sense. */
export type Question =
  | { readonly kind: 'error_rate' }
  | { readonly kind: 'ttfb'; readonly thresholdMs: number };

export type Objective = {
  readonly question: Question;
  readonly model: string;
  readonly slo: number;
  readonly minRequests: number;
};

/** One question, and every objective that its answer decides: configurations of one threshold share a query. */
export type Examination = {
  readonly question: Question;
  readonly objectives: ReadonlyMap<string, Objective>;
};

export function errorRateExaminations(configs: readonly ErrorRateConfig[]): Examination[] {
  const question = { kind: 'error_rate' } as const;
  const objectives = configs
    .filter(({ enabled }) => enabled)
    .map((config) => ({
      question,
      model: config.model,
      slo: config.errorRateSlo,
      minRequests: config.minRequestsPerWindow,
    }));
  return objectives.length === 0 ? [] : [{ question, objectives: byModel(objectives) }];
}

export function ttfbExaminations(configs: readonly TtfbConfig[]): Examination[] {
  const enabled = configs.filter((config) => config.enabled);
  const groups = Map.groupBy(enabled, ({ ttfbThresholdMs }) => ttfbThresholdMs);
  return [...groups].map(([thresholdMs, group]) => {
    const question = { kind: 'ttfb', thresholdMs } as const;
    const objectives = group.map((config) => ({
      question,
      model: config.model,
      slo: config.ttfbSlo,
      minRequests: config.minRequestsPerWindow,
    }));
    return { question, objectives: byModel(objectives) };
  });
}

const byModel = (objectives: readonly Objective[]): ReadonlyMap<string, Objective> =>
  new Map(objectives.map((objective) => [objective.model, objective]));
