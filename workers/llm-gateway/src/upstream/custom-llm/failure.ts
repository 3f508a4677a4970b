import {
  AISDKError,
  APICallError,
  InvalidArgumentError,
  InvalidPromptError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider';
import { z } from 'zod';

/** Why there is no answer, or no whole one, in words for those whose endpoint it is. */
export type Failure = {
  readonly status: number;
  readonly message: string;
  /** What the endpoint said, word by word. */
  readonly raw: string | null;
  /** The endpoint's headers that say when to ask again. */
  readonly retry: Readonly<Record<string, string>>;
};

const RETRY_HEADERS = ['retry-after', 'retry-after-ms'] as const;

const RAW_CHARACTERS_MAX = 4096;
const UNREADABLE = 'The model endpoint sent an answer that could not be read.';

/** Of an error in the middle of a stream: the SDK marks those with what it could make of them. */
const StreamError = z.object({
  message: z.string(),
  statusCode: z.int().min(400).max(599).optional(),
  data: z.unknown().optional(),
});

/**
 * What an SDK error tells. Null where it tells of no answer at all: the endpoint could not be reached, or the client has
 * left. @param secret the endpoint's key, which some endpoints repeat in what they say.
 */
export function failureOf(cause: unknown, secret: string): Failure | null {
  const failure = APICallError.isInstance(cause) ? failedCall(cause) : otherFailure(cause);
  return failure && withoutSecret(failure, secret);
}

function failedCall(error: APICallError): Failure | null {
  const { statusCode, message, responseBody, responseHeaders } = error;
  if (statusCode === undefined) return null;
  const raw = responseBody?.slice(0, RAW_CHARACTERS_MAX) ?? null;
  // A success that can't be read, or a redirect, which is not followed: a key must not travel on.
  if (statusCode < 400) return { status: 502, message: UNREADABLE, raw, retry: {} };
  return {
    status: statusCode,
    message: message || `The model endpoint answered ${statusCode}.`,
    raw,
    retry: Object.fromEntries(
      RETRY_HEADERS.flatMap((name) => {
        const value = responseHeaders?.[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}

function otherFailure(cause: unknown): Failure | null {
  const told = StreamError.safeParse(cause);
  if (!(cause instanceof Error) && told.success) {
    const { message, statusCode = 500, data } = told.data;
    const raw = data === undefined ? null : JSON.stringify(data).slice(0, RAW_CHARACTERS_MAX);
    return { status: statusCode, message, raw, retry: {} };
  }
  if (!AISDKError.isInstance(cause)) return null;
  return isOfRequest(cause)
    ? { status: 400, message: cause.message, raw: null, retry: {} }
    : { status: 502, message: UNREADABLE, raw: null, retry: {} };
}

/** The SDK refused to send what it was given: a kind of file, say, that the protocol has no place for. */
const isOfRequest = (cause: unknown): boolean =>
  UnsupportedFunctionalityError.isInstance(cause) ||
  InvalidArgumentError.isInstance(cause) ||
  InvalidPromptError.isInstance(cause);

/** Shorter ones are no secrets, and would tear words apart. */
const SECRET_CHARACTERS_MIN = 8;

function withoutSecret(failure: Failure, secret: string): Failure {
  if (secret.length < SECRET_CHARACTERS_MIN) return failure;
  const clean = (text: string): string => text.replaceAll(secret, '[key]');
  return {
    ...failure,
    message: clean(failure.message),
    raw: failure.raw === null ? null : clean(failure.raw),
  };
}
