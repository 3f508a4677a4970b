import type { LanguageModelV4Content, LanguageModelV4GenerateResult } from '@ai-sdk/provider';
import type { Dialect } from './dialect.ts';
import { logprobsOf } from './logprobs.ts';
import { encryptedEntry, proofIn, textEntry } from './reasoning-proof.ts';
import { finishReasonOf, usageOf } from './usage.ts';

/** A whole answer of the SDK, as a chat completion. */
export function completionOf(result: LanguageModelV4GenerateResult, dialect: Dialect): object {
  const { content, response, finishReason, usage, providerMetadata } = result;
  const logprobs = logprobsOf(providerMetadata, dialect.topLogprobs);
  return {
    ...(response?.id !== undefined && { id: response.id }),
    object: 'chat.completion',
    created: dialect.createdSeconds,
    model: dialect.model,
    choices: [
      {
        index: 0,
        message: messageOf(content, dialect),
        ...(logprobs && { logprobs }),
        finish_reason: finishReasonOf(finishReason),
      },
    ],
    usage: usageOf(usage),
  };
}

function messageOf(content: readonly LanguageModelV4Content[], dialect: Dialect): object {
  const text = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const thought = content.filter((part) => part.type === 'reasoning');
  const calls = content.filter((part) => part.type === 'tool-call');
  const details = reasoningDetailsOf(thought, dialect);
  const reasoning = thought.map((part) => part.text).join('');
  return {
    role: 'assistant',
    content: text.length > 0 ? text.join('') : null,
    ...(reasoning !== '' && { reasoning }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ toolCallId, toolName, input }, index) => ({
        id: toolCallId,
        type: 'function',
        index,
        function: { name: toolName, arguments: input },
      })),
    }),
  };
}

type Thought = Extract<LanguageModelV4Content, { type: 'reasoning' }>;

/** A text, and what is encrypted of it: OpenAI's items have both. */
function reasoningDetailsOf(parts: readonly Thought[], dialect: Dialect): readonly object[] {
  const details: object[] = [];
  for (const { text, providerMetadata } of parts) {
    const proof = proofIn(providerMetadata);
    const place = () => ({ index: details.length, proof });
    if (text !== '' || proof.signature !== null) details.push(textEntry(text, place(), dialect));
    if (proof.encrypted !== null) {
      details.push(encryptedEntry(proof.encrypted, place(), dialect));
    }
  }
  return details;
}
