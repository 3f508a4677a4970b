import { plainNumber } from '@gateway/worker-utils/exact-json';
import { type Intake, turnsFor } from '@gateway/worker-utils/read-within';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Parsed, Received } from '../../exchange/exchange.ts';
import type { Refusal } from '../../exchange/refusal.ts';
import { bodyJsonOf } from '../body-json.ts';
import { chatLimitHitBy } from '../../request/chat-limits.ts';
import { ChatRequest } from '../../request/chat-request.ts';
import { hasOnlyModelNames } from '../../request/model-name.ts';

export async function parse(
  { arrival, text }: Received,
  { intake }: { readonly intake: Pick<Intake, 'pause'> },
): Promise<Result<Parsed, Refusal>> {
  const json = await bodyJsonOf(text, turnsFor(arrival.bodyBytes, intake));
  if (!json.ok) return json;
  const chat = ChatRequest.safeParse(json.value);
  if (!chat.success) return err({ kind: 'model-missing' });
  if (!hasOnlyModelNames(chat.data)) return err({ kind: 'model-name-invalid' });
  const limit = chatLimitHitBy(chat.data);
  if (limit) return err({ kind: 'body-too-large', limit });
  return ok({ arrival, chat: withUsageAskedFor(chat.data) });
}

/** The usage of a stream is what we bill by, so that it is asked for whatever the client wants. */
function withUsageAskedFor(chat: ChatRequest): ChatRequest {
  const wanted = plainNumber(chat['stream_options']);
  const options: readonly (readonly [string, unknown])[] = wanted ? Object.entries(wanted) : [];
  return {
    ...chat,
    stream_options: { ...Object.fromEntries(options), include_usage: true },
  };
}
