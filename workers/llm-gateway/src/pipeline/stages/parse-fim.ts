import { type Intake, turnsFor } from '@gateway/worker-utils/read-within';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Parsed, Received } from '../../exchange/exchange.ts';
import type { Refusal } from '../../exchange/refusal.ts';
import { bodyJsonOf } from '../body-json.ts';
import { FimRequest } from '../../request/fim-request.ts';
import { hasOnlyModelNames } from '../../request/model-name.ts';

/** From here on it is a chat without messages: who asks, who pays and what it costs are the same questions. */
export async function parseFim(
  { arrival, text }: Received,
  { intake }: { readonly intake: Pick<Intake, 'pause'> },
): Promise<Result<Parsed, Refusal>> {
  const json = await bodyJsonOf(text, turnsFor(arrival.bodyBytes, intake));
  if (!json.ok) return json;
  if (!hasOnlyModelNames(json.value)) return err({ kind: 'model-name-invalid' });
  const request = FimRequest.safeParse(json.value);
  return request.success ? ok({ arrival, chat: request.data }) : err({ kind: 'model-missing' });
}
