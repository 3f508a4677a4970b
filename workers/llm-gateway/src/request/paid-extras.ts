import { type ChatRequest, isRecord, messagesOf } from './chat-request.ts';

/**
 * Something in a chat request that OpenRouter charges for beside the tokens of the request's own model, or that lets another
 * model run. The fields are those of OpenRouter's chat schema (openrouter.ai/docs/api/reference, @openrouter/sdk 1.3.19).
 */
export type PaidExtra = {
  readonly kind: PaidExtraKind;
  /** Where the request asks for it: `plugins[0]`, `tools[2]`, `service_tier`. */
  readonly field: string;
  /** Every model or pattern of models that its settings name, in lower case. */
  readonly models: readonly string[];
  /** What the request says of it, unchecked: `max_results`, `max_uses`, `engine`, … */
  readonly settings: Settings;
};

type Settings = Readonly<Record<string, unknown>>;

export type PaidExtraKind =
  /** By a plugin, a tool, `web_search_options` or `:online`. */
  | 'web-search'
  | 'web-fetch'
  /** A PDF that is read by a parser with a price. Without a free `engine`, OpenRouter may choose `mistral-ocr`. */
  | 'file-parser'
  | 'fusion'
  | 'advisor'
  | 'subagent'
  | 'image-generation'
  /** Another model is chosen by OpenRouter: `auto-router`, `pareto-router`, … */
  | 'router'
  | 'preset'
  /** `settings.tier` names one that may cost more than the standard tier. */
  | 'service-tier'
  /** `settings.modalities` has more than text. */
  | 'output-modality'
  | 'other-plugin'
  | 'other-tool';

/** All paid extras of a request, in the order of its fields. Reads any JSON; never throws. */
export const paidExtrasOf = (chat: ChatRequest): readonly PaidExtra[] => [
  ...modelNamesIn(chat).flatMap(([field, name]) => extrasOfName(field, name)),
  ...(isGiven(chat['preset']) ? [extra('preset', 'preset', { preset: chat['preset'] })] : []),
  ...itemsOf(chat['plugins']).flatMap((plugin, index) => pluginExtra(plugin, `plugins[${index}]`)),
  ...(isGiven(chat['web_search_options'])
    ? [extra('web-search', 'web_search_options', settingsOf(chat['web_search_options']))]
    : []),
  ...tierExtra(chat['service_tier']),
  ...itemsOf(chat['tools']).flatMap((tool, index) => toolExtra(tool, `tools[${index}]`)),
  ...toolChoiceExtra(chat['tool_choice']),
  ...modalityExtra(chat['modalities']),
  ...speedExtra(chat['speed']),
  ...liveSearchExtra(chat['search_parameters']),
  ...fileExtra(chat),
];

/** A file for which the request names no parser: the gateway names one that is free, or allowed. */
export const isUnaskedParser = ({ kind, field }: PaidExtra): boolean =>
  kind === 'file-parser' && field.startsWith('messages');

/** The models that may answer: `model`, then the fallbacks of `models`. As the client wrote them, without blanks around. */
export const namedModelsOf = (chat: ChatRequest): readonly string[] => [
  ...new Set(modelNamesIn(chat).map(([, name]) => name)),
];

const modelNamesIn = (chat: ChatRequest): readonly (readonly [string, string])[] => [
  ['model', chat.model.trim()] as const,
  ...itemsOf(chat['models']).flatMap((name, index) =>
    typeof name === 'string' && name.trim() !== ''
      ? [[`models[${index}]`, name.trim()] as const]
      : [],
  ),
];

function extrasOfName(field: string, name: string): readonly PaidExtra[] {
  const [id = '', ...variants] = name.toLowerCase().split(':');
  return [
    ...(id.includes('@preset/') || variants.some((variant) => variant.includes('@preset/'))
      ? [extra('preset', field, { preset: name })]
      : []),
    ...(variants.some((variant) => variant.trim().split('@', 1)[0] === 'online')
      ? [extra('web-search', field, {})]
      : []),
  ];
}

/** Plugins that are free of charge. */
const FREE_PLUGINS: ReadonlySet<string> = new Set(['response-healing', 'context-compression']);

const PLUGINS: ReadonlyMap<string, PaidExtraKind> = new Map([
  ['web', 'web-search'],
  ['web-fetch', 'web-fetch'],
  ['file-parser', 'file-parser'],
  ['fusion', 'fusion'],
  ['auto-router', 'router'],
  ['auto-beta-router', 'router'],
  ['pareto-router', 'router'],
  ['switchyard-router', 'router'],
]);

function pluginExtra(plugin: unknown, field: string): readonly PaidExtra[] {
  const settings = settingsOf(plugin);
  const id = settings['id'];
  const kind = typeof id === 'string' ? PLUGINS.get(id) : undefined;
  // Only what is known to have the switch is taken to be off.
  if (kind !== undefined && settings['enabled'] === false) return [];
  if (typeof id === 'string' && FREE_PLUGINS.has(id)) return [];
  if (kind === 'file-parser' && hasFreeEngine(settings)) return [];
  return [extra(kind ?? 'other-plugin', field, settings)];
}

/** `native` costs tokens, and nothing where the model has no such input. `pdf-text` is the old name of `cloudflare-ai`. */
const FREE_ENGINES: ReadonlySet<unknown> = new Set(['cloudflare-ai', 'pdf-text', 'native']);
const hasFreeEngine = ({ pdf }: Settings): boolean =>
  isRecord(pdf) && FREE_ENGINES.has(pdf['engine']);

/** A file that is read by whatever parser OpenRouter chooses. A `file-parser` plugin says by itself what it costs. */
function fileExtra(chat: ChatRequest): readonly PaidExtra[] {
  const isParserNamed = itemsOf(chat['plugins']).some(
    (plugin) => isRecord(plugin) && plugin['id'] === 'file-parser' && plugin['enabled'] !== false,
  );
  if (isParserNamed) return [];
  return messagesOf(chat).flatMap((message, place) =>
    itemsOf(message['content']).flatMap((part, index) =>
      isRecord(part) && part['type'] === 'file'
        ? [extra('file-parser', `messages[${place}].content[${index}]`, {})]
        : [],
    ),
  );
}

/** The standard tier and cheaper ones. */
const CHEAP_TIERS: ReadonlySet<unknown> = new Set(['auto', 'default', 'standard', 'flex']);

const tierExtra = (tier: unknown): readonly PaidExtra[] =>
  !isGiven(tier) || CHEAP_TIERS.has(tier) ? [] : [extra('service-tier', 'service_tier', { tier })];

/** Tools that the client runs by itself. */
const CLIENT_TOOLS: ReadonlySet<unknown> = new Set(['function', 'custom']);

const TOOLS: ReadonlyMap<string, PaidExtraKind> = new Map([
  ['openrouter:web_search', 'web-search'],
  ['web_search', 'web-search'],
  ['web_search_preview', 'web-search'],
  ['web_search_preview_2025_03_11', 'web-search'],
  ['web_search_2025_08_26', 'web-search'],
  ['openrouter:web_fetch', 'web-fetch'],
  ['openrouter:fusion', 'fusion'],
  ['openrouter:advisor', 'advisor'],
  ['openrouter:subagent', 'subagent'],
  ['openrouter:image_generation', 'image-generation'],
]);

function toolExtra(tool: unknown, field: string): readonly PaidExtra[] {
  const { parameters, ...own } = settingsOf(tool);
  const type = own['type'];
  if (CLIENT_TOOLS.has(type)) return [];
  // Only functions have this field; some clients omit the type.
  if (type === undefined && isRecord(own['function'])) return [];
  const kind = typeof type === 'string' ? TOOLS.get(type) : undefined;
  return [extra(kind ?? 'other-tool', field, { ...own, ...settingsOf(parameters) })];
}

const CHOICES: ReadonlySet<unknown> = new Set([
  ...CLIENT_TOOLS,
  'allowed_tools',
  'tool',
  'auto',
  'any',
  'required',
  'none',
]);

function toolChoiceExtra(choice: unknown): readonly PaidExtra[] {
  const type = settingsOf(choice)['type'];
  if (type === undefined || CHOICES.has(type)) return [];
  return [extra('other-tool', 'tool_choice', { type })];
}

const modalityExtra = (modalities: unknown): readonly PaidExtra[] =>
  itemsOf(modalities).every((modality) => modality === 'text')
    ? []
    : [extra('output-modality', 'modalities', { modalities })];

/** Anthropic's name for a faster tier. */
const speedExtra = (speed: unknown): readonly PaidExtra[] =>
  !isGiven(speed) || speed === 'standard' ? [] : [extra('service-tier', 'speed', { tier: speed })];

/** xAI's name for its live search. */
const liveSearchExtra = (search: unknown): readonly PaidExtra[] =>
  !isGiven(search) || settingsOf(search)['mode'] === 'off'
    ? []
    : [extra('web-search', 'search_parameters', settingsOf(search))];

const extra = (kind: PaidExtraKind, field: string, settings: Settings): PaidExtra => ({
  kind,
  field,
  models: modelsIn(settings),
  settings,
});

/** The fields of settings that name models, at whatever depth: a fusion names them in the settings of its own tools too. */
const NAMING = ['model', 'models', 'analysis_models', 'allowed_models'] as const;

function modelsIn(settings: Settings): readonly string[] {
  const found = new Set<string>();
  const rest: unknown[] = [settings];
  // Iterative, because the client controls the depth.
  while (rest.length > 0) {
    const value = rest.pop();
    for (const item of Array.isArray(value) ? itemsOf(value) : []) rest.push(item);
    if (!isRecord(value)) continue;
    for (const name of NAMING) {
      for (const named of [value[name]].flat()) {
        if (typeof named === 'string') found.add(named.trim().toLowerCase());
      }
    }
    for (const part of Object.values(value)) rest.push(part);
  }
  return [...found].toSorted();
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
const settingsOf = (value: unknown): Settings => (isRecord(value) ? value : {});
/** Wraps a single value, because an upstream may accept one as a list. */
const itemsOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : isRecord(value) ? [value] : [];
