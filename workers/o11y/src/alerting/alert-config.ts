import { z } from 'zod';
import { ModelName } from './model-name.ts';

const Slo = z.number().gt(0).lt(1);
const common = {
  /** As metrics have it: without what follows the first colon. */
  model: ModelName,
  enabled: z.boolean(),
  /** With fewer, a window says nothing. */
  minRequestsPerWindow: z.int().positive(),
};

export const ErrorRateConfigInput = z.object({ ...common, errorRateSlo: Slo });
export type ErrorRateConfigInput = z.infer<typeof ErrorRateConfigInput>;
export type ErrorRateConfig = ErrorRateConfigInput & { readonly updatedAt: string };

export const TtfbConfigInput = z.object({
  ...common,
  ttfbThresholdMs: z.int().positive(),
  ttfbSlo: Slo,
});
export type TtfbConfigInput = z.infer<typeof TtfbConfigInput>;
export type TtfbConfig = TtfbConfigInput & { readonly updatedAt: string };
