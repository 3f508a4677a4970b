import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { Dialect } from './dialect.ts';
import { logprobsOf } from './logprobs.ts';
import { encryptedEntry, type Proof, proofIn, textEntry } from './reasoning-proof.ts';
import type { Failure } from './failure.ts';
import { finishReasonOf, usageOf } from './usage.ts';

type Part = LanguageModelV4StreamPart;
type PartOf<Type extends Part['type']> = Extract<Part, { type: Type }>;

/** What has to be remembered between the parts of one answer. */
export type Progress = {
  readonly id: string | null;
  /** Of the last entry of reasoning; -1 before the first. */
  readonly reasoningIndex: number;
  /** A block has begun, and its first text takes the next index. */
  readonly isBlockNew: boolean;
  /** By the call's id. */
  readonly callIndexes: ReadonlyMap<string, number>;
};

export const noProgress: Progress = {
  id: null,
  reasoningIndex: -1,
  isBlockNew: true,
  callIndexes: new Map(),
};

/** What a client is told of one part. `failed`: the endpoint said so. `cut`: it just ended. */
export type Told =
  | { readonly kind: 'chunk'; readonly progress: Progress; readonly chunk: object }
  | { readonly kind: 'nothing'; readonly progress: Progress }
  | { readonly kind: 'failed'; readonly cause: unknown }
  | { readonly kind: 'cut' };

/** One part of the SDK's stream, as a chunk of a chat completion. Pure: what came before is in `progress`. */
export function tell(part: Part, progress: Progress, dialect: Dialect): Told {
  const says = (choice: Choice, next: Progress = progress): Told => ({
    kind: 'chunk',
    progress: next,
    chunk: chunkOf(choice, next, dialect),
  });
  switch (part.type) {
    case 'response-metadata':
      return nothing({ ...progress, id: part.id ?? progress.id });
    case 'text-delta':
      return part.delta === '' ? nothing(progress) : says({ delta: { content: part.delta } });
    case 'reasoning-start':
    case 'reasoning-delta':
    case 'reasoning-end':
      return reasoned(part, progress, dialect);
    case 'tool-input-start':
      return begun({ id: part.id, name: part.toolName, text: '' }, progress, dialect);
    case 'tool-input-delta':
      return says(callDelta({ function: { arguments: part.delta } }, indexOf(part.id, progress)));
    case 'tool-call':
      return progress.callIndexes.has(part.toolCallId)
        ? nothing(progress)
        : begun({ id: part.toolCallId, name: part.toolName, text: part.input }, progress, dialect);
    case 'finish':
      return part.finishReason.unified === 'interrupted'
        ? { kind: 'cut' }
        : says({ ...finishOf(part, dialect), usage: usageOf(part.usage) });
    case 'error':
      return { kind: 'failed', cause: part.error };
    // Bookkeeping, and what only tools that a provider runs itself make: none of it has a place in a chat completion.
    case 'stream-start':
    case 'text-start':
    case 'text-end':
    case 'tool-input-end':
    case 'tool-result':
    case 'tool-approval-request':
    case 'source':
    case 'file':
    case 'reasoning-file':
    case 'custom':
    case 'raw':
    case 'ping':
      return nothing(progress);
  }
}

/** The last chunk of an answer that failed: an error for those who look for one, an end for the others. */
export function failedChunk(
  { status, message, raw }: Failure,
  progress: Progress,
  dialect: Dialect,
) {
  const error = {
    message,
    code: status,
    type: 'error',
    ...(raw !== null && { metadata: { raw } }),
  };
  const choice = { delta: { content: '' }, finish_reason: 'error' };
  return { ...chunkOf(choice, progress, dialect), error };
}

const nothing = (progress: Progress): Told => ({ kind: 'nothing', progress });

type Choice = {
  readonly delta: object;
  readonly finish_reason?: string;
  readonly usage?: object;
  readonly logprobs?: object;
};

const chunkOf = (
  { delta, finish_reason, usage, logprobs }: Choice,
  { id }: Progress,
  { model, createdSeconds }: Dialect,
): object => ({
  ...(id !== null && { id }),
  object: 'chat.completion.chunk',
  created: createdSeconds,
  model,
  choices: [
    {
      index: 0,
      delta: { role: 'assistant', ...delta },
      finish_reason: finish_reason ?? null,
      ...(logprobs && { logprobs }),
    },
  ],
  ...(usage && { usage }),
});

/** With the probabilities of all tokens: the SDK tells them at the end. */
function finishOf(
  { finishReason, providerMetadata }: PartOf<'finish'>,
  { topLogprobs }: Dialect,
): Choice {
  const logprobs = logprobsOf(providerMetadata, topLogprobs);
  const finish_reason = finishReasonOf(finishReason);
  return { delta: { content: '' }, finish_reason, ...(logprobs && { logprobs }) };
}

function reasoned(
  part: PartOf<'reasoning-start' | 'reasoning-delta' | 'reasoning-end'>,
  progress: Progress,
  dialect: Dialect,
): Told {
  const proof = proofIn(part.providerMetadata);
  if (part.type === 'reasoning-delta')
    return reasonedText(part.delta, { progress, proof }, dialect);
  const isBlockNew = part.type === 'reasoning-start' || progress.isBlockNew;
  if (proof.encrypted !== null) {
    const index = progress.reasoningIndex + 1;
    const entry = encryptedEntry(proof.encrypted, { index, proof }, dialect);
    const next = { ...progress, isBlockNew, reasoningIndex: index };
    const chunk = chunkOf({ delta: { reasoning_details: [entry] } }, next, dialect);
    return { kind: 'chunk', progress: next, chunk };
  }
  return part.type === 'reasoning-end'
    ? reasonedText('', { progress, proof }, dialect)
    : nothing({ ...progress, isBlockNew });
}

/** A signature comes with an empty text, behind the text that it signs. */
function reasonedText(
  text: string,
  { progress, proof }: { readonly progress: Progress; readonly proof: Proof },
  dialect: Dialect,
): Told {
  if (text === '' && proof.signature === null) return nothing(progress);
  const index = progress.reasoningIndex + (progress.isBlockNew ? 1 : 0);
  const next = { ...progress, reasoningIndex: index, isBlockNew: false };
  const entry = textEntry(text, { index, proof }, dialect);
  const delta = { reasoning: text, reasoning_details: [entry] };
  return { kind: 'chunk', progress: next, chunk: chunkOf({ delta }, next, dialect) };
}

type Begun = { readonly id: string; readonly name: string; readonly text: string };

function begun({ id, name, text }: Begun, progress: Progress, dialect: Dialect): Told {
  const index = progress.callIndexes.size;
  const next = { ...progress, callIndexes: new Map([...progress.callIndexes, [id, index]]) };
  const call = { id, type: 'function', function: { name, arguments: text } };
  return { kind: 'chunk', progress: next, chunk: chunkOf(callDelta(call, index), next, dialect) };
}

const callDelta = (call: object, index: number): Choice => ({
  delta: { tool_calls: [{ index, ...call }] },
});

const indexOf = (id: string, { callIndexes }: Progress): number => callIndexes.get(id) ?? 0;
