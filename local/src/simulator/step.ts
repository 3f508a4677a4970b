/** What the provider does next. A script is a row of steps: described first, played by the server. */
export type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  /** Status and headers. A script that answers at all has it once, before its first byte. */
  | {
      readonly kind: 'head';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** `tokens`: how many have been generated once these bytes are out. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly tokens: number }
  /** Lets the last write leave alone, or the system would join it with the next. */
  | { readonly kind: 'part' }
  | End;

export type Script = Iterable<Step>;

/**
 * `clean` ends the body as it should end; `fin` closes the connection without the end of the body; `reset` breaks it; `hang`
 * does nothing more until the client leaves.
 */
export type End = {
  readonly kind: 'end';
  readonly how: 'clean' | 'fin' | 'reset' | 'hang';
  readonly as: 'complete' | 'cut' | 'reset' | 'stalled' | 'error';
};

export const bytesStep = (text: string, tokens = 0): Step => ({
  kind: 'bytes',
  bytes: Buffer.from(text),
  tokens,
});
