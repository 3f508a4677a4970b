/** What one gateway does while another one, which has the same model, is well. */
type Fault = {
  readonly what: string;
  /** What the first gateway plays. */
  readonly primary: string;
  /** What the other plays, where it is more than an answer. */
  readonly second?: string;
};

const WELL = 'answer~of=60';

/**
 * The wall: every fault of a provider that an agent meets in a week, by its name. A model whose name has `wall-<fault>` in it
 * plays the fault at the first gateway and answers at every other; settings may follow, as for a scenario.
 */
export const wall = {
  'rate-limit-once': {
    what: '429 with `Retry-After: 2`, once',
    primary: 'status~code=429~retry-after=2~times=1~of=60',
  },
  'rate-limit': { what: '429 without `Retry-After`, persistent', primary: 'status~code=429' },
  'error-once': { what: '500, once', primary: 'status~code=500~times=1~of=60' },
  unavailable: { what: '503, persistent', primary: 'status~code=503' },
  'reset-once': {
    what: 'connection reset before the headers, once',
    primary: 'reset~times=1~of=60',
  },
  'no-response': { what: 'no response at all', primary: 'never' },
  'late-first-token': {
    what: 'headers at once, the first token after 20 s',
    primary: 'slow-first~first=20000~of=60',
  },
  cut: { what: 'stream cut after 40 of 60 tokens', primary: 'cut~after=40~of=60' },
  silent: {
    what: 'stream silent for 30 s after 20 of 60 tokens, then closed',
    primary: 'stall~after=20~of=60~ms=30000~then=fin',
  },
  malformed: {
    what: 'one malformed event in an otherwise good stream',
    primary: 'malformed~of=60',
  },
  'no-done': { what: 'complete stream without `[DONE]`', primary: 'no-done~of=60' },
  'context-length': { what: '400 `context_length_exceeded`', primary: 'context-length' },
  'content-policy': { what: '400 content policy', primary: 'content-policy' },
  'cut-no-prefill': {
    what: 'stream cut after 40 of 60 tokens; neither gateway takes an assistant prefill',
    primary: 'cut~after=40~of=60~prefill=reject',
    second: 'answer~of=60~prefill=reject',
  },
  outage: { what: 'down for 60 s, then well', primary: 'status~code=503~seconds=60~of=60' },
  unbilled: { what: '503, persistent: what is reported and billed', primary: 'status~code=503' },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof wall;
export const faultNames = Object.keys(wall).filter((name) => isFault(name));

function isFault(name: string): name is FaultName {
  return Object.hasOwn(wall, name);
}

/** Where the first gateway is played. */
const PRIMARY = 'api';

const WALL = /^[^/]+\/(?:[^/]*-)?wall-(?<name>[a-z0-9-]+)(?<settings>~.*)?$/;

/** The scenario that a model's name asks for at one of the bases. Null: it is not of the wall. */
export function wallScenario(model: string, base: string): string | null {
  const { name, settings = '' } = WALL.exec(model)?.groups ?? {};
  if (name === undefined) return null;
  // Refused as no scenario: a test with a typing error must not see a plain answer.
  if (!isFault(name)) return `wall-${name}`;
  const { primary, second = WELL }: Fault = wall[name];
  return (base === PRIMARY ? primary : second) + settings;
}
