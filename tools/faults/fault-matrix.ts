import { setTimeout as sleep } from 'node:timers/promises';
import { faultNames, type FaultName, type Simulator } from '@gateway/local/simulator';
import { ask, type Door, type Saw } from './ask.ts';
import { bookProblems, type Books } from './books.ts';
import { callsFor, callsOfEach } from './calls.ts';
import { askThroughOutage, circuitProblems } from './outage.ts';
import {
  type Expectation,
  failover,
  late,
  type Observed,
  problemsOfAll,
  refused,
  rescue,
  rescueOrError,
  untouched,
  wholeWhenAskedAgain,
} from './verdict.ts';

/** A gateway that is put before the wall. */
export type Subject = {
  readonly name: string;
  /** Somebody new for each fault, so that what one costs is not mixed with another's. */
  readonly newcomer: () => Promise<Caller>;
};
type Caller = {
  readonly door: Door;
  /** Null: the gateway keeps none. */
  readonly books: (() => Promise<Books>) | null;
};

/** What became of one fault. No problems: the caller got what is right. */
export type Outcome = {
  readonly fault: FaultName;
  readonly observed: readonly Observed[];
  readonly books: Books | null;
  readonly problems: readonly string[];
};

export type Stage = {
  readonly simulator: Simulator;
  /** The text that every answer of the wall has. */
  readonly whole: string;
  /** Makes the faults of this run others than those of any run before. */
  readonly tag: string;
};

const expectations: Readonly<Record<FaultName, Expectation>> = {
  'rate-limit-once': failover,
  'rate-limit': failover,
  'error-once': failover,
  unavailable: failover,
  'reset-once': failover,
  'no-response': late,
  'late-first-token': late,
  cut: rescue,
  silent: { ...rescue, callsOfPrimary: 1 },
  malformed: wholeWhenAskedAgain,
  'no-done': untouched,
  'context-length': refused,
  'content-policy': refused,
  'cut-no-prefill': rescueOrError,
  outage: failover,
  unbilled: failover,
};

/** All faults at once, each with a model of its own, so that none is in another's way. */
export async function outcomesOf(subject: Subject, stage: Stage): Promise<readonly Outcome[]> {
  // One that has just been started would be slow in everything that it does for the first time.
  await ask((await subject.newcomer()).door, 'sim/answer');
  const callers = faultNames.map(async (fault) => ({ fault, caller: await subject.newcomer() }));
  const ready = await Promise.all(callers);
  return Promise.all(ready.map(({ fault, caller }) => outcomeOf(fault, caller, stage)));
}

async function outcomeOf(fault: FaultName, caller: Caller, stage: Stage): Promise<Outcome> {
  // Of a maker whose models go on with a begun answer.
  const modelEnd = `wall-${fault}~tag=${stage.tag}`;
  const model = `deepseek/${modelEnd}`;
  const saw = await sawOf(fault, caller.door, model);
  return settled(() => judged(fault, { saw, caller, modelEnd }, stage));
}

async function sawOf(fault: FaultName, door: Door, model: string): Promise<readonly Saw[]> {
  if (fault === 'outage') return askThroughOutage(door, model);
  const first = await ask(door, model);
  const isAskedAgain = fault === 'malformed' && first.failure !== null;
  return isAskedAgain ? [first, await ask(door, model)] : [first];
}

/** What happens after an answer is not waited for by the caller. */
const SETTLED_MS_MAX = 30_000;
const SETTLED_POLL_MS = 250;

type Judged = Outcome & { readonly isSettled: boolean };

async function settled(judge: () => Promise<Judged>): Promise<Outcome> {
  const deadline = performance.now() + SETTLED_MS_MAX;
  for (;;) {
    const { isSettled, ...outcome } = await judge();
    if (isSettled || performance.now() > deadline) return outcome;
    await sleep(SETTLED_POLL_MS);
  }
}

type Seen = {
  readonly saw: readonly Saw[];
  readonly caller: Caller;
  readonly modelEnd: string;
};

async function judged(
  fault: FaultName,
  { saw, caller, modelEnd }: Seen,
  { simulator, whole }: Stage,
): Promise<Judged> {
  const starts = saw.map(({ startedAt }) => startedAt);
  const calls = callsOfEach(callsFor(simulator, modelEnd), starts);
  const observed = saw.map((each, index) => ({ saw: each, calls: calls[index] ?? [] }));
  const books = (await caller.books?.()) ?? null;
  const ofBooks = books ? bookProblems(books, observed) : [];
  const problems = [
    ...problemsOfAll(observed, expectations[fault], whole),
    ...(fault === 'outage' ? circuitProblems(observed) : []),
    ...ofBooks,
  ];
  const isSettled = ofBooks.length === 0;
  return { fault, observed, books, problems: [...new Set(problems)], isSettled };
}
