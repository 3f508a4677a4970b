import { isRecord } from '../request/chat-request.ts';
import { retryOf, type Retry } from './retry.ts';

/** What an event tells of the answer that it belongs to. `nothing`: it may still become one. */
export type Sign =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'answer' }
  | { readonly kind: 'error'; readonly retry: Retry };

/** Of an event of a stream, or of a whole JSON answer: the first one that shows a client something commits us to it. */
export function signOf(value: unknown): Sign {
  if (!isRecord(value)) return { kind: 'nothing' };
  const { error, choices } = value;
  if (error !== undefined && error !== null) {
    const code = isRecord(error) ? Number(error['code']) : Number.NaN;
    // One without a number is as good as a connection that broke.
    return { kind: 'error', retry: code >= 400 ? retryOf(code) : 'anywhere' };
  }
  const isAnswer = Array.isArray(choices) && choices.filter(isRecord).some(isSpoken);
  return { kind: isAnswer ? 'answer' : 'nothing' };
}

/** Who speaks is no word yet: that is told before the model has begun. */
function isSpoken(choice: Readonly<Record<string, unknown>>): boolean {
  const said = choice['delta'] ?? choice['message'];
  const isBegun =
    isRecord(said) &&
    Object.entries(said).some(([name, value]) => name !== 'role' && !isEmpty(value));
  return isBegun || !isEmpty(choice['finish_reason']);
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length);
