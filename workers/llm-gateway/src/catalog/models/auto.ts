import type { ModelId } from '@gateway/worker-utils/ids';
import type { ChatRequest } from '../../request/chat-request.ts';

/** What an auto model stands for: these fields take the place of the client's. */
export type AutoChoice = {
  readonly model: string;
  readonly reasoning?: { readonly enabled: boolean };
  readonly verbosity?: 'low' | 'medium' | 'high';
};

/** The choice behind an auto model's id, or null for every other id. */
export function autoChoiceOf(requested: ModelId, mode: string | null): AutoChoice | null {
  const modes = modesOf.get(requested);
  return modes ? (modes.by.get(mode?.toLowerCase() ?? '') ?? modes.otherwise) : null;
}

/** Every model that an auto model may turn out to be, in some mode. Null: it is none. */
export function autoTargetsOf(requested: ModelId): readonly string[] | null {
  const modes = modesOf.get(requested);
  return modes ? [...modes.by.values(), modes.otherwise].map(({ model }) => model) : null;
}

export const withAutoChoice = (chat: ChatRequest, choice: AutoChoice): ChatRequest => ({
  ...chat,
  ...choice,
});

type Modes = {
  readonly by: ReadonlyMap<string, AutoChoice>;
  /** For any other mode, and for clients that name none. */
  readonly otherwise: AutoChoice;
};

const reasoning = { enabled: true } as const;
const opus = (verbosity: 'medium' | 'high'): AutoChoice => ({
  model: 'anthropic/claude-opus-4.6',
  reasoning,
  verbosity,
});
const sonnet = (verbosity: 'low' | 'medium'): AutoChoice => ({
  model: 'anthropic/claude-sonnet-4.6',
  reasoning,
  verbosity,
});

const opusModes = [
  ['plan', opus('high')],
  ['architect', opus('high')],
  ['orchestrator', opus('high')],
  ['ask', opus('high')],
  ['debug', opus('high')],
  ['general', opus('medium')],
] as const;
const sonnetModes = [
  ['build', sonnet('medium')],
  ['explore', sonnet('medium')],
] as const;

const always = (model: string): Modes => ({ by: new Map(), otherwise: { model } });
const balanced: Modes = { by: new Map([...opusModes, ...sonnetModes]), otherwise: sonnet('low') };
const frontier: Modes = { by: new Map(opusModes), otherwise: opus('high') };
const free = always('minimax/minimax-m2.5:free');
const small = always('openai/gpt-5-nano');

/** The second half is what newer clients say. */
const modesOf: ReadonlyMap<string, Modes> = new Map([
  ['kilo/auto', balanced],
  ['kilo/auto-free', free],
  ['kilo/auto-small', small],
  ['kilo-auto/balanced', balanced],
  ['kilo-auto/frontier', frontier],
  ['kilo-auto/free', free],
  ['kilo-auto/small', small],
  ['kilo-auto/efficient', small],
]);
