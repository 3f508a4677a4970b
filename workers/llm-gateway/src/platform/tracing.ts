import { type RequestTrace, SampledPart, traceRequest } from '@gateway/worker-utils/request-trace';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { systemChance } from './system.ts';

type Needs = {
  readonly endpoint: string;
  readonly headers: () => Promise<string | null>;
  readonly sampledPart: string;
  readonly reportFailure: (cause: unknown) => void;
};

export type TracedRequest = {
  /** What its trace is called. */
  readonly name: 'chat completion' | 'fim completion';
  /** That came with it. */
  readonly traceparent: string | null;
};

/** The trace of one request, begun or gone on with. */
export const requestTrace = (
  { sampledPart, ...needs }: Needs,
  traced: TracedRequest,
): RequestTrace =>
  traceRequest(
    {
      ...needs,
      sampledPart: SampledPart.parse(sampledPart),
      serviceName: 'llm-gateway',
      // oxlint-disable-next-line eslint/no-restricted-globals -- This is a port that calls out.
      post: (url, init) => fetch(url, init),
      clock: systemClock,
      chance: systemChance,
      fill: (bytes) => crypto.getRandomValues(bytes),
    },
    traced,
  );
