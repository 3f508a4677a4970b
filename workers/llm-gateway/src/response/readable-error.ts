import type { Attempted } from '../exchange/exchange.ts';
import { isStealth } from '../catalog/models/catalogue.ts';
import { byokErrors } from '../upstream/byok/byok-errors.ts';
import { numberIn } from '../request/chat-request.ts';
import { STEALTH_ERROR } from './rewrite/disguise.ts';

/** The words of ours that stand in for an upstream's, where those would help nobody. The first that applies; null for its own. */
export async function readableErrorOf(
  { calls, chat, model, outcome }: Attempted,
  status: number,
): Promise<string | null> {
  const ownKeyError = byokErrors.get(status);
  if (outcome.target.kind === 'byok' && ownKeyError !== undefined) return ownKeyError;
  if (model.sponsored) {
    const call = calls.find(({ target }) => target === outcome.target);
    // Composed again: to hold every request for as long as its answer takes would cost more.
    const request = await call?.compose(null).catch(() => null);
    const tokens = tokensAskedFor(request && 'body' in request ? request.body : '', chat);
    const { contextTokens } = model.sponsored;
    if (tokens >= contextTokens) {
      return `The maximum context length is ${contextTokens} tokens. However, about ${tokens} tokens were requested.`;
    }
  }
  return isStealth(model) ? STEALTH_ERROR : null;
}

/** A guess: four characters a token, and what the answer may have. */
function tokensAskedFor(body: string, chat: Attempted['chat']): number {
  const answer = numberIn(chat['max_completion_tokens'] ?? chat['max_tokens'] ?? 0);
  return Math.round(body.length / 4 + (Number.isFinite(answer) ? answer : 0));
}
