import type { Refusal } from '../../exchange/refusal.ts';
import { shortHash } from './error-shape.ts';
import type { Report } from './report.ts';

/** A body that nobody could read is a client's bug, or one of ours: of it, its size, its hash and where reading ended. */
export async function refusalReportOf(refusal: Refusal): Promise<Report | null> {
  if (refusal.kind !== 'body-unreadable') return null;
  const { body, position } = refusal;
  return {
    level: 'warning',
    message: 'Invalid JSON in a request body',
    source: 'openrouter-proxy',
    isTracked: true,
    user: null,
    facts: { bytes: body.byteLength, hash: await shortHash(body), position },
  };
}
