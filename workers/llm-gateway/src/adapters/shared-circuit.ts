import { DurableObject } from 'cloudflare:workers';
import { sqlOf } from '@gateway/worker-utils/sql';
import { systemClock } from '@gateway/worker-utils/system-clock';
import type { Knowledge } from '../attempts/circuit.ts';
import { knowledgeOf, type News, type Shared, sharedBy } from '../attempts/shared-circuit.ts';
import { chargedModelsIn, type Suspended } from '../free-use/charged-models.ts';

/**
 * What isolates tell one another. Of one model at one gateway, in memory alone: it is worth nothing a minute later. And, in the
 * object of the name `CHARGED_MODELS`, of free models that were charged for: for an hour, so it is on disk.
 */
export class SharedCircuit extends DurableObject<Env> {
  #shared: Shared = null;
  readonly #charged = chargedModelsIn(sqlOf(this.ctx.storage.sql));

  tell(news: News): void {
    this.#shared = sharedBy(news, systemClock.now());
  }

  ask(): Knowledge {
    return knowledgeOf(this.#shared, systemClock.now());
  }

  /** A provider has charged for a model that is free. True: the model is suspended by it. */
  charge(model: string): boolean {
    return this.#charged.charge(model, systemClock.now());
  }

  suspended(): readonly Suspended[] {
    return this.#charged.suspended(systemClock.now());
  }

  clear(model: string): void {
    this.#charged.clear(model);
  }
}

/** No place of a circuit has this name: those hold a provider and a model. */
export const CHARGED_MODELS = 'charged-models';
