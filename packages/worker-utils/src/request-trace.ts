import { z } from 'zod';
import { exportTraces, type ExportNeeds } from './export-traces.ts';
import type { Clock } from './time.ts';
import { type FillRandomly, parseTraceparent } from './trace-context.ts';
import { recordTrace, type Trace, untraced } from './trace.ts';

export type RequestTrace = Trace & {
  /** Of an HTTP request. */
  readonly answered: (status: number) => void;
  /** Sends what was recorded. To be called once, when all of the request is over. Never rejects. */
  readonly send: () => Promise<void>;
};

/** As `OTEL_TRACES_SAMPLER_ARG` has it. What is no part of 1 is all: a slip there must not cost requests. */
export const SampledPart = z.coerce.number().min(0).max(1).catch(1);

export type TraceNeeds = {
  /** Of the collector, as `OTEL_EXPORTER_OTLP_ENDPOINT` has it. Empty: nobody collects traces. */
  readonly endpoint: string;
  /** As `OTEL_EXPORTER_OTLP_HEADERS` has them: `name=value,name=value`, values encoded as in a URL. */
  readonly headers: () => Promise<string | null>;
  /**
   * The part of all traces that is recorded, from 0 to 1. Only a caller that is one of our workers decides by itself: anybody
   * else could make us record everything.
   */
  readonly sampledPart: number;
  readonly serviceName: string;
  readonly post: ExportNeeds['post'];
  readonly clock: Clock;
  readonly chance: () => number;
  readonly fill: FillRandomly;
  readonly reportFailure: (cause: unknown) => void;
};

/**
 * @param request its name, the `traceparent` that came with it, and whether it came from one of our workers. An outside caller's
 * flag can keep a request from being recorded, and never makes it recorded.
 */
export function traceRequest(
  needs: TraceNeeds,
  request: {
    readonly name: string;
    readonly traceparent: string | null | undefined;
    readonly isOurs?: boolean;
  },
): RequestTrace {
  const parent = parseTraceparent(request.traceparent);
  const isWanted = parent?.isSampled ?? true;
  const isChosen = request.isOurs === true ? parent !== null : needs.chance() < needs.sampledPart;
  if (needs.endpoint === '' || !isWanted || !isChosen) {
    // Whoever is called next must not record what was not chosen here.
    return {
      ...untraced(parent && { ...parent, isSampled: false }),
      answered: () => undefined,
      send: async () => undefined,
    };
  }

  const trace = recordTrace({ name: request.name, parent, clock: needs.clock, fill: needs.fill });
  return {
    ...trace,
    answered: (status) =>
      trace.describe({ 'http.response.status_code': status }, status >= 500 ? 'error' : 'unset'),
    async send() {
      try {
        const { endpoint, serviceName, post } = needs;
        const headers = headersOf(await needs.headers());
        await exportTraces({ endpoint, headers, serviceName, post }, trace.end());
      } catch (cause) {
        needs.reportFailure(cause);
      }
    },
  };
}

function headersOf(text: string | null): Readonly<Record<string, string>> {
  const pairs = (text ?? '').split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())] as const;
    }),
  );
}
