import { NANO_USD_PER_USD, priceOf, pricedModels } from './prices.ts';
import { type ChatRequest, isRecord } from './request.ts';
import type { Settings } from './settings.ts';

// What a request buys beside the tokens of its answer, at the prices of OpenRouter's documentation (2026-12-01). The simulator
// knows them by itself, so that a test compares the gateway's estimates with something that the gateway did not compute.

/** One thing that was bought. */
export type Bought = {
  /** As the gateway's table of surcharges has it. */
  readonly kind: string;
  /** Models that run for it. */
  readonly models: readonly string[];
  /** The company that is sent something of the request: a search engine, a parser. Null: none but the host of the model. */
  readonly engine: string | null;
  /** Beside all tokens. */
  readonly usd: number;
  /** Times that each of its models answers. */
  readonly runs: number;
  /** Times that the request's own model answers again. */
  readonly turns: number;
  /** Tokens that the request's own model reads beside the prompt. */
  readonly reads: number;
};

export type Bill = {
  /** The model that answers: `model`, one of `models`, or the choice of a router. */
  readonly model: string;
  /** By which a service tier multiplies the price of tokens. */
  readonly factor: number;
  readonly bought: readonly Bought[];
};

type Fields = Readonly<Record<string, unknown>>;
/** How a scenario plays them. */
type Played = Partial<Pick<Settings, 'uses' | 'answers'>>;

/** What a search, a page or a file adds to a prompt. */
const FOUND_TOKENS = 2000;
/** Of those that the simulator prices. */
const DEAREST = 'anthropic/claude-opus-4.6';
const PANEL = [DEAREST, 'openai/gpt-5.2', 'google/gemini-3.1-pro-preview'];
const nothing = { models: [], engine: null, usd: 0, runs: 1, turns: 0, reads: 0 } as const;

export function billOf(request: ChatRequest, { uses = 1, answers = 'first' }: Played = {}): Bill {
  const last = answers === 'last' ? namesIn(request['models']).at(-1) : undefined;
  const asked = last ?? request.model;
  const plugins = recordsIn(request['plugins']).filter(({ enabled }) => enabled !== false);
  const files = filesIn(request);
  const isParserNamed = plugins.some(({ id }) => id === 'file-parser');
  const bought = [
    ...boughtByName(asked),
    ...(isGiven(request['preset']) ? [preset] : []),
    ...plugins.flatMap((plugin) => boughtByPlugin(plugin, files)),
    ...boughtBySearchFields(request),
    ...recordsIn(request['tools']).flatMap((tool) => boughtByTool(tool, request.model, uses)),
    ...(isParserNamed ? [] : parsing(undefined, files)),
  ];
  const router = bought.find(({ kind }) => kind === 'router');
  return { model: router?.models[0] ?? chosenBy(asked), factor: factorOf(request), bought };
}

type Tokens = { readonly promptTokens: number; readonly completionTokens: number };

/** USD for all that was bought, with an answer of so many tokens each time that a model runs. */
export function extrasUsdOf({ bought, factor, model }: Bill, tokens: Tokens): number {
  const { prompt } = priceOf(model);
  return bought.reduce((sum, { usd, models, runs, turns, reads }) => {
    const others = models.reduce((nano, name) => nano + runs * answerNano(name, tokens), 0);
    const own = turns * answerNano(model, tokens) + reads * prompt;
    return sum + usd + ((others + own) * factor) / NANO_USD_PER_USD;
  }, 0);
}

function answerNano(model: string, { promptTokens, completionTokens }: Tokens): number {
  const { prompt, completion } = priceOf(model);
  return promptTokens * prompt + completionTokens * completion;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
/** Also what is not in a list: an upstream may forgive that. */
const itemsIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const recordsIn = (value: unknown): readonly Fields[] => itemsIn(value).filter(isRecord);
const namesIn = (value: unknown): readonly string[] =>
  itemsIn(value).filter((name) => typeof name === 'string');

/** A router may choose any model: the dearest. */
const chosenBy = (name: string): string =>
  /^openrouter\/(?:auto|fusion|pareto)/i.test(name.trim()) ? DEAREST : name;

const preset: Bought = { ...nothing, kind: 'preset', models: [DEAREST], engine: 'unknown' };

function boughtByName(name: string): readonly Bought[] {
  if (name.includes('@preset/')) return [preset];
  return /:online\b/i.test(name) ? [searching({})] : [];
}

function boughtBySearchFields(request: ChatRequest): readonly Bought[] {
  const live = request['search_parameters'];
  return [
    ...(isGiven(request['web_search_options']) ? [searching({ engine: 'native' })] : []),
    ...(isRecord(live) && live['mode'] !== 'off' ? [searching({ engine: 'xai' })] : []),
  ];
}

/** Exa's price, and that of a model's own search. */
const RESULT_USD = 0.004;
const NATIVE_SEARCH_USD = 0.01;
const RESULTS = 5;
const RESULTS_MAX = 25;

function searching({ engine = 'exa', max_results: asked }: Fields): Bought {
  const results = typeof asked === 'number' && asked > 0 ? Math.min(asked, RESULTS_MAX) : RESULTS;
  return {
    ...nothing,
    kind: 'web-search',
    engine: engine === 'native' ? null : String(engine),
    usd: engine === 'native' ? NATIVE_SEARCH_USD : results * RESULT_USD,
    reads: FOUND_TOKENS,
  };
}

const fetching = ({ engine }: Fields): Bought => ({
  ...nothing,
  kind: 'web-fetch',
  engine: engine === 'native' ? null : 'exa',
  usd: engine === 'native' ? 0 : 0.001,
  reads: FOUND_TOKENS,
});

function panelOf(settings: Fields): Bought {
  const asked = namesIn(settings['analysis_models']);
  const [judge = DEAREST] = namesIn(settings['model']);
  const panel = asked.length > 0 && !isGiven(settings['preset']) ? asked : PANEL;
  return { ...nothing, kind: 'fusion', models: [...panel, judge] };
}

function boughtByPlugin(plugin: Fields, files: number): readonly Bought[] {
  switch (plugin['id']) {
    case 'response-healing':
    case 'context-compression':
      return [];
    case 'web':
      return [searching(plugin)];
    case 'web-fetch':
      return [fetching(plugin)];
    case 'file-parser':
      return parsing(isRecord(plugin['pdf']) ? plugin['pdf']['engine'] : undefined, files);
    case 'fusion':
      return [panelOf(plugin)];
    case 'auto-router':
    case 'auto-beta-router':
    case 'pareto-router':
    case 'switchyard-router': {
      const chosen = dearestOf(namesIn(plugin['allowed_models']));
      return [{ ...nothing, kind: 'router', models: [chosen], runs: 0 }];
    }
    default:
      return [{ ...nothing, kind: 'other-plugin', engine: 'unknown', usd: 0.01 }];
  }
}

/** Of the models that patterns such as `anthropic/*` name. */
function dearestOf(patterns: readonly string[]): string {
  const isNamed = (id: string) =>
    patterns.some((pattern) => {
      const name = pattern.trim().toLowerCase();
      return name.endsWith('*') ? id.startsWith(name.slice(0, -1)) : id === name;
    });
  const [dearest] = pricedModels
    .filter(({ id }) => isNamed(id))
    .toSorted((one, other) => other.price.completion - one.price.completion);
  return dearest?.id ?? patterns[0] ?? DEAREST;
}

/** Of mistral-ocr. */
const PAGE_USD = 0.002;
const PAGES = 20;
const FREE_PARSERS: ReadonlySet<unknown> = new Set(['cloudflare-ai', 'pdf-text']);

/** Without a name, OpenRouter chooses the parser: one that has a price. */
function parsing(engine: unknown, files: number): readonly Bought[] {
  if (files === 0 || engine === 'native') return [];
  const usd = FREE_PARSERS.has(engine) ? 0 : files * PAGES * PAGE_USD;
  const parser = typeof engine === 'string' ? engine : 'mistral-ocr';
  return [{ ...nothing, kind: 'file-parser', engine: parser, usd, reads: files * FOUND_TOKENS }];
}

const filesIn = ({ messages }: ChatRequest): number =>
  messages.flatMap(({ content }) => recordsIn(content)).filter(({ type }) => type === 'file')
    .length;

function boughtByTool(tool: Fields, model: string, uses: number): readonly Bought[] {
  const { type, parameters } = tool;
  if (type === 'function' || type === 'custom') return [];
  if (type === undefined && isRecord(tool['function'])) return [];
  const settings = { ...tool, ...(isRecord(parameters) && parameters) };
  const once = usedOnce(String(type), settings, model);
  return [{ ...once, usd: uses * once.usd, runs: uses, turns: uses, reads: uses * once.reads }];
}

function usedOnce(type: string, settings: Fields, own: string): Bought {
  const [named] = namesIn(settings['model']);
  if (type.includes('web_search')) return searching(settings);
  switch (type) {
    case 'openrouter:web_fetch':
      return fetching(settings);
    case 'openrouter:fusion':
      return panelOf(settings);
    case 'openrouter:advisor':
      return { ...nothing, kind: 'advisor', models: [named ?? DEAREST] };
    case 'openrouter:subagent':
      return { ...nothing, kind: 'subagent', models: [named ?? own] };
    case 'openrouter:image_generation':
      return { ...nothing, kind: 'image-generation', models: [named ?? 'openai/gpt-5'], usd: 0.04 };
    default:
      return { ...nothing, kind: 'other-tool', engine: 'unknown', usd: 0.03 };
  }
}

/** OpenAI's tiers, and Anthropic's `speed`. */
function factorOf({ service_tier: tier, speed }: ChatRequest): number {
  if (speed === 'fast') return 6;
  switch (tier) {
    case 'priority':
      return 2;
    case 'fast':
    case 'scale':
      return 2.5;
    case 'flex':
      return 0.5;
    default:
      return 1;
  }
}
