import { DurableObject } from 'cloudflare:workers';
import { sqlOf } from '@gateway/worker-utils/sql';
import { systemClock } from '@gateway/worker-utils/system-clock';
import type { CircuitEvent, PeerKnowledge } from '../../upstream/attempts/circuit-breakers.ts';
import {
  peerKnowledgeOf,
  type SharedState,
  sharedStateAfter,
} from '../../upstream/attempts/shared-circuit.ts';
import { chargedModelsIn, type Suspended } from '../../policy/free-use/charged-models.ts';

/**
 * What isolates tell one another. Of one model at one gateway, in memory alone: it is worth nothing a minute later. And, in the
 * object of the name `CHARGED_MODELS`, of free models that were charged for: for an hour, so it is on disk.
 */
export class SharedCircuit extends DurableObject<Env> {
  #shared: SharedState = null;
  readonly #charged = chargedModelsIn(sqlOf(this.ctx.storage.sql));

  tell(news: CircuitEvent): void {
    this.#shared = sharedStateAfter(news, systemClock.now());
  }

  ask(): PeerKnowledge {
    return peerKnowledgeOf(this.#shared, systemClock.now());
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
