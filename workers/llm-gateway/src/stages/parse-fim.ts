import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Parsed, Received } from '../exchange.ts';
import type { Refusal } from '../refusal.ts';
import { bodyJsonOf } from '../request/body-json.ts';
import { FimRequest } from '../request/fim-request.ts';
import { hasOnlyModelNames } from '../request/model-name.ts';

/** From here on it is a chat without messages: who asks, who pays and what it costs are the same questions. */
export function parseFim({ arrival, text }: Received): Result<Parsed, Refusal> {
  const json = bodyJsonOf(text);
  if (!json.ok) return json;
  if (!hasOnlyModelNames(json.value)) return err({ kind: 'model-name-invalid' });
  const request = FimRequest.safeParse(json.value);
  return request.success ? ok({ arrival, chat: request.data }) : err({ kind: 'model-missing' });
}
