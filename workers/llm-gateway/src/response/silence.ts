import { z } from 'zod';
import { isRecord } from '../request/chat-request.ts';
import type { Fields } from './rewrite/public-view.ts';

/** How long an upstream may say nothing, in seconds, before its answer is given up. Any byte counts as a word. */
export type Silence = {
  readonly seconds: number;
  /** The same after a comment or a word of reasoning: it has said that it is at work, and thinking takes long. */
  readonly thinkingSeconds: number;
};

const DEFAULT: Silence = { seconds: 25, thinkingSeconds: 120 };

const Seconds = z.coerce.number().int().min(1).max(600);
/** `60`, or `60/300`. */
const Limit = z.string().transform((text, context): Silence => {
  const [seconds, thinkingSeconds] = text.split('/');
  const limit = z
    .object({ seconds: Seconds, thinkingSeconds: Seconds })
    .safeParse({ seconds, thinkingSeconds: thinkingSeconds ?? seconds });
  if (limit.success) return limit.data;
  context.addIssue('A silence is one or two numbers of seconds, as in 60 or 60/300.');
  return z.NEVER;
});

/**
 * What a variable says of a provider, as in `openrouter=25/120, custom=60/300`. What is not named there, or not well, has the
 * default: a typing error must not stop every answer.
 */
export function silencesIn(variable: string): (provider: string) => Silence {
  const limits = new Map<string, Silence>();
  for (const entry of variable.split(',')) {
    const [name = '', text = ''] = entry.split('=').map((part) => part.trim());
    const limit = Limit.safeParse(text);
    if (limit.success) limits.set(name, limit.data);
  }
  return (provider) => limits.get(provider) ?? DEFAULT;
}

/** Whether an upstream is at work on what it has not said yet: after a word of reasoning it is, and after any other it is not. */
export function isThinkingAfter(chunk: unknown, wasThinking: boolean): boolean {
  if (!isRecord(chunk) || !Array.isArray(chunk['choices'])) return wasThinking;
  const deltas = chunk['choices']
    .filter(isRecord)
    .flatMap(({ delta }) => (isRecord(delta) ? [delta] : []));
  if (deltas.some((delta) => hasOther(delta))) return false;
  return wasThinking || deltas.some(hasThought);
}

const THOUGHT = ['reasoning', 'reasoning_content', 'reasoning_details'];
const hasThought = (delta: Fields): boolean => THOUGHT.some((name) => isSaid(delta[name]));
const hasOther = (delta: Fields): boolean =>
  Object.entries(delta).some(
    ([name, value]) => name !== 'role' && !THOUGHT.includes(name) && isSaid(value),
  );

const isSaid = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && !value.length);
