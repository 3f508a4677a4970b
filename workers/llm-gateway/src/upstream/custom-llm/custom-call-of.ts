import { plainNumber } from '@gateway/worker-utils/exact-json';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import { setsBreakpoints } from '../../catalog/transforms/client-breakpoints.ts';
import { withPseudonyms } from '../../catalog/transforms/pseudonyms.ts';
import type { Call, Routed, Target } from '../../exchange/exchange.ts';
import type { Refusal } from '../../exchange/refusal.ts';
import { type ChatRequest, isStreamed } from '../../request/chat-request.ts';
import { callOptionsOf } from './call-options.ts';
import { isLegacyExtension, reasoningFormatOf } from './dialect.ts';
import { endpointOf } from './endpoint.ts';
import { assistantTextsOf, type Owner, takesPhases, withPhases } from './phases.ts';
import { promptOf } from './prompt.ts';
import { requestedOutputOf } from './requested-output.ts';
import { withSystemBreakpoints } from './system-breakpoints.ts';

/** The phases of what was told before, by text. Best effort: none where they can't be had at once. */
export type PhaseRecall = {
  readonly recall: (owner: Owner, texts: readonly string[]) => Promise<ReadonlyMap<string, string>>;
};

export type Needs = {
  readonly phases: PhaseRecall;
  /** On one machine an endpoint may be a program beside the gateway. */
  readonly mayEndpointsBePrivate: boolean;
};

/** What no endpoint of ours shares with another: a user has another pseudonym there. */
const CUSTOM = { hashPepper: 'custom' } as const;

/** The call of a custom LLM. What is wrong with a request is said now, while it may still be refused. */
export function customCallOf(
  { chat: sent, model, caller, arrival }: Routed,
  target: Extract<Target, { kind: 'custom-llm' }>,
  { phases, mayEndpointsBePrivate }: Needs,
): Result<Call, Refusal> {
  const { llm } = target;
  const chat = withPlainNumbers(sent);
  const endpoint = endpointOf(llm, { mayBePrivate: mayEndpointsBePrivate });
  if (!endpoint.ok)
    return err({ kind: 'custom-llm-unusable', status: 500, problem: endpoint.error });
  const prompt = promptOf(chat['messages']);
  if (!prompt.ok) return err({ kind: 'custom-llm-unusable', status: 400, problem: prompt.error });
  const { protocol } = endpoint.value;
  const requested = requestedOutputOf(chat, protocol);
  if (!requested.ok)
    return err({ kind: 'custom-llm-unusable', status: 400, problem: requested.error });
  const marked = setsBreakpoints(chat) ? prompt.value : withSystemBreakpoints(prompt.value);

  const { task, userAgent } = arrival.hints;
  const isLegacy = isLegacyExtension(userAgent);
  const owner = { user: caller.id, task };
  const compose: Call['compose'] = async () => {
    const texts = takesPhases(llm) ? assistantTextsOf(marked) : [];
    const [identified, known] = await Promise.all([
      withPseudonyms(chat, { provider: CUSTOM, user: caller.id, task }),
      phases.recall(owner, texts),
    ]);
    return {
      kind: 'custom-llm',
      endpoint: endpoint.value,
      options: callOptionsOf({
        llm,
        protocol,
        prompt: withPhases(marked, known),
        chat: identified,
        requested: requested.value,
        isLegacy,
      }),
      isStreamed: isStreamed(chat),
      dialect: {
        model: model.resolved,
        createdSeconds: Math.floor(arrival.at / 1000),
        format: reasoningFormatOf(protocol, { isLegacy }),
        topLogprobs: requested.value.topLogprobs,
      },
      owner,
    };
  };
  return ok({ target, compose });
}

/** The SDK's options are JavaScript numbers. Those inside of schemas and arguments reach the endpoint as they were written. */
const withPlainNumbers = (chat: ChatRequest): ChatRequest => ({
  ...chat,
  ...Object.fromEntries(Object.entries(chat).map(([name, value]) => [name, plainNumber(value)])),
  model: chat.model,
});
