import type { SharedV4ProviderMetadata } from '@ai-sdk/provider';
import { z } from 'zod';

const Alternative = z.object({ token: z.string(), logprob: z.number() });
const Token = Alternative.extend({ top_logprobs: z.array(Alternative).default([]) });
/** As the SDK collects them: a list for each part of a text. */
const Metadata = z.object({ openai: z.object({ logprobs: z.array(z.array(Token)) }) });

/**
 * How probable the tokens of an answer were, as a choice of a chat completion tells it. Null where the endpoint did not say.
 * @param topLogprobs how many alternatives were asked for. The SDK asks for at least one.
 */
export function logprobsOf(
  metadata: SharedV4ProviderMetadata | undefined,
  topLogprobs: number | null,
): object | null {
  const known = topLogprobs === null ? null : Metadata.safeParse(metadata);
  if (topLogprobs === null || !known?.success) return null;
  const content = known.data.openai.logprobs.flat().map(({ top_logprobs: others, ...token }) => ({
    ...withBytes(token),
    top_logprobs: others.slice(0, topLogprobs).map(withBytes),
  }));
  return { content, refusal: null };
}

const encoder = new TextEncoder();
const withBytes = ({ token, logprob }: z.infer<typeof Alternative>) => ({
  token,
  logprob,
  bytes: [...encoder.encode(token)],
});
