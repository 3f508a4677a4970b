import { parseJson } from '@gateway/worker-utils/json';
import type { SessionMetricsInput } from '@gateway/worker-utils/session-metrics';
import type { z } from 'zod';
import type { ItemTable } from '../ingest/item-table.ts';
import { rows } from '../ingest/snapshot-pieces.ts';
import {
  MessageReading,
  MetaReading,
  ModelReading,
  PartReading,
  SessionReading,
} from './readings.ts';
import { countMessage, countPart, newTally, type SessionTally } from './session-tally.ts';

export type MetricsSubject = {
  readonly kiloUserId: string;
  readonly sessionId: string;
  readonly ingestVersion: number;
  readonly terminationReason: SessionMetricsInput['terminationReason'];
};

/** What a session was like. Rows that can't be read are skipped; every number is one that o11y takes. */
export function sessionMetricsOf(items: ItemTable, subject: MetricsSubject): SessionMetricsInput {
  const tally = tallyOf(items);
  const time = reading(SessionReading, items.one('session'))?.time;
  const meta = reading(MetaReading, items.one('kilo_meta'));
  const model = reading(ModelReading, items.one('model'))?.at(-1)?.id;
  const firstResponseMs = tally.firstAssistantAt - tally.firstUserAt;
  const stuck = [...tally.signatures.values()].filter((count) => count >= STUCK_MIN);
  return {
    ...subject,
    organizationId: meta?.orgId ?? '',
    platform: meta?.platform?.trim() || 'unknown',
    model: model ?? '',
    sessionDurationMs: count((time?.updated ?? 0) - (time?.created ?? time?.updated ?? 0)),
    ...(Number.isFinite(firstResponseMs) && { timeToFirstResponseMs: count(firstResponseMs) }),
    totalTurns: tally.turns,
    totalSteps: tally.steps,
    toolCallsByType: Object.fromEntries(tally.toolCalls),
    toolErrorsByType: Object.fromEntries(tally.toolErrors),
    totalErrors: tally.errors,
    errorsByType: Object.fromEntries(tally.errorNames),
    stuckToolCallCount: stuck.reduce((sum, times) => sum + times, 0),
    totalTokens: {
      input: count(tally.tokens.input),
      output: count(tally.tokens.output),
      reasoning: count(tally.tokens.reasoning),
      cacheRead: count(tally.tokens.cacheRead),
      cacheWrite: count(tally.tokens.cacheWrite),
    },
    totalCost: Math.min(Math.max(tally.cost, 0), Number.MAX_VALUE),
    compactionCount: tally.compactions,
    autoCompactionCount: tally.autoCompactions,
  };
}

/** So many times the same call with the same input: the agent goes in circles. */
const STUCK_MIN = 3;

function tallyOf(items: ItemTable): SessionTally {
  const tally = newTally();
  for (const row of rows(items, 'message')) {
    const message = reading(MessageReading, row.item_data);
    if (message) countMessage(tally, message);
  }
  for (const row of rows(items, 'part')) {
    const part = reading(PartReading, row.item_data);
    if (part) countPart(tally, part);
  }
  return tally;
}

/** o11y takes whole numbers from 0 up: one bad value of a client must not lose the whole record. */
const count = (value: number): number =>
  Number.isNaN(value) ? 0 : Math.min(Math.max(Math.round(value), 0), Number.MAX_SAFE_INTEGER);

function reading<Schema extends z.ZodType>(
  schema: Schema,
  text: string | null,
): z.output<Schema> | null {
  if (text === null) return null;
  const json = parseJson(text);
  const parsed = schema.safeParse(json.ok ? json.value : undefined);
  return parsed.success ? parsed.data : null;
}
