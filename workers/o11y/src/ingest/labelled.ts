import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import type { ObjectiveModels } from '../alerting/objective-models.ts';

/** A model that no list has keeps its name where an operator has set an objective for it. */
export async function labelled(
  metrics: ApiMetrics,
  objectives: ObjectiveModels,
): Promise<ApiMetrics> {
  const { unlistedModel } = metrics;
  if (unlistedModel === undefined || !(await objectives()).has(unlistedModel)) return metrics;
  return { ...metrics, resolvedModel: unlistedModel };
}
