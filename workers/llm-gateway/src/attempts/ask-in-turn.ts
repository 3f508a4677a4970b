import { ownSignal } from '@gateway/worker-utils/own-signal';
import type { Instant } from '@gateway/worker-utils/time';
import type { Broken, Call, Composed, Outcome } from '../exchange.ts';
import { generationName } from '../relay/generation-name.ts';
import { isStreamed } from '../request/chat-request.ts';
import { begin, type Named, type Needs as BeginNeeds } from './begin.ts';
import type { Circuits } from './circuits.ts';
import { nextTry } from './next-try.ts';
import { retryAfterBreak } from './retry.ts';
import { isAnswer, isRunning, isStream, outcomeOf, type Run, told, tryOf } from './run.ts';

export type Needs = BeginNeeds & { readonly circuits: Circuits };
type Asked = Pick<Composed, 'calls' | 'chat' | 'model'> & {
  readonly arrival: Pick<Composed['arrival'], 'left'>;
  readonly named: Named;
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
  readonly runs: Run[];
  readonly limit: AbortSignal;
};

/** Why there is no answer (yet). */
type Want = Pick<Broken, 'begun' | 'left'> & { readonly since: Instant };

/**
 * Asks the targets of a plan until one answers. Up to its first token another one can take its place; of the last one left,
 * the headers are enough.
 */
export async function askInTurn(asked: Asked, needs: Needs): Promise<Outcome> {
  const { left } = asked.arrival;
  const trying: Trying = {
    asked,
    ordered: needs.circuits.inOrder(asked.calls, asked.model.resolved),
    runs: [],
    limit: AbortSignal.timeout(EXCHANGE_MS_MAX),
  };
  const answer = await answerOf(trying, { begun: null, left, since: needs.clock.now() }, needs);
  return concluded(trying, { answer, made: trying.runs, hasLeft: left.aborted }, needs);
}

/** The same once more, for the rest of an answer that has broken off: what has been asked until then counts. */
async function rescue(
  trying: Trying,
  { run, broken }: { readonly run: Run; readonly broken: Broken },
  needs: Needs,
): Promise<Outcome> {
  const { asked, limit, runs } = trying;
  const { generation, usage, left } = broken;
  const since = needs.clock.now();
  run.broken = { at: since, retry: retryAfterBreak(broken), generation, usage };
  if (!left.aborted) hear(asked, run, needs);
  const known = runs.length;
  const last = limit.aborted ? run : await answerOf(trying, { ...broken, since }, needs);
  const concerned = { made: runs.slice(known), hasLeft: left.aborted };
  if (left.aborted)
    return ended(trying, { answer: runs.findLast(isStream) ?? run, ...concerned }, needs);
  return isAnswer(last) && isStream(last)
    ? concluded(trying, { answer: last, ...concerned }, needs)
    : ended(trying, { answer: run, ...concerned }, needs);
}

type Concluded = {
  readonly answer: Run;
  /** What was asked for it. */
  readonly made: readonly Run[];
  readonly hasLeft: boolean;
};

function concluded(trying: Trying, about: Concluded, needs: Needs): Outcome {
  const { answer: run, hasLeft } = about;
  const outcome = ended(trying, about, needs);
  if (outcome.kind !== 'answered' || hasLeft) return outcome;
  const name = generationName(outcome.reply.headers);
  // Of two that ran at once, the other one may have been named last.
  if (name !== null && outcome.reply.status < 400) trying.asked.named(outcome.target, name);
  return { ...outcome, rescue: (broken) => rescue(trying, { run, broken }, needs) };
}

function ended({ asked, runs }: Trying, about: Concluded, needs: Needs): Outcome {
  const { answer, made, hasLeft } = about;
  const outcome = outcomeOf(answer, runs, hasLeft);
  for (const run of made) {
    if (run !== answer) run.abort();
    if (!hasLeft) hear(asked, run, needs);
  }
  return outcome;
}

function hear({ model }: Asked, run: Run, { circuits }: Needs): void {
  const place = { target: run.call.target, model: model.resolved };
  circuits.hear(place, isAnswer(run) ? 'answering' : 'failed');
}

/** The run that the client hears of. `runs` gets all that are made. */
async function answerOf(
  { asked, ordered, runs, limit }: Trying,
  { begun, left, since }: Want,
  needs: Needs,
): Promise<Run> {
  const { calls, chat, named } = asked;
  const lateMs = isStreamed(chat) ? FIRST_TOKEN_MS_MAX : WHOLE_ANSWER_MS_MAX;
  const limits = { targets: ordered.length, lateMs, since };
  for (;;) {
    const answer = runs.find(isAnswer);
    if (answer) return answer;
    const running = runs.filter(isRunning);
    const isOver = left.aborted && runs.length > 0;
    const next = isOver ? null : nextTry(runs.map(tryOf), limits);
    const call = next && next.at <= needs.clock.now() ? ordered[next.target] : undefined;
    if (next && call) {
      const place = next.target;
      const isLimited = new Set([place, ...runs.map((run) => run.place)]).size < ordered.length;
      const isHeld = isLimited || running.length > 0;
      const isStandIn = call !== calls[0];
      const n = runs.length + 1;
      const how = { isStreamed: isStreamed(chat), isHeld, isStandIn };
      const asking = { n, call, place, isLimited, ...how, begun, named, left, limit };
      runs.push(begin(asking, needs));
      continue;
    }
    const last = told(runs, left.aborted);
    if (last && !next && running.length === 0) return last;
    const waitMs = next && next.at - needs.clock.now();
    await change({ running, waitMs, left }, needs);
  }
}

type Waiting = {
  readonly running: readonly Run[];
  /** Until the next target's turn. Null: there is none. */
  readonly waitMs: number | null;
  readonly left: AbortSignal;
};

/** Resolves when a run has ended, or when it is time for the next one. */
async function change({ running, waitMs, left }: Waiting, { pause }: Needs): Promise<void> {
  const changed = ownSignal();
  left.addEventListener('abort', changed.abort);
  if (left.aborted) changed.abort();
  const turn = waitMs === null ? [] : [pause(Math.max(1, waitMs), changed.signal)];
  await Promise.race([...turn, ...running.map(({ done }) => done)]);
  left.removeEventListener('abort', changed.abort);
  changed.abort();
}
