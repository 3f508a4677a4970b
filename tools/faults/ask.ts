import { systemClock } from '@gateway/worker-utils/system-clock';
import OpenAI, { APIConnectionError, APIError, APIUserAbortError } from 'openai';
import { z } from 'zod';

/** Where a caller asks, and as whom. */
export type Door = {
  /** As the SDK wants it: `/chat/completions` comes after it. */
  readonly baseUrl: string;
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Which gateway answered, as the response tells. Null: it does not. */
  readonly namedIn: (headers: Headers) => string | null;
};

/** What a caller saw of one request. Times are of the machine's clock. */
export type Saw = {
  readonly startedAt: number;
  readonly firstTokenAt: number | null;
  readonly endedAt: number;
  readonly status: number | null;
  readonly named: string | null;
  readonly text: string;
  readonly finish: string | null;
  readonly failure: Failure | null;
};
export type Failure = {
  /** `said`: in an answer that is an error. `broken`: the transfer or an event in it. `hung`: nobody would have waited longer. */
  readonly kind: 'said' | 'broken' | 'hung';
  readonly message: string;
};

/** The SDK's error for a status of its own: the type of its fields is open there. */
const Refused = z.object({ status: z.number(), headers: z.instanceof(Headers) });

const WAIT_MS_MAX = 60_000;
const messages = [{ role: 'user' as const, content: 'Tell me about the river.' }];

/** Asks as an agent does, but once: what an SDK would try again must be seen. */
export async function ask({ baseUrl, token, headers, namedIn }: Door, model: string): Promise<Saw> {
  const client = new OpenAI({
    baseURL: baseUrl,
    apiKey: token,
    maxRetries: 0,
    defaultHeaders: headers,
    logLevel: 'off',
  });
  const signal = AbortSignal.timeout(WAIT_MS_MAX);
  const startedAt = systemClock.now();
  const seen: {
    -readonly [Key in keyof Saw]: Saw[Key];
  } = {
    startedAt,
    firstTokenAt: null,
    endedAt: startedAt,
    status: null,
    named: null,
    text: '',
    finish: null,
    failure: null,
  };
  try {
    const body = {
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    } as const;
    const asked = client.chat.completions.create(body, { signal });
    const { data, response } = await asked.withResponse();
    seen.status = response.status;
    seen.named = namedIn(response.headers);
    for await (const { choices } of data) {
      const said = choices[0]?.delta?.content ?? '';
      if (said !== '') seen.firstTokenAt ??= systemClock.now();
      seen.text += said;
      seen.finish = choices[0]?.finish_reason ?? seen.finish;
    }
  } catch (cause) {
    seen.failure = failureOf(cause, signal.aborted);
    const refused = Refused.safeParse(cause);
    if (refused.success && seen.status === null) {
      seen.status = refused.data.status;
      seen.named = namedIn(refused.data.headers);
    }
  }
  seen.endedAt = systemClock.now();
  return seen;
}

function failureOf(cause: unknown, hasHung: boolean): Failure {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (hasHung || cause instanceof APIUserAbortError) return { kind: 'hung', message };
  const isSaid = cause instanceof APIError && !(cause instanceof APIConnectionError);
  return { kind: isSaid ? 'said' : 'broken', message };
}
