import type { ModelId } from '@gateway/worker-utils/ids';
import type { Protocol } from './endpoint.ts';
import { FORMATS, OBSCURED_FORMAT } from './reasoning-detail.ts';

/** How an answer is told to this client. */
export type Dialect = {
  /** The model by the name that the client asked for: that at the endpoint is nobody's business. */
  readonly model: ModelId;
  readonly createdSeconds: number;
  /** Of the reasoning. */
  readonly format: string;
  /** How many alternatives are told beside each token. Null: no probabilities are told. */
  readonly topLogprobs: number | null;
};

/** Old extensions were built on another program, which drops the ids of the formats that it knows. */
export const isLegacyExtension = (userAgent: string | null): boolean =>
  userAgent?.startsWith('Kilo-Code/') === true;

export const reasoningFormatOf = (
  protocol: Protocol,
  { isLegacy }: { readonly isLegacy: boolean },
) => (protocol === 'openai' && isLegacy ? OBSCURED_FORMAT : FORMATS[protocol]);
