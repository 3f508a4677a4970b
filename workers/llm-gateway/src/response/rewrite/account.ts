import { isRecord } from '../../request/chat-request.ts';
import type { Fields } from './public-view.ts';

/** OpenRouter names the account that a refused request was for: ours. The same object where it doesn't. */
export function withoutAccount(answer: Fields): Fields {
  const { error } = answer;
  if (!isRecord(error)) return withoutUser(answer);
  const { metadata } = error;
  const inner = isRecord(metadata) ? { ...error, metadata: withoutUser(metadata) } : error;
  const isNamed = 'user_id' in error || (isRecord(metadata) && 'user_id' in metadata);
  return withoutUser(isNamed ? { ...answer, error: withoutUser(inner) } : answer);
}

function withoutUser(fields: Fields): Fields {
  if (!('user_id' in fields)) return fields;
  const { user_id: _account, ...shown } = fields;
  return shown;
}
