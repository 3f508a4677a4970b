import { isRecord } from '../../request/chat-request.ts';
import { failureIn } from '../../response/failure-in.ts';
import { retryScopeOf, type RetryScope } from './retry-scope.ts';

/** What an event tells of the answer that it belongs to. `nothing`: it may still become one. */
export type Detected =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'answer' }
  | { readonly kind: 'error'; readonly status: number | null; readonly retry: RetryScope };

/** Of an event of a stream, or of a whole JSON answer: the first one that shows a client something commits us to it. */
export function detectFirstToken(value: unknown): Detected {
  if (!isRecord(value)) return { kind: 'nothing' };
  const failure = failureIn(value);
  // One without a status is as good as a connection that broke.
  if (failure) {
    const { status } = failure;
    return { kind: 'error', status, retry: status === null ? 'anywhere' : retryScopeOf(status) };
  }
  const { choices } = value;
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
