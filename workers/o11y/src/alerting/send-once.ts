import type { AlertClaim } from './alert-log-table.ts';

export type AlertLog = {
  readonly claim: (claim: AlertClaim) => Promise<boolean>;
  readonly record: (key: string) => Promise<void>;
  readonly release: (key: string) => Promise<void>;
};

/**
 * Sends an alert unless another one speaks for it, or another run is sending it. Recorded after it was sent: a crash between
 * the two repeats an alert, it never loses one.
 */
export async function sendOnce(
  log: AlertLog,
  claim: AlertClaim,
  send: () => Promise<void>,
): Promise<boolean> {
  const key = claim.keys[claim.severity];
  if (!(await log.claim(claim))) return false;
  try {
    await send();
  } catch (cause) {
    await log.release(key);
    throw cause;
  }
  await log.record(key);
  return true;
}
