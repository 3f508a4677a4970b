import { MODEL_CHARACTERS_MAX } from '@gateway/worker-utils/ids';
import { z } from 'zod';

/**
 * A model id that an operator names. Analytics Engine takes no parameters, and its rules of escaping are not written down:
 * what could end a string there is refused here instead.
 */
export const ModelName = z
  .string()
  .trim()
  .min(1)
  .max(MODEL_CHARACTERS_MAX)
  .regex(/^[^'\\\p{Cc}]*$/u, 'A model must not contain quotes, backslashes or control characters');
