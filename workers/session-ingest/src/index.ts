import { WorkerEntrypoint } from 'cloudflare:workers';
import { app } from './app.ts';
import type { Bindings } from './bindings.ts';
import { appNeeds } from './wiring.ts';

export { SessionAccessCacheDO } from './session-access-cache-do.ts';
export { SessionIngestDO } from './session-ingest-do.ts';
export { SessionIngestRPC } from './session-ingest-rpc.ts';

/** Takes what CLI sessions send, exports and shares them. */
export default class extends WorkerEntrypoint<Bindings> {
  override async fetch(request: Request): Promise<Response> {
    return app.fetch(request, appNeeds(this.env));
  }
}
