import type { ModelId } from '@gateway/worker-utils/ids';
import type { Protocol } from './endpoint.ts';
import { FORMATS, OBSCURED_FORMAT } from './reasoning-detail.ts';

/** How to render an answer for this client. */
export type Dialect = {
  /** The requested model name; the endpoint's own name stays private. */
  readonly model: ModelId;
  readonly createdSeconds: number;
  /** Of the reasoning. */
  readonly format: string;
  /** Alternatives to report per token. Null: no probabilities. */
  readonly topLogprobs: number | null;
};

/** Old extensions were built on another program, which drops the ids of the formats that it knows. */
export const isLegacyExtension = (userAgent: string | null): boolean =>
  userAgent?.startsWith('Kilo-Code/') === true;

export const reasoningFormatOf = (
  protocol: Protocol,
  { isLegacy }: { readonly isLegacy: boolean },
) => (protocol === 'openai' && isLegacy ? OBSCURED_FORMAT : FORMATS[protocol]);
