import type { SessionMetricsInput } from '@gateway/worker-utils/session-metrics';
import type { Clock } from '@gateway/worker-utils/time';
import type { ItemTable } from '../ingest/item-table.ts';
import type { MetaTable } from '../ingest/meta-table.ts';
import { type MetricsSubject, sessionMetricsOf } from './session-metrics-of.ts';

export type ReportNeeds = {
  /** Asked anew after the report was sent: the object may have been cleared meanwhile. */
  readonly tables: () => { readonly items: ItemTable; readonly meta: MetaTable };
  readonly send: (metrics: SessionMetricsInput) => Promise<void>;
  readonly clock: Clock;
  /** Until it is tried again the first time. */
  readonly retryMs: number;
};
type Report =
  | { readonly kind: 'nothing-to-report' }
  | { readonly kind: 'reported' }
  | { readonly kind: 'failed'; readonly cause: unknown; readonly retryAt: number | null };

const RETRY_MS_MAX = 60 * 60_000;
/** About a week. */
const RETRIES_MAX = 175;

/** Tells o11y of a session, once for each opening that brought something new. */
export async function reportMetrics(needs: ReportNeeds): Promise<Report> {
  const { tables, send } = needs;
  const { items, meta } = tables();
  if (meta.get('metricsEmitted') !== null || items.isEmpty()) return { kind: 'nothing-to-report' };
  const opening = meta.get('opening');
  const metrics = sessionMetricsOf(items, subjectOf(meta));
  const content = contentOf(metrics);
  if (meta.get('reported') === content) {
    // A batch that came twice has opened and closed the session again.
    meta.set('metricsEmitted', 'true');
    return { kind: 'nothing-to-report' };
  }
  try {
    await send(metrics);
  } catch (cause) {
    // Deleted meanwhile: a note of the failure would be all that is left of it.
    if (tables().items.isEmpty()) return { kind: 'nothing-to-report' };
    return { kind: 'failed', cause, retryAt: retryAt(tables().meta, needs) };
  }
  const after = tables();
  // Deleted while it was reported: nothing may be left of it.
  if (after.items.isEmpty()) return { kind: 'reported' };
  after.meta.set('reported', content);
  after.meta.remove('failures');
  if (after.meta.get('opening') === opening) after.meta.set('metricsEmitted', 'true');
  return { kind: 'reported' };
}

/** The platform gives up an alarm after a few failures, and an outage may last longer: so it is set anew here. */
function retryAt(meta: MetaTable, { clock, retryMs }: ReportNeeds): number | null {
  const failures = Number(meta.get('failures') ?? 0);
  meta.set('failures', String(failures + 1));
  if (failures >= RETRIES_MAX) return null;
  return clock.now() + Math.min(RETRY_MS_MAX, retryMs * 2 ** Math.min(failures, 20));
}

function subjectOf(meta: MetaTable): MetricsSubject {
  return {
    kiloUserId: meta.get('kiloUserId') ?? '',
    sessionId: meta.get('sessionId') ?? '',
    ingestVersion: Number(meta.get('ingestVersion') ?? 0),
    terminationReason: terminationReason(meta.get('closeReason')),
  };
}

const reasons = ['completed', 'error', 'interrupted'] as const;
const terminationReason = (closeReason: string | null) =>
  reasons.find((reason) => reason === closeReason) ?? 'abandoned';

/** How a session ended is no news of its own: a repeated opening without its close must not report it again. */
const contentOf = ({ terminationReason: _reason, ...metrics }: SessionMetricsInput): string =>
  JSON.stringify(metrics);
