import { Instant } from '@gateway/worker-utils/time';
import { appWith } from '../app.ts';
import { needsFrom } from '../platform/wiring/needs.ts';

// The gateway on a day on which a promotion ran: all that there were are over. For tests, and deployed nowhere.

export * from '../index.ts';

const DAY = Instant.parse(Date.parse('2026-02-27T12:00:00Z'));

export default appWith((...given) => ({ ...needsFrom(...given), clock: { now: () => DAY } }));
