import type { Reserved } from '../../exchange/exchange.ts';
import { isStreamed, messagesOf, textOf, toolsOf } from '../../request/chat-request.ts';
import { tokenLimitOf } from '../../request/token-limit.ts';

/** What the abuse service is asked to judge, in its own words. */
export type AbuseQuestion = Readonly<Record<string, string | number | boolean | null>>;

/** It judges by how a prompt begins; a whole conversation would cost more to send than it tells. */
const PROMPT_CHARACTERS_MAX = 100_000;

export function abuseQuestionOf(exchange: Reserved): AbuseQuestion {
  const { arrival, caller, chat, model, plan, freeTier } = exchange;
  const { geo, hints } = arrival;
  const [target] = plan;
  const organization = caller.kind === 'user' ? caller.snapshot.organization : null;
  const { transforms } = chat;
  return {
    kilo_user_id: caller.id,
    organization_id: organization?.id ?? null,
    project_id: hints.project,
    ip_address: freeTier.address,
    geo_city: geo.city,
    geo_country: geo.country,
    geo_latitude: geo.latitude,
    geo_longitude: geo.longitude,
    ja4_digest: geo.ja4,
    user_agent: hints.userAgent,
    provider: target.provider,
    requested_model: model.resolved,
    // Prompts of organisations are nobody else's business.
    ...(organization ? NO_PROMPTS : promptsOf(exchange)),
    max_tokens: tokenLimitOf(chat),
    has_middle_out_transform: Array.isArray(transforms) && transforms.includes('middle-out'),
    has_tools: toolsOf(chat).length > 0,
    streamed: isStreamed(chat),
    is_user_byok: target.kind === 'byok',
    editor_name: hints.editor,
    feature: hints.feature,
  };
}

type Prompts = { readonly user_prompt: string | null; readonly system_prompt: string | null };
const NO_PROMPTS: Prompts = { user_prompt: null, system_prompt: null };

function promptsOf({ chat }: Reserved): Prompts {
  const messages = messagesOf(chat);
  const user = messages.findLast(({ role }) => role === 'user');
  const system = messages.filter(({ role }) => role === 'system' || role === 'developer');
  const systemText = system.map(textOf).join('\n').slice(0, PROMPT_CHARACTERS_MAX);
  return {
    user_prompt: user ? textOf(user).slice(0, PROMPT_CHARACTERS_MAX) : null,
    system_prompt: systemText || null,
  };
}
