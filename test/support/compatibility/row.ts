import type { Usage } from '@gateway/db/inspect';
import type { Delivered } from '@gateway/local/simulator';
import type { World } from '../world.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * How a request reaches a model. `paid`: passed through; `v1`: the same under OpenRouter's own path. `free` and `stealth`: every
 * event is rewritten. `keyed`: with an Idempotency-Key, sent twice. `custom-…`: an organisation's own model, by protocol.
 */
export type Surface =
  | 'paid'
  | 'v1'
  | 'keyed'
  | 'free'
  | 'stealth'
  | 'fim'
  | 'custom-openai'
  | 'custom-anthropic';

/** Who asks. Without a token: nobody in particular. */
export type RowCaller = {
  readonly token?: string;
  /** Else a model that only this row uses. */
  readonly model?: string;
  /** The caller's usage rows, once there are so many. */
  readonly rows: (count: number) => Promise<readonly Usage[]>;
};

/** What the client got, and what can be asked about it. */
export type Seen = {
  readonly world: World;
  readonly surface: Surface;
  readonly caller: RowCaller;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The data of every event, `[DONE]` included. Empty where the answer is no stream. */
  readonly data: readonly string[];
  /** The same, parsed, without `[DONE]`. */
  readonly events: readonly unknown[];
  /** The calls that the providers got, in order. */
  readonly delivered: readonly Delivered[];
  /** Their bodies, parsed. */
  readonly sent: readonly unknown[];
};

/** What an SDK must make of the answer: this text of a whole answer, or an error whose words match. */
export type Read = { readonly said: string | RegExp } | { readonly failed: RegExp };

/** One input on one or more surfaces, and all that must hold. Each surface is a test of its own. */
export type Row = {
  readonly name: string;
  readonly surfaces: readonly Surface[];
  /** Somebody new with ten dollars, or the member of an organisation with a custom LLM, unless said otherwise. */
  readonly caller?: (world: World, surface: Surface) => Promise<RowCaller>;
  /** Body fields beside `model` and `messages`, which they may replace. A text is sent as it is. */
  readonly request?: Fields | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the provider plays (local/src/simulator/scenario.ts); an answer unless said otherwise. */
  readonly upstream?: string;
  /** What Vercel's gateway plays where that is not the same. */
  readonly second?: string;
  readonly client: {
    readonly status: number;
    /** Of a JSON answer: `toMatchObject`. */
    readonly body?: Fields;
    /** Each by its value; null: it must not be there. */
    readonly headers?: Readonly<Record<string, string | null>>;
    /** Whether it is an event stream. Such a one must have exactly one `[DONE]`, at its end. */
    readonly streamed?: boolean;
    /** What must be in the text of the answer, and what must not. */
    readonly contains?: readonly (string | RegExp)[];
    readonly lacks?: readonly (string | RegExp)[];
  };
  /** Of the usage row: `toMatchObject`. */
  readonly usage?: Fields;
  /** The bodies that the providers got, in order and no more: `toMatchObject`, each. */
  readonly sent?: readonly Fields[];
  /** The gateways that were asked, in order: `openrouter`, `vercel`, `mistral`, … */
  readonly asked?: readonly string[];
  readonly read?: Read;
  /** How many rows are left by two requests under one key: 2 where the answer is not kept. Of `keyed` alone. */
  readonly rowsUnderKey?: 1 | 2;
  /** The calls that the providers got, over all. */
  readonly calls?: number;
  /** Whatever else must hold. */
  readonly check?: (seen: Seen) => void | Promise<void>;
};
