import type { Exchange } from './exchange.ts';
import { prefillOf } from './request.ts';
import { bytesStep, type Step } from './step.ts';
import { ACCOUNT_ID, headersOf, PROVIDER } from './wire.ts';

/** An answer that is none: a status, and a body of some kind. */
export function refusedScript(exchange: Exchange): readonly Step[] {
  const { behaviour, settings } = exchange.scenario;
  const code = settings.code ?? 500;
  if (behaviour === 'context-length') return refusal(exchange, code, contextLength);
  if (behaviour === 'content-policy') return refusal(exchange, code, contentPolicy);
  return refusal(exchange, code, bodyOf(exchange, code));
}

type Body = { readonly type: string; readonly text: string };

const json = (value: unknown): Body => ({ type: 'application/json', text: JSON.stringify(value) });

function refusal(exchange: Exchange, status: number, { type, text }: Body): readonly Step[] {
  const { headers } = exchange.scenario.settings;
  return [
    ...(headers > 0 ? [{ kind: 'wait', ms: headers } as const] : []),
    {
      kind: 'head',
      status,
      headers: { ...headersOf(type, exchange), ...retryHeaders(exchange) },
    },
    bytesStep(text),
    { kind: 'end', how: 'clean', as: 'error' },
  ];
}

/** As the scenario writes it, or the date of a moment that lies so many seconds ahead. */
function retryHeaders({ scenario }: Exchange): Record<string, string> {
  const { 'retry-after': said, 'retry-ms': ms, 'retry-date': ahead } = scenario.settings;
  const date = ahead === undefined ? said : new Date(Date.now() + ahead * 1000).toUTCString();
  return {
    ...(date !== undefined && { 'retry-after': date }),
    ...(ms !== undefined && { 'retry-after-ms': String(ms) }),
  };
}

function bodyOf({ request, scenario, protocol }: Exchange, code: number): Body {
  switch (scenario.settings.body) {
    case 'html':
      return {
        type: 'text/html',
        text: `<html>\r\n<head><title>${code} Bad Gateway</title></head>\r\n<body>\r\n<center><h1>${code} Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n`,
      };
    case 'text':
      return { type: 'text/plain', text: `error code: ${code}` };
    case 'empty':
      return { type: 'application/json', text: '' };
    case 'broken':
      return { type: 'application/json', text: 'not-json{' };
    case 'detail':
      return json({
        detail: [{ type: 'missing', loc: ['body', 'messages'], msg: 'Field required', input: {} }],
      });
    case 'null-answer':
      return json({ id: null, choices: null });
    // As some providers repeat what they could not use, keys included.
    case 'echo':
      return ownError(code, `Not accepted: ${JSON.stringify(request)}`);
    case 'openrouter':
      return protocol === 'chat'
        ? openRouterError(code, request.model)
        : vendorError(protocol, code);
  }
}

/** As Anthropic and OpenAI word their own errors. */
function vendorError(protocol: 'messages' | 'responses', code: number): Body {
  const type = errorTypeOf(code);
  const message = `Refused with ${code}.`;
  return protocol === 'messages'
    ? json({ type: 'error', error: { type, message } })
    : json({ error: { message, type, param: null, code: null } });
}

export function errorTypeOf(code: number): string {
  switch (code) {
    case 401:
      return 'authentication_error';
    case 429:
      return 'rate_limit_error';
    case 503:
    case 529:
      return 'overloaded_error';
    default:
      return code < 500 ? 'invalid_request_error' : 'api_error';
  }
}

const providerError = (code: number, raw: string): Body =>
  json({
    error: {
      message: 'Provider returned error',
      code,
      metadata: { raw, provider_name: PROVIDER },
    },
    user_id: ACCOUNT_ID,
  });

const ownError = (code: number, message: string, metadata?: object): Body =>
  json({ error: { message, code, ...(metadata && { metadata }) }, user_id: ACCOUNT_ID });

function openRouterError(code: number, model: string): Body {
  switch (code) {
    case 401:
      return json({ error: { message: 'User not found.', code } });
    case 402:
      return ownError(code, 'Insufficient credits. Add more to this account.');
    case 403:
      return ownError(code, `${model} requires moderation. Your input was flagged.`, {
        reasons: ['violence'],
        flagged_input: 'the input that was flagged',
        provider_name: PROVIDER,
        model_slug: model,
      });
    case 404:
      return ownError(code, `No endpoints found for ${model}.`);
    case 429:
      return providerError(code, `${model} is temporarily rate-limited upstream.`);
    default:
      return providerError(code, JSON.stringify({ error: { message: 'simulated', type: code } }));
  }
}

const contextLength = ownError(
  400,
  "This endpoint's maximum context length is 200000 tokens. However, you requested about 250000 tokens (249000 of text input, 1000 in the output). Please reduce the length of either one.",
  { provider_name: null },
);

const contentPolicy = providerError(
  400,
  JSON.stringify({
    error: {
      message: 'The request was rejected: its content is against the usage policy.',
      type: 'invalid_request_error',
      code: 'content_policy_violation',
    },
  }),
);

/** Newer models refuse to go on with a begun answer, others only one that ends in white space; null where it is taken. */
export function prefillRefusal(exchange: Exchange): readonly Step[] | null {
  const prefill = prefillOf(exchange.request);
  const { prefill: rule } = exchange.scenario.settings;
  if (prefill === null) return null;
  if (rule === 'reject') {
    return refusal(
      exchange,
      400,
      invalidRequest('This model does not support assistant message prefill.'),
    );
  }
  if (rule === 'strict' && prefill !== prefill.trimEnd()) {
    return refusal(
      exchange,
      400,
      invalidRequest('The final assistant content cannot end with trailing whitespace.'),
    );
  }
  return null;
}

const invalidRequest = (message: string): Body =>
  providerError(
    400,
    JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } }),
  );
