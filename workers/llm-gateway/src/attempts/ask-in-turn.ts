import { isStreamed } from '../request/chat-request.ts';
import type { Composed, Outcome } from '../exchange.ts';
import { begin, type Needs as BeginNeeds } from './begin.ts';
import type { Circuits } from './circuits.ts';
import { nextTry } from './next-try.ts';
import { isAnswer, isRunning, outcomeOf, type Run, told, tryOf } from './run.ts';

export type Needs = BeginNeeds & { readonly circuits: Circuits };
type Asked = Pick<Composed, 'calls' | 'chat' | 'model'> & {
  readonly arrival: Pick<Composed['arrival'], 'left'>;
};

/** From the first call to the last byte. */
const EXCHANGE_MS_MAX = 600_000;
/** Then another target is tried beside the one that shows nothing yet. */
const FIRST_TOKEN_MS_MAX = 12_000;
/** The same where the answer comes as a whole: it takes as long as all of its tokens. */
const WHOLE_ANSWER_MS_MAX = 60_000;

/**
 * Asks the targets of a plan until one answers. Up to its first token another one can take its place; of the last one left,
 * the headers are enough.
 */
export async function askInTurn(asked: Asked, needs: Needs): Promise<Outcome> {
  const { arrival, model } = asked;
  const runs: Run[] = [];
  const answer = await answerOf(runs, asked, needs);
  const hasLeft = arrival.left.aborted;
  const outcome = outcomeOf(answer, runs, hasLeft);
  for (const run of runs) {
    if (run !== answer) run.abort();
    const place = { target: run.call.target, model: model.resolved };
    if (!hasLeft) needs.circuits.hear(place, isAnswer(run) ? 'answering' : 'failed');
  }
  return outcome;
}

/** The run that the client hears of. `runs` gets all that are made. */
async function answerOf(runs: Run[], asked: Asked, needs: Needs): Promise<Run> {
  const { arrival, chat, calls, model } = asked;
  const { left } = arrival;
  const ordered = needs.circuits.inOrder(calls, model.resolved);
  const lateMs = isStreamed(chat) ? FIRST_TOKEN_MS_MAX : WHOLE_ANSWER_MS_MAX;
  const limit = AbortSignal.timeout(EXCHANGE_MS_MAX);
  for (;;) {
    const answer = runs.find(isAnswer);
    if (answer) return answer;
    const running = runs.filter(isRunning);
    const isOver = left.aborted && runs.length > 0;
    const next = isOver ? null : nextTry(runs.map(tryOf), { targets: ordered.length, lateMs });
    const call = next && next.at <= needs.clock.now() ? ordered[next.target] : undefined;
    if (next && call) {
      const place = next.target;
      const isLimited = new Set([place, ...runs.map((run) => run.place)]).size < ordered.length;
      const isHeld = isLimited || running.length > 0;
      const isStandIn = call !== calls[0];
      const n = runs.length + 1;
      runs.push(begin({ n, call, place, isLimited, isHeld, isStandIn, left, limit }, needs));
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
  const changed = new AbortController();
  const signal = AbortSignal.any([changed.signal, left]);
  const turn = waitMs === null ? [] : [pause(Math.max(1, waitMs), signal)];
  await Promise.race([...turn, ...running.map(({ done }) => done)]);
  changed.abort();
}
