import type { Log } from '@gateway/worker-utils/json-log';
import { withTimeout } from '@gateway/worker-utils/with-timeout';
import type { PeerKnowledge, Peers } from '../../../upstream/attempts/circuit-breakers.ts';
import type { SharedCircuit } from '../shared-circuit.ts';

/** One object for each model at each gateway. */
export type SharedCircuits = Pick<DurableObjectNamespace<SharedCircuit>, 'getByName'>;

type Needs = {
  readonly objects: SharedCircuits;
  readonly background: (work: Promise<void>) => void;
  readonly log: Log;
};

const CALL_MS_MAX = 2_000;

/** Once, and behind the request: who is not told in time finds out alone. */
export function peersOf({ objects, background, log }: Needs): Peers {
  const call = async (work: Promise<void>): Promise<void> => {
    try {
      await withTimeout(work, CALL_MS_MAX, 'circuit');
    } catch (cause) {
      log.warn('circuit not shared', { cause });
    }
  };
  const told = async (...[place, news]: Parameters<Peers['publish']>): Promise<void> =>
    objects.getByName(place).tell(news);
  const asked = async (...[place, hear]: Parameters<Peers['ask']>): Promise<void> => {
    const knowledge: PeerKnowledge = await objects.getByName(place).ask();
    hear(knowledge);
  };
  return {
    publish: (...news) => background(call(told(...news))),
    ask: (...question) => background(call(asked(...question))),
  };
}
