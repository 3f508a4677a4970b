import type { Fields } from './shown.ts';

/** OpenRouter names the account that a refused request was for: ours. The same object where it doesn't. */
export function withoutAccount(answer: Fields): Fields {
  if (!('user_id' in answer)) return answer;
  const { user_id: _account, ...shown } = answer;
  return shown;
}
