import { urlUnder } from './url-under.ts';
import { otlpTraces, type Span } from './otlp-traces.ts';

export type ExportNeeds = {
  /** Of the collector, without the path: as `OTEL_EXPORTER_OTLP_ENDPOINT` has it. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly post: (url: string, init: RequestInit) => Promise<Response>;
};

const EXPORT_MS_MAX = 5_000;

/** Sends spans by OTLP/HTTP. Throws when the collector did not take them: the caller runs this where nobody waits. */
export async function exportTraces(
  { endpoint, headers, serviceName, post }: ExportNeeds,
  spans: readonly Span[],
): Promise<void> {
  if (spans.length === 0) return;
  const response = await post(urlUnder(endpoint, '/v1/traces'), {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(otlpTraces(serviceName, spans)),
    signal: AbortSignal.timeout(EXPORT_MS_MAX),
  });
  // Read to its end, so that the connection can be used again.
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`The collector answered ${response.status}`);
}
