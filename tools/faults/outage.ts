import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { ask, type Door, type Saw } from './ask.ts';
import type { Observed } from './verdict.ts';

const REQUESTS = 20;
const EVERY_MS = 4_000;
const DOWN_MS = 60_000;
/** After the recovery. */
const BACK_MS_MAX = 30_000;
/** Of the fifteen requests that come while it is down. Three failures open a circuit; then one request in ten seconds tries. */
const CALLS_WHILE_DOWN_MAX = 10;

/** Twenty requests, four seconds apart, while a gateway is down for the first minute. */
export async function askThroughOutage(door: Door, model: string): Promise<readonly Saw[]> {
  const begun: Promise<Saw>[] = [];
  const from = systemClock.now();
  for (let turn = 0; turn < REQUESTS; turn += 1) {
    await sleep(Math.max(0, from + turn * EVERY_MS - systemClock.now()));
    begun.push(ask(door, model));
  }
  return Promise.all(begun);
}

/** Whether the gateway that failed was left alone but for a try now and then, and has its traffic back. */
export function circuitProblems(observed: readonly Observed[]): readonly string[] {
  const from = observed[0]?.calls[0]?.at ?? 0;
  const ofPrimary = observed.flatMap(({ calls }) =>
    calls.filter(({ gateway }) => gateway === 'openrouter'),
  );
  const whileDown = ofPrimary.filter(({ status }) => status === 503);
  const back = ofPrimary.find(({ status }) => status === 200);
  const answeredAfter = observed.filter(({ saw }) => back && saw.startedAt > back.at);
  return [
    whileDown.length > CALLS_WHILE_DOWN_MAX && 'the circuit did not open',
    !back && 'nobody tried whether it is back',
    back && back.at > from + DOWN_MS + BACK_MS_MAX && 'its traffic came back late',
    answeredAfter.some(({ calls }) => calls[0]?.gateway !== 'openrouter') &&
      'the circuit did not close',
  ].filter((problem) => typeof problem === 'string');
}
