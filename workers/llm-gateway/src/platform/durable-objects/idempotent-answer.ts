import { DurableObject } from 'cloudflare:workers';
import type { Instant } from '@gateway/worker-utils/time';
import { answer, leaveAnswer } from '../../idempotency/answer.ts';
import {
  type IdempotentAnswer as AtWork,
  openIdempotentAnswer,
  type Ports,
} from '../../idempotency/idempotent-answer.ts';
import type { KeyRefusal } from '../../idempotency/stored-answer.ts';
import type { KeyedRequest } from '../../idempotency/keyed-request.ts';
import { wake } from '../../idempotency/wake.ts';

/** What the platform gives with an object. */
export type CompletionPlace = Pick<Ports<KeyedRequest>, 'wakeAt'> & {
  readonly storage: DurableObjectStorage;
  /** Keeps the object alive. */
  readonly background: (work: Promise<void>) => void;
  /** Nothing else happens meanwhile. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
};

/** The answer to one Idempotency-Key of one caller. The rules are in `once/`; this gives them disk and time. */
export class Completion extends DurableObject<Env> {
  readonly #atWork: AtWork<KeyedRequest>;
  #alarmAt: number | null = null;

  constructor(
    ctx: DurableObjectState,
    env: Env,
    portsFrom: (env: Env, place: CompletionPlace) => Ports<KeyedRequest>,
  ) {
    super(ctx, env);
    const ports = portsFrom(env, {
      storage: ctx.storage,
      wakeAt: (at) => this.#wakeAt(at),
      background: (work) => ctx.waitUntil(work),
      alone: (work) => ctx.blockConcurrencyWhile(work),
    });
    this.#atWork = openIdempotentAnswer(ports);
  }

  answer(request: KeyedRequest): Promise<Response | KeyRefusal> {
    return answer(this.#atWork, request);
  }

  /** Resolves when nothing is being made, and what was made is settled. */
  async settled(): Promise<void> {
    await this.#atWork.running?.done;
  }

  leave(listener: string): void {
    leaveAnswer(this.#atWork, listener);
  }

  /** Never throws: an alarm that does is dropped in the end. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    await wake(this.#atWork);
  }

  /** An alarm that is set for earlier stays. Never for a moment that has passed: such a one is taken for the one that runs. */
  #wakeAt(at: Instant): void {
    const due = Math.max(at, this.#atWork.ports.clock.now() + 1);
    if (this.#alarmAt !== null && this.#alarmAt <= due) return;
    this.#alarmAt = due;
    void this.ctx.storage.setAlarm(due);
  }
}
