import type { Result } from '@gateway/worker-utils/result';
import type { z } from 'zod';
import type { Refusal } from '../../exchange/refusal.ts';
import type { Credentials } from '../../pipeline/stages/identify.ts';

/** Something that a client asks beside its chats: it is answered with JSON, and changes nothing. */
export type Endpoint<Needs> = {
  /** As OpenAPI writes them: `{name}` stands for anything. */
  readonly paths: readonly `/${string}`[];
  /** For the reader of the documentation. */
  readonly summary: string;
  readonly readers: 'everybody' | 'users';
  readonly answer: z.ZodType;
  /** Its answer, or why there is none. */
  readonly respond: (asked: Credentials, needs: Needs) => Promise<Result<unknown, Refusal>>;
};

/** The compiler holds the answer to its schema. */
export const endpoint = <Answer extends z.ZodType, Needs>(
  described: Omit<Endpoint<Needs>, 'answer' | 'respond'> & {
    readonly answer: Answer;
    readonly respond: (
      asked: Credentials,
      needs: Needs,
    ) => Promise<Result<z.output<Answer>, Refusal>>;
  },
): Endpoint<Needs> => described;
