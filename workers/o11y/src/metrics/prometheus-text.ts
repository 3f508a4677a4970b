import type { Total } from './totals.ts';

type Family = {
  readonly name: string;
  readonly help: string;
  readonly valueOf: (total: Total) => number;
};

const families: readonly Family[] = [
  {
    name: 'llm_gateway_requests_total',
    help: 'Requests that reached an upstream.',
    valueOf: ({ requests }) => requests,
  },
  {
    name: 'llm_gateway_first_byte_seconds_total',
    help: 'Time to the first byte, summed over requests.',
    valueOf: (total) => total.ttfb_ms / 1_000,
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

/** The text format 0.0.4 of Prometheus. Every family is a counter: rates and means are the reader's to take. */
export const prometheusText = (totals: readonly Total[]): string =>
  families
    .map(({ name, help, valueOf }) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} counter`,
        ...totals.map((total) => `${name}{${labelsOf(total)}} ${valueOf(total)}`),
        '',
      ].join('\n'),
    )
    .join('');

const labelsOf = (total: Total): string =>
  Object.entries({
    provider: total.provider,
    model: total.model,
    client: total.client_name,
    status: `${total.status_class}xx`,
    user_byok: total.user_byok === 1 ? 'true' : 'false',
  })
    .map(([label, value]) => `${label}="${escaped(value)}"`)
    .join(',');

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
