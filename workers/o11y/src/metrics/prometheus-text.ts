import { firstByteBounds } from './first-byte-bounds.ts';
import type { FirstByteTotal, RequestTotal, SessionTotal, Totals } from './totals.ts';

type Counter<Total> = {
  readonly name: string;
  readonly help: string;
  readonly valueOf: (total: Total) => number;
};

const requestCounters: readonly Counter<RequestTotal>[] = [
  {
    name: 'llm_gateway_requests_total',
    help: 'Exchanges, by the status of the upstream that answered. Where none did: 5xx, or 4xx where the client left.',
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

const sessionCounters: readonly Counter<SessionTotal>[] = [
  {
    name: 'llm_gateway_sessions_total',
    help: 'Sessions that ended, by how they did.',
    valueOf: ({ sessions }) => sessions,
  },
  {
    name: 'llm_gateway_session_seconds_total',
    help: 'From the first to the last sign of a session, summed over sessions.',
    valueOf: (total) => total.duration_ms / 1_000,
  },
  {
    name: 'llm_gateway_session_turns_total',
    help: 'Questions of users.',
    valueOf: ({ turns }) => turns,
  },
  {
    name: 'llm_gateway_session_steps_total',
    help: 'Steps of agents.',
    valueOf: ({ steps }) => steps,
  },
  {
    name: 'llm_gateway_session_errors_total',
    help: 'Errors that sessions have seen.',
    valueOf: ({ errors }) => errors,
  },
  {
    name: 'llm_gateway_session_stuck_tool_calls_total',
    help: 'Calls of tools that never came to an end.',
    valueOf: (total) => total.stuck_tool_calls,
  },
  {
    name: 'llm_gateway_session_compactions_total',
    help: 'Times that a conversation was made shorter.',
    valueOf: ({ compactions }) => compactions,
  },
  {
    name: 'llm_gateway_session_tokens_total',
    help: 'Tokens of all kinds, as sessions counted them.',
    valueOf: ({ tokens }) => tokens,
  },
  {
    name: 'llm_gateway_session_cost_usd_total',
    help: 'Cost, as sessions counted it.',
    valueOf: (total) => total.cost_usd,
  },
];

/** The text format 0.0.4 of Prometheus. */
export const prometheusText = ({ requests, firstBytes, sessions }: Totals): string =>
  [
    ...countersOf(requestCounters, requests, requestLabels),
    ...histogramLines(firstBytes),
    ...countersOf(sessionCounters, sessions, sessionLabels),
  ]
    .map((line) => `${line}\n`)
    .join('');

type Labels = Readonly<Record<string, string>>;

const countersOf = <Total>(
  counters: readonly Counter<Total>[],
  totals: readonly Total[],
  labels: (total: Total) => Labels,
): readonly string[] =>
  counters.flatMap(({ name, help, valueOf }) => [
    ...headOf(name, help, 'counter'),
    ...totals.map((total) => `${name}${labelsOf(labels(total))} ${valueOf(total)}`),
  ]);

const requestLabels = (total: RequestTotal): Labels => ({
  ...dimensionLabels(total),
  status: `${total.status_class}xx`,
  user_byok: total.user_byok === 1 ? 'true' : 'false',
});

const sessionLabels = ({ platform, termination_reason: reason }: SessionTotal): Labels => ({
  platform,
  reason,
});

const FIRST_BYTE = 'llm_gateway_first_byte_seconds';

function histogramLines(totals: readonly FirstByteTotal[]): readonly string[] {
  const byDimension = Map.groupBy(totals, (total) => labelsOf(dimensionLabels(total)));
  return [
    ...headOf(FIRST_BYTE, 'Time to the first byte of what did not fail.', 'histogram'),
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

const labelsOf = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([label, value]) => `${label}="${escaped(value)}"`)
    .join(',')}}`;

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
