import { createHash } from 'node:crypto';
import {
  type ChatRequest,
  prefillOf,
  resultsOf,
  type Tool,
  tokensMaxOf,
  toolsOf,
} from './request.ts';
import type { Scenario } from './scenario.ts';
import type { Settings } from './settings.ts';
import { nextCall } from './task.ts';
import { toolArguments } from './tool-arguments.ts';
import { wordsAfter, wordsOf } from './words.ts';

/** What the model says, in tokens: how it is put on the wire is not its business. */
export type Answer = {
  readonly reasoning: readonly string[];
  readonly content: readonly string[];
  readonly calls: readonly ToolCall[];
  readonly finish: 'stop' | 'length' | 'tool_calls';
};

export type ToolCall = {
  readonly id: string;
  readonly name: string;
  /** The JSON of the arguments, in the pieces in which they are streamed. */
  readonly pieces: readonly string[];
};

const TEXT_SEED = 1;

/** A huge answer has few, long tokens: it is about bytes, not about events. */
const HUGE_TOKEN_BYTES = 16 * 1024;
const hugeToken = 'All work and no play. '.repeat(HUGE_TOKEN_BYTES).slice(0, HUGE_TOKEN_BYTES);

export function answerOf(request: ChatRequest, scenario: Scenario): Answer {
  const { settings } = scenario;
  const seed = settings.seed ?? TEXT_SEED;
  const tokensMax = tokensMaxOf(request);
  // The reasoning is another text than the answer, and than that of the last turn, and as reproducible.
  const reasoning = wordsOf('plain', seed + 1 + resultsOf(request).length, settings.reasoning);
  const calls = callsOf(request, scenario);
  if (calls.length > 0) return { reasoning, content: [], calls, finish: 'tool_calls' };
  if (settings.mb > 0) {
    const count = Math.ceil((settings.mb * 1024 * 1024) / HUGE_TOKEN_BYTES);
    return {
      reasoning,
      content: Array.from({ length: count }, () => hugeToken),
      calls,
      finish: 'stop',
    };
  }
  const whole = wordsOf(settings.text, seed, settings.tokens);
  const prefill = settings.prefill === 'restart' ? null : prefillOf(request);
  const content = prefill === null ? whole : wordsAfter(whole, prefill);
  return content.length > tokensMax
    ? { reasoning, content: content.slice(0, tokensMax), calls, finish: 'length' }
    : { reasoning, content, calls, finish: 'stop' };
}

function callsOf(request: ChatRequest, { settings }: Scenario): readonly ToolCall[] {
  if (settings.task) {
    const next = nextCall(request, settings.task);
    return next
      ? [callOf(request, next.tool, { settings, text: JSON.stringify(next.arguments) })]
      : [];
  }
  return resultsOf(request).length > 0 ? [] : sameCallsOf(request, settings);
}

/** Calls of one offered tool: the one that the scenario names, in any spelling, or the first. */
function sameCallsOf(request: ChatRequest, settings: Settings): readonly ToolCall[] {
  if (settings.calls === 0) return [];
  const tools = toolsOf(request);
  const wanted = settings.tool;
  const tool = wanted
    ? tools.find(({ function: { name } }) => name.toLowerCase() === wanted)
    : tools[0];
  if (!tool) return [];
  const text =
    settings.args === undefined
      ? JSON.stringify(toolArguments(tool.function.parameters))
      : Buffer.from(settings.args, 'hex').toString('utf8');
  return Array.from({ length: settings.calls }, (_, index) =>
    callOf(request, tool, { settings, text, index }),
  );
}

type Wanted = { readonly settings: Settings; readonly text: string; readonly index?: number };

const callOf = (request: ChatRequest, tool: Tool, { settings, text, index = 0 }: Wanted) => ({
  id: `call_${digest(`${JSON.stringify(request.messages)}/${index}`)}`,
  name: tool.function.name,
  pieces: piecesOf(text, settings.pieces),
});

const digest = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 24);

function piecesOf(text: string, count: number): readonly string[] {
  const characters = Array.from(text);
  const size = Math.max(1, Math.ceil(characters.length / count));
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(''),
  );
}

/** Every delta is a token, in every choice; a tool call has one more, its beginning. */
export const tokensOf = ({ reasoning, content, calls }: Answer, { settings }: Scenario): number =>
  settings.choices *
  (reasoning.length +
    content.length +
    calls.reduce((sum, { pieces }) => sum + 1 + pieces.length, 0));
