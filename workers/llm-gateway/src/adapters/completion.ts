import { DurableObject } from 'cloudflare:workers';
import type { Instant } from '@gateway/worker-utils/time';
import { answer, leaveAnswer } from '../once/answer.ts';
import {
  type Asked,
  type Completion as AtWork,
  openCompletion,
  type Ports,
} from '../once/completion.ts';
import type { KeyRefusal } from '../once/kept.ts';
import { wake } from '../once/wake.ts';
import type { Edge } from '../stages/receive.ts';

/** A chat completion that names a key, as its worker has received it. */
export type KeyedRequest = Asked & {
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly edge: Edge;
  readonly requestId: string;
  readonly traceparent: string | null;
};

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
    this.#atWork = openCompletion(ports);
  }

  answer(request: KeyedRequest): Promise<Response | KeyRefusal> {
    return answer(this.#atWork, request);
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
