import { isRecord } from '../request/chat-request.ts';
import { utf8BytesOf } from '../request/utf8-bytes.ts';
import { failureIn } from './failure-in.ts';

/** What accounting reads off an answer. */
export type UsageAccumulator = {
  readonly generationId: string | null;
  readonly model: string | null;
  /** Who really ran the model, as the upstream names it. */
  readonly inferenceProvider: string | null;
  readonly finishReason: string | null;
  readonly usage: Usage | null;
  /** The upstream said that the answer failed, in the place of a part of it or after that. */
  readonly isFailed: boolean;
  /** The upstream said `[DONE]`. */
  readonly isClosed: boolean;
  /** By index: whether a choice that was begun has also been finished. */
  readonly choices: Readonly<Record<number, boolean>>;
  readonly unreadableEvents: number;
  /** Of all choices, in UTF-8: what was written, thought, or said to a tool. */
  readonly textBytes: number;
};

export type Usage = {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheHitTokens: number;
  /** USD, or null where it isn't a number. */
  readonly cost: number | null;
  readonly upstreamCost: number | null;
  readonly isByok: boolean | null;
};

export const emptyAccumulator: UsageAccumulator = {
  generationId: null,
  model: null,
  inferenceProvider: null,
  finishReason: null,
  usage: null,
  isFailed: false,
  isClosed: false,
  choices: {},
  unreadableEvents: 0,
  textBytes: 0,
};

/** Whether every choice that was begun has been finished, and at least one was. */
function isFinished(tally: UsageAccumulator): boolean {
  const choices = Object.values(tally.choices);
  return choices.length > 0 && choices.every(Boolean);
}

/** `[DONE]` ends an answer, also one that gave no reason to end. Where nothing had begun, it ends none. */
export const isEnded = (tally: UsageAccumulator): boolean =>
  isFinished(tally) || (tally.isClosed && Object.keys(tally.choices).length > 0);

/** Adds one event of a stream, or a whole JSON answer. The last value that isn't null wins. Pure: any cut of a reply gives the same. */
export function accumulate(tally: UsageAccumulator, chunk: unknown): UsageAccumulator {
  if (!isRecord(chunk)) return { ...tally, unreadableEvents: tally.unreadableEvents + 1 };
  const choices = Array.isArray(chunk['choices']) ? chunk['choices'].filter(isRecord) : [];
  const [first] = choices;
  return {
    generationId: textIn(chunk['id']) ?? tally.generationId,
    model: textIn(chunk['model']) ?? tally.model,
    inferenceProvider:
      nameIn(chunk['provider']) ?? (first && finalProviderIn(first)) ?? tally.inferenceProvider,
    finishReason: textIn(first?.['finish_reason']) ?? tally.finishReason,
    usage: isRecord(chunk['usage']) ? usageIn(chunk['usage']) : tally.usage,
    isFailed: tally.isFailed || failureIn(chunk) !== null,
    isClosed: tally.isClosed,
    choices: choices.reduce(withChoice, tally.choices),
    unreadableEvents: tally.unreadableEvents,
    textBytes: choices.reduce((sum, choice) => sum + textBytesIn(choice), tally.textBytes),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function textBytesIn(choice: Fields): number {
  const said = recordIn(choice, 'delta') ?? recordIn(choice, 'message') ?? choice;
  const calls = Array.isArray(said['tool_calls']) ? said['tool_calls'].filter(isRecord) : [];
  return [
    said['content'],
    said['text'],
    said['reasoning'] ?? said['reasoning_content'],
    ...calls.map((call) => recordIn(call, 'function')?.['arguments']),
  ].reduce((sum: number, text) => sum + (typeof text === 'string' ? utf8BytesOf(text) : 0), 0);
}

function withChoice(
  known: UsageAccumulator['choices'],
  choice: Fields,
): UsageAccumulator['choices'] {
  const index = numberIn(choice['index']) ?? 0;
  return { ...known, [index]: known[index] === true || textIn(choice['finish_reason']) !== null };
}

/** Vercel names the provider that answered in the metadata of one chunk. */
function finalProviderIn(choice: Fields): string | null {
  const message = recordIn(choice, 'delta') ?? recordIn(choice, 'message');
  const gateway = message && recordIn(recordIn(message, 'provider_metadata') ?? {}, 'gateway');
  return nameIn(recordIn(gateway ?? {}, 'routing')?.['finalProvider']);
}

function usageIn(usage: Fields): Usage {
  return {
    inputTokens: tokensIn(usage['prompt_tokens']),
    outputTokens: tokensIn(usage['completion_tokens']),
    cacheHitTokens: tokensIn(recordIn(usage, 'prompt_tokens_details')?.['cached_tokens']),
    cost: numberIn(usage['cost']),
    upstreamCost: numberIn(recordIn(usage, 'cost_details')?.['upstream_inference_cost']),
    isByok: typeof usage['is_byok'] === 'boolean' ? usage['is_byok'] : null,
  };
}

const recordIn = (fields: Fields, name: string): Fields | null => {
  const value = fields[name];
  return isRecord(value) ? value : null;
};
const textIn = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
/** A blank name is none: it must not take the place of one that is known. */
const nameIn = (value: unknown): string | null => textIn(value)?.trim() || null;
const numberIn = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const tokensIn = (value: unknown): number => {
  const tokens = numberIn(value);
  return tokens !== null && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : 0;
};
