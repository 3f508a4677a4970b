import { describeLimit } from '@gateway/worker-utils/body-limits';
import { BODY_PACE } from '@gateway/worker-utils/read-within';
import { parseJson } from '@gateway/worker-utils/json';
import { usdOf } from '@gateway/worker-utils/money';
import { MODEL_CHARACTERS_MAX, type UserId } from '@gateway/worker-utils/ids';
import { z } from 'zod';
import { INVALID_BYOK_KEY } from '../upstream/byok/byok-errors.ts';
import type { Refusal } from '../exchange/refusal.ts';
import { RETRY_AFTER_SECONDS_MAX } from '../upstream/retry-after.ts';
import { DECODED_ENCODINGS } from '../request/content-encoding.ts';

/** Whether the user has ever bought credits. Asked only to word a 402. */
export type Payments = { readonly hasPaid: (user: UserId) => Promise<boolean> };

type Needs = { readonly payments: Payments; readonly appUrl: string };
type Wire = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * The only writer of error bodies. Their shapes differ because the deployed clients read each of them: they show `error`
 * when it is a text, react to `error.code` of a 401, and build a page from the fields of the 402.
 */
export async function render(refusal: Refusal, needs: Needs): Promise<Response> {
  return jsonResponse(await wireOf(refusal, needs));
}

export const jsonResponse = ({ status, body, headers }: Wire): Response =>
  Response.json(body, { status, ...(headers && { headers }) });

/** A path outside the API. */
export const notFound = (): Response => Response.json({ error: 'Not found' }, { status: 404 });

/** A path that is served, but not with this method. */
export const methodNotAllowed = (allow: string): Response => jsonResponse(otherMethod(allow));

/** A bug. Its message goes to the log, never to a client. */
export const internalError = (): Response =>
  Response.json(
    { error: 'Internal server error', message: 'Internal server error' },
    { status: 500 },
  );

/** The provider's bill is unpaid, or a request asks for an absurd number of tokens. */
export const temporarilyUnavailable: Wire = {
  status: 503,
  body: {
    error: 'Service Unavailable',
    message: 'The service is temporarily unavailable. Please try again later.',
  },
};

/** A provider has rejected the platform's own key. A 401 would tell the caller that theirs is not valid. */
export const platformKeyRejected: Wire = {
  status: 502,
  body: {
    error: 'Bad gateway',
    message:
      'The model provider did not accept this request from the gateway. Please try again later.',
  },
};

/** No provider could be reached. */
export const badGateway: Wire = {
  status: 502,
  body: {
    error: 'Bad gateway',
    message: 'The model provider could not be reached. Please try again.',
  },
};

/** A custom LLM that answers with an error, or can't be asked: told in its own words, to those whose it is. */
export const customLlmError = (status: number, message: string): Wire => ({
  status,
  body: { error: { message, code: status, type: 'error' } },
});

const UNAVAILABLE_RETRY_AFTER_SECONDS = 5;
/** Something of what is running has ended by then. */
const RESERVED_RETRY_AFTER_SECONDS = 2;
/** Added to the first purchase. Named in the text of the 402. */
const FIRST_TOP_UP_BONUS_USD = 20;

function wireOf(refusal: Refusal, needs: Needs): Wire | Promise<Wire> {
  switch (refusal.kind) {
    case 'method-not-allowed':
      return otherMethod(refusal.allow);
    case 'body-too-large':
      return plain(413, 'Request too large', describeLimit(refusal.limit));
    case 'free-limit-reached':
      return later(
        refusal.retryAfterSeconds,
        plain(
          429,
          'Rate limit exceeded',
          'Free model usage limit reached. Please try again later or upgrade to a paid model.',
        ),
      );
    case 'credits-required':
      return creditsRequired(refusal, needs);
    case 'custom-llm-unusable':
      return customLlmError(refusal.status, refusal.problem);
    case 'field-refused':
      return plain(400, 'Field not allowed', `\`${refusal.field}\` ${fieldRefused[refusal.why]}`);
    case 'path-unknown':
    case 'body-too-slow':
    case 'body-crowded-out':
    case 'body-broken':
    case 'encoding-unsupported':
    case 'body-unreadable':
    case 'model-missing':
    case 'model-name-invalid':
    case 'model-withdrawn':
    case 'free-model-suspended':
    case 'address-unknown':
    case 'sign-in-required':
    case 'token-required':
    case 'promotion-limit-reached':
    case 'token-cap-exceeded':
    case 'alpha-ended':
    case 'balance-reserved':
    case 'model-not-allowed':
    case 'data-collection-required':
    case 'byok-keys-unusable':
    case 'key-invalid':
    case 'key-reused':
    case 'key-answer-too-large':
    case 'unavailable':
      return fixed[refusal.kind];
  }
}

async function creditsRequired(
  refusal: Extract<Refusal, { kind: 'credits-required' }>,
  needs: Needs,
): Promise<Wire> {
  const words = (await needs.payments.hasPaid(refusal.user))
    ? {
        title: 'Low Credit Warning!',
        message: 'Add credits to continue, or switch to a free model',
      }
    : {
        title: 'Paid Model - Credits Required',
        message: `This is a paid model. To use paid models, you need to add credits. Get $${FIRST_TOP_UP_BONUS_USD} free on your first topup!`,
      };
  const balance = usdOf(refusal.balance);
  return {
    status: 402,
    body: { error: { ...words, balance, buyCreditsUrl: `${needs.appUrl}/profile` } },
  };
}

const plain = (status: number, error: string, message: string): Wire => ({
  status,
  body: { error, message },
});
const otherMethod = (allow: string): Wire => ({
  ...plain(405, 'Method not allowed', `Use ${allow}.`),
  headers: { allow },
});
const same = (status: number, text: string): Wire => plain(status, text, text);
/** A 401 even for a limit: it is the only status at which the extensions offer to sign in. */
const coded = (code: string, message: string): Wire => ({
  status: 401,
  body: { error: { code, message } },
});
const later = (seconds: number, wire: Wire): Wire => ({
  ...wire,
  headers: { 'retry-after': String(Math.min(RETRY_AFTER_SECONDS_MAX, seconds)) },
});

/** After the name of the field. */
const fieldRefused = {
  unpaid: 'is not available with a free model: it may cost money or use another model.',
  organization: "leads to a model or a provider that your organization's rules do not allow.",
  fallback: 'must name a model that may answer this request. Remove it, or choose another model.',
} as const;

const modelNotFound = plain(404, 'Model not found', 'The requested model could not be found.');

/** What is said in the same words to everybody. */
const fixed = {
  'path-unknown': plain(
    400,
    'Invalid path',
    'This endpoint only accepts the path `/chat/completions`.',
  ),
  'body-too-slow': plain(
    408,
    'Request timeout',
    `The request body did not arrive in time. ${BODY_PACE}`,
  ),
  'body-crowded-out': later(
    UNAVAILABLE_RETRY_AFTER_SECONDS,
    plain(
      503,
      'Service Unavailable',
      'Too many large requests are being received. Please try again later.',
    ),
  ),
  'body-broken': plain(400, 'Invalid request', 'The request body ended before it was complete.'),
  'encoding-unsupported': {
    ...plain(
      415,
      'Unsupported content encoding',
      `Send the request body as it is, or with one Content-Encoding of: ${DECODED_ENCODINGS}.`,
    ),
    headers: { 'accept-encoding': DECODED_ENCODINGS },
  },
  'body-unreadable': plain(
    400,
    'Invalid request',
    'Could not parse request body. Please ensure it is valid JSON.',
  ),
  'model-missing': modelNotFound,
  'model-name-invalid': plain(
    400,
    'Invalid model name',
    `A model name must be at most ${MODEL_CHARACTERS_MAX} printable characters.`,
  ),
  'model-withdrawn': modelNotFound,
  'free-model-suspended': same(
    404,
    'This model is not available for free at the moment. Please choose another model.',
  ),
  'address-unknown': { status: 400, body: { error: 'Unable to determine client IP' } },
  'sign-in-required': coded('PAID_MODEL_AUTH_REQUIRED', 'You need to sign in to use this model.'),
  'token-required': plain(401, 'Unauthorized', 'A valid token is required. Please sign in.'),
  'promotion-limit-reached': coded(
    'PROMOTION_MODEL_LIMIT_REACHED',
    'Sign up for free to continue and explore 500 other models. Takes 2 minutes, no credit card required. Or come back later.',
  ),
  'token-cap-exceeded': temporarilyUnavailable,
  'alpha-ended': same(404, 'The alpha period for this model has ended.'),
  'balance-reserved': later(
    RESERVED_RETRY_AFTER_SECONDS,
    plain(
      429,
      'Too many requests in progress',
      'Your balance is reserved by requests that are still running. Please retry shortly.',
    ),
  ),
  'model-not-allowed': plain(
    404,
    'Model not allowed for your team.',
    'The requested model is not allowed for your team.',
  ),
  'data-collection-required': same(
    400,
    'Data collection is required for this model. Please enable data collection to use this model or choose another model.',
  ),
  'byok-keys-unusable': same(401, INVALID_BYOK_KEY),
  'key-invalid': plain(
    400,
    'Invalid Idempotency-Key',
    'An Idempotency-Key must be 1 to 255 visible ASCII characters.',
  ),
  'key-reused': plain(
    409,
    'Idempotency key reused',
    'This Idempotency-Key was used with a different request body.',
  ),
  'key-answer-too-large': plain(
    409,
    'Idempotency key used',
    'The answer to this Idempotency-Key was too large to be kept. Use a new key to ask again.',
  ),
  unavailable: later(UNAVAILABLE_RETRY_AFTER_SECONDS, temporarilyUnavailable),
} as const satisfies Partial<Record<Refusal['kind'], Wire>>;

const OpenRouterError = z.object({
  error: z.object({ code: z.int(), message: z.string() }),
});
/** Every shape in which an error is told to older clients. */
const OwnError = z.union([
  z.object({ message: z.string() }),
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error),
  z.object({ error: z.string() }).transform(({ error }) => ({ message: error })),
]);

/**
 * An error as OpenRouter's own clients validate it. Whoever made it, the gateway or a provider: what comes in here leaves in
 * that shape, and what has it already, as it came.
 */
export async function inOpenRouterShape(response: Response): Promise<Response> {
  const { status, headers } = response;
  const text = await response.text();
  const json = parseJson(text);
  const value = json.ok ? json.value : null;
  if (OpenRouterError.safeParse(value).success) return new Response(text, { status, headers });
  const known = OwnError.safeParse(value);
  const message = known.success ? known.data.message : `The provider answered with ${status}.`;
  const kept = new Headers(headers);
  kept.set('content-type', 'application/json');
  kept.delete('content-length');
  return Response.json({ error: { code: status, message } }, { status, headers: kept });
}
