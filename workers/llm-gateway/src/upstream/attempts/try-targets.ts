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
/** Then another target is tried beside the one that shows nothing yet. */
const FIRST_TOKEN_MS_MAX = 12_000;
/** The same where the answer comes as a whole: it takes as long as all of its tokens. */
const WHOLE_ANSWER_MS_MAX = 60_000;

/** All calls of one exchange, over its whole length: an answer that breaks off is no reason for more of them. */
type Trying = {
  readonly asked: Asked;
  readonly ordered: readonly Call[];
  readonly attempts: Attempt[];
  readonly limit: AbortSignal;
};

/** Why there is no answer (yet). */
type Want = Pick<Interruption, 'prefix' | 'clientSignal'> & { readonly since: Instant };

/**
 * Asks the targets of a plan until one answers. Up to its first token another one can take its place; of the last one left,
 * the headers are enough.
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

/** The same once more, for the rest of an answer that has broken off: what has been asked until then counts. */
async function resumeWith(
  trying: Trying,
  { run, broken }: { readonly run: Attempt; readonly broken: Interruption },
  needs: Deps,
): Promise<Outcome> {
  const { asked, limit, attempts } = trying;
  const { generationId, usage, clientSignal } = broken;
  const since = needs.clock.now();
  run.interruption = { at: since, retry: retryScopeAfterInterruption(broken), generationId, usage };
  if (!clientSignal.aborted) recordOutcome(asked, run, needs);
  const known = attempts.length;
  const last = limit.aborted ? run : await answerOf(trying, { ...broken, since }, needs);
  const concerned = { made: attempts.slice(known), hasLeft: clientSignal.aborted };
  if (clientSignal.aborted)
    return ended(trying, { answer: attempts.findLast(isStream) ?? run, ...concerned }, needs);
  return isAnswer(last) && isStream(last)
    ? concluded(trying, { answer: last, ...concerned }, needs)
    : ended(trying, { answer: run, ...concerned }, needs);
}

type Concluded = {
  readonly answer: Attempt;
  /** What was asked for it. */
  readonly made: readonly Attempt[];
  readonly hasLeft: boolean;
};

function concluded(trying: Trying, about: Concluded, needs: Deps): Outcome {
  const { answer: run, hasLeft } = about;
  const outcome = ended(trying, about, needs);
  if (outcome.kind !== 'answered' || hasLeft) return outcome;
  const name = generationIdIn(outcome.reply.headers);
  // Of two that ran at once, the other one may have been named last.
  if (name !== null && outcome.reply.status < 400)
    trying.asked.onGenerationId(outcome.target, name);
  return { ...outcome, resume: (broken) => resumeWith(trying, { run, broken }, needs) };
}

function ended({ asked, attempts }: Trying, about: Concluded, needs: Deps): Outcome {
  const { answer, made, hasLeft } = about;
  const outcome = outcomeOf(answer, attempts, hasLeft);
  for (const run of made) {
    if (run !== answer) run.abort();
    if (!hasLeft) recordOutcome(asked, run, needs);
  }
  return outcome;
}

function recordOutcome({ model }: Asked, run: Attempt, { circuits }: Deps): void {
  const place = { target: run.call.target, model: model.resolved };
  circuits.recordOutcome(place, isAnswer(run) ? 'answering' : 'failed');
}

/** The run that the client hears of. `runs` gets all that are made. */
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
        new Set([targetIndex, ...attempts.map((run) => run.targetIndex)]).size < ordered.length;
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
  /** Until the next target's turn. Null: there is none. */
  readonly waitMs: number | null;
  readonly left: AbortSignal;
};

/** Resolves when a run has ended, or when it is time for the next one. */
async function change({ running, waitMs, left }: Waiting, { pause }: Deps): Promise<void> {
  const changed = ownSignal();
  left.addEventListener('abort', changed.abort);
  if (left.aborted) changed.abort();
  const turn = waitMs === null ? [] : [pause(Math.max(1, waitMs), changed.signal)];
  await Promise.race([...turn, ...running.map(({ done }) => done)]);
  left.removeEventListener('abort', changed.abort);
  changed.abort();
}
