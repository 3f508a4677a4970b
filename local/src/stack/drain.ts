/** The socket that tells when a worker has done all that it has begun. */
export const DRAIN_SOCKET = 'drain';
export const DRAIN_ENTRYPOINT = 'Drain';

/**
 * Stands before a worker's own module, `index.js`, and knows when everything is done that it has begun. workerd, told to end,
 * waits for running requests, and for nothing that goes on behind an answer: there its cost is settled. So a request waits
 * for that, in here. One isolate has all requests of a worker, so that a number is enough.
 */
export const drainModule = `
import { WorkerEntrypoint } from 'cloudflare:workers';
import worker from './index.js';
export * from './index.js';

let open = 0;
const closed = () => { open -= 1; };
const watch = (work) => {
  open += 1;
  work.then(closed, closed);
  return work;
};

export default {
  ...worker,
  fetch: (request, env, context) => watch(Promise.resolve(worker.fetch(request, env, {
    waitUntil: (work) => context.waitUntil(watch(Promise.resolve(work))),
    passThroughOnException: () => context.passThroughOnException(),
    props: context.props,
  }))),
};

// By then a settlement is on its ledger's disk; Postgres has it a moment later.
const MOMENT_MS = 1_000;

export class ${DRAIN_ENTRYPOINT} extends WorkerEntrypoint {
  fetch() {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const drained = async () => {
      // Who has this byte knows that workerd waits for the rest.
      await writer.write(new Uint8Array(1));
      do {
        while (open > 0) await scheduler.wait(20);
        await scheduler.wait(MOMENT_MS);
      } while (open > 0);
      await writer.close();
    };
    this.ctx.waitUntil(drained());
    return new Response(readable);
  }
}
`;

const BEGIN_MS_MAX = 5_000;

/** Returns when workerd waits; from then on it may be told to end. One that does not answer is told at once. */
export async function beginDrain(url: string): Promise<void> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(BEGIN_MS_MAX) });
    const reader = response.body?.getReader();
    await reader?.read();
    // Held until workerd has ended, which breaks it off or ends it.
    void reader?.read().catch(() => undefined);
  } catch {
    // It is told to end all the same.
  }
}
