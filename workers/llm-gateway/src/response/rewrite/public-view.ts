import { isRecord } from '../../request/chat-request.ts';
import { withoutAccount } from './account.ts';
import { withReasoning } from './reasoning.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** An answer, or a chunk of one, under the name that the client knows. */
export function publicAnswer(said: Fields, model: string): Fields {
  const answer = withoutAccount(said);
  const { choices, usage } = answer;
  return {
    ...answer,
    ...(Boolean(answer['model']) && { model }),
    ...(Array.isArray(choices) && { choices: choices.map(shownChoice) }),
    ...(isRecord(usage) && { usage: withoutCost(usage) }),
  };
}

/** Clients look for the choices of every chunk, also of one that has only usage, or an error. */
export const publicChunk = (chunk: Fields, model: string): Fields => {
  const shown = publicAnswer(chunk, model);
  return { ...shown, choices: shown['choices'] ?? [] };
};

function shownChoice(choice: unknown): unknown {
  if (!isRecord(choice)) return choice;
  const { delta, message } = choice;
  return {
    ...choice,
    ...(isRecord(delta) && { delta: withReasoning(withoutNullRole(delta)) }),
    ...(isRecord(message) && { message: withReasoning(message) }),
  };
}

/** Clients check the role of every delta that has one. */
function withoutNullRole(delta: Fields): Fields {
  if (delta['role'] !== null) return delta;
  const { role: _nobody, ...rest } = delta;
  return rest;
}

/** What the house pays is nobody's business. */
function withoutCost(usage: Fields): Fields {
  const { cost: _cost, cost_details: _details, is_byok: _isByok, ...shown } = usage;
  const { prompt_tokens_details: details } = shown;
  if (!isRecord(details)) return shown;
  // A client breaks where it does not find the number.
  const cached = details['cached_tokens'] ?? 0;
  return { ...shown, prompt_tokens_details: { ...details, cached_tokens: cached } };
}
