import { isRecord } from '../request/chat-request.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What an upstream says went wrong, in its own fields. */
export type UpstreamFailure = {
  /** A status from 400 to 599, where it names one. */
  readonly status: number | null;
  /** Empty where it says no more than that it failed. */
  readonly error: Fields;
};

/**
 * Whether an event, or a whole JSON answer, says that the answer failed: by an `error` of its own or of a choice, or by the
 * finish reason `error`. The one rule for failover, rows, metrics, circuits and what is kept under a key. Null: it doesn't.
 */
export function failureIn({ error, choices }: Fields): UpstreamFailure | null {
  if (isSaid(error)) return failureOf(error);
  if (!Array.isArray(choices)) return null;
  for (const choice of choices) {
    if (!isRecord(choice)) continue;
    if (isSaid(choice['error'])) return failureOf(choice['error']);
    if (choice['finish_reason'] === 'error') return failureOf({});
  }
  return null;
}

/** Some send the field with every good answer, and nothing in it. */
const isSaid = (error: unknown): boolean =>
  typeof error === 'string'
    ? error.trim() !== ''
    : typeof error === 'object' && error !== null
      ? Object.keys(error).length > 0
      : Boolean(error);

function failureOf(error: unknown): UpstreamFailure {
  if (typeof error === 'string') return { status: null, error: { message: error } };
  if (!isRecord(error)) return { status: null, error: {} };
  const { code, status, status_code: statusCode } = error;
  const known = [code, status, statusCode].map(Number).find(isErrorStatus);
  return { status: known ?? null, error };
}

const isErrorStatus = (status: number): boolean =>
  Number.isInteger(status) && status >= 400 && status <= 599;

/** Whether a whole JSON answer answers: a choice that says something, or why it ended. */
export const isAnswer = ({ choices }: Fields): boolean =>
  Array.isArray(choices) &&
  choices
    .filter(isRecord)
    .some(
      ({ message, delta, text, finish_reason: finish }) =>
        isRecord(message) ||
        isRecord(delta) ||
        typeof text === 'string' ||
        typeof finish === 'string',
    );
