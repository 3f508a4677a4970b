import type { JSONObject, LanguageModelV4ReasoningPart } from '@ai-sdk/provider';
import {
  type EncryptedDetail,
  protocolOf,
  ReasoningDetail,
  type TextDetail,
} from './reasoning-detail.ts';

/**
 * What a model has thought, as it is told again. A model takes back only what it has signed or encrypted, and each protocol
 * wants the proof in another place; without one, the SDK leaves a part out. An entry that nobody can read is left out here:
 * it is no reason to refuse a conversation.
 */
export function reasoningPartsOf(
  details: unknown,
  reasoning: unknown,
): readonly LanguageModelV4ReasoningPart[] {
  const read = (Array.isArray(details) ? details : []).flatMap((entry: unknown) => {
    const parsed = ReasoningDetail.safeParse(entry);
    return parsed.success ? [parsed.data] : [];
  });
  if (read.length > 0) return partsOf(withoutPieces(read));
  return typeof reasoning === 'string' && reasoning !== ''
    ? [{ type: 'reasoning', text: reasoning }]
    : [];
}

/** Some clients send back a text in the pieces in which it was streamed, but a signature is of the whole. */
function withoutPieces(details: readonly ReasoningDetail[]): readonly ReasoningDetail[] {
  const whole: ReasoningDetail[] = [];
  for (const detail of details) {
    const last = whole.at(-1);
    if (last && isText(last) && isText(detail) && isContinued(last, detail)) {
      whole.splice(-1, 1, joined(last, detail));
    } else whole.push(detail);
  }
  return whole;
}

const isContinued = (last: TextDetail, next: TextDetail): boolean =>
  typeof last.index === 'number' && last.index === next.index && !last.signature;

const joined = (last: TextDetail, next: TextDetail): TextDetail => ({
  ...last,
  text: `${last.text ?? ''}${next.text ?? ''}`,
  signature: next.signature,
  id: last.id ?? next.id,
  format: last.format ?? next.format,
});

/**
 * An item of OpenAI's has summaries and an encrypted text: two entries here, one part there. What is encrypted and has no
 * summary comes last.
 */
function partsOf(details: readonly ReasoningDetail[]): readonly LanguageModelV4ReasoningPart[] {
  const encrypted = details.filter(isOfItem);
  const contents = new Map(encrypted.flatMap(({ id, data }) => (id ? [[id, data] as const] : [])));
  const summarised = new Set(
    details.flatMap((detail) => (isText(detail) ? (detail.id ?? []) : [])),
  );
  const inPlace = details.filter((detail) => !isOfItem(detail));
  const last = encrypted.filter(({ id }) => !id || !summarised.has(id));
  return [...inPlace, ...last].map((detail) => partOf(detail, contents));
}

function partOf(
  detail: ReasoningDetail,
  contents: ReadonlyMap<string, string>,
): LanguageModelV4ReasoningPart {
  const protocol = protocolOf(detail);
  const proof = protocol && proofOf(detail, contents)[protocol];
  return {
    type: 'reasoning',
    text: wordsOf(detail),
    ...(protocol && proof && { providerOptions: { [protocol]: proof } }),
  };
}

function wordsOf(detail: ReasoningDetail): string {
  switch (detail.type) {
    case 'reasoning.text':
      return detail.text ?? '';
    case 'reasoning.summary':
      return detail.summary;
    case 'reasoning.encrypted':
      return '';
  }
}

type Proofs = { readonly anthropic: JSONObject | null; readonly openai: JSONObject | null };

function proofOf(detail: ReasoningDetail, contents: ReadonlyMap<string, string>): Proofs {
  switch (detail.type) {
    case 'reasoning.summary':
      return { anthropic: null, openai: null };
    case 'reasoning.text': {
      const { id, signature } = detail;
      const content = id ? contents.get(id) : undefined;
      return {
        anthropic: signature ? { signature } : null,
        openai: id ? { itemId: id, ...(content && { reasoningEncryptedContent: content }) } : null,
      };
    }
    case 'reasoning.encrypted': {
      const { id, data } = detail;
      return {
        anthropic: { redactedData: data },
        openai: { ...(id && { itemId: id }), reasoningEncryptedContent: data },
      };
    }
  }
}

const isText = (detail: ReasoningDetail): detail is TextDetail => detail.type === 'reasoning.text';
/** Anthropic's redacted thinking is a block of its own, with its place among the others. */
const isOfItem = (detail: ReasoningDetail): detail is EncryptedDetail =>
  detail.type === 'reasoning.encrypted' && protocolOf(detail) === 'openai';
