import { z } from 'zod';
import { TaskName } from './task.ts';

/** Nothing lasts longer: a forgotten simulator must not keep a machine busy for a day. */
export const DELAY_MS_MAX = 15 * 60 * 1000;

const Count = z.coerce.number().int().min(0).max(1_000_000);
const Delay = z.coerce.number().int().min(0).max(DELAY_MS_MAX);
const Flag = z.enum(['', 'yes', 'no']).transform((text) => text !== 'no');

/** Every `~key=value` of a scenario. A key alone says yes; `of` is another word for `tokens`. */
export const Settings = z.strictObject({
  // What is answered.

  /** Of the content; reasoning and tool calls come on top. */
  tokens: Count.default(12),
  /** `code` is text with quotes, line ends and what looks like an event. */
  text: z.enum(['plain', 'multibyte', 'code']).default('plain'),
  reasoning: Count.default(0),
  'reasoning-as': z.enum(['details', 'encrypted', 'summary', 'content']).default('details'),
  /** So many calls of an offered tool, in one turn. */
  calls: z.coerce.number().int().min(0).max(16).default(0),
  /** Its name in lower case; else the first that is offered. */
  tool: z.string().optional(),
  /** Else whatever the tool's schema accepts. */
  args: z
    .string()
    .regex(/^(?:[\da-f]{2})*$/, 'hex of the arguments')
    .optional(),
  /** What a working model does (task.ts). */
  task: TaskName.optional(),
  /** In so many deltas the arguments come. */
  pieces: z.coerce.number().int().min(1).max(1000).default(4),
  choices: z.coerce.number().int().min(1).max(8).default(1),
  /** Of a conversation that ends with a begun answer. `strict` refuses one that ends in white space. */
  prefill: z.enum(['continue', 'restart', 'reject', 'strict']).default('continue'),
  /** Vercel's `provider_metadata` in place of `provider`. */
  metadata: Flag.default(false),
  /** Megabytes of content, in long tokens. */
  mb: z.coerce.number().min(0).max(1024).default(0),

  // When, in milliseconds.

  /** Before the headers. */
  headers: Delay.default(0),
  /** Between headers and first token. */
  first: Delay.default(0),
  /** Between two tokens. */
  delay: Delay.default(0),

  // In which bytes.

  /** Of the text, of the ids, and of the random sizes of the writes. */
  seed: z.coerce.number().int().min(0).max(0xff_ff_ff_ff).optional(),
  /** Bytes a write. */
  cut: z.coerce.number().int().min(1).max(65_536).optional(),
  /** Every event in a write of its own: otherwise what is there at once leaves at once. */
  apart: Flag.default(false),
  /** Comments before the first event, or blank lines before the JSON. */
  processing: z.coerce.number().int().min(0).max(1000).default(2),
  /** So many after every token. */
  comments: z.coerce.number().int().min(0).max(100).default(0),
  crlf: Flag.default(false),
  /** `event:` and `id:` beside the data. */
  ids: Flag.default(false),
  /** `data:` without the space. */
  tight: Flag.default(false),
  /** An event's JSON over several `data:` lines. */
  multiline: Flag.default(false),
  bom: Flag.default(false),
  /** No character beyond ASCII: `\uXXXX`. */
  escape: Flag.default(false),
  /** The last event lacks its line end. */
  unterminated: Flag.default(false),
  finish: Flag.default(true),
  done: Flag.default(true),
  /** The form of the answer, whatever the request asks. */
  reply: z.enum(['asked', 'json', 'sse']).default('asked'),
  /** `close`: the end of the connection is the end of the body. */
  framing: z.enum(['chunked', 'close']).default('chunked'),

  // At which cost.

  usage: z.enum(['asked', 'always', 'no', 'null']).default('asked'),
  /** A chunk of its own, one without choices, or the one that ends the answer. */
  'usage-in': z.enum(['own', 'empty', 'finish']).default('own'),
  /** Tokens of the prompt. */
  cached: Count.default(0),
  /** How often the answer calls each tool of the provider (extras.ts). */
  uses: Count.default(1),
  /** Which of `model` and the fallbacks in `models` answers. */
  answers: z.enum(['first', 'last']).default('first'),
  /** USD; or `text` (a number in quotes), `nan` (in quotes), `overflow` (1e999), `null`, `none`. */
  cost: z
    .string()
    .regex(/^(?:none|null|text|nan|overflow|-?\d+(?:\.\d+)?)$/)
    .optional(),
  byok: z.enum(['yes', 'no', 'null', 'none']).default('no'),
  /** USD that our own key was charged. */
  upstream: z
    .string()
    .regex(/^(?:none|\d+(?:\.\d+)?)$/)
    .optional(),
  /** So many looks at the generation are in vain, with this code; then it may know another cost. */
  looks: Count.default(0),
  'looks-code': z.coerce.number().int().min(400).max(599).default(404),
  'looked-cost': z.coerce.number().optional(),

  // What goes wrong.

  /** Tokens until then; half of them, where nothing is said. */
  after: Count.optional(),
  /** Bytes until then. */
  at: z.coerce.number().int().min(0).optional(),
  end: z.enum(['clean', 'fin', 'reset']).optional(),
  /** While it stalls, it sends `n` comments. */
  alive: Flag.default(false),
  /** How long it stalls, or between comments. */
  ms: Delay.optional(),
  // oxlint-disable-next-line unicorn/no-thenable -- The word of the grammar; nobody awaits settings.
  then: z.enum(['hang', 'clean', 'fin', 'reset', 'resume']).default('hang'),
  /** What stands in the malformed event. */
  what: z
    .enum(['half', 'text', 'null', 'number', 'string', 'array', 'empty', 'field'])
    .default('half'),
  code: z.coerce.number().int().min(200).max(599).optional(),
  body: z
    .enum(['openrouter', 'html', 'text', 'empty', 'broken', 'detail', 'null-answer', 'echo'])
    .default('openrouter'),
  /** As it is sent. */
  'retry-after': z
    .string()
    .regex(/^[\d.]+$/)
    .optional(),
  /** Milliseconds, in a header of their own. */
  'retry-ms': Count.optional(),
  /** The same header as a date, so many seconds ahead. */
  'retry-date': Count.optional(),
  /**
   * An error in the answer: `alone` as on OpenRouter's own behalf, in a `chunk` that ends the answer, in its `choice` only, or
   * told by the `finish` reason only.
   */
  shape: z.enum(['alone', 'chunk', 'choice', 'finish']).default('alone'),
  /** An empty `error` in whatever is well. */
  'blank-error': Flag.default(false),
  /** Comments. */
  n: Count.default(5),

  // To whom.

  /** The first so many requests for this very text; the others get an answer. */
  times: z.coerce.number().int().min(1).max(1_000_000).optional(),
  /** For so long after the first request for this very text; then an answer. */
  seconds: z.coerce.number().int().min(1).max(3600).optional(),
  /** Makes two texts two. */
  tag: z.string().optional(),
  /** Only at this base; an answer at every other. */
  on: z.string().optional(),
  /** The same without the fault: what is played once `times` is used up. */
  healed: Flag.default(false),
});
export type Settings = z.infer<typeof Settings>;
