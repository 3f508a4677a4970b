import { ownSignal } from '@gateway/worker-utils/own-signal';
import type { Instant } from '@gateway/worker-utils/time';
import type { Interruption, Call, Composed, Outcome } from '../../exchange/exchange.ts';
import { generationIdIn } from '../generation-id.ts';
import { isStreamed } from '../../request/chat-request.ts';
import { startAttempt, type OnGenerationId, type Deps as BeginNeeds } from './start-attempt.ts';
import type { CircuitBreakers } from './circuit-breakers.ts';
import { nextAttempt } from './retry-policy.ts';
import { retryScopeAfterInterruption } from './retry-scope.ts';
import {
  isAnswer,
  isRunning,
  isStream,
  outcomeOf,
  type Attempt,
  winningAttempt,
  pastAttemptOf,
} from './attempt.ts';

export type Deps = BeginNeeds & { readonly circuits: CircuitBreakers };
type Asked = Pick<Composed, 'calls' | 'chat' | 'model'> & {
  readonly arrival: Pick<Composed['arrival'], 'clientSignal'>;
  readonly onGenerationId: OnGenerationId;
};

/** From the first call to the last byte. */
const EXCHANGE_MS_MAX = 600_000;
/** After this, a hedged attempt starts beside the one without a first token. */
const FIRST_TOKEN_MS_MAX = 12_000;
/** The same for an answer that is not streamed: it arrives only with its last token. */
const WHOLE_ANSWER_MS_MAX = 60_000;

/** All attempts of one exchange. Resuming a broken answer does not reset their limits. */
type Trying = {
  readonly asked: Asked;
  readonly ordered: readonly Call[];
  readonly attempts: Attempt[];
  readonly limit: AbortSignal;
};

/** What an answer has to continue, and since when the request is without one. */
type Want = Pick<Interruption, 'prefix' | 'clientSignal'> & { readonly since: Instant };

/**
 * Tries the targets of a plan until one answers. Another target can replace it until its first token; the last remaining
 * target answers with its headers.
 */
export async function tryTargets(asked: Asked, needs: Deps): Promise<Outcome> {
  const { clientSignal } = asked.arrival;
  const trying: Trying = {
    asked,
    ordered: needs.circuits.inOrder(asked.calls, asked.model.resolved),
    attempts: [],
    limit: AbortSignal.timeout(EXCHANGE_MS_MAX),
  };
  const answer = await answerOf(
    trying,
    { prefix: null, clientSignal, since: needs.clock.now() },
    needs,
  );
  return concluded(trying, { answer, made: trying.attempts, hasLeft: clientSignal.aborted }, needs);
}

/** Continues an answer that broke off. Earlier attempts count against the limits. */
async function resumeWith(
  trying: Trying,
  { attempt, broken }: { readonly attempt: Attempt; readonly broken: Interruption },
  needs: Deps,
): Promise<Outcome> {
  const { asked, limit, attempts } = trying;
  const { generationId, usage, clientSignal } = broken;
  const since = needs.clock.now();
  attempt.interruption = {
    at: since,
    retry: retryScopeAfterInterruption(broken),
    generationId,
    usage,
  };
  if (!clientSignal.aborted) recordOutcome(asked, attempt, needs);
  const known = attempts.length;
  const last = limit.aborted ? attempt : await answerOf(trying, { ...broken, since }, needs);
  const concerned = { made: attempts.slice(known), hasLeft: clientSignal.aborted };
  if (clientSignal.aborted)
    return ended(trying, { answer: attempts.findLast(isStream) ?? attempt, ...concerned }, needs);
  return isAnswer(last) && isStream(last)
    ? concluded(trying, { answer: last, ...concerned }, needs)
    : ended(trying, { answer: attempt, ...concerned }, needs);
}

type Concluded = {
  readonly answer: Attempt;
  /** The attempts made for this answer. */
  readonly made: readonly Attempt[];
  readonly hasLeft: boolean;
};

function concluded(trying: Trying, about: Concluded, needs: Deps): Outcome {
  const { answer: attempt, hasLeft } = about;
  const outcome = ended(trying, about, needs);
  if (outcome.kind !== 'answered' || hasLeft) return outcome;
  const name = generationIdIn(outcome.reply.headers);
  // A hedged attempt may have recorded its generation id last: record the winner's again.
  if (name !== null && outcome.reply.status < 400)
    trying.asked.onGenerationId(outcome.target, name);
  return { ...outcome, resume: (broken) => resumeWith(trying, { attempt, broken }, needs) };
}

function ended({ asked, attempts }: Trying, about: Concluded, needs: Deps): Outcome {
  const { answer, made, hasLeft } = about;
  const outcome = outcomeOf(answer, attempts, hasLeft);
  for (const attempt of made) {
    if (attempt !== answer) attempt.abort();
    if (!hasLeft) recordOutcome(asked, attempt, needs);
  }
  return outcome;
}

function recordOutcome({ model }: Asked, attempt: Attempt, { circuits }: Deps): void {
  const key = { target: attempt.call.target, model: model.resolved };
  circuits.recordOutcome(key, isAnswer(attempt) ? 'answering' : 'failed');
}

/** The attempt to report to the client. Adds every attempt that it makes to `attempts`. */
async function answerOf(
  { asked, ordered, attempts, limit }: Trying,
  { prefix, clientSignal, since }: Want,
  needs: Deps,
): Promise<Attempt> {
  const { calls, chat, onGenerationId } = asked;
  const lateMs = isStreamed(chat) ? FIRST_TOKEN_MS_MAX : WHOLE_ANSWER_MS_MAX;
  const limits = { targets: ordered.length, lateMs, since };
  for (;;) {
    const answer = attempts.find(isAnswer);
    if (answer) return answer;
    const running = attempts.filter(isRunning);
    const isOver = clientSignal.aborted && attempts.length > 0;
    const next = isOver ? null : nextAttempt(attempts.map(pastAttemptOf), limits);
    const call = next && next.at <= needs.clock.now() ? ordered[next.target] : undefined;
    if (next && call) {
      const targetIndex = next.target;
      const isLimited =
        new Set([targetIndex, ...attempts.map((attempt) => attempt.targetIndex)]).size <
        ordered.length;
      const asking = {
        attemptNumber: attempts.length + 1,
        call,
        targetIndex,
        isLimited,
        isStreamed: isStreamed(chat),
        waitsForFirstToken: isLimited || running.length > 0,
        isFallback: call !== calls[0],
        prefix,
        onGenerationId,
        clientSignal,
        limit,
      };
      attempts.push(startAttempt(asking, needs));
      continue;
    }
    const last = winningAttempt(attempts, clientSignal.aborted);
    if (last && !next && running.length === 0) return last;
    const waitMs = next && next.at - needs.clock.now();
    await change({ running, waitMs, left: clientSignal }, needs);
  }
}

type Waiting = {
  readonly running: readonly Attempt[];
  /** Time until the next attempt is due. Null: none is. */
  readonly waitMs: number | null;
  readonly left: AbortSignal;
};

/** Resolves when an attempt ends or the next one is due. */
async function change({ running, waitMs, left }: Waiting, { pause }: Deps): Promise<void> {
  const changed = ownSignal();
  left.addEventListener('abort', changed.abort);
  if (left.aborted) changed.abort();
  const turn = waitMs === null ? [] : [pause(Math.max(1, waitMs), changed.signal)];
  await Promise.race([...turn, ...running.map(({ done }) => done)]);
  left.removeEventListener('abort', changed.abort);
  changed.abort();
}
