import { isRecord } from '../../request/chat-request.ts';
import { failureIn } from '../../response/failure-in.ts';
import { retryScopeOf, type RetryScope } from './retry-scope.ts';

/** What an event says about its answer. `nothing`: no token and no error yet. */
export type Detected =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'answer' }
  | { readonly kind: 'error'; readonly status: number | null; readonly retry: RetryScope };

/** @param value an event of a stream, or a whole JSON answer. The first visible token commits the gateway to the attempt. */
export function detectFirstToken(value: unknown): Detected {
  if (!isRecord(value)) return { kind: 'nothing' };
  const failure = failureIn(value);
  // An error without a status counts as a broken connection.
  if (failure) {
    const { status } = failure;
    return { kind: 'error', status, retry: status === null ? 'anywhere' : retryScopeOf(status) };
  }
  const { choices } = value;
  const isAnswer = Array.isArray(choices) && choices.filter(isRecord).some(hasOutput);
  return { kind: isAnswer ? 'answer' : 'nothing' };
}

/** A role alone is no output: providers send it before the model starts. */
function hasOutput(choice: Readonly<Record<string, unknown>>): boolean {
  const said = choice['delta'] ?? choice['message'];
  const hasToken =
    isRecord(said) &&
    Object.entries(said).some(([name, value]) => name !== 'role' && !isEmpty(value));
  return hasToken || !isEmpty(choice['finish_reason']);
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length);
