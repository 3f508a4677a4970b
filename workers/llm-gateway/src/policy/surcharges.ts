import type { PaidExtra, PaidExtraKind } from '../request/paid-extras.ts';
import { type ChatRequest, numberIn } from '../request/chat-request.ts';
import type { Extras } from './worst-case.ts';

/** The most that one paid extra may cost beside the tokens of one answer. */
type Surcharge = {
  /** Each time that it is used. */
  readonly usd: number;
  /** What it finds is read by the model. */
  readonly fillsContext: boolean;
  /** Answers of models that one use makes. */
  readonly answers: number;
  /** Where the amounts stand, and when they stood there. */
  readonly source: string;
  readonly date: string;
};

/** In USD, by kind: what an operator knows better. */
export type SurchargeChanges = Readonly<Partial<Record<string, number>>>;

const DOCS = 'openrouter.ai/docs/guides';
const date = '2026-11-30';
const reads = { fillsContext: true, answers: 0, date } as const;
const passes = { usd: 0, fillsContext: false, answers: 0, date } as const;

const surcharges: Readonly<Record<PaidExtraKind, Surcharge>> = {
  // OpenAI's search with a large context; Exa's 5 results cost 0.02, Anthropic's search 0.01.
  'web-search': { ...reads, usd: 0.05, source: `${DOCS}/features/plugins/web-search` },
  // By Exa. OpenRouter's own way costs nothing.
  'web-fetch': { ...reads, usd: 0.001, source: `${DOCS}/features/server-tools` },
  // 1000 pages, which is all that mistral-ocr reads of a file, at 0.0022 each in the US region.
  'file-parser': { ...reads, usd: 2.2, source: `${DOCS}/overview/multimodal/pdfs` },
  // Eight models and an analyst, each with some searches.
  fusion: { ...reads, usd: 2, answers: 40, source: `${DOCS}/routing/routers/fusion-router` },
  advisor: { ...reads, usd: 0, answers: 1, source: 'openrouter.ai/tool/advisor' },
  subagent: { ...reads, usd: 1, answers: 10, source: `${DOCS}/features/server-tools` },
  // The dearest image that OpenAI makes.
  'image-generation': { ...reads, usd: 0.25, source: `${DOCS}/features/server-tools` },
  router: { ...passes, source: `${DOCS}/routing/routers/auto-router` },
  // It may name tools and plugins of its own.
  preset: { ...reads, usd: 2, answers: 30, source: `${DOCS}/features/presets` },
  'service-tier': { ...passes, source: `${DOCS}/features/service-tiers` },
  'output-modality': { ...passes, source: `${DOCS}/overview/multimodal` },
  'other-plugin': { ...reads, usd: 1, answers: 1, source: 'unknown to us' },
  'other-tool': { ...reads, usd: 0.05, source: 'unknown to us' },
};

export const isSurcharge = (kind: string): boolean => Object.hasOwn(surcharges, kind);

/** A tool of OpenRouter's may be called so often in one request (`max_tool_calls` in its schema, 2026-11-30). */
const TOOL_CALLS_MAX = 30;
/** Exa's price of a result, by the page about the web plugin. */
const USD_A_RESULT = 0.004;
/** OpenAI's tiers (openai.com/api/pricing, 2026-11-30): `priority` costs at most 2.5 times as much, anything faster 6 times. */
const PRIORITY_FACTOR = 2.5;
const FASTEST_FACTOR = 6;

/**
 * What the paid extras of a request may add to its worst case.
 *
 * @param files that a parser may be asked to read.
 */
export function extrasCostOf(
  chat: ChatRequest,
  extras: readonly PaidExtra[],
  { files, changes }: { readonly files: number; readonly changes: SurchargeChanges },
): Extras {
  const costs = extras.map((extra) => {
    const { answers, fillsContext, usd } = surcharges[extra.kind];
    const isTool = extra.field.startsWith('tool');
    const uses = isTool ? TOOL_CALLS_MAX : 1;
    const perUse = Math.max(changes[extra.kind] ?? usd, usdOfResults(extra));
    return {
      usd: perUse * uses * (extra.field.startsWith('plugins') ? filesReadBy(extra, files) : 1),
      fillsContext,
      // Each call of a tool is followed by one more answer of the model itself.
      answers: uses * answers + (isTool ? uses : 0),
    };
  });
  return {
    usd: costs.reduce((sum, cost) => sum + cost.usd, 0),
    fillsContext: costs.some(({ fillsContext }) => fillsContext),
    answers: costs.reduce((sum, cost) => sum + cost.answers, 1),
    // No spread: a request may have more extras than a call can have arguments.
    priceFactor: extras.reduce(
      (factor, extra) => Math.max(factor, tierFactorOf(extra)),
      chat['speed'] === 'fast' ? FASTEST_FACTOR : 1,
    ),
  };
}

function usdOfResults({ kind, settings }: PaidExtra): number {
  if (kind !== 'web-search') return 0;
  const results = ['max_results', 'max_total_results'].map((name) => numberIn(settings[name]));
  return Math.max(0, ...results.filter((result) => result > 0)) * USD_A_RESULT;
}

const filesReadBy = ({ kind }: PaidExtra, files: number): number =>
  kind === 'file-parser' ? Math.max(1, files) : 1;

const tierFactorOf = ({ kind, settings }: PaidExtra): number => {
  if (kind !== 'service-tier') return 1;
  return settings['tier'] === 'priority' ? PRIORITY_FACTOR : FASTEST_FACTOR;
};
