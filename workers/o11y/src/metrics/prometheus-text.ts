import { firstByteBounds } from './first-byte-bounds.ts';
import type { FirstByteTotal, RequestTotal, Totals } from './totals.ts';

type Counter = {
  readonly name: string;
  readonly help: string;
  readonly valueOf: (total: RequestTotal) => number;
};

const counters: readonly Counter[] = [
  {
    name: 'llm_gateway_requests_total',
    help: 'Exchanges, by the status of the upstream that answered; 5xx where none did.',
    valueOf: ({ requests }) => requests,
  },
  {
    name: 'llm_gateway_request_seconds_total',
    help: 'Time to the last byte, summed over requests.',
    valueOf: (total) => total.complete_ms / 1_000,
  },
  {
    name: 'llm_gateway_input_tokens_total',
    help: 'Tokens of prompts, as upstreams counted them.',
    valueOf: (total) => total.input_tokens,
  },
  {
    name: 'llm_gateway_output_tokens_total',
    help: 'Tokens of completions, as upstreams counted them.',
    valueOf: (total) => total.output_tokens,
  },
];

/** The text format 0.0.4 of Prometheus. */
export const prometheusText = ({ requests, firstBytes }: Totals): string =>
  [...counters.flatMap((counter) => counterLines(counter, requests)), ...histogramLines(firstBytes)]
    .map((line) => `${line}\n`)
    .join('');

const counterLines = (
  { name, help, valueOf }: Counter,
  totals: readonly RequestTotal[],
): readonly string[] => [
  ...headOf(name, help, 'counter'),
  ...totals.map((total) => {
    const labels = labelsOf({
      ...dimensionLabels(total),
      status: `${total.status_class}xx`,
      user_byok: total.user_byok === 1 ? 'true' : 'false',
    });
    return `${name}${labels} ${valueOf(total)}`;
  }),
];

const FIRST_BYTE = 'llm_gateway_first_byte_seconds';

function histogramLines(totals: readonly FirstByteTotal[]): readonly string[] {
  const byDimension = Map.groupBy(totals, (total) => labelsOf(dimensionLabels(total)));
  return [
    ...headOf(FIRST_BYTE, 'Time to the first byte of answers that succeeded.', 'histogram'),
    ...[...byDimension.values()].flatMap(histogramOf),
  ];
}

/** Each bucket counts the smaller ones too: that is the format. */
function histogramOf(totals: readonly FirstByteTotal[]): readonly string[] {
  const [first] = totals;
  if (!first) return [];
  const dimension = dimensionLabels(first);
  const upTo = (bound: number) =>
    totals.reduce((sum, total) => (total.bound <= bound ? sum + total.requests : sum), 0);
  const buckets = [...firstByteBounds.map((ms) => String(ms / 1_000)), '+Inf'];
  const seconds = totals.reduce((sum, total) => sum + total.ttfb_ms, 0) / 1_000;
  return [
    ...buckets.map(
      (le, bound) => `${FIRST_BYTE}_bucket${labelsOf({ ...dimension, le })} ${upTo(bound)}`,
    ),
    `${FIRST_BYTE}_sum${labelsOf(dimension)} ${seconds}`,
    `${FIRST_BYTE}_count${labelsOf(dimension)} ${upTo(firstByteBounds.length)}`,
  ];
}

const headOf = (name: string, help: string, type: 'counter' | 'histogram'): readonly string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];

const dimensionLabels = ({
  provider,
  model,
  client_name: client,
}: Pick<RequestTotal, 'provider' | 'model' | 'client_name'>) => ({ provider, model, client });

const labelsOf = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(labels)
    .map(([label, value]) => `${label}="${escaped(value)}"`)
    .join(',')}}`;

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
