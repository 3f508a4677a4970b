import { BODY_BYTES_MAX } from '@gateway/worker-utils/body-limits';
import { readWithin } from '@gateway/worker-utils/read-within';
import type { RequestTrace } from '@gateway/worker-utils/request-trace';
import type { Caller } from '../exchange/caller.ts';
import { type Handled, handle, type Needs as HandleNeeds } from '../pipeline/handle.ts';
import { IdempotencyKey } from '../request/idempotency-key.ts';
import type { KeyRefusal } from './stored-answer.ts';
import type { KeyedRequest } from './keyed-request.ts';
import type { Refusal } from '../exchange/refusal.ts';
import { render } from '../response/render-refusal.ts';
import { bearerOf } from '../request/bearer.ts';
import { userOf } from '../pipeline/stages/identify.ts';
import { type Incoming, refusalOf } from '../pipeline/stages/receive.ts';

/** Access to the objects that answer keyed requests. */
export type IdempotentAnswers = {
  /** Null if the key's object is unreachable. Answering without it could answer twice. */
  readonly answer: (
    request: KeyedRequest,
    left: AbortSignal,
  ) => Promise<{
    readonly answer: Response | KeyRefusal;
    /** Includes requests that joined the answer and the request that started it. */
    readonly settled: Promise<void>;
  } | null>;
};

type Needs = HandleNeeds & {
  readonly completions: IdempotentAnswers;
  readonly trace: RequestTrace;
  readonly requestId: string;
};

/**
 * The key's object answers a request that names a key. It calls a provider once for all identical requests.
 * Keys belong to callers: without a valid token, the request is handled as if it named no key.
 */
export async function handleIdempotent(
  incoming: Incoming,
  named: string,
  needs: Needs,
): Promise<Pick<Handled, 'response' | 'settled'>> {
  const { request, edge } = incoming;
  const user = await userOf(
    {
      bearer: bearerOf(request.headers.get('authorization')),
      organization: request.headers.get('x-kilocode-organizationid') || null,
    },
    needs,
  );
  if (!user.ok) return handle(incoming, needs);
  const key = IdempotencyKey.safeParse(named);
  if (!key.success) return refused({ kind: 'key-invalid' }, needs);
  const body = await readWithin(request, { bytesMax: BODY_BYTES_MAX }, needs.intake);
  if (!body.ok) return refused(refusalOf(body.error), needs);
  const { completions, trace, requestId } = needs;
  const keyed = {
    identity: identityOf(user.value, key.data),
    owner: JSON.stringify(['answer-quota', user.value.id]),
    listener: crypto.randomUUID(),
    url: request.url,
    headers: [...request.headers],
    body: body.value,
    edge,
    requestId,
  };
  const answered = await trace.span('answerOnce', () =>
    completions.answer({ ...keyed, traceparent: trace.traceparent() }, request.signal),
  );
  if (answered === null) return refused({ kind: 'unavailable' }, needs);
  const { answer, settled } = answered;
  if (!(answer instanceof Response)) return refused(answer, needs);
  return { response: new Response(answer.body, answer), settled };
}

/** Two callers may use the same key, and so may one caller in two organisations. */
const identityOf = (
  { id, snapshot }: Extract<Caller, { kind: 'user' }>,
  key: IdempotencyKey,
): string => JSON.stringify(['idempotency-key', id, snapshot.organization?.id ?? null, key]);

const refused = async (refusal: Refusal, needs: Needs) => ({
  response: await render(refusal, needs),
  settled: needs.reportRefusal(refusal),
});
