import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { Dialect } from './dialect.ts';
import type { Endpoint } from './endpoint.ts';
import type { Owner } from './phases.ts';

/** All that a custom LLM is asked, and how its answer is to be told. */
export type CustomCall = {
  readonly kind: 'custom-llm';
  readonly endpoint: Endpoint;
  readonly options: LanguageModelV4CallOptions;
  readonly isStreamed: boolean;
  readonly dialect: Dialect;
  readonly owner: Owner;
};
