import { z } from 'zod';

/** No delay is longer: a forgotten simulator must not keep a machine busy for a day. */
const DELAY_MS_MAX = 15 * 60 * 1000;

const Count = z.coerce.number().int().min(0).max(1_000_000);
const Delay = z.coerce.number().int().min(0).max(DELAY_MS_MAX);
const Flag = z.enum(['', 'yes', 'no']).transform((text) => text !== 'no');

/** Every `~key=value` of a scenario. A key alone says yes. */
export const Settings = z.strictObject({
  // What is answered.
  tokens: Count.default(12),
  text: z.enum(['plain', 'multibyte', 'code']).default('plain'),
  reasoning: Count.default(0),
  'reasoning-as': z.enum(['details', 'encrypted', 'summary', 'content']).default('details'),
  calls: z.coerce.number().int().min(0).max(16).default(0),
  tool: z.string().optional(),
  args: z
    .string()
    .regex(/^(?:[\da-f]{2})*$/, 'hex of the arguments')
    .optional(),
  pieces: z.coerce.number().int().min(1).max(1000).default(4),
  choices: z.coerce.number().int().min(1).max(8).default(1),
  prefill: z.enum(['continue', 'restart', 'reject', 'strict']).default('continue'),
  metadata: Flag.default(false),
  mb: z.coerce.number().min(0).max(1024).default(0),

  // When.
  headers: Delay.default(0),
  first: Delay.default(0),
  delay: Delay.default(0),

  // In which bytes.
  seed: z.coerce.number().int().min(0).max(0xff_ff_ff_ff).optional(),
  cut: z.coerce.number().int().min(1).max(65_536).optional(),
  processing: z.coerce.number().int().min(0).max(1000).default(2),
  comments: z.coerce.number().int().min(0).max(100).default(0),
  crlf: Flag.default(false),
  ids: Flag.default(false),
  tight: Flag.default(false),
  multiline: Flag.default(false),
  bom: Flag.default(false),
  escape: Flag.default(false),
  unterminated: Flag.default(false),
  finish: Flag.default(true),
  done: Flag.default(true),
  reply: z.enum(['asked', 'json', 'sse']).default('asked'),
  framing: z.enum(['chunked', 'close']).default('chunked'),

  // At which cost.
  usage: z.enum(['asked', 'always', 'no', 'null']).default('asked'),
  'usage-in': z.enum(['own', 'empty', 'finish']).default('own'),
  cached: Count.default(0),
  cost: z
    .string()
    .regex(/^(?:none|null|text|nan|overflow|-?\d+(?:\.\d+)?)$/)
    .optional(),
  byok: z.enum(['yes', 'no', 'null', 'none']).default('no'),
  upstream: z
    .string()
    .regex(/^(?:none|\d+(?:\.\d+)?)$/)
    .optional(),
  looks: Count.default(0),
  'looks-code': z.coerce.number().int().min(400).max(599).default(404),
  'looked-cost': z.coerce.number().optional(),

  // What goes wrong.
  after: Count.optional(),
  at: z.coerce.number().int().min(0).optional(),
  end: z.enum(['clean', 'fin', 'reset']).optional(),
  ms: Delay.optional(),
  // oxlint-disable-next-line unicorn/no-thenable -- The word of the grammar; nobody awaits settings.
  then: z.enum(['hang', 'clean', 'fin', 'reset', 'resume']).default('hang'),
  what: z
    .enum(['half', 'text', 'null', 'number', 'string', 'array', 'empty', 'field'])
    .default('half'),
  code: z.coerce.number().int().min(200).max(599).optional(),
  body: z.enum(['openrouter', 'html', 'text', 'empty', 'broken']).default('openrouter'),
  'retry-after': Count.optional(),
  'retry-date': Count.optional(),
  shape: z.enum(['alone', 'chunk']).default('alone'),
  n: Count.default(5),

  // To whom.
  times: z.coerce.number().int().min(1).max(1_000_000).optional(),
  tag: z.string().optional(),
  on: z.string().optional(),
  healed: Flag.default(false),
});
export type Settings = z.infer<typeof Settings>;
