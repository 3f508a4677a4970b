import type { Saw } from './ask.ts';
import type { Call } from './calls.ts';

/** What a caller has in the end. `truncated`: a part, presented as if it were all. */
export type Answer = 'whole' | 'truncated' | 'garbled' | Exclude<Saw['failure'], null>['kind'];

export function answerOf({ failure, text, finish }: Saw, whole: string): Answer {
  // A part is no lie where an error follows it; other words are.
  if (!whole.startsWith(text)) return 'garbled';
  if (failure) return failure.kind;
  return text === whole && finish !== null && finish !== 'error' ? 'whole' : 'truncated';
}

export type Expectation = {
  /** Any of them is right. */
  readonly answers: readonly Answer[];
  /** Of the last request, where a caller asks more than once. */
  readonly lastAnswer?: Answer;
  readonly withinMs: number;
  readonly firstTokenMs?: number;
  /** Of an error before the first byte. */
  readonly status?: number;
  /** How often the gateways may be asked, and how often the one that fails. */
  readonly calls?: number;
  readonly callsOfPrimary?: number;
};

const FAILOVER_MS_MAX = 8_000;
const LATE_MS_MAX = 15_000;
const RESCUE_MS_MAX = 40_000;

/** What another gateway can give, a caller has to get, and soon. */
export const failover = { answers: ['whole'], withinMs: FAILOVER_MS_MAX } as const;
/** Nobody knows whether a silent one is at work: it is left alone, and not waited for. */
export const late = {
  answers: ['whole'],
  firstTokenMs: LATE_MS_MAX,
  withinMs: LATE_MS_MAX + FAILOVER_MS_MAX,
  callsOfPrimary: 1,
} as const;
/** What is said of the request itself is the same everywhere. */
export const refused = {
  answers: ['said'],
  withinMs: FAILOVER_MS_MAX,
  status: 400,
  calls: 1,
} as const;
export const untouched = { answers: ['whole'], withinMs: FAILOVER_MS_MAX, calls: 1 } as const;
export const rescue = { answers: ['whole'], withinMs: RESCUE_MS_MAX } as const;
/** A caller's library may throw at what is no event; then it asks again, and that must be enough. */
export const wholeWhenAskedAgain = {
  answers: ['whole', 'broken', 'said'],
  withinMs: FAILOVER_MS_MAX,
  lastAnswer: 'whole',
} as const;
export const rescueOrError = { answers: ['whole', 'said'], withinMs: RESCUE_MS_MAX } as const;

const BUDGETS = [
  { ms: 1500, calls: 2 },
  { ms: 3000, calls: 4 },
  { ms: Infinity, calls: 6 },
] as const;
/** One call may be slower on its way than the next. */
const JITTER_MS = 250;

/** Whether more calls began in some time than that allows. */
export const isHammered = (starts: readonly number[]): boolean =>
  BUDGETS.some(({ ms, calls }) =>
    starts.some(
      (from) => starts.filter((at) => at >= from && at < from + ms - JITTER_MS).length > calls,
    ),
  );

export type Observed = { readonly saw: Saw; readonly calls: readonly Call[] };

/** The call that a caller's answer is of: the one that completed it, else the one that began it, else the last. */
export const answering = (calls: readonly Call[]): Call | undefined =>
  calls.findLast(({ ending }) => ending === 'complete') ??
  calls.find(({ tokens }) => tokens > 0) ??
  calls.at(-1);

/** Of what a caller saw, and of what the gateways were asked for it. None: all is as it should be. */
export function problemsOf(
  { saw, calls }: Observed,
  expectation: Expectation,
  whole: string,
): readonly string[] {
  const answer = answerOf(saw, whole);
  const { startedAt, firstTokenAt, endedAt, status } = saw;
  const firstTokenMs = firstTokenAt === null ? 0 : firstTokenAt - startedAt;
  const ofPrimary = calls.filter(({ gateway }) => gateway === 'openrouter').length;
  const { callsOfPrimary = Infinity, firstTokenMs: firstTokenMsMax = Infinity } = expectation;
  return [
    !expectation.answers.includes(answer) && `the caller got: ${answer}`,
    endedAt - startedAt > expectation.withinMs && 'it took too long',
    firstTokenMs > firstTokenMsMax && 'the first token came too late',
    expectation.status !== undefined && status !== expectation.status && `status ${status}`,
    calls.length > (expectation.calls ?? Infinity) && 'what would fail again was asked again',
    ofPrimary > callsOfPrimary && 'a silent gateway was asked again',
    isHammered(calls.map(({ at }) => at)) && 'the gateways were hammered',
    ...namingProblems({ saw, calls }),
  ].filter((problem) => problem !== false);
}

/** Of a caller that asked once or more. */
export function problemsOfAll(
  observed: readonly Observed[],
  expectation: Expectation,
  whole: string,
): readonly string[] {
  const { lastAnswer } = expectation;
  const last = observed.at(-1);
  const answer = last && answerOf(last.saw, whole);
  return [
    ...observed.flatMap((each) => problemsOf(each, expectation, whole)),
    ...(lastAnswer === undefined || answer === lastAnswer
      ? []
      : [`asked again, the caller got: ${answer}`]),
  ];
}

/** The headers are sent when the first of them begins: a rescue comes later. */
function namingProblems({ saw, calls }: Observed): readonly (string | false)[] {
  if (saw.status === null) return [];
  const began = calls.find(({ tokens }) => tokens > 0) ?? calls.at(-1);
  if (saw.named === null) return ['the response names nobody'];
  return [began !== undefined && saw.named !== began.gateway && `the response names ${saw.named}`];
}
