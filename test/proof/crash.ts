import { isOver, startRun } from './run.ts';
import type { Point, Told } from './controller.ts';
import type { Verdict } from './crossing.ts';
import type { Ending } from './endings.ts';
import { deliveredTo, type Expected, expectedOf } from './expected.ts';
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

/** Crashes once for many exchanges, each of them stopped at a point of its own. */
export async function crash(
  world: ProofWorld,
  victim: Victim,
  cases: readonly Pick<Case, 'ending' | 'point'>[],
): Promise<readonly Outcome[]> {
  const { controller, simulator } = world;
  const payers = await world.payers(
    cases.map(({ ending }) => ending.payer ?? 'user'),
    CREDIT_USD,
  );
  const runs = payers.flatMap((payer, index) => {
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

  // Where Postgres was away for a moment, the exchange goes on: what becomes durable after the crash counts as well.
  const traceOf = (id: string) =>
    victim === 'postgres' ? controller.told(id) : (atCrash.get(id) ?? []);
  const checks = runs.map(({ payer }) => ({
    payer,
    expected: () => expectedOf(traceOf(payer.id), deliveredTo(simulator, payer.id)),
  }));
  const problems = await problemsOf(world, checks);
  return runs.map(({ ending, point, payer }, index) => ({
    ending,
    point,
    victim,
    payer: payer.id,
    expected: checks[index]?.expected() ?? { rows: 0, used: 0 },
    isHit: hit.has(payer.id),
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
    victim === 'postgres' && point.startsWith('ledger statement after ') ? 'lost' : 'go';
