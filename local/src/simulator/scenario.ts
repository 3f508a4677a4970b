import { z } from 'zod';
import { Settings } from './settings.ts';
import { wallScenario } from './fault-matrix.ts';

// How a name of a model says what the provider shall do: `<vendor>/<name>` answers, `sim/<scenario>` followed by
// `~key=value` parts does as told (and so does `<vendor>/sim-<scenario>`, for rules that look at the vendor). Lower case,
// and no colon inside, because the gateway lower-cases ids and cuts them at the first colon; a suffix such as `:free` may
// follow. A name with `wall-<fault>` in it is one of the faults in wall.ts.

/** A scenario is one behaviour, and the settings that make it. */
const scenarios = {
  answer: { behaviour: 'answer', settings: {} },
  usage: { behaviour: 'answer', settings: {} },
  reasoning: { behaviour: 'answer', settings: { reasoning: '8' } },
  tool: { behaviour: 'answer', settings: { calls: '1' } },
  task: { behaviour: 'answer', settings: { task: 'todo' } },
  vercel: { behaviour: 'answer', settings: { metadata: 'yes', processing: '0' } },
  prefill: { behaviour: 'answer', settings: { prefill: 'reject' } },
  'slow-headers': { behaviour: 'answer', settings: { headers: '2000' } },
  'slow-first': { behaviour: 'answer', settings: { first: '2000' } },
  'no-done': { behaviour: 'answer', settings: { done: 'no' } },
  'no-usage': { behaviour: 'answer', settings: { usage: 'no' } },
  'no-finish': { behaviour: 'answer', settings: { finish: 'no' } },
  huge: { behaviour: 'answer', settings: { mb: '8' } },
  cut: { behaviour: 'cut', settings: { end: 'clean' } },
  reset: { behaviour: 'cut', settings: { end: 'reset' } },
  stall: { behaviour: 'stall', settings: {} },
  malformed: { behaviour: 'malformed', settings: {} },
  null: { behaviour: 'malformed', settings: { what: 'null' } },
  error: { behaviour: 'error', settings: { after: '0', done: 'no' } },
  comments: { behaviour: 'comments', settings: {} },
  silent: { behaviour: 'comments', settings: { n: '0', processing: '0' } },
  never: { behaviour: 'never', settings: {} },
  flood: { behaviour: 'flood', settings: { mb: '128' } },
  status: { behaviour: 'status', settings: { code: '500' } },
  html: { behaviour: 'status', settings: { code: '502', body: 'html' } },
  empty: { behaviour: 'status', settings: { code: '200', body: 'empty' } },
  'bad-json': { behaviour: 'status', settings: { code: '200', body: 'broken' } },
  'context-length': { behaviour: 'context-length', settings: { code: '400' } },
  'content-policy': { behaviour: 'content-policy', settings: { code: '400' } },
} as const satisfies Record<
  string,
  { readonly behaviour: string; readonly settings: Readonly<Record<string, string>> }
>;

export type ScenarioName = keyof typeof scenarios;
export type Behaviour = (typeof scenarios)[ScenarioName]['behaviour'];

export type Scenario = {
  /** As it was asked for, canonical: what tells two scenarios apart. */
  readonly text: string;
  readonly name: ScenarioName;
  readonly behaviour: Behaviour;
  readonly settings: Settings;
};

const isScenarioName = (name: string): name is ScenarioName => Object.hasOwn(scenarios, name);

const aliases: Readonly<Record<string, string>> = { of: 'tokens' };

/** `cut~after=40~of=60`. A word that nobody knows is refused: a test with a typing error must not see a plain answer. */
export const Scenario = z.string().transform((given, context): Scenario => {
  const text = given.trim().toLowerCase();
  const [name = '', ...parts] = text.split('~');
  if (!isScenarioName(name)) {
    context.addIssue(`The simulator knows no scenario "${name}".`);
    return z.NEVER;
  }
  const { behaviour, settings } = scenarios[name];
  const parsed = Settings.safeParse({ ...settings, ...Object.fromEntries(parts.map(pairOf)) });
  if (!parsed.success) {
    context.addIssue(`The simulator cannot play "${text}": ${z.prettifyError(parsed.error)}`);
    return z.NEVER;
  }
  const scenario: Scenario = { text, name, behaviour, settings: parsed.data };
  return parsed.data.healed ? faultless(scenario) : scenario;
});

function pairOf(part: string): readonly [string, string] {
  const at = part.indexOf('=');
  const key = at === -1 ? part : part.slice(0, at);
  return [aliases[key] ?? key, at === -1 ? '' : part.slice(at + 1)];
}

/** The scenario that a model's name asks for at one of the bases: the faults of the wall are faults of one of them. */
export const scenarioOf = (model: string, base = ''): z.ZodSafeParseResult<Scenario> =>
  Scenario.safeParse(scenarioTextOf(model, base));

function scenarioTextOf(model: string, base: string): string {
  const [id = ''] = model.trim().toLowerCase().split(':', 1);
  const asked = /^(?:sim\/|[^/]+\/sim-)(?<text>.+)$/.exec(id)?.groups?.['text'];
  return asked ?? wallScenario(id, base) ?? 'answer';
}

const healthy = Settings.parse({});

/** What is played once a scenario has had its `times`, or where it is not meant: the same answer without the fault. */
export const healed = (scenario: Scenario): Scenario =>
  scenario.settings.healed ? scenario : Scenario.parse(`${scenario.text}~healed`);

function faultless(scenario: Scenario): Scenario {
  const { headers, first, mb, prefill, finish, done, unterminated } = healthy;
  const { usage, cost, byok, upstream } = healthy;
  const good = { headers, first, mb, prefill, finish, done, unterminated };
  return {
    ...scenario,
    behaviour: 'answer',
    settings: { ...scenario.settings, ...good, usage, cost, byok, upstream },
  };
}
