/** A secret, and while it is being replaced the one before it: what was made with either is good. */
export type SecretPair = {
  readonly current: () => Promise<string>;
  /** Asked only where the current one does not fit. Null: nothing is being replaced. */
  readonly previous: () => Promise<string | null>;
};
