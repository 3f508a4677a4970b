import { DurableObject } from 'cloudflare:workers';
import { systemClock } from '@gateway/worker-utils/system-clock';
import type { Knowledge } from '../attempts/circuit.ts';
import { knowledgeOf, type News, type Shared, sharedBy } from '../attempts/shared-circuit.ts';

/** What isolates tell one another of one model at one gateway. In memory alone: it is worth nothing a minute later. */
export class SharedCircuit extends DurableObject<Env> {
  #shared: Shared = null;

  tell(news: News): void {
    this.#shared = sharedBy(news, systemClock.now());
  }

  ask(): Knowledge {
    return knowledgeOf(this.#shared, systemClock.now());
  }
}
