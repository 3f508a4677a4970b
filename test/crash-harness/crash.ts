import type { Delivered } from '@gateway/local/simulator';
import { bodyOf, headersOf } from './client.ts';
import { isOver, type Run, startRun } from './run.ts';
import type { Point, Told } from './controller.ts';
import type { Verdict } from './failpoint.ts';
import type { Ending } from './endings.ts';
import { deliveredTo, type Expected, expectedOf, microdollarsOf } from './expected.ts';
import type { Payer } from './payer.ts';
import { type ProofWorld, until } from './proof-world.ts';
import { problemsOf } from './problems.ts';

export type Victim = 'workerd' | 'postgres';
/** An exchange that is at `point` when the victim is killed. */
export type Case = { readonly ending: Ending; readonly victim: Victim; readonly point: Point };
export type Outcome = Case & {
  readonly payer: string;
  readonly expected: Expected;
  /** Whether it ever was at that point. */
  readonly isHit: boolean;
  /** What is wrong with the books. */
  readonly problem: string | null;
};

const CREDIT_USD = 10;

/** What crosses a port while nothing goes wrong, until nothing is left to do. */
export async function healthyTrace(world: ProofWorld, ending: Ending): Promise<readonly Told[]> {
  const [payer] = await world.payers([ending.payer ?? 'user'], CREDIT_USD);
  if (!payer) throw new Error('Nobody pays.');
  const run = startRun(world, payer, ending);
  const told = () => world.controller.told(payer.id);
  await until(() => isOver(world, run), told);
  const expected = () => expectedOf(told(), deliveredTo(world.simulator, payer.id));
  const problems = await problemsOf(world, [{ payer, expected }]);
  const problem = problems.get(payer.id);
  if (problem !== undefined) throw new Error(`${ending.name}, with nothing crashed: ${problem}`);
  return told();
}

type Aimed = Pick<Case, 'ending' | 'point'>;

/** Crashes once for many exchanges, each of them stopped at a point of its own. */
export async function crash(
  world: ProofWorld,
  victim: Victim,
  cases: readonly Aimed[],
): Promise<readonly Outcome[]> {
  const { runs, atCrash, hit } = await crashAt(world, victim, cases);
  // Where Postgres was away for a moment, the exchange goes on: what becomes durable after the crash counts as well.
  const traceOf = (id: string) =>
    victim === 'postgres' ? world.controller.told(id) : (atCrash.get(id) ?? []);
  return judged(world, runs, ({ ending, point, payer }) => ({
    ending,
    point,
    victim,
    isHit: hit.has(payer.id),
    expected: () => expectedOf(traceOf(payer.id), deliveredTo(world.simulator, payer.id)),
  }));
}

/**
 * The same, and then each of them is sent again. However much a provider has said to the dead gateway, there is one row, and
 * what it charges is one whole answer. All whole answers to one request cost the same.
 */
export async function crashAndRepeat(
  world: ProofWorld,
  cases: readonly Aimed[],
): Promise<readonly Outcome[]> {
  const { runs, hit } = await crashAt(world, 'workerd', cases);
  const answers = new Map(
    await Promise.all(
      runs.map(
        async ({ payer, ending }) => [payer.id, await repeat(world, payer, ending)] as const,
      ),
    ),
  );
  const outcomes = await judged(world, runs, ({ ending, point, payer }) => ({
    ending,
    point,
    victim: 'workerd',
    isHit: hit.has(payer.id),
    expected: () => ({ rows: 1, used: costOfOne(deliveredTo(world.simulator, payer.id)) }),
  }));
  return outcomes.map((outcome) => ({
    ...outcome,
    problem: outcome.problem ?? problemOf(answers.get(outcome.payer) ?? ''),
  }));
}

async function repeat(world: ProofWorld, { id, token }: Payer, ending: Ending): Promise<string> {
  const said = { ...ending, payer: id, exchange: '1' };
  const response = await fetch(`${world.url}/api/openrouter/chat/completions`, {
    method: 'POST',
    headers: headersOf({ ...said, token }),
    body: bodyOf(said),
  });
  return `${response.status} ${await response.text()}`;
}

const problemOf = (answer: string): string | null =>
  answer.startsWith('200 ') && answer.endsWith('data: [DONE]\n\n') ? null : `told ${answer}`;

/** None is whole yet: what is expected then comes true for nobody. */
const costOfOne = (delivered: readonly Delivered[]): number =>
  microdollarsOf(delivered.filter(({ ending }) => ending === 'complete').slice(0, 1)) || Number.NaN;

type Stopped = Aimed & Run;

async function crashAt(world: ProofWorld, victim: Victim, cases: readonly Aimed[]) {
  const { controller } = world;
  const payers = await world.payers(
    cases.map(({ ending }) => ending.payer ?? 'user'),
    CREDIT_USD,
  );
  const runs: readonly Stopped[] = payers.flatMap((payer, index) => {
    const one = cases[index];
    if (!one) return [];
    controller.aim(payer.id, one.point);
    return [{ ...one, ...startRun(world, payer, one.ending) }];
  });
  const ids = runs.map(({ payer }) => payer.id);
  const moving = () => runs.filter(({ payer }) => !controller.isHeld(payer.id));
  await until(
    () => everyOne(moving(), (run) => isOver(world, run)),
    () => moving().map(({ point, payer }) => [point, controller.told(payer.id).map(pointOf)]),
  );
  await controller.freeze(ids);
  const atCrash = new Map(ids.map((id) => [id, [...controller.told(id)]]));
  const hit = new Set(ids.filter(controller.isHeld));

  const before = world.pids()[victim];
  await world.kill(victim);
  controller.release(verdictIn(victim));
  await until(
    () => world.pids()[victim] !== before,
    () => `${victim} is back`,
  );
  await Promise.all(runs.map(({ client }) => client));
  return { runs, atCrash, hit };
}

type Judgement = Omit<Outcome, 'payer' | 'expected' | 'problem'> & {
  readonly expected: () => Expected;
};

/** Waits until the books are right, or will not be. */
async function judged(
  world: ProofWorld,
  runs: readonly Stopped[],
  judgementOf: (run: Stopped) => Judgement,
): Promise<readonly Outcome[]> {
  const checks = runs.map((run) => ({ payer: run.payer, ...judgementOf(run) }));
  const problems = await problemsOf(world, checks);
  return checks.map(({ payer, expected, ...judgement }) => ({
    ...judgement,
    payer: payer.id,
    expected: expected(),
    problem: problems.get(payer.id) ?? null,
  }));
}

const pointOf = ({ point }: Told): Point => point;

async function everyOne<T>(
  all: readonly T[],
  condition: (one: T) => Promise<boolean>,
): Promise<boolean> {
  for (const one of all) if (!(await condition(one))) return false;
  return true;
}

/** What Postgres had been asked has been done, but nobody hears that it was. */
const verdictIn =
  (victim: Victim) =>
  (point: Point): Verdict =>
    victim === 'postgres' && point.startsWith('clearing statement after ') ? 'lost' : 'go';
