import { parseJson } from '@gateway/worker-utils/json';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Parsed, Received } from '../exchange.ts';
import type { Refusal } from '../refusal.ts';
import { FimRequest } from '../request/fim-request.ts';

const utf8 = new TextDecoder();

/** From here on it is a chat without messages: who asks, who pays and what it costs are the same questions. */
export function parseFim({ arrival, bytes }: Received): Result<Parsed, Refusal> {
  const json = parseJson(utf8.decode(bytes));
  if (!json.ok || typeof json.value !== 'object' || json.value === null) {
    const position = json.ok ? 0 : json.error.position;
    return err({ kind: 'body-unreadable', body: bytes, position });
  }
  const request = FimRequest.safeParse(json.value);
  return request.success ? ok({ arrival, chat: request.data }) : err({ kind: 'model-missing' });
}
