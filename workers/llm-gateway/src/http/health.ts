import type { Log } from '@gateway/worker-utils/json-log';
import type { Clock } from '@gateway/worker-utils/time';
import { withTimeout } from '@gateway/worker-utils/with-timeout';
import { isOperator, type OperatorNeeds } from './operator.ts';
import { notFound } from '../response/render-refusal.ts';

export type HealthNeeds = OperatorNeeds & {
  /** What the gateway rests on, by name. One that resolves to something false, or rejects, is not well. */
  readonly checks: Readonly<Record<string, () => Promise<boolean>>>;
  readonly clock: Clock;
  readonly log: Log;
};

type Checked = { readonly name: string; readonly ok: boolean; readonly ms: number };

/** Whoever watches must hear before its own patience ends. */
const CHECK_MS_MAX = 3_000;

/** `GET /health?deep`, for operators: each thing that a deployment rests on is used once. Names, verdicts and durations only. */
export async function deepHealth(request: Request, needs: HealthNeeds): Promise<Response> {
  if (!(await isOperator(request, needs))) return notFound();
  const checks = await Promise.all(
    Object.entries(needs.checks).map(([name, isWell]) => checked({ name, isWell }, needs)),
  );
  const isWell = checks.every((check) => check.ok);
  return Response.json(
    { status: isWell ? 'ok' : 'failing', checks },
    { status: isWell ? 200 : 503, headers: { 'cache-control': 'no-store' } },
  );
}

async function checked(
  { name, isWell }: { readonly name: string; readonly isWell: () => Promise<boolean> },
  { clock, log }: HealthNeeds,
): Promise<Checked> {
  const began = clock.now();
  const done = (ok: boolean): Checked => ({ name, ok, ms: clock.now() - began });
  try {
    return done(await withTimeout(isWell(), CHECK_MS_MAX, name));
  } catch (cause) {
    log.warn('health check failed', { check: name, cause });
    return done(false);
  }
}
