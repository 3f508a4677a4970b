import { MODEL_CHARACTERS_MAX } from '@gateway/worker-utils/ids';

/** Letters, marks, digits, punctuation, symbols and the space: no control or format character, no lone surrogate. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;

/**
 * Whether every name of a model in the request is at most `MODEL_CHARACTERS_MAX` printable characters, before and after it
 * becomes an id (trimmed, in lower case): names reach rows, logs and alerts. Accepts what is not a text; the caller judges it.
 * @param request the parsed body. Reads `model` and the list `models`.
 */
export function hasOnlyModelNames(request: object): boolean {
  const { model, models } = { model: undefined, models: undefined, ...request };
  return [model, ...listOf(models)].every((name) => typeof name !== 'string' || isModelName(name));
}

function isModelName(name: string): boolean {
  // A code point has at most two UTF-16 units: this keeps a name of megabytes from the regular expression.
  if (name.length > 2 * MODEL_CHARACTERS_MAX) return false;
  const id = name.trim().toLowerCase();
  return (
    [name, id].every((text) => Array.from(text).length <= MODEL_CHARACTERS_MAX) &&
    PRINTABLE.test(id)
  );
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
