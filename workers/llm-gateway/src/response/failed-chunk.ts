import { isRecord } from '../request/chat-request.ts';
import { withoutAccount } from './rewrite/account.ts';
import type { Fields } from './rewrite/public-view.ts';
import type { ErrorChunk } from './resume/error-chunk.ts';
import { failureIn } from './failure-in.ts';
import { toldError } from './told-error.ts';

/**
 * An event that says that the answer failed, as every client reads one: a chunk with a choice that has ended, and the error beside
 * it. An event that says no such thing stays as it is, but for our account. @param blank what the event lacks
 */
export function failedChunk(chunk: Fields, blank: () => ErrorChunk): Fields {
  const failure = failureIn(chunk);
  if (failure === null) return withoutAccount(chunk);
  const { error: ours, ...whole } = blank();
  const { error, choices, ...told } = toldError(chunk, ours.code);
  const said = isRecord(error) ? error : { message: error };
  return {
    ...whole,
    ...told,
    object: whole.object,
    error: { ...said, code: failure.status ?? ours.code },
    choices: Array.isArray(choices) && choices.length > 0 ? choices : whole.choices,
  };
}
