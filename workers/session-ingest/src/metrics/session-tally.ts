import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { MessageReading, PartReading } from './readings.ts';

/** Counts as items go by, so that a session of any size can be measured. Owned by one computation, and changed by it alone. */
export type SessionTally = {
  turns: number;
  steps: number;
  errors: number;
  compactions: number;
  autoCompactions: number;
  cost: number;
  firstUserAt: number;
  firstAssistantAt: number;
  readonly tokens: Record<'input' | 'output' | 'reasoning' | 'cacheRead' | 'cacheWrite', number>;
  readonly toolCalls: Map<string, number>;
  readonly toolErrors: Map<string, number>;
  readonly errorNames: Map<string, number>;
  readonly signatures: Map<string, number>;
};

export const newTally = (): SessionTally => ({
  turns: 0,
  steps: 0,
  errors: 0,
  compactions: 0,
  autoCompactions: 0,
  cost: 0,
  firstUserAt: Infinity,
  firstAssistantAt: Infinity,
  tokens: { input: 0, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0 },
  toolCalls: new Map(),
  toolErrors: new Map(),
  errorNames: new Map(),
  signatures: new Map(),
});

/** Names come from clients: beyond so many different ones, they are counted as one. */
const NAMES_MAX = 500;
const SIGNATURES_MAX = 50_000;
const NAME_CHARACTERS_MAX = 200;

/* oxlint-disable eslint/no-param-reassign -- A tally is there to be changed: see its type. */

export function countMessage(tally: SessionTally, message: z.infer<typeof MessageReading>): void {
  const createdAt = message.time?.created ?? Infinity;
  if (message.role === 'user') {
    tally.turns += 1;
    tally.firstUserAt = Math.min(tally.firstUserAt, createdAt);
  }
  if (message.role !== 'assistant') return;
  tally.firstAssistantAt = Math.min(tally.firstAssistantAt, createdAt);
  const { tokens, cost, error } = message;
  tally.cost += cost ?? 0;
  tally.tokens.input += tokens?.input ?? 0;
  tally.tokens.output += tokens?.output ?? 0;
  tally.tokens.reasoning += tokens?.reasoning ?? 0;
  tally.tokens.cacheRead += tokens?.cache?.read ?? 0;
  tally.tokens.cacheWrite += tokens?.cache?.write ?? 0;
  if (error?.name === undefined) return;
  tally.errors += 1;
  add(tally.errorNames, error.name);
}

export function countPart(tally: SessionTally, part: z.infer<typeof PartReading>): void {
  if (part.type === 'step-finish') tally.steps += 1;
  if (part.type === 'compaction') {
    tally.compactions += 1;
    if (part.auto === true) tally.autoCompactions += 1;
  }
  if (part.type === 'tool' && part.tool !== undefined) countTool(tally, part.tool, part.state);
}

function countTool(
  tally: SessionTally,
  tool: string,
  state: z.infer<typeof PartReading>['state'],
): void {
  add(tally.toolCalls, tool);
  const { status, input } = state ?? {};
  if (status === 'error') {
    tally.errors += 1;
    add(tally.toolErrors, tool);
  }
  if (status !== 'error' && status !== 'completed') return;
  const signature = signatureOf(tool, input);
  if (tally.signatures.size < SIGNATURES_MAX || tally.signatures.has(signature)) {
    tally.signatures.set(signature, (tally.signatures.get(signature) ?? 0) + 1);
  }
}

/** An input may be megabytes long: what is remembered of it is not. */
const signatureOf = (tool: string, input: unknown): string =>
  createHash('sha256')
    .update(`${tool}\0${JSON.stringify(input)}`)
    .digest('base64');

function add(counts: Map<string, number>, name: string): void {
  const short = name.slice(0, NAME_CHARACTERS_MAX);
  const key = counts.size < NAMES_MAX || counts.has(short) ? short : 'other';
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
