/**
 * Something that an operator should hear of. Always a line of the log; an alarm of Sentry's where it is tracked. Its message
 * is ours and its facts are ids, names and numbers: never a text that a client or a provider wrote.
 */
export type Report = {
  readonly level: 'warning' | 'error' | 'fatal';
  readonly message: string;
  /** Names the part that noticed. Operators filter by it. */
  readonly source: string;
  readonly isTracked: boolean;
  readonly user: string | null;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
};
